// Options and classes of errors of the publisher kafka; the rest is in tests/peers.
#include "bridge/publishers/kafka_publisher.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <fstream>
#include <iterator>

#include "bridge/core/digest.h"
#include "bridge/kafka/login_options.h"
#include "bridge/kafka/presets.h"
#include "bridge/publishers/kafka_sender.h"
#include "bridge/publishers/ledger.h"
#include "tests/support/paths.h"
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
               "'sasl.pass' is not known to librdkafka"},
    MistakeRow{"{brokers: a, topic: t, preset: event-hubs}",
               "1:32: error: 'preset: event-hubs' needs 'sasl.password'"},
    MistakeRow{"{brokers: a, topic: t, preset: msk-scram, properties: {sasl.username: u}}",
               "needs 'sasl.password'"},
    MistakeRow{"{brokers: a, topic: t, preset: msk-tls}", "needs 'ssl.certificate.location'"},
    MistakeRow{"{brokers: a, topic: t, preset: event-hubs, properties: {sasl.password: '${env:P}', "
               "compression.type: zstd}}",
               "takes no compression but gzip"},
    MistakeRow{"{brokers: a, topic: t, preset: event-hubs, transactional_id: x, properties: "
               "{sasl.password: '${env:P}'}}",
               "Event Hubs has no transactions"},
    MistakeRow{"{brokers: a, topic: t, token: oauth2, token_url: 'https://x/token'}",
               "1:31: error: 'token: oauth2' needs 'client_id'"},
    MistakeRow{"{brokers: a, topic: t, token: oauth2, token_url: 'http://x/token', client_id: c, "
               "client_secret: '${env:P}'}",
               "credentials would cross the network in the clear"},
    MistakeRow{"{brokers: a, topic: t, token: msk-iam}", "'token: msk-iam' needs 'region'"},
    MistakeRow{"{brokers: a, topic: t, token: msk-iam, region: r, access_key_id: k}",
               "'access_key_id' needs 'secret_access_key' as well"},
    MistakeRow{"{brokers: a, topic: t, token: msk-iam, region: r, token_url: 'https://x/'}",
               "'token_url' says nothing with 'token: msk-iam'"},
    MistakeRow{"{brokers: a, topic: t, token: entra, tenant_id: t, client_id: c}",
               "'token: entra' needs 'client_secret'"},
    MistakeRow{"{brokers: a, topic: t, mode: structured, schema_registry: 'https://x'}",
               "'mode: structured' and 'schema_registry' exclude each other"},
    MistakeRow{"{brokers: a, topic: t, schema_format: avro}",
               "'schema_format' needs 'schema_registry' as well"},
    MistakeRow{"{brokers: a, topic: t, schema_registry: 'https://x', schema_namespace: a.b}",
               "'schema_namespace' says nothing without 'schema_format: avro'"},
    MistakeRow{"{brokers: a, topic: t, schema_registry: 'https://x', schema_format: avro, "
               "schema_namespace: a.1b}",
               "'schema_namespace' is no namespace"},
    MistakeRow{"{brokers: a, topic: t, schema_subject: s}",
               "'schema_subject' needs 'schema_registry' as well"},
    MistakeRow{"{brokers: a, topic: t, schema_registry: 'http://x', schema_registry_user: u, "
               "schema_registry_password: '${env:P}'}",
               "credentials would cross the network in the clear"},
    MistakeRow{"{brokers: a, topic: t, scope: x}", "'scope' says nothing with 'token: none'"},
    MistakeRow{"{brokers: a, topic: t, properties: {sasl.mechanism: OAUTHBEARER}}",
               "OAUTHBEARER needs 'token' as well"},
    MistakeRow{"{brokers: a, topic: t, token: msk-iam, region: r, properties: {sasl.mechanism: "
               "PLAIN}}",
               "'sasl.mechanism' and 'token' exclude each other"}};

INSTANTIATE_TEST_SUITE_P(Table, KafkaMistake, testing::ValuesIn(kMistakes));

/// Options of the publisher with a preset and what it leaves to the user.
std::string with_preset(const std::string& preset, const std::string& more = "") {
  ::setenv("COPYBRIDGE_TEST_KAFKA", "open/sesame", 1);
  const std::string login = "sasl.username: u, sasl.password: '${env:COPYBRIDGE_TEST_KAFKA}'";
  const std::string keyed = "ssl.certificate.location: c, ssl.key.location: k";
  const std::string own = preset == "event-hubs" ? login.substr(login.find("sasl.password"))
                                                 : (preset == "msk-tls" ? keyed : login);
  return "{brokers: a, topic: t, preset: " + preset + ", properties: {" + own + more + "}}";
}

