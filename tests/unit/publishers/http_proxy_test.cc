// TLS of the publisher http through a proxy's tunnel (CONNECT).
#include <gmock/gmock.h>

#include "bridge/publishers/http_publisher.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/certificates.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing_support::ChildProcess;

class HttpProxy : public testing::Test {
 protected:
  HttpProxy() : certificates_(folder_.path()) {
    certificates_.issue("server", "IP:127.0.0.1");
    server_ = certificates_.serve("server");
    target_ = "127.0.0.1:" + std::to_string(server_->read_port());
  }
  void start_proxy(std::vector<std::string> more = {}) {
    std::vector<std::string> command = {"python3",
                                        support::source_path("tests/support/connect_proxy.py"),
                                        "--log", certificates_.path("tunnels")};
    command.insert(command.end(), more.begin(), more.end());
    proxy_ = std::make_unique<ChildProcess>(std::move(command));
    proxy_port_ = proxy_->read_port();
  }
  std::unique_ptr<Harness> make(const std::string& more = "no_proxy: ''") {
    auto harness = std::make_unique<Harness>(
        kHttpPublisher,
        "{url: 'https://" + target_ + "/in', ca_bundle: ca.pem, proxy: 'http://127.0.0.1:" +
            std::to_string(proxy_port_) + "', " + more + "}",
        folder_.path());
    EXPECT_EQ(harness->mistakes(), "");
    EXPECT_TRUE(harness->open());
    return harness;
  }
  /// With the password that the file `password` holds.
  [[nodiscard]] std::string login() const {
    return "no_proxy: '', proxy_user: bridge, proxy_password: '${file:" +
           certificates_.path("password") + "}'";
  }
  std::vector<std::string> tunnels() const { return lines_of(folder_.read("tunnels")); }
  std::vector<std::string> requests() const { return lines_of(folder_.read("requests")); }

  TestFolder folder_;
  EventStore events_;
  Certificates certificates_;
  std::unique_ptr<ChildProcess> server_;
  std::unique_ptr<ChildProcess> proxy_;
  std::string target_;
  int proxy_port_ = 1;
};

TEST_F(HttpProxy, IsAskedForATunnelOnceForManyRequests) {
  start_proxy();
  auto harness = make();
  for (const Event* event : events_.add_many(3)) {
    const Response response = harness->publish_and_wait({event});
    EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
  }
  EXPECT_THAT(tunnels(),
              ElementsAre(HasSubstr("\"target\": \"" + target_ + "\", \"login\": null")));
  EXPECT_THAT(requests(), SizeIs(3));
}

TEST_F(HttpProxy, IsNotAskedForHostsOfNoProxy) {
  start_proxy();
  EXPECT_THAT(make("no_proxy: '127.0.0.1'")->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_EQ(folder_.read("tunnels"), "");
}

TEST_F(HttpProxy, SeesItsLoginAndTheEndpointDoesNot) {
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "open-sesame\n");
  start_proxy({"--login", certificates_.path("login")});
  const Response response = make(login())->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
  EXPECT_THAT(tunnels().back(), HasSubstr("\"login\": \"bridge:open-sesame\", \"status\": 200"));
  EXPECT_THAT(requests().back(), testing::Not(HasSubstr("proxy-authorization")));
}

TEST_F(HttpProxy, ThatWantsALoginMakesTheRouteWait) {
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "shut-sesame\n");
  start_proxy({"--login", certificates_.path("login")});
  const Response response = make(login())->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(response.reason, HasSubstr("407"));
  EXPECT_THAT(tunnels(), SizeIs(1));
  EXPECT_EQ(folder_.read("requests"), "");
}

TEST_F(HttpProxy, IsTriedAgainAtOnceWithAPasswordThatHasBeenChanged) {
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "shut-sesame\n");
  start_proxy({"--login", certificates_.path("login")});
  auto harness = make(login());
  folder_.write("password", "open-sesame\n");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
  EXPECT_THAT(tunnels(), SizeIs(2));
  EXPECT_THAT(requests(), SizeIs(1));
}

TEST_F(HttpProxy, ThatForbidsTheTargetMakesTheRouteWait) {
  start_proxy({"--status", "403"});
  const Response response = make()->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(response.reason, HasSubstr("403"));
}

TEST_F(HttpProxy, ThatDoesNotReachTheTargetIsARetry) {
  start_proxy({"--status", "504"});
  EXPECT_THAT(make()->publish_and_wait({events_.add("one")}).outcomes, ElementsAre(Outcome::retry));
}

TEST_F(HttpProxy, ThatIsAwayIsARetry) {
  EXPECT_THAT(make()->publish_and_wait({events_.add("one")}).outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(requests(), IsEmpty());
}

}  // namespace
}  // namespace copybridge::publishers
