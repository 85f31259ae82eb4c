// The publisher kafka against librdkafka's mock cluster: real connections and requests, with
// errors on demand.
#include "bridge/publishers/kafka_publisher.h"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <deque>
#include <set>

#include "bridge/publishers/kafka_sender.h"
#include "codecs/avro/type.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int16_t kProduceKey = 0;  ///< the protocol's number of ProduceRequest

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_mock_cluster_t* cluster) const {
    rd_kafka_mock_cluster_destroy(cluster);
  }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

Owned<rd_kafka_t> make_client(rd_kafka_type_t type,
                              const std::vector<std::array<std::string, 2>>& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> text{};
  for (const auto& [name, value] : properties) {
    EXPECT_EQ(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()),
              RD_KAFKA_CONF_OK)
        << text.data();
  }
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  return Owned<rd_kafka_t>(rd_kafka_new(type, conf, text.data(), text.size()));
}

struct Received {
  std::int32_t partition = 0;
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
};

Received to_received(const rd_kafka_message_t& message) {
  Received received{.partition = message.partition, .key = {}, .value = {}, .headers = {}};
  if (message.key != nullptr) {
    received.key.assign(static_cast<const char*>(message.key), message.key_len);
  }
  received.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return received;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    received.headers[name].assign(static_cast<const char*>(value), size);
  }
  return received;
}

class KafkaPublisherTest : public testing::Test {
 protected:
  static constexpr const char* kTopic = "accounts";
  static constexpr int kPartitions = 4;

  KafkaPublisherTest()
      : host_(make_client(RD_KAFKA_PRODUCER, {})),
        cluster_(rd_kafka_mock_cluster_new(host_.get(), 3)) {
    rd_kafka_mock_topic_create(cluster_.get(), kTopic, kPartitions, 3);
  }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

  std::unique_ptr<Harness> make(const std::string& more = "", const std::string& properties = "",
                                EventSchema schema = {}) {
    auto harness = std::make_unique<Harness>(
        kKafkaPublisher,
        "{brokers: '" + brokers() + "', topic: " + kTopic +
            ", properties: {retry.backoff.ms: 10, reconnect.backoff.ms: 10, "
            "reconnect.backoff.max.ms: 50" +
            properties + "}" + more + "}",
        std::filesystem::path(), system_clock(), std::move(schema));
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }

