// The publisher nats against a real server: what is accepted is in the stream, once.
#include "bridge/publishers/nats_publisher.h"

#include <gmock/gmock.h>

#include "tests/support/nats_stream.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::NatsStream;

class NatsPublisherTest : public testing::Test {
 protected:
  NatsStream& start(std::vector<std::string> configuration = {}, const std::string& user = {}) {
    stream_ = std::make_unique<NatsStream>(folder_.path().string(), std::move(configuration), user);
    return *stream_;
  }
  std::unique_ptr<Harness> make(const std::string& more = "",
                                const std::string& subject = "accounts") {
    auto harness = std::make_unique<Harness>(
        kNatsPublisher, "{servers: 'nats://" + stream_->address() + "', subject: " + subject +
                            (more.empty() ? "" : ", " + more) + "}");
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  Outcome send_one(Harness& harness, const std::string& id = "one") {
    return harness.publish_and_wait({events_.add(id)}).outcomes.at(0);
  }

  TestFolder folder_;
  std::unique_ptr<NatsStream> stream_;
  EventStore events_;
};

TEST_F(NatsPublisherTest, MessageCarriesIdAndAttributes) {
  start().make();
  auto harness = make();
  EXPECT_EQ(send_one(*harness, "pays/1/2/pay"), Outcome::accepted);
  EXPECT_EQ(stream_->header(1, "Nats-Msg-Id"), "pays/1/2/pay");
  EXPECT_EQ(stream_->header(1, "ce-type"), "com.example.account");
  EXPECT_EQ(stream_->header(1, "Content-Type"), "application/json");
  EXPECT_EQ(stream_->header(1, ""), R"({"NUMBER":0})");
}

TEST_F(NatsPublisherTest, MessageCarriesTheTraceInItsHeaders) {
  start().make();
  auto harness = make();
  Event event = *events_.add("one");
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.tracestate = "vendor=1,other=x";
  EXPECT_EQ(harness->publish_and_wait({&event}).outcomes.at(0), Outcome::accepted);
  for (const std::string name : {"traceparent", "ce-traceparent"})
    EXPECT_EQ(stream_->header(1, name), event.traceparent) << name;
  EXPECT_EQ(stream_->header(1, "tracestate"), event.tracestate);
}

TEST_F(NatsPublisherTest, RepeatIsInTheStreamOnce) {
  start().make();
  auto harness = make();
  EXPECT_EQ(send_one(*harness), Outcome::accepted);
  EXPECT_EQ(send_one(*harness), Outcome::accepted);
  EXPECT_EQ(stream_->messages(), 1U);
}

TEST_F(NatsPublisherTest, ManyInFlightAreAllAnswered) {
  start().make();
  auto harness = make();
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(2000)) numbers.push_back(harness->publish({event}));
  for (const std::uint64_t number : numbers) {
    ASSERT_EQ(harness->response_to(number).outcomes.at(0), Outcome::accepted);
  }
  EXPECT_EQ(stream_->messages(), 2000U);
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_F(NatsPublisherTest, WaitsWhereNoStreamTakesTheSubject) {
  start().make();
  auto harness = make("", "nothing");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("no stream takes this subject"));
}

TEST_F(NatsPublisherTest, StreamThatIsFullSlowsDown) {
  start().make(2);
  auto harness = make();
  send_one(*harness, "a");
  send_one(*harness, "b");
  EXPECT_EQ(send_one(*harness, "c"), Outcome::throttled);
}

TEST_F(NatsPublisherTest, MessageThatIsTooLargeIsADeadLetter) {
  start().make(-1, 500);
  auto harness = make();
  const Event* large = events_.add_body("large", std::string(1000, ' ') + "{}");
  EXPECT_EQ(harness->publish_and_wait({large}).outcomes.at(0), Outcome::permanent);
  const Event* huge = events_.add_body("huge", std::string(2'000'000, ' ') + "{}");
  EXPECT_EQ(harness->publish_and_wait({huge}).outcomes.at(0), Outcome::permanent);
}

