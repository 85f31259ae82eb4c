// Reading the ledger's topic.
#include "bridge/publishers/kafka_ledger.h"

#include "bridge/publishers/kafka_producer.h"
#include "bridge/publishers/kafka_sender.h"

namespace copybridge::publishers {
namespace {

constexpr int kPollMs = 200;
constexpr int kRequestTimeoutMs = 10'000;
constexpr Milliseconds kRememberedFor = std::chrono::hours(24 * 30);

Error error_of(rd_kafka_resp_err_t code, const std::string& what) {
  const ErrorKind kind =
      classify_kafka(code) == Outcome::refused ? ErrorKind::peer_refused : ErrorKind::peer_away;
  return {kind, "kafka: " + what + ": " + rd_kafka_err2str(code), {}};
}

/// Settings of the topic: small segments, so that what is obsolete is not read at every start.
constexpr std::pair<const char*, const char*> kTopicSettings[] = {
    {"cleanup.policy", "compact"},
    {"segment.bytes", "16777216"},
    {"min.cleanable.dirty.ratio", "0.01"}};

NewTopicHandle new_topic(const std::string& name) {
  // Replication -1: the cluster's own default (Kafka 2.4, KIP-464).
  NewTopicHandle topic(rd_kafka_NewTopic_new(name.c_str(), 1, -1, nullptr, 0));
  for (const auto& [key, value] : kTopicSettings) {
    rd_kafka_NewTopic_set_config(topic.get(), key, value);
  }
  return topic;
}

Result<void> create_topic(rd_kafka_t* client, const std::string& name) {
  const NewTopicHandle topic = new_topic(name);
  const QueueHandle queue(rd_kafka_queue_new(client));
  const AdminOptionsHandle options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kRequestTimeoutMs, nullptr, 0);
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client, topics, 1, options.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), kRequestTimeoutMs + 1000));
  if (event == nullptr) {
    return tl::make_unexpected(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "topic " + name));
  }
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(error_of(code, "topic " + name));
  }
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const auto code = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__FAIL;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    return {};
  }
  return tl::make_unexpected(error_of(code, "topic " + name + " cannot be created"));
}

/// Whether the topic is there. Asked first: who may not create topics may still use one.
Result<bool> has_topic(rd_kafka_t* client, const std::string& name) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto code = rd_kafka_metadata(client, 0, topic.get(), &found, kRequestTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(error_of(code, "topic " + name));
  }
  const MetadataHandle metadata(found);
  const rd_kafka_metadata_topic_t& entry = metadata->topics[0];
  if (entry.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(error_of(entry.err, "topic " + name));
  }
  if (entry.partition_cnt == 1) return true;
  return fail(ErrorKind::peer_refused, "kafka: topic " + name + " has " +
                                           std::to_string(entry.partition_cnt) +
                                           " partitions; it must have one and be compacted");
}

Result<void> ensure_topic(rd_kafka_t* client, const std::string& name) {
  const Result<bool> found = has_topic(client, name);
  if (!found) return pass_on(found);
  return *found ? Result<void>() : create_topic(client, name);
}

std::string_view text_of(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}

bool is_old(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const std::int64_t time_ms = rd_kafka_message_timestamp(&message, &type);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return time_ms > 0 &&
         std::chrono::duration_cast<Milliseconds>(now) - Milliseconds(time_ms) > kRememberedFor;
}

/// Whether it was the topic's end; a message that is none of ours is refused: two bridges would
/// share the topic.
Result<bool> take_message(IdLedger& ledger, const rd_kafka_message_t& message,
                          const std::string& topic) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return true;
  // A topic that was just created is not known everywhere at once.
  if (message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(error_of(message.err, "topic " + topic));
  }
  const bool is_ours =
      ledger.take(text_of(message.key, message.key_len), text_of(message.payload, message.len),
                  message.payload == nullptr, is_old(message));
  if (is_ours) return false;
  return fail(
      ErrorKind::peer_refused,
      "kafka: topic " + topic + " holds messages of others; give 'state_topic' another name");
}

}  // namespace

Result<IdLedger> read_ledger(const KafkaSettings& settings, KafkaReports& reports,
                             const std::function<bool()>& is_cancelled) {
  Result<ClientHandle> consumer = make_reader(settings, settings.transactional_id, reports);
  if (!consumer) return pass_on(consumer);
  if (auto there = ensure_topic(consumer->get(), settings.state_topic); !there) {
    return pass_on(there);
  }
  const PartitionsHandle partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), settings.state_topic.c_str(), 0)->offset =
      RD_KAFKA_OFFSET_BEGINNING;
  if (const auto code = rd_kafka_assign(consumer->get(), partitions.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(error_of(code, "topic " + settings.state_topic));
  }
  IdLedger ledger(settings.transactional_id);
  SteadyTime progress = std::chrono::steady_clock::now();
  for (;;) {
    const MessageHandle message(rd_kafka_consumer_poll(consumer->get(), kPollMs));
    const SteadyTime now = std::chrono::steady_clock::now();
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) progress = now;
    if (message != nullptr) {
      const Result<bool> at_end = take_message(ledger, *message, settings.state_topic);
      if (!at_end) return pass_on(at_end);
      if (*at_end) return ledger;
    }
    if (is_cancelled() || now - progress > settings.delivery_timeout) {
      return tl::make_unexpected(
          error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "topic " + settings.state_topic));
    }
  }
}

}  // namespace copybridge::publishers