  void fail_requests(const std::vector<rd_kafka_resp_err_t>& errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), kProduceKey, errors.size(),
                                            errors.data());
  }
  void set_brokers_up(bool is_up) {
    for (std::int32_t broker = 1; broker <= 3; ++broker) {
      if (is_up) {
        rd_kafka_mock_broker_set_up(cluster_.get(), broker);
      } else {
        rd_kafka_mock_broker_set_down(cluster_.get(), broker);
      }
    }
  }

  /// Everything in the topic, each partition in its order; reads until every partition is at its
  /// end.
  std::vector<Received> consume() {
    const auto client = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers()},
                                                        {"group.id", "test"},
                                                        {"enable.partition.eof", "true"},
                                                        {"enable.auto.commit", "false"},
                                                        {"fetch.wait.max.ms", "10"}});
    const Owned<rd_kafka_topic_partition_list_t> all(
        rd_kafka_topic_partition_list_new(kPartitions));
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      rd_kafka_topic_partition_list_add(all.get(), kTopic, partition)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(client.get(), all.get());
    std::vector<Received> received;
    int open_partitions = kPartitions;
    const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
    while (open_partitions > 0 && std::chrono::steady_clock::now() < limit) {
      const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(client.get(), 100));
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --open_partitions;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) received.push_back(to_received(*message));
    }
    EXPECT_EQ(open_partitions, 0) << "the topic was not read to its end";
    rd_kafka_consumer_close(client.get());
    return received;
  }

  /// `count` events over ten keys; the number in the body grows.
  std::vector<const Event*> keyed_events(std::size_t count) {
    std::vector<const Event*> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(events_.add("id-" + std::to_string(i), "key-" + std::to_string(i % 10)));
    }
    return all;
  }

  /// Delivers as the pipeline does: in order, up to the limit in flight; after a failure waits for
  /// all answers and begins again with the first that failed. How many events were repeated.
  static std::size_t deliver(Harness& harness, const std::vector<const Event*>& events,
                             std::size_t per_request) {
    std::size_t repeated = 0;
    std::vector<const Event*> waiting = events;
    while (!waiting.empty()) {
      std::vector<std::pair<std::uint64_t, std::vector<const Event*>>> sent;
      for (std::size_t at = 0; at < waiting.size() && sent.size() < 16; at += per_request) {
        std::vector<const Event*> part(waiting.begin() + static_cast<std::ptrdiff_t>(at),
                                       waiting.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                             at + per_request, waiting.size())));
        const std::uint64_t number = harness.publish(part);
        sent.emplace_back(number, std::move(part));
      }
      std::vector<const Event*> again;
      std::size_t taken = 0;
      for (const auto& [number, part] : sent) {
        const Response response = harness.response_to(number);
        for (std::size_t i = 0; i < part.size(); ++i) {
          const Outcome outcome =
              response.outcomes.size() == 1 ? response.outcomes[0] : response.outcomes.at(i);
          if (outcome != Outcome::accepted) again.push_back(part[i]);
        }
        taken += part.size();
      }
      repeated += again.size();
      again.insert(again.end(), waiting.begin() + static_cast<std::ptrdiff_t>(taken),
                   waiting.end());
      waiting = std::move(again);
    }
    return repeated;
  }

  /// Of each key, the order in which ids appear for the first time must be the one produced.
  static void expect_order(const std::vector<Received>& received,
                           const std::vector<const Event*>& events) {
    std::map<std::string, std::vector<std::string>> expected;
    for (const Event* event : events) {
      expected[std::string(event->key)].emplace_back(event->id);
    }
    std::map<std::string, std::vector<std::string>> actual;
    std::set<std::string> seen;
    for (const Received& message : received) {
      const std::string& id = message.headers.at("ce_id");
      if (seen.insert(id).second) actual[message.key].push_back(id);
    }
    EXPECT_EQ(actual, expected);
  }

  EventStore events_;
  Owned<rd_kafka_t> host_;
  Owned<rd_kafka_mock_cluster_t> cluster_;
};

TEST_F(KafkaPublisherTest, CarriesBodyKeyAndAttributes) {
  auto harness = make();
  const Response response = harness->publish_and_wait({events_.add("one", "k")});
  EXPECT_EQ(response.reason, "");
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted});
  const auto received = consume();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].key, "k");
  EXPECT_EQ(received[0].value, R"({"NUMBER":0})");
  const std::map<std::string, std::string> headers = {{"content-type", "application/json"},
                                                      {"ce_specversion", "1.0"},
                                                      {"ce_id", "one"},
                                                      {"ce_source", "/bridge/accounts"},
                                                      {"ce_type", "com.example.account"},
                                                      {"ce_subject", "account/one"},
                                                      {"ce_time", "2026-11-23T04:05:06.789Z"},
                                                      {"ce_partitionkey", "k"}};
  EXPECT_EQ(received[0].headers, headers);
}

