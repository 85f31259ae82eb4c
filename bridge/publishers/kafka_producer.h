// librdkafka's idempotent producer: its configuration, and one instance of it.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/kafka/client.h"
#include "bridge/kafka/group_position.h"
#include "bridge/kafka/handles.h"
#include "bridge/kafka/schema_registry.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

using kafka::AdminOptionsHandle;
using kafka::ClientHandle;
using kafka::ConfHandle;
using kafka::ErrorHandle;
using kafka::EventHandle;
using kafka::HeadersHandle;
using kafka::MessageHandle;
using kafka::MetadataHandle;
using kafka::NewTopicHandle;
using kafka::PartitionsHandle;
using kafka::QueueHandle;
using kafka::TopicHandle;

struct KafkaSettings {
  std::string brokers;  ///< `host:port,host:port`
  std::string topic;
  bool is_structured = false;
  Milliseconds delivery_timeout{30'000};  ///< without any acknowledgement while events wait
  std::string transactional_id = {};      ///< empty: at least once
  std::string state_topic = {};           ///< of the ledger, where there is a transactional id
  std::vector<std::pair<std::string, std::string>> properties;  ///< values may be secrets
  std::string interface = {};  ///< that connections to brokers go out from; empty: any
  std::shared_ptr<kafka::Login> login = {};              ///< by tokens; null: as the properties say
  std::shared_ptr<kafka::SchemaRegistry> registry = {};  ///< null: messages have no prefix
  std::shared_ptr<const avro::Type> avro = {};           ///< of their data; null: it is no Avro
  bool stores_positions = false;                         ///< Request::position is given
};

/// What the producer reports, on the thread that calls poll().
class KafkaReports : public kafka::ClientReports {
 public:
  /// The fate of a message; `opaque` as given to produce().
  virtual void delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) = 0;
};

/// Used by one thread, but for wake().
class KafkaProducer {
 public:
  /// Makes a producer without waiting for the brokers; secrets are read now. `is_alone`: every
  /// message travels in a batch of its own, so that a refused batch names the message.
  /// ErrorKind::config: librdkafka does not take the properties, or a secret is missing.
  [[nodiscard]] static Result<std::unique_ptr<KafkaProducer>> make(const KafkaSettings& settings,
                                                                   bool is_alone,
                                                                   KafkaReports& reports);

  /// Hands a message over. `payload` must stay until delivered(), or until the producer is gone.
  [[nodiscard]] rd_kafka_resp_err_t produce(const Event& event, std::string_view payload,
                                            void* opaque);
  /// The same of something that is no event; it is copied, its report has no opaque. Without a
  /// value it removes what a compacted topic has under the key.
  [[nodiscard]] rd_kafka_resp_err_t produce_record(const std::string& topic, std::string_view key,
                                                   std::optional<std::string_view> value);

  /// Null where done. Each may be called again after a time-out, which librdkafka calls retriable.
  [[nodiscard]] ErrorHandle init_transactions(Milliseconds limit);
  [[nodiscard]] ErrorHandle begin_transaction();
  /// Makes the group's position part of the transaction under way.
  [[nodiscard]] ErrorHandle send_offsets(const kafka::GroupPosition& position, Milliseconds limit);
  [[nodiscard]] std::string cluster_id() { return kafka::cluster_id_of(producer_.get()); }
  [[nodiscard]] ErrorHandle commit_transaction(Milliseconds limit);
  [[nodiscard]] ErrorHandle abort_transaction(Milliseconds limit);

  /// Whether something has been handed over and has no report that was passed on.
  [[nodiscard]] bool has_messages() const { return rd_kafka_outq_len(producer_.get()) > 0; }
  /// Waits for reports and passes them on; wake() ends the wait. Thread-safe is only wake().
  void poll(Milliseconds wait);
  void wake();
  /// Makes every message without a fate fail; their reports come with poll().
  void purge();

 private:
  KafkaProducer(bool is_structured, bool is_avro)
      : is_structured_(is_structured), is_avro_(is_avro) {}

  const bool is_structured_;
  const bool is_avro_;
  ClientHandle producer_;
  TopicHandle topic_;
  QueueHandle queue_;
};

/// A consumer of committed messages, by assignment, that says where a partition ends. It reads
/// secrets now and does not wait for the brokers. It does not join `group`. ErrorKind::config.
[[nodiscard]] Result<ClientHandle> make_reader(const KafkaSettings& settings,
                                               const std::string& group, KafkaReports& reports);

}  // namespace copybridge::publishers
