// The publishers of AWS: signatures, keys, and what becomes of each entry.
#include <gmock/gmock.h>

#include <array>

#include "bridge/publishers/aws/aws_publishers.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Service {
  std::string_view name;
  const PublisherKind* kind;
  std::string_view options;
};

constexpr std::array kServices = {
    Service{"sqs", &kAwsSqsPublisher,
            "queue_url: 'https://sqs.eu-central-1.amazonaws.com/1/accounts'"},
    Service{"sns", &kAwsSnsPublisher, "topic_arn: 'arn:aws:sns:eu-central-1:1:accounts'"},
    Service{"kinesis", &kAwsKinesisPublisher, "stream: accounts, region: eu-central-1"},
    Service{"events", &kAwsEventBridgePublisher, "bus: accounts, region: eu-central-1"}};

constexpr const char* kStatic =
    "access_key_id: AKIDEXAMPLE, secret_access_key: '${env:COPYBRIDGE_TEST_AWS}'";

class Aws : public testing::Test {
 protected:
  Aws()
      : server_({"python3", support::source_path("tests/support/aws_double.py"), "--log",
                 (folder_.path() / "taken").string()}),
        origin_("http://127.0.0.1:" + std::to_string(server_.read_port()) + "/") {
    ::setenv("COPYBRIDGE_TEST_AWS", kSecret, 1);
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
                             "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"}) {
      ::unsetenv(name);
    }
    ::setenv("AWS_SHARED_CREDENTIALS_FILE", (folder_.path() / "none").c_str(), 1);
  }

  std::unique_ptr<Harness> make(const Service& service, const std::string& keys = kStatic,
                                const std::string& more = "") {
    auto harness = std::make_unique<Harness>(
        *service.kind, "{" + std::string(service.options) + ", endpoint: '" + origin_ + "', " +
                           keys + (more.empty() ? "" : ", " + more) + "}");
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  void control(const std::string& json) const {
    const std::string command = "curl -sf -d '" + json + "' " + origin_ + "control > /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  std::vector<std::string> taken() const { return lines_of(folder_.read("taken")); }
  /// Sends one event with keys that the options say.
  Response send_one(const std::string& keys) {
    return make(kServices[0], keys)->publish_and_wait({events_.add("one")});
  }

  TestFolder folder_;
  testing_support::ChildProcess server_;
  std::string origin_;
  EventStore events_;
};

class AwsService : public Aws, public testing::WithParamInterface<Service> {};

TEST_P(AwsService, TakesASignedBatch) {
  auto harness = make(GetParam());
  const Response response = harness->publish_and_wait(events_.add_many(3));
  EXPECT_THAT(response.outcomes, testing::Each(Outcome::accepted)) << response.reason;
  ASSERT_THAT(taken(), SizeIs(3));
  EXPECT_THAT(taken()[0], HasSubstr("NUMBER"));
  EXPECT_THAT(taken()[0], HasSubstr("id-0"));
}

TEST_P(AwsService, HasOnlyFailedEntriesSentAgain) {
  auto harness = make(GetParam());
  control(R"({"entries": [[1, "ThrottlingException", false], [2, "InternalFailure", false]]})");
  const Response response = harness->publish_and_wait(events_.add_many(4));
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted, Outcome::throttled, Outcome::retry,
                                             Outcome::accepted));
  EXPECT_THAT(response.reason, HasSubstr("ThrottlingException"));
  EXPECT_THAT(taken(), SizeIs(2));
}

TEST_P(AwsService, WaitsWhereTheKeysAreWrong) {
  ::setenv("COPYBRIDGE_TEST_AWS", "another secret", 1);
  const Response response = make(GetParam())->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("SignatureDoesNotMatch at the server's"));
}

TEST_P(AwsService, ReadsTheCodeOfAnAnswerThatIsNoStatusOfItsOwn) {
  auto harness = make(GetParam());
  control(R"({"answer": [400, "ThrottlingException"]})");
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::throttled});
  control(R"({"answer": [400, "AccessDeniedException"]})");
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::refused});
  control(R"({"answer": [500, "InternalFailure"]})");
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes, std::vector{Outcome::retry});
}

INSTANTIATE_TEST_SUITE_P(All, AwsService, testing::ValuesIn(kServices),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Aws, EntryThatTheSenderIsToBlameForIsADeadLetter) {
  for (const Service& service : {kServices[0], kServices[1]}) {
    auto harness = make(service);
    control(R"({"entries": [[0, "InvalidMessageContents", true]]})");
    EXPECT_THAT(harness->publish_and_wait(events_.add_many(2)).outcomes,
                ElementsAre(Outcome::permanent, Outcome::accepted));
  }
}

TEST_F(Aws, EntryOfAnEventBusThatIsMalformedIsADeadLetter) {
  auto harness = make(kServices[3]);
  control(R"({"entries": [[1, "MalformedDetail", false]]})");
  EXPECT_THAT(harness->publish_and_wait(events_.add_many(2)).outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent));
}

