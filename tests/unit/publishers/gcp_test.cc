// The publishers of Google Cloud: identities, and what answers mean.
#include <gmock/gmock.h>

#include "bridge/publishers/gcp/gcp_publishers.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kAccount = "credentials_file: account.json";

class Gcp : public testing::Test {
 protected:
  Gcp()
      : server_({"python3", support::source_path("tests/support/gcp_double.py"), "--folder",
                 folder_.path().string()}),
        host_("127.0.0.1:" + std::to_string(server_.read_port())) {}

  std::unique_ptr<Harness> make(const std::string& more = kAccount,
                                const std::string& topic = "orders") {
    auto harness = std::make_unique<Harness>(
        kGcpPubSubPublisher,
        "{project: contoso, topic: " + topic + ", endpoint: 'http://" + host_ + "', " + more + "}",
        folder_.path());
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  Response send_one(const std::string& more) {
    return make(more)->publish_and_wait({events_.add("one")});
  }
  void control(const std::string& json) const {
    const std::string command =
        "curl -sf -d '" + json + "' http://" + host_ + "/control > /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  std::vector<std::string> taken() const { return lines_of(folder_.read("taken")); }

  TestFolder folder_;
  testing_support::ChildProcess server_;
  std::string host_;
  EventStore events_;
};

TEST_F(Gcp, TakesABatchFromAServiceAccount) {
  const Response response = make()->publish_and_wait(events_.add_many(3));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
  ASSERT_THAT(taken(), SizeIs(3));
  EXPECT_THAT(taken()[0], HasSubstr(R"(\"NUMBER\":0)"));
  EXPECT_THAT(taken()[0], HasSubstr(R"("ce-id": "id-0")"));
  EXPECT_THAT(taken()[0], HasSubstr(R"("content-type": "application/json")"));
}

TEST_F(Gcp, KeyIsTheOrderingKey) {
  make()->publish_and_wait({events_.add("one", "DE 4711"), events_.add("two", "DE 4711")});
  EXPECT_THAT(taken().back(), HasSubstr(R"("orderingKey": "DE 4711")"));
  make(std::string(kAccount) + ", ordering: no")->publish_and_wait({events_.add("three", "k")});
  EXPECT_THAT(taken().back(), Not(HasSubstr("orderingKey")));
  EXPECT_TRUE(make()->publisher()->limits().has_one_key);
}

TEST_F(Gcp, TakesAFederatedIdentityThatImpersonatesAnAccount) {
  EXPECT_EQ(send_one("credentials_file: federation.json").outcomes, std::vector{Outcome::accepted});
  folder_.write("subject", R"({"token": "another"})");
  const Response refused = send_one("credentials_file: federation.json");
  EXPECT_EQ(refused.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(refused.reason, HasSubstr("answered 400 invalid_grant"));
}

TEST_F(Gcp, TakesTheMachinesIdentity) {
  ::setenv("GCE_METADATA_HOST", host_.c_str(), 1);
  EXPECT_EQ(send_one("credentials: metadata").outcomes, std::vector{Outcome::accepted});
}

TEST_F(Gcp, WaitsWithoutAnIdentityAndWhereThereIsNoTopic) {
  EXPECT_EQ(send_one("credentials: none").outcomes, std::vector{Outcome::refused});
  EXPECT_EQ(make(kAccount, "nothing")->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::refused});
}

TEST_F(Gcp, AnswersMeanWhatTheyMean) {
  auto harness = make();
  const auto outcome_of = [&](const std::string& answer) {
    control(R"({"answer": )" + answer + "}");
    return harness->publish_and_wait({events_.add("one")}).outcomes.at(0);
  };
  EXPECT_EQ(outcome_of("[429, {}]"), Outcome::throttled);
  EXPECT_EQ(outcome_of("[503, {}]"), Outcome::retry);
  EXPECT_EQ(outcome_of("[400, {}]"), Outcome::doubtful);
  EXPECT_EQ(outcome_of("[403, {}]"), Outcome::refused);
}

TEST_F(Gcp, KeyThatIsNoneIsAConfigurationError) {
  folder_.write("broken.json", R"({"type": "service_account", "private_key": "HIDDEN"})");
  Harness harness(kGcpPubSubPublisher, "{project: p, topic: t, credentials_file: broken.json}",
                  folder_.path());
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, Not(HasSubstr("HIDDEN")));
}

TEST(GcpOptions, FileIsNeeded) {
  ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  EXPECT_THAT(Harness(kGcpPubSubPublisher, "{project: p, topic: t}").mistakes(),
              HasSubstr("needs 'credentials_file'"));
}

}  // namespace
}  // namespace copybridge::publishers
