// The adapter itself: one connection, one unit of work, one batch in flight.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/adapter.h"
#include "adapters/ibm_mq/connection.h"
#include "adapters/ibm_mq/headers.h"
#include "adapters/ibm_mq/message.h"
#include "adapters/ibm_mq/settings.h"
#include "adapters/ibm_mq/unit_of_work.h"

namespace copybridge::adapters::ibm_mq {

/// See adapters::Adapter for the contract of the public methods.
class QueueSource final : public Adapter {
 public:
  QueueSource(const AdapterContext& context, SourceSettings settings);

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { is_interrupted_ = true; }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 1; }
  [[nodiscard]] Milliseconds unit_age_max() const override { return settings_.unit_age_max; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  // queue_source.cc: the connection, and messages into a batch.
  void inquire_queue();
  void note_depth();
  void let_go();
  Result<ReadStatus> read_unit(RecordBatch& batch, Milliseconds wait);
  Result<bool> get_first(Milliseconds wait);
  Outcome get(Milliseconds wait);
  void keep_got(const mqi::MQMD& descriptor, std::size_t at, std::size_t size);
  Result<void> fill();
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] Result<void> end_of_unit(mqi::Long reason);
  bool hand_out(RecordBatch& batch);
  [[nodiscard]] mqi::Long get_options() const;

  // message_records.cc: a message's headers and records.
  FieldSet append_common(RecordBatch& batch);
  void append_message(UnitMessage& message, FieldSet own, RecordBatch& batch);
  std::string append_records(ByteView payload, RecordBatch& batch);
  bool is_delivered_before(const UnitMessage& message) const;

  // queue_settling.cc: what became of the unit.
  void back_out();
  [[nodiscard]] Result<void> move_dead_letters(const Settlement& settlement);
  [[nodiscard]] Result<void> move(const UnitMessage& message);
  [[nodiscard]] Result<void> open_backout_queue();
  [[nodiscard]] Result<void> commit();
  void remember(const Settlement& settlement);
  void forget_committed();

  const AdapterContext context_;
  const SourceSettings settings_;
  Connection connection_;
  OpenQueue queue_;
  OpenQueue inquired_;
  OpenQueue backout_queue_;
  std::string backout_queue_name_;  ///< empty: dead letters are kept in the state alone

  UnitOfWork unit_;
  std::size_t buffer_size_;
  bool is_in_group_ = false;  ///< the last message got has successors that belong to it
  std::unique_ptr<framing::Framer> framer_;
  CodePages pages_;
  /// Messages of units that were lost after their records had been delivered, with the backout
  /// count they had: when they come again with a higher one they are committed, not handed out.
  std::unordered_map<std::string, mqi::Long> delivered_;
  SteadyTime remembered_at_;

  std::atomic<bool> is_interrupted_{false};
  std::size_t records_max_ = 0;        ///< of a batch, as it was told last
  std::size_t units_of_one_left_ = 0;  ///< after a unit was backed out
  std::size_t syncpoint_max_;          ///< messages; lowered where the queue manager says so
  std::uint64_t next_token_ = 1;
  std::uint64_t settlements_in_doubt_ = 0;
  std::optional<mqi::Long> depth_;
  SteadyTime depth_at_;
};

}  // namespace copybridge::adapters::ibm_mq