TEST_F(KafkaPublisherTest, CarriesStructuredCloudEvents) {
  auto harness = make(", mode: structured");
  harness->publish_and_wait(events_.add_many(3));
  const auto received = consume();
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(received[0].headers.at("content-type"), "application/cloudevents+json");
  for (const Received& message : received) {
    EXPECT_THAT(message.value, HasSubstr(R"({"specversion":"1.0","id":"id-)"));
    EXPECT_THAT(message.value, HasSubstr(R"("data":{"NUMBER":)"));
  }
}

TEST_F(KafkaPublisherTest, TenThousandArriveOnceAndInOrder) {
  auto harness = make();
  const auto events = keyed_events(10'000);
  EXPECT_EQ(deliver(*harness, events, 1000), 0U);
  const auto received = consume();
  EXPECT_EQ(received.size(), events.size());
  expect_order(received, events);
}

TEST_F(KafkaPublisherTest, ErrorsThatPassAreRepairedWithoutLossDuplicateOrDisorder) {
  auto harness = make();
  fail_requests({RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                 RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                 RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NO_ERROR,
                 RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  const auto events = keyed_events(2000);
  EXPECT_EQ(deliver(*harness, events, 100), 0U);
  const auto received = consume();
  EXPECT_EQ(received.size(), events.size());
  expect_order(received, events);
}

TEST_F(KafkaPublisherTest, LostSequenceIsRetryOnANewProducer) {
  auto harness = make();
  fail_requests({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  const auto events = keyed_events(500);
  EXPECT_GT(deliver(*harness, events, 50), 0U);
  expect_order(consume(), events);
}

TEST_F(KafkaPublisherTest, ForbiddenTopicIsRefused) {
  auto harness = make();
  fail_requests({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const Event* event = events_.add("one", "k");
  const Response response = harness->publish_and_wait({event});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("kafka: topic accounts: Broker: Topic authorization"));
  EXPECT_EQ(harness->publish_and_wait({event}).outcomes, std::vector{Outcome::accepted});
}

TEST_F(KafkaPublisherTest, UnknownTopicIsRefused) {
  rd_kafka_mock_topic_set_error(cluster_.get(), kTopic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto harness = make("", ", topic.metadata.propagation.max.ms: 0");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("Unknown topic"));
}

/// Counts reports.
class CountingReports : public KafkaReports {
 public:
  void delivered(void*, rd_kafka_resp_err_t error, bool) override {
    ++reports_;
    last_ = error;
  }
  void failed(rd_kafka_resp_err_t, std::string_view, bool) override {}
  void said(std::string_view) override {}
  int reports() const { return reports_; }
  rd_kafka_resp_err_t last() const { return last_; }

 private:
  int reports_ = 0;
  rd_kafka_resp_err_t last_ = RD_KAFKA_RESP_ERR_NO_ERROR;
};

/// The second message is refused before it is queued, where librdkafka 2.0.2 frees headers of its
/// own making twice; AddressSanitizer sees it.
TEST_F(KafkaPublisherTest, TopicKnownNotToExistIsRefusedAtOnce) {
  rd_kafka_mock_topic_set_error(cluster_.get(), kTopic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CountingReports reports;
  const auto producer =
      KafkaProducer::make({.brokers = brokers(),
                           .topic = kTopic,
                           .properties = {{"topic.metadata.propagation.max.ms", "0"}}},
                          false, reports);
  ASSERT_TRUE(producer);
  const Event& event = *events_.add("one", "k");
  EXPECT_EQ((*producer)->produce(event, event.body, nullptr), RD_KAFKA_RESP_ERR_NO_ERROR);
  const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
  while (reports.reports() == 0 && std::chrono::steady_clock::now() < limit) {
    (*producer)->poll(Milliseconds{100});
  }
  EXPECT_EQ(classify_kafka(reports.last()), Outcome::refused);
  const rd_kafka_resp_err_t second = (*producer)->produce(event, event.body, nullptr);
  EXPECT_EQ(second, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
}

TEST_F(KafkaPublisherTest, TooLargeMessageIsPermanentAndItsNeighboursPass) {
  auto harness = make("", ", message.max.bytes: 2000");
  const Response response = harness->publish_and_wait(
      {events_.add("before"), events_.add_body("large", std::string(5000, 'x')),
       events_.add("after")});
  EXPECT_THAT(response.outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent, Outcome::accepted));
  EXPECT_THAT(response.reason, HasSubstr("Message size too large"));
  EXPECT_THAT(response.reason, Not(HasSubstr("xxx")));
  EXPECT_EQ(consume().size(), 2U);
}

/// A record of the member that EventStore::add() makes.
EventSchema schema_of_numbers() {
  const auto field = avro::field_of("NUMBER", {.kind = avro::Type::Kind::int32});
  return {"", std::make_shared<const avro::Type>(avro::type_of({.name = "R", .fields = {field}}))};
}

TEST_F(KafkaPublisherTest, EventThatIsNoValueOfTheSchemaIsPermanentAndItsNeighboursPass) {
  auto harness = make("", "", schema_of_numbers());
  const Response response = harness->publish_and_wait(
      {events_.add("before", "k"), events_.add_body("bad", R"({"NUMBER":"one"})", "k"),
       events_.add("after", "k")});
  EXPECT_THAT(response.outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent, Outcome::accepted));
  EXPECT_EQ(response.reason, "kafka: avro: /NUMBER: another kind of value than the schema has");
  const auto received = consume();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(received[0].value + received[1].value, std::string("\0\x04", 2));
  EXPECT_EQ(received[1].headers.at("content-type"), "application/avro");
}

TEST_F(KafkaPublisherTest, TransactionGoesOnWithoutTheEventThatIsNoValueOfTheSchema) {
  rd_kafka_mock_topic_create(cluster_.get(), "ledger", 1, 3);
  auto harness = make(", transactional_id: t, state_topic: ledger", "", schema_of_numbers());
  const auto events =
      std::vector{events_.add("a", "k"), events_.add_body("b", "{}", "k"), events_.add("c", "k")};
  EXPECT_THAT(harness->publish_and_wait(events).outcomes,
              ElementsAre(Outcome::retry, Outcome::permanent, Outcome::retry));
  EXPECT_EQ(harness->publish_and_wait({events[0], events[2]}).outcomes,
            std::vector{Outcome::accepted});
}

TEST_F(KafkaPublisherTest, RefusedBatchIsSentAgainOneByOneUntilTheCulpritIsKnown) {
  auto harness = make("", ", linger.ms: 50");
  const auto events =
      std::vector{events_.add("a", "k"), events_.add("b", "k"), events_.add("c", "k")};
  fail_requests({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  const Response whole = harness->publish_and_wait(events);
  EXPECT_EQ(whole.outcomes, std::vector(3, Outcome::retry)) << whole.reason;
  fail_requests({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  const Response alone = harness->publish_and_wait(events);
  EXPECT_THAT(alone.outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent, Outcome::accepted));
  EXPECT_EQ(harness->publish_and_wait(events_.add_many(3)).outcomes,
            std::vector(3, Outcome::accepted));
  EXPECT_EQ(consume().size(), 5U);
}

TEST_F(KafkaPublisherTest, FindsTheOneMessageOfATransactionThatTheBrokerRefuses) {
  rd_kafka_mock_topic_create(cluster_.get(), "ledger", 1, 3);
  auto harness = make(", transactional_id: t, state_topic: ledger", ", linger.ms: 50");
  const auto events =
      std::vector{events_.add("a", "k"), events_.add("b", "k"), events_.add("c", "k")};
  fail_requests({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  const Response whole = harness->publish_and_wait(events);
  EXPECT_EQ(whole.outcomes, std::vector(3, Outcome::retry)) << whole.reason;
  fail_requests({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  const Response alone = harness->publish_and_wait(events);
  EXPECT_THAT(alone.outcomes, ElementsAre(Outcome::retry, Outcome::permanent, Outcome::retry))
      << alone.reason;
  EXPECT_EQ(harness->publish_and_wait({events[0], events[2]}).outcomes,
            std::vector{Outcome::accepted});
}

TEST_F(KafkaPublisherTest, RefusesALedgerOfSeveralPartitions) {
  rd_kafka_mock_topic_create(cluster_.get(), "ledger", 2, 3);
  auto harness = make(", transactional_id: t, state_topic: ledger");
  const Response response = harness->publish_and_wait({events_.add("a", "k")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("topic ledger has 2 partitions"));
}

TEST_F(KafkaPublisherTest, SilenceHandsEverythingBackAndOrderIsKeptAfterwards) {
  auto harness = make(", delivery_timeout_ms: 300");
  const auto events = keyed_events(200);
  set_brokers_up(false);
  const std::uint64_t first = harness->publish({events.begin(), events.begin() + 100});
  const std::uint64_t second = harness->publish({events.begin() + 100, events.end()});
  const Response response = harness->response_to(first);
  EXPECT_EQ(response.outcomes, std::vector(100, Outcome::retry));
  EXPECT_THAT(response.reason, HasSubstr("no acknowledgement within 300 ms"));
  EXPECT_EQ(harness->response_to(second).outcomes, std::vector(100, Outcome::retry));
  set_brokers_up(true);
  deliver(*harness, events, 50);
  expect_order(consume(), events);
}

TEST_F(KafkaPublisherTest, WhatIsHandedOverBeforeAFailureIsKnownIsHandedBack) {
  auto harness = make(", delivery_timeout_ms: 200");
  set_brokers_up(false);
  const Event* first = events_.add("first", "k");
  const Event* second = events_.add("second", "k");
  const std::uint64_t before = harness->epoch();
  const Response failed = harness->publish_and_wait({first});
  EXPECT_EQ(failed.outcomes, std::vector{Outcome::retry});
  set_brokers_up(true);
  // As if it had been on its way before the failure was known.
  const std::uint64_t early = harness->publish({second}, before);
  EXPECT_EQ(harness->response_to(early).outcomes, std::vector{Outcome::retry});
  deliver(*harness, {first, second}, 1);
  const auto received = consume();
  expect_order(received, {first, second});
}

TEST_F(KafkaPublisherTest, FullQueueHoldsTheRest) {
  auto harness = make("", ", queue.buffering.max.messages: 10");
  const auto events = keyed_events(500);
  EXPECT_EQ(deliver(*harness, events, 500), 0U);
  expect_order(consume(), events);
}

TEST_F(KafkaPublisherTest, CloseWithTheBrokersGoneAnswersRetryForAll) {
  auto harness = make();
  set_brokers_up(false);
  const std::uint64_t number = harness->publish(events_.add_many(10));
  harness->publisher()->close(Milliseconds{100});
  const auto responses = harness->take();
  ASSERT_TRUE(responses.contains(number));
  EXPECT_EQ(responses.at(number).outcomes, std::vector(10, Outcome::retry));
  harness->publisher()->close(Milliseconds{100});
  EXPECT_EQ(harness->publish_and_wait(events_.add_many(1)).outcomes, std::vector{Outcome::retry});
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_F(KafkaPublisherTest, CloseWaitsForAcknowledgements) {
  auto harness = make();
  const std::uint64_t number = harness->publish(events_.add_many(1000));
  harness->publisher()->close(kPatience);
  EXPECT_EQ(harness->take().at(number).outcomes, std::vector(1000, Outcome::accepted));
  EXPECT_EQ(consume().size(), 1000U);
}

TEST_F(KafkaPublisherTest, EventsMayGoAwayAfterTheResponse) {
  auto harness = make();
  {
    EventStore short_lived;
    harness->publish_and_wait(short_lived.add_many(100, "gone-"));
  }
  harness->publish_and_wait(events_.add_many(100));
  EXPECT_EQ(consume().size(), 200U);
}

TEST_F(KafkaPublisherTest, FailedLoginIsRefusedAndSaysNoSecret) {
  ::setenv("COPYBRIDGE_TEST_PASSWORD", "hidden-password", 1);
  auto harness = make(", delivery_timeout_ms: 2000",
                      ", security.protocol: sasl_plaintext, sasl.mechanisms: PLAIN, "
                      "sasl.username: ali, sasl.password: '${env:COPYBRIDGE_TEST_PASSWORD}', "
                      "debug: 'security,broker'");
  const Response response =
      harness->publish_and_wait({events_.add_body("one", R"({"NAME":"hidden-record"})")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused}) << response.reason;
  EXPECT_THAT(harness->everything_said(), HasSubstr("endpoint_detail"));
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("hidden")));
}

}  // namespace
}  // namespace copybridge::publishers