kafka::Properties properties_with(const std::string& yaml) {
  Diagnostics diagnostics;
  const ConfigNode node = parse_yaml(yaml, "bridge.yaml", diagnostics);
  return kafka::properties_of(read_options(node, kKafkaPublisher.options, {}, diagnostics));
}

constexpr std::array<const char*, 4> kPresets = {"event-hubs", "confluent-cloud", "msk-scram",
                                                 "msk-tls"};

TEST(KafkaPreset, HoldsPropertiesThatLibrdkafkaTakes) {
  for (const std::string preset : kPresets) {
    EXPECT_EQ(Harness(kKafkaPublisher, with_preset(preset)).mistakes(), "");
    for (const auto& [name, value] : kafka::preset_properties(preset))
      EXPECT_EQ(kafka::mistake_of_property(std::string(name), std::string(value), {}), "");
  }
}

TEST(KafkaPreset, IsWhatTheDocumentSays) {
  std::ifstream file(support::source_path("docs/kafka.md"));
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  for (const std::string preset : kPresets) {
    std::string row = "| `" + preset + "` | ";
    for (const auto& [name, value] : kafka::preset_properties(preset))
      row.append(row.ends_with("| ") ? "`" : ", `").append(name).append("=").append(value) += "`";
    EXPECT_THAT(document, HasSubstr(row + " |"));
  }
}

TEST(KafkaPreset, IsOutrankedByWhatTheUserSays) {
  const auto properties = properties_with(with_preset("event-hubs", ", metadata.max.age.ms: 1000"));
  const auto last = std::ranges::find(properties.rbegin(), properties.rend(), "metadata.max.age.ms",
                                      &kafka::Properties::value_type::first);
  ASSERT_NE(last, properties.rend());
  EXPECT_EQ(last->second, "1000");
}

