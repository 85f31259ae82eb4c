// The adapter stomp: messages into batches, fates into acknowledgements.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/redelivery.h"
#include "adapters/stomp/subscription.h"

namespace copybridge::adapters::stomp {

struct SourceSettings {
  SubscriptionSettings subscription;
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  std::size_t batches_in_flight_max = 0;
  bool nacks_dead_letters = true;
  std::string id_header;   ///< empty: what the broker keeps
  bool mints_ids = false;  ///< of messages without an id
};

/// See adapters::Adapter for the contract of the public methods.
class StompSource final : public Adapter {
 public:
  StompSource(const AdapterContext& context, SourceSettings settings);

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { subscription_.interrupt(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return settings_.batches_in_flight_max;
  }
  [[nodiscard]] SourceStatus status() const override { return {}; }

 private:
  struct Handed {
    std::string message_id;
    std::string ack_id;
    std::string known_by;  ///< when it comes again; empty: it cannot be known
  };
  /// Brokers whose words mean something else than those of all others.
  enum class Broker : std::uint8_t { rabbitmq, artemis, other };
  struct Batch {
    std::uint64_t token = 0;
    std::uint64_t connection = 0;
    std::vector<Handed> messages;
  };

  void fill(RecordBatch& batch, Batch& handed);
  void append(copybridge::stomp::Frame frame, RecordBatch& batch, Batch& handed);
  /// The header that tells a message from others, and is the same when it comes again.
  [[nodiscard]] std::string_view sent_id(const copybridge::stomp::Frame& frame) const;
  /// What the broker calls a message, also when it comes again; empty where it has no such name.
  [[nodiscard]] std::string_view broker_id(const copybridge::stomp::Frame& frame) const;
  /// Settles a message that has come again and whose fate is known.
  [[nodiscard]] bool settles_again(const copybridge::stomp::Frame& frame, const Handed& message);
  [[nodiscard]] std::string id_of(const copybridge::stomp::Frame& frame, std::string_view sent);
  [[nodiscard]] bool is_full(const RecordBatch& batch) const;
  [[nodiscard]] Answer answer(const Handed& message, Fate fate) const;

  const AdapterContext context_;
  const SourceSettings settings_;
  const std::string epoch_;  ///< of minted ids
  Subscription subscription_;
  Broker broker_ = Broker::other;
  std::deque<Batch> batches_;  ///< handed out and not settled
  RedeliveryMemory memory_;
  std::size_t records_max_ = 0;
  std::uint64_t next_token_ = 1;
  std::uint64_t minted_ = 0;
};

}  // namespace copybridge::adapters::stomp