TEST_F(NatsPublisherTest, ServerThatHasGoneIsARetry) {
  start().make();
  auto harness = make();
  EXPECT_EQ(send_one(*harness, "a"), Outcome::accepted);
  stream_.reset();
  // It has been told to end, and may take one more.
  Outcome outcome = Outcome::accepted;
  for (int i = 0; i < 100 && outcome == Outcome::accepted; ++i) outcome = send_one(*harness, "b");
  EXPECT_EQ(outcome, Outcome::retry);
  EXPECT_EQ(send_one(*harness, "b"), Outcome::retry);
}

TEST_F(NatsPublisherTest, SilentServerIsARetryAfterTheTimeOut) {
  start().make();
  auto harness = make("answer_timeout_ms: 200");
  EXPECT_EQ(send_one(*harness, "a"), Outcome::accepted);
  stream_->suspend();
  const Response response = harness->publish_and_wait({events_.add("b")});
  stream_->resume();
  EXPECT_EQ(response.outcomes.at(0), Outcome::retry);
  EXPECT_THAT(response.reason, HasSubstr("no answer within the time-out"));
}

TEST_F(NatsPublisherTest, WrongPasswordIsRefusedAndReadAgain) {
  start({"authorization {user: bridge, password: \"open-sesame\"}"}, "bridge:open-sesame").make();
  ::setenv("COPYBRIDGE_TEST_NATS", "wrong-word", 1);
  auto harness = make("user: bridge, password: '${env:COPYBRIDGE_TEST_NATS}'");
  EXPECT_EQ(send_one(*harness), Outcome::refused);
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("wrong-word")));
  ::setenv("COPYBRIDGE_TEST_NATS", "open-sesame", 1);
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(send_one(*harness), Outcome::accepted);
}

TEST_F(NatsPublisherTest, SubjectThatIsNotPermittedIsRefused) {
  start({"authorization {users: [{user: admin, password: a}, {user: bridge, password: a-subject,",
         "permissions: {publish: [\"other\"], subscribe: [\"_INBOX.>\"]}}]}"},
        "admin:a")
      .make();
  ::setenv("COPYBRIDGE_TEST_NATS", "a-subject", 1);
  auto harness =
      make("user: bridge, password: '${env:COPYBRIDGE_TEST_NATS}', answer_timeout_ms: 300");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("ermission"));
}

TEST(NatsAck, MeansWhatItSays) {
  const auto outcome = [](std::string_view json) { return nats::read_ack(json).outcomes.at(0); };
  EXPECT_EQ(outcome(R"({"stream":"S","seq":1,"duplicate":true})"), Outcome::accepted);
  EXPECT_EQ(outcome(R"({"error":{"code":503,"err_code":10008,"description":"away"}})"),
            Outcome::retry);
  EXPECT_EQ(outcome(R"({"error":{"code":400,"err_code":10060,"description":"wrong"}})"),
            Outcome::doubtful);
  EXPECT_EQ(outcome("{}"), Outcome::retry);
  EXPECT_EQ(outcome("nothing"), Outcome::retry);
}

TEST(NatsOptions, MistakesAreSaid) {
  const auto mistakes = [](const std::string& options) {
    return Harness(kNatsPublisher, "{" + options + "}").mistakes();
  };
  EXPECT_THAT(mistakes("servers: a, subject: 'x.>'"), HasSubstr("wildcards"));
  EXPECT_THAT(mistakes("servers: 'nats://u:p@a', subject: x"), HasSubstr("nats://host:port"));
  EXPECT_THAT(mistakes("servers: 'nats://far', subject: x, token: '${env:A}'"),
              HasSubstr("'token' would be sent without TLS"));
  EXPECT_THAT(mistakes("servers: 'nats://127.example', subject: x, token: '${env:A}'"),
              HasSubstr("'token' would be sent without TLS"));
}

}  // namespace
}  // namespace copybridge::publishers
