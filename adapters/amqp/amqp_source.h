// The adapter amqp: messages into batches, fates into dispositions.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/amqp/message.h"
#include "adapters/amqp/receiver.h"
#include "adapters/redelivery.h"

namespace copybridge::adapters::amqp {

struct SourceSettings {
  copybridge::amqp::ClientSettings client;
  ReceiverLimits limits;
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  std::size_t batches_in_flight_max = 0;
  Disposition of_dead_letters = Disposition::reject;
  bool mints_ids = false;  ///< of messages without a message-id
};

/// See adapters::Adapter for the contract of the public methods.
class AmqpSource final : public Adapter {
 public:
  AmqpSource(const AdapterContext& context, SourceSettings settings);

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { receiver_.interrupt(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return settings_.batches_in_flight_max;
  }
  [[nodiscard]] SourceStatus status() const override { return {}; }

 private:
  struct Handed {
    std::uint64_t number = 0;
    std::string id;  ///< empty: it cannot be known again
  };
  struct Batch {
    std::uint64_t token = 0;
    std::vector<Handed> messages;
    bool is_unit_of_one = false;
  };

  void fill(RecordBatch& batch, Batch& handed);
  /// False where the batch is full with it.
  bool append(Arrival arrival, RecordBatch& batch, Batch& handed);
  [[nodiscard]] std::string id_of(const Message& message, ByteView body);
  [[nodiscard]] bool is_full(const RecordBatch& batch) const;
  [[nodiscard]] bool has_lost_batches() const;
  [[nodiscard]] bool is_alone_now() const;
  [[nodiscard]] Disposition disposition_of(Fate fate) const;

  const AdapterContext context_;
  const SourceSettings settings_;
  const std::string epoch_;  ///< of minted ids
  Receiver receiver_;
  MessageReader reader_;
  std::deque<Batch> batches_;  ///< handed out and not settled
  /// A message that was handed out before, by its delivery count, and waits until nothing else is
  /// under way.
  std::optional<Arrival> suspect_;
  RedeliveryMemory memory_;
  std::size_t records_max_ = 0;
  std::uint64_t next_token_ = 1;
  std::uint64_t minted_ = 0;
};

}  // namespace copybridge::adapters::amqp
