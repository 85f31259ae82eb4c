// Options and classes of errors of the publisher kafka; the rest is in tests/peers.
#include "bridge/publishers/kafka_publisher.h"

#include <gmock/gmock.h>

#include <array>

#include "bridge/publishers/kafka_sender.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(KafkaErrors, HaveTheirOutcomes) {
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_NO_ERROR), Outcome::accepted);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), Outcome::permanent);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_INVALID_RECORD), Outcome::permanent);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR__AUTHENTICATION), Outcome::refused);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC), Outcome::refused);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), Outcome::refused);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR__TRANSPORT), Outcome::retry);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), Outcome::retry);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), Outcome::retry);
  EXPECT_EQ(classify_kafka(RD_KAFKA_RESP_ERR_UNKNOWN), Outcome::retry);
}

struct MistakeRow {
  const char* yaml;
  const char* message;
};

class KafkaMistake : public testing::TestWithParam<MistakeRow> {};

TEST_P(KafkaMistake, IsReportedAtItsPlace) {
  Harness harness(kKafkaPublisher, GetParam().yaml);
  EXPECT_THAT(harness.mistakes(), HasSubstr(GetParam().message));
  EXPECT_EQ(harness.publisher(), nullptr);
}

constexpr std::array kMistakes = {
    MistakeRow{"{brokers: a}", "the key 'topic' is missing"},
    MistakeRow{"{topic: a}", "the key 'brokers' is missing"},
    MistakeRow{"{brokers: [], topic: a}", "1:11: error: 'brokers' names no broker"},
    MistakeRow{"{brokers: a, topic: 'a b'}", "1:21: error: 'topic' is not a name"},
    MistakeRow{"{brokers: a, topic: t, transactional_id: 'a b'}",
               "'transactional_id' is not a name that Kafka takes"},
    MistakeRow{"{brokers: a, topic: t, state_topic: s}", "says nothing without 'transactional_id'"},
    MistakeRow{"{brokers: a, topic: t, properties: {linger.mss: 5}}",
               "1:37: error: 'properties': 'linger.mss' is not accepted: No such configuration"},
    MistakeRow{"{brokers: a, topic: t, properties: {linger.ms: five}}", "'linger.ms' is not"},
    MistakeRow{"{brokers: a, topic: t, properties: {acks: 1}}",
               "'acks' is set by the component itself"},
    MistakeRow{"{brokers: a, topic: t, properties: {enable.idempotence: false}}",
               "is set by the component itself"},
    MistakeRow{"{brokers: a, topic: t, properties: {sasl.password: x}}",
               "'sasl.password' holds a secret in plain text"},
    MistakeRow{"{brokers: a, topic: t, properties: {sasl.pass: '${env:P}'}}",
               "'sasl.pass' is not known to librdkafka"}};

INSTANTIATE_TEST_SUITE_P(Table, KafkaMistake, testing::ValuesIn(kMistakes));

TEST(KafkaPublisherOpen, MissingSecretIsAConfigurationError) {
  Harness harness(kKafkaPublisher,
                  "{brokers: a, topic: t, properties: {sasl.password: '${env:NO_SUCH_VARIABLE}'}}");
  ASSERT_EQ(harness.mistakes(), "");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

TEST(KafkaPublisherOpen, PropertiesThatDoNotFitTogetherAreAConfigurationError) {
  Harness harness(kKafkaPublisher, "{brokers: a, topic: t, properties: {max.in.flight: 100}}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, HasSubstr("max.in.flight"));
}

TEST(KafkaPublisherOpen, RefusedSecretIsNotRepeated) {
  ::setenv("COPYBRIDGE_TEST_LINGER", "hidden", 1);
  Harness harness(
      kKafkaPublisher,
      "{brokers: a, topic: t, properties: {linger.ms: '${env:COPYBRIDGE_TEST_LINGER}'}}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("linger.ms"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("hidden")));
}

}  // namespace
}  // namespace copybridge::publishers