TEST_F(Aws, FifoQueuesAndTopicsHaveGroupAndDeduplication) {
  const Service queue{"sqs", &kAwsSqsPublisher,
                      "queue_url: 'https://sqs.eu-central-1.amazonaws.com/1/accounts.fifo'"};
  const Service topic{"sns", &kAwsSnsPublisher,
                      "topic_arn: 'arn:aws:sns:eu-central-1:1:accounts.fifo'"};
  for (const Service& service : {queue, topic}) {
    auto harness = make(service);
    const std::string id = std::string(service.name) + "/1/2/pay";
    harness->publish_and_wait({events_.add(id, "DE 4711")});
    harness->publish_and_wait({events_.add(id, "DE 4711")});  // A repeat.
    const std::string last = taken().back();
    EXPECT_THAT(last, HasSubstr("\"once\": \"" + id + "\""));
    // A key that may not stand there is hashed.
    EXPECT_THAT(
        last,
        HasSubstr(
            R"("group": "dce8067ca9afc2346af91fa9f618b3c1fbe47f1ef2b15d1db5a6205d4b42c9d6")"));
  }
  EXPECT_THAT(taken(), SizeIs(2));
}

TEST_F(Aws, MessageOfAQueueCarriesItsAttributesOrHoldsThem) {
  make(kServices[0])->publish_and_wait({events_.add("one", "k")});
  EXPECT_THAT(taken().back(), HasSubstr(R"("ce-id": "one")"));
  EXPECT_THAT(taken().back(), HasSubstr(R"("ce-type": "com.example.account")"));
  make(kServices[0], kStatic, "format: cloudevents")->publish_and_wait({events_.add("two", "k")});
  EXPECT_THAT(taken().back(), HasSubstr(R"(\"id\":\"two\")"));
  EXPECT_THAT(taken().back(), HasSubstr(R"("attributes": {})"));
}

TEST_F(Aws, SizeIsThatOfMessageAndAttributes) {
  const auto harness = make(kServices[0], kStatic, "message_bytes_max: 1024");
  const Event* event = events_.add_body("one", std::string(800, 'x'));
  EXPECT_GT(harness->publisher()->size_of(*event), 900U);
  EXPECT_EQ(harness->publisher()->limits().event_bytes_max, 1024U);
}

TEST_F(Aws, KeysComeFromTheEnvironment) {
  ::setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", kSecret, 1);
  EXPECT_EQ(send_one("credentials: environment").outcomes, std::vector{Outcome::accepted});
}

TEST_F(Aws, KeysComeFromAProfile) {
  folder_.write("keys",
                "[default]\naws_access_key_id = wrong\naws_secret_access_key = x\n[bank]\n"
                "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = " +
                    std::string(kSecret) + "\n");
  ::setenv("AWS_SHARED_CREDENTIALS_FILE", (folder_.path() / "keys").c_str(), 1);
  EXPECT_EQ(send_one("profile: bank").outcomes, std::vector{Outcome::accepted});
  EXPECT_EQ(send_one("profile: default").outcomes, std::vector{Outcome::refused});
}

TEST_F(Aws, KeysComeFromAWebIdentity) {
  folder_.write("token", "a.web.token\n");
  ::setenv("AWS_WEB_IDENTITY_TOKEN_FILE", (folder_.path() / "token").c_str(), 1);
  ::setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/bridge", 1);
  ::setenv("AWS_ENDPOINT_URL_STS", origin_.c_str(), 1);
  const Response response = send_one("credentials: auto");
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
  folder_.write("token", "another");
  const Response refused = send_one("credentials: auto");
  EXPECT_EQ(refused.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(refused.reason, HasSubstr("STS: answered 400"));
}

TEST_F(Aws, KeysComeFromARoleTakenWithOthers) {
  ::setenv("AWS_ENDPOINT_URL_STS", origin_.c_str(), 1);
  const Response response =
      send_one(std::string(kStatic) + ", role_arn: 'arn:aws:iam::1:role/bridge'");
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
}

TEST_F(Aws, KeysComeFromTheContainer) {
  ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", (origin_ + "container").c_str(), 1);
  ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token", 1);
  const Response response = send_one("credentials: container");
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
}

TEST_F(Aws, KeysOfTheInstanceAreFetchedAgainWhereTheyAreNotTakenAnyMore) {
  ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", origin_.c_str(), 1);
  auto harness = make(kServices[0], "credentials: instance");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
  control(R"({"keys": "expired"})");
  EXPECT_EQ(harness->publish_and_wait({events_.add("two")}).outcomes,
            std::vector{Outcome::refused});
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(harness->publish_and_wait({events_.add("two")}).outcomes,
            std::vector{Outcome::accepted});
}

TEST_F(Aws, MetadataServiceThatIsAwayIsARetry) {
  ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
  EXPECT_EQ(send_one("credentials: instance").outcomes, std::vector{Outcome::retry});
}

TEST_F(Aws, SecretsAreNotSaid) {
  ::setenv("COPYBRIDGE_TEST_AWS", "another secret", 1);
  auto harness = make(kServices[0]);
  harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("another secret")));
}

TEST(AwsOptions, MistakesAreSaid) {
  EXPECT_THAT(Harness(kAwsKinesisPublisher, "{stream: s}").mistakes(),
              HasSubstr("'region' is missing"));
  EXPECT_THAT(Harness(kAwsSqsPublisher, "{queue_url: accounts}").mistakes(),
              HasSubstr("'queue_url'"));
  EXPECT_THAT(Harness(kAwsKinesisPublisher, "{stream: s, region: r, access_key_id: a}").mistakes(),
              HasSubstr("'access_key_id' needs 'secret_access_key' as well"));
}

TEST(AwsOptions, MissingSecretIsAConfigurationError) {
  Harness harness(kAwsKinesisPublisher,
                  "{stream: s, region: r, access_key_id: a, "
                  "secret_access_key: '${env:COPYBRIDGE_NO_SUCH}'}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

}  // namespace
}  // namespace copybridge::publishers
