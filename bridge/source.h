// The source thread: owns an adapter, reads ahead within a window and settles in read order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/core/memory_budget.h"
#include "bridge/outage.h"

namespace copybridge::bridge {

/// Everything the adapter does happens on this object's thread. The pipeline's thread takes
/// batches and gives settlements.
class Source {
 public:
  /// `wake` is called from the source's thread when there is something to take. Where there is a
  /// memory budget, the first batch is read in any case, further ones as far as it has room.
  Source(std::string name, std::unique_ptr<adapters::Adapter> adapter, std::size_t window,
         const Clock& clock, Log& log, std::function<void()> wake, MemoryBudget* memory = nullptr);
  /// The window is that many bytes of memory where that is more: for destinations that collect.
  /// Before start().
  void widen(std::size_t memory_bytes) { window_memory_ = std::max(window_memory_, memory_bytes); }
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Opens the adapter on the calling thread, once, and starts the thread. A source that is away
  /// is tried again by the thread; only ErrorKind::config is returned.
  Result<void> start();

  /// The next batch in read order; null where none is there.
  [[nodiscard]] std::unique_ptr<adapters::RecordBatch> take();
  /// Gives a batch's settlement, in read order.
  void settle(adapters::Settlement settlement);
  /// How many settlements the source has durably.
  [[nodiscard]] std::uint64_t settled() const;
  /// Those among them, by number, of which it may not have: their records may come again. Each is
  /// told once.
  [[nodiscard]] std::vector<std::uint64_t> take_doubtful();
  /// What a batch that was taken needs in memory with the events made of it; later ones are
  /// expected to need as much.
  void note_memory(adapters::RecordBatch& batch, std::size_t bytes);
  /// See Adapter. These two pass the call on from any thread, until finish().
  [[nodiscard]] bool gives_positions() const { return adapter_->gives_positions(); }
  [[nodiscard]] std::optional<std::string> position_after(std::uint64_t token,
                                                          std::size_t records) {
    return adapter_->position_after(token, records);
  }
  void take_back() { adapter_->take_back(); }
  /// Gives a batch's buffers back.
  void recycle(std::unique_ptr<adapters::RecordBatch> batch);

  /// One record at a time, each settled before the next is read; or as usual again.
  void read_units_of_one(bool is_wanted);
  /// No reads for the time being; what was read is still settled.
  void hold_reading(bool is_wanted);
  /// How long a batch may be unsettled because of an endpoint; 0: for ever.
  [[nodiscard]] Milliseconds unit_age_max() const { return unit_age_max_; }
  /// No further reads; what was read is still settled.
  void stop_reading();
  /// Waits until every settlement given is with the source, or `until`; then hands back the rest
  /// and ends the thread. False where a settlement did not get through.
  bool finish(SteadyTime until);
  /// Brings the end of a finish() that is under way or still to come forward. Any thread.
  void hurry(SteadyTime until);

  /// Whether the adapter has said that nothing is left, and no batch has come since.
  [[nodiscard]] bool is_dry() const;
  /// Whether no batch will come before one is settled, or the source gets something new.
  [[nodiscard]] bool has_no_more() const;
  /// Whether no batch will come before one is settled.
  [[nodiscard]] bool is_held_up() const;
  [[nodiscard]] adapters::SourceStatus status() const;
  /// Whether the source cannot be read or settled at the moment, and since when.
  [[nodiscard]] bool is_lost(SteadyTime& since) const;

 private:
  void run();
  bool try_open();
  void settle_waiting();
  void read_next();
  void read_failed(const Error& error);
  /// `fails`: which of reading and settling it is.
  void note_lost(bool& fails, const Error& error);
  void note_found(bool& fails);
  [[nodiscard]] bool window_is_open() const;
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool must_end() const;
  [[nodiscard]] std::size_t records_max() const;
  std::unique_ptr<adapters::RecordBatch> spare_batch();
  void wait(Milliseconds at_most);
  void wait_back_off();

  const std::string name_;
  std::unique_ptr<adapters::Adapter> adapter_;
  const std::size_t batches_max_;  ///< that the adapter can have out
  const std::size_t window_;
  std::size_t window_memory_ = 0;
  const Milliseconds unit_age_max_;
  const Clock& clock_;
  Log& log_;
  const std::function<void()> wake_;
  MemoryBudget* const memory_;

  // Of the source's thread alone.
  bool is_open_ = false;
  bool reading_fails_ = false;
  bool settling_fails_ = false;
  Outage outage_;
  bool is_source_logged_ = false;   ///< in this outage
  bool is_storage_logged_ = false;  ///< likewise

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<adapters::RecordBatch>> ready_;
  std::deque<adapters::Settlement> settlements_;
  std::vector<std::unique_ptr<adapters::RecordBatch>> spare_;
  std::uint64_t settled_ = 0;  ///< settlements that the source has
  std::vector<std::uint64_t> doubtful_;
  std::size_t batch_memory_ = 0;      ///< of the newest batch
  std::size_t held_memory_ = 0;       ///< of all that are out
  std::size_t memory_percent_ = 800;  ///< of a batch's bytes; a guess until one is known
  std::size_t unsettled_ = 0;         ///< batches read and not settled at the source
  bool reads_units_of_one_ = false;
  bool holds_reading_ = false;
  bool stop_reading_ = false;
  bool finishing_ = false;
  SteadyTime finish_until_ = SteadyTime::max();
  bool is_dry_ = false;
  std::size_t idle_reads_ = 0;  ///< that gave nothing, one after another, since a settlement
  bool is_lost_ = false;
  SteadyTime lost_at_;
  adapters::SourceStatus status_;
  std::thread thread_;
};

}  // namespace copybridge::bridge
