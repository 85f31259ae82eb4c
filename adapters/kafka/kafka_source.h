// The consumer of the adapter kafka.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "adapters/adapter.h"
#include "adapters/kafka/kafka_handover.h"
#include "adapters/kafka/kafka_positions.h"
#include "bridge/kafka/client.h"

namespace copybridge::adapters {

struct KafkaSourceSettings {
  std::string brokers;  ///< `host:port,host:port`
  std::string topic;
  std::string group;
  bool starts_at_end = false;  ///< where the group has committed nothing
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  std::size_t batches_in_flight_max = 0;
  bool gives_positions = false;  ///< the publisher commits the offsets
  kafka::Properties properties;  ///< values may be secrets
  std::string interface = {};    ///< that connections to brokers go out from; empty: any
  std::shared_ptr<kafka::Login> login = {};  ///< by tokens; null: as the properties say
};

/// One member of a consumer group. Partitions come and go while it reads (cooperative rebalance);
/// what is under way of one that has gone comes a second time from the consumer that has it now.
class KafkaSource : public Adapter, private kafka::ClientReports {
 public:
  KafkaSource(const AdapterContext& context, KafkaSourceSettings settings)
      : settings_(std::move(settings)),
        name_(context.name),
        log_(context.log),
        handover_(settings_.group, settings_.topic) {}
  ~KafkaSource() override { KafkaSource::close(); }
  KafkaSource(const KafkaSource&) = delete;
  KafkaSource& operator=(const KafkaSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return settings_.batches_in_flight_max;
  }
  [[nodiscard]] SourceStatus status() const override;
  [[nodiscard]] bool gives_positions() const override { return settings_.gives_positions; }
  [[nodiscard]] std::optional<std::string> position_after(std::uint64_t token,
                                                          std::size_t records) override {
    return handover_.position_after(token, records);
  }
  void take_back() override { handover_.take_back(); }

 private:
  static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                        rd_kafka_topic_partition_list_t* partitions, void* opaque);
  void take_partitions(rd_kafka_topic_partition_list_t& partitions);
  void skip_what_is_gone(rd_kafka_topic_partition_list_t& partitions);

  void failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) override;
  void said(std::string_view text) override;

  Result<kafka::ClientHandle> connect();
  void leave_group();
  /// Reads again from what came back, once nothing is under way.
  Result<void> rewind();
  /// The next message or event, of those held first; null: none within the wait, or interrupted.
  kafka::MessageHandle next(Milliseconds wait);
  kafka::MessageHandle poll(Milliseconds wait);
  /// Takes a message into the batch, or an event note. Errors of the consumer are returned.
  Result<void> take(const rd_kafka_message_t& message, RecordBatch& batch);
  void take_record(const rd_kafka_message_t& message, RecordBatch& batch);
  Result<ReadStatus> refused();
  [[nodiscard]] bool is_full(const RecordBatch& batch) const;
  Result<void> commit();

  const KafkaSourceSettings settings_;
  const std::string name_;
  Log& log_;
  std::size_t records_max_ = 0;  ///< of a batch; 0: as the settings say
  std::uint64_t next_token_ = 1;
  KafkaPositions positions_;
  KafkaHandover handover_;
  bool has_partitions_ = false;            ///< the group has been joined since open()
  std::deque<kafka::MessageHandle> held_;  ///< polled while settling
  bool is_broken_ = false;                 ///< a new consumer is needed
  std::uint64_t settlements_in_doubt_ = 0;
  std::string refusal_;  ///< what the brokers, or the token's server, have refused it for

  std::mutex mutex_;          ///< of queue_ and is_interrupted_, which interrupt() uses
  kafka::QueueHandle queue_;  ///< of the consumer
  bool is_interrupted_ = false;
  kafka::ClientHandle consumer_;  ///< gone before what its callbacks use
};

}  // namespace copybridge::adapters
