// Service Bus over AMQP 1.0 through a proxy's tunnel, and from an address of its own.
#include "tests/support/connect_proxy.h"
#include "tests/unit/publishers/azure_amqp_support.h"

namespace copybridge::publishers {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class AzureAmqpEgress : public AzureAmqp {
 protected:
  AzureAmqpEgress() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"})
      ::unsetenv(name);
  }
  void start_proxy(std::vector<std::string> more = {}) {
    proxy_.emplace(folder_.path() / "tunnels", std::move(more));
    proxy_url_ = proxy_->url();
  }
  std::string through() const { return ", proxy: '" + proxy_url_ + "'"; }
  /// With the password that the file `password` holds.
  std::string with_login() const {
    return through() + ", proxy_user: bridge, proxy_password: '${file:" +
           (folder_.path() / "password").string() + "}'";
  }
  std::vector<std::string> tunnels() const { return proxy_->tunnels(); }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  std::optional<testing_support::ConnectProxy> proxy_;
  std::string proxy_url_ = "http://127.0.0.1:1";
};

TEST_F(AzureAmqpEgress, GoesThroughTheProxyWithItsLogin) {
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "open-sesame\n");
  // Its answer comes in many pieces.
  start_proxy({"--login", (folder_.path() / "login").string(), "--lead", "20000"});
  auto harness = bus(with_login());
  const Response response = harness->publish_and_wait(of_key(3, "k"));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
  EXPECT_THAT(taken(), SizeIs(3));
  EXPECT_THAT(tunnels(),
              ElementsAre(HasSubstr("\"target\": \"" + target() +
                                    "\", \"login\": \"bridge:open-sesame\", \"status\": 200")));
}

TEST_F(AzureAmqpEgress, ProxyThatWantsALoginMakesTheRouteWaitUntilThePasswordIsChanged) {
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "shut-sesame\n");
  start_proxy({"--login", (folder_.path() / "login").string()});
  auto harness = bus(with_login());
  const Response refused = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(refused.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(refused.reason, HasSubstr("amqp: " + target() + ": the proxy 127.0.0.1:"));
  EXPECT_THAT(refused.reason, HasSubstr("answered 407 to CONNECT"));
  folder_.write("password", "open-sesame\n");
  EXPECT_THAT(harness->publish_and_wait({events_.add("two")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(tunnels(), SizeIs(2));
}

TEST_F(AzureAmqpEgress, ProxyThatForbidsTheNamespaceMakesTheRouteWait) {
  start_proxy({"--status", "403"});
  const Response response = bus(through())->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(response.reason, HasSubstr("answered 403"));
}

TEST_F(AzureAmqpEgress, ProxyThatDoesNotGetThereIsARetry) {
  start_proxy({"--status", "503"});
  EXPECT_THAT(bus(through())->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::retry));
}

TEST_F(AzureAmqpEgress, ProxyThatIsAwayIsARetryThatNamesIt) {
  const Response response = bus(through())->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(response.reason, HasSubstr("the proxy 127.0.0.1:1: Connection refused"));
  EXPECT_EQ(folder_.read("taken"), "");
}

TEST_F(AzureAmqpEgress, HostsOfNoProxyAreReachedWithoutIt) {
  EXPECT_THAT(bus(through() + ", no_proxy: '10.0.0.0/8, 127.0.0.0/8'")
                  ->publish_and_wait({events_.add("one")})
                  .outcomes,
              ElementsAre(Outcome::accepted));
}

TEST_F(AzureAmqpEgress, ProxyOfTheEnvironmentCountsAsForHttp) {
  start_proxy();
  ::setenv("HTTPS_PROXY", proxy_url_.c_str(), 1);
  EXPECT_THAT(bus()->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(tunnels(), SizeIs(1));
  ::setenv("NO_PROXY", "127.0.0.1", 1);
  EXPECT_THAT(bus()->publish_and_wait({events_.add("two")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(tunnels(), SizeIs(1));
}

TEST_F(AzureAmqpEgress, ConnectionsGoOutFromTheInterface) {
  for (const char* own : {"127.0.0.2", "lo"}) {
    EXPECT_THAT(
        bus(std::string(", interface: ") + own)->publish_and_wait({events_.add(own)}).outcomes,
        ElementsAre(Outcome::accepted))
        << own;
  }
  for (const char* other : {"192.0.2.1", "none0", "'::1'"}) {
    EXPECT_THAT(
        bus(std::string(", interface: ") + other)->publish_and_wait({events_.add(other)}).outcomes,
        ElementsAre(Outcome::retry))
        << other;
  }
  EXPECT_EQ(status("from 127.0.0.2"), 1);
}

class AzureAmqpWebSocket : public AzureAmqpEgress {
 protected:
  std::unique_ptr<Harness> web(const std::string& more = "") const {
    auto harness = std::make_unique<Harness>(
        kAzureServiceBusPublisher,
        "{namespace: contoso, entity: orders, transport: amqp-websockets, endpoint: "
        "'ws://127.0.0.1:" +
            std::to_string(port_) + "', " + kWithKey + more + "}");
    EXPECT_EQ(harness->mistakes(), "");
    EXPECT_TRUE(harness->open());
    return harness;
  }
};

TEST_F(AzureAmqpWebSocket, CarriesBatchesOfManyFrames) {
  control(R"({"message_bytes_max": 1048576})");
  auto harness = web(", message_bytes_max: 1048576");
  send_many_frames(*harness);
  EXPECT_EQ(status("websockets"), 1);
}

TEST_F(AzureAmqpWebSocket, GoesThroughTheProxy) {
  start_proxy();
  EXPECT_THAT(web(through())->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(tunnels(), ElementsAre(HasSubstr(target())));
}

TEST_F(AzureAmqpWebSocket, ThatIsNotGrantedMakesTheRouteWaitOrIsTriedAgain) {
  control(R"({"web_status": 403})");
  auto harness = web();
  const Response refused = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(refused.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(refused.reason, HasSubstr("answered 403 to the WebSocket's handshake"));
  control(R"({"web_status": 503})");
  EXPECT_THAT(harness->publish_and_wait({events_.add("two")}).outcomes,
              ElementsAre(Outcome::retry));
  control(R"({"web_status": 0})");
  EXPECT_THAT(harness->publish_and_wait({events_.add("three")}).outcomes,
              ElementsAre(Outcome::accepted));
}

}  // namespace
}  // namespace copybridge::publishers
