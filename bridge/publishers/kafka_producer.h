// librdkafka's idempotent producer: its configuration, and one instance of it.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

struct KafkaSettings {
  std::string brokers;  ///< `host:port,host:port`
  std::string topic;
  bool is_structured = false;
  Milliseconds delivery_timeout{30'000};  ///< without any acknowledgement while events wait
  std::vector<std::pair<std::string, std::string>> properties;  ///< values may be secrets
};

/// Why a property cannot be given in the bridge file: unknown to librdkafka, a wrong value, set by
/// the publisher itself, or a secret in plain text. Empty where it can.
[[nodiscard]] std::string mistake_of_property(const std::string& name, const std::string& value);

/// What the producer reports, on the thread that calls poll().
class KafkaReports {
 public:
  virtual ~KafkaReports() = default;
  /// The fate of a message; `opaque` as given to produce().
  virtual void delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) = 0;
  /// A problem that is not one message's. `is_fatal`: this producer will not send any more.
  virtual void failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) = 0;
  /// A line for the log, from any thread.
  virtual void said(std::string_view text) = 0;
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
  /// Waits for reports and passes them on; wake() ends the wait. Thread-safe is only wake().
  void poll(Milliseconds wait);
  void wake();
  /// Makes every message without a fate fail; their reports come with poll().
  void purge();

 private:
  struct DestroyProducer {
    void operator()(rd_kafka_t* producer) const { rd_kafka_destroy(producer); }
  };
  struct DestroyTopic {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  struct DestroyQueue {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  };

  explicit KafkaProducer(bool is_structured) : is_structured_(is_structured) {}

  const bool is_structured_;
  std::unique_ptr<rd_kafka_t, DestroyProducer> producer_;
  std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic_;
  std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue_;
};

}  // namespace copybridge::publishers