/// The signature is that of AWS's own signer (see aws_test.cc); what follows it is not signed.
TEST(KafkaToken, OfMskIsASignedUrlInBase64) {
  const publishers::aws::Keys keys{.id = "AKIDEXAMPLE",
                                   .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                   .session_token = ""};
  const std::string token = kafka::msk_token(
      "eu-central-1", keys, std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  EXPECT_EQ(token.find_first_of("=+/"), std::string::npos);
  std::string padded = token + std::string((4 - token.size() % 4) % 4, '=');
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  EXPECT_EQ(from_base64(padded).value(),
            "https://kafka.eu-central-1.amazonaws.com/?Action=kafka-cluster%3AConnect"
            "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2F"
            "eu-central-1%2Fkafka-cluster%2Faws4_request&X-Amz-Date=20260101T000000Z"
            "&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature="
            "42f794d62c0c10d20b5bc9075f7af80c2b7c3fc23d4fd90babfc70162694c110"
            "&User-Agent=copybridge");
}

TEST(KafkaToken, TakesThePlaceOfAPresetsLogin) {
  ::setenv("COPYBRIDGE_TEST_KAFKA", "open/sesame", 1);
  const std::string yaml =
      "{brokers: 'contoso.servicebus.windows.net:9093', topic: t, preset: event-hubs, token: "
      "entra, tenant_id: t, client_id: c, client_secret: '${env:COPYBRIDGE_TEST_KAFKA}'}";
  EXPECT_EQ(Harness(kKafkaPublisher, yaml).mistakes(), "");
  const auto properties = properties_with(yaml);
  const auto last = std::ranges::find(properties.rbegin(), properties.rend(), "sasl.mechanism",
                                      &kafka::Properties::value_type::first);
  ASSERT_NE(last, properties.rend());
  EXPECT_EQ(last->second, "OAUTHBEARER");
}

TEST(KafkaToken, WithoutItsSecretIsAConfigurationError) {
  Harness harness(kKafkaPublisher,
                  "{brokers: a, topic: t, token: oauth2, token_url: 'https://x/token', client_id: "
                  "c, client_secret: '${env:NO_SUCH_VARIABLE}'}");
  ASSERT_EQ(harness.mistakes(), "");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

TEST(KafkaPreset, OpensAProducerWithThem) {
  Harness harness(kKafkaPublisher, with_preset("event-hubs"));
  const Result<void> opened = harness.open();
  EXPECT_TRUE(opened) << opened.error().message;
}

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
  ::setenv("COPYBRIDGE_TEST_LINGER", "hidden-time", 1);
  Harness harness(
      kKafkaPublisher,
      "{brokers: a, topic: t, properties: {linger.ms: '${env:COPYBRIDGE_TEST_LINGER}'}}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("linger.ms"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("hidden")));
}

TEST(KafkaMessages, HaveNoDataWhereTheirBodyIsElsewhere) {
  Event whole{};
  whole.body = R"({"A":1})";
  Event named = whole;
  named.body = R"({"dataref":"https://store/1"})";
  named.is_reference = true;
  std::string text;
  KafkaValues values(false, nullptr);
  EXPECT_THAT(values.of({&whole, &named}, "#", text),
              testing::ElementsAre(testing::Field(&KafkaValue::bytes, R"(#{"A":1})"),
                                   testing::Field(&KafkaValue::bytes, "")));
}

/// One field of a number.
avro::Type record_of_a_number(avro::Type::Kind kind) {
  return avro::type_of({.name = "R", .fields = {avro::field_of("A", {.kind = kind})}});
}

TEST(KafkaMessages, AreAvroBehindTheSchemasNumberWhereItIsAvro) {
  const avro::Type type = record_of_a_number(avro::Type::Kind::int32);
  Event event{};
  event.body = R"({"A":-3})";
  Event named = event;
  named.is_reference = true;
  std::string text;
  KafkaValues values(false, &type);
  EXPECT_THAT(values.of({&event, &named, &event}, "#", text),
              testing::ElementsAre(testing::Field(&KafkaValue::bytes, "#\x05"),
                                   testing::Field(&KafkaValue::bytes, ""),
                                   testing::Field(&KafkaValue::bytes, "#\x05")));
}

TEST(KafkaMessages, HaveAReasonWhereAnEventIsNoValueOfTheSchema) {
  const avro::Type type = record_of_a_number(avro::Type::Kind::int32);
  Event event{};
  event.body = R"({"A":1})";
  Event other{};
  other.body = R"({"A":1.5})";
  std::string text;
  KafkaValues values(false, &type);
  const auto found = values.of({&other, &event}, "#", text);
  EXPECT_EQ(found[0].fault, "kafka: avro: /A: decimals, where the schema has whole numbers");
  EXPECT_EQ(found[0].bytes, "");
  EXPECT_EQ(found[1].fault, "");
  EXPECT_EQ(found[1].bytes, "#\x02");
}

TEST(KafkaMessages, AreMeasuredAsTheyAreSent) {
  const avro::Type numbers{.kind = avro::Type::Kind::array,
                           .parts = {{.kind = avro::Type::Kind::float64}}};
  const avro::Type type = avro::type_of({.name = "R", .fields = {avro::field_of("A", numbers)}});
  std::string json = R"({"A":[0)";
  for (int i = 1; i < 100; ++i) json += ",0";
  json += "]}";
  Event event{};
  event.body = json;
  KafkaValues values(false, &type);
  std::string text;
  EXPECT_EQ(values.size_of(event), 803U);
  EXPECT_EQ(values.of({&event}, "", text)[0].bytes.size(), 803U);
  EXPECT_GT(event.body.size(), values.small_body(values.size_of(event)));
}

TEST(KafkaMessages, AreAsLargeAsTheProducerSays) {
  Harness harness(kKafkaPublisher, "{brokers: a, topic: t, properties: {message.max.bytes: 2000}}");
  EXPECT_EQ(harness.publisher()->limits().event_bytes_max, 2000U);
  const std::string body(1990, 'x');
  Event event{};
  event.body = body;
  EXPECT_GT(harness.publisher()->size_of(event), 2000U);
}

/// One message names all of them.
TEST(KafkaTransactions, HoldNoMoreEventsThanTheirEntryCanName) {
  const auto events = [](const std::string& more) {
    return Harness(kKafkaPublisher, "{brokers: a, topic: t, transactional_id: x" + more + "}")
        .publisher()
        ->limits()
        .events_per_request;
  };
  EXPECT_EQ(events(""), 5000U);
  EXPECT_LT(events(", properties: {message.max.bytes: 1000}") * IdLedger::kHashBytes, 800U);
  EXPECT_GT(events(", properties: {message.max.bytes: 1000}"), 10U);
}

/// From which address a producer comes that has nothing to say yet; empty: none comes.
std::string address_of_producer(const std::string& interface) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  const std::string port = std::to_string(acceptor.local_endpoint().port());
  Harness harness(kKafkaPublisher, "{brokers: '127.0.0.1:" + port +
                                       "', topic: t, delivery_timeout_ms: 1000, interface: '" +
                                       interface + "'}");
  EXPECT_EQ(harness.mistakes(), "");
  EXPECT_TRUE(harness.open());
  EventStore events;
  const std::uint64_t number = harness.publish({events.add("one")});
  acceptor.non_blocking(true);
  while (!harness.take(Milliseconds{20}).contains(number)) {
    boost::system::error_code error;
    boost::asio::ip::tcp::endpoint peer;
    acceptor.accept(peer, error);
    if (!error) return peer.address().to_string();
  }
  return {};
}

TEST(KafkaConnections, GoOutFromTheInterface) {
  EXPECT_EQ(address_of_producer("127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(address_of_producer("lo"), "127.0.0.1");
  EXPECT_EQ(address_of_producer("192.0.2.1"), "");
}

}  // namespace
}  // namespace copybridge::publishers
