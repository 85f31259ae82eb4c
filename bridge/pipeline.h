// A pipeline: one source with its routes, from read to settle.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/core/log_events.h"
#include "bridge/core/ordered_work.h"
#include "bridge/dead_letters.h"
#include "bridge/delivery.h"
#include "bridge/letter_box.h"
#include "bridge/passage.h"
#include "bridge/route.h"
#include "bridge/run_marker.h"
#include "bridge/source.h"

namespace copybridge::bridge {

struct PipelineSettings {
  std::string source;                ///< the adapter's name
  std::string event_source;          ///< CloudEvents `source` of its events
  std::filesystem::path run_marker;  ///< see RunMarker; empty: none
  /// The last of the destinations is the publisher of the dead letters.
  bool has_letter_publisher = false;
  MemoryBudget* memory = nullptr;  ///< of all sources; outlives the pipeline; null: no limit
  std::size_t window_batches = 4;
  std::size_t decode_threads = 1;
  std::uint64_t bad_in_row_max = 100;
  std::uint64_t bad_percent_max = 5;
  Milliseconds drain_limit{10'000};  ///< how long a stop waits for records under way
  Milliseconds summary_interval{60'000};
  bool until_idle = false;        ///< end when the source is dry, or waits for dead letters
  bool is_replay = false;         ///< dead letters do not wait for themselves
  Milliseconds give_up_after{0};  ///< with until_idle: an endpoint or source that is away
                                  ///< this long ends the run; 0: never
};

/// One source, its routes, its destinations. run() is the pipeline's thread.
class Pipeline {
 public:
  Pipeline(PipelineSettings settings, std::unique_ptr<adapters::Adapter> adapter,
           std::vector<Route> routes, std::vector<std::unique_ptr<Delivery>> destinations,
           DeadLetterStore dead_letters, const Clock& clock, Log& log);

  /// Runs until stopped, or until the source is dry. Returns the exit code of DESIGN section 6:
  /// 0, 2 records were dead-lettered, 3 an input's framing is broken, 4 a source or endpoint
  /// failed.
  int run();

  /// Asks for an orderly stop: drains within the limit, then hands back. The second call hands
  /// back at once. Any thread.
  void stop();

  /// Totals so far; exact once run() has returned. Of the pipeline's thread.
  [[nodiscard]] RouteTotals totals() const;

 private:
  void step();
  void take_in();
  [[nodiscard]] bool mark_read();
  [[nodiscard]] std::unique_ptr<Passage> passage_of(std::unique_ptr<adapters::RecordBatch> batch);
  void decode(std::unique_ptr<adapters::RecordBatch> batch);
  void admit(std::unique_ptr<Passage> passage);
  void owe_position(Passage& passage);
  void count_memory(Passage& passage);
  void count_read(std::uint64_t records);
  void count_replaced(const Passage::Origin& origin);
  void store_dead_letters();
  void release_keys();
  [[nodiscard]] Result<void> block_keys();
  void post_letters(Passage& passage);
  void flush();
  static void keep_here(LetterBox::Owner owner);
  void note_dead_lettered(Passage& passage, const BadRecord& bad);
  void pump();
  void apply(const publishers::Response& response);
  void conclude(const std::vector<Delivered>& done);
  [[nodiscard]] bool note_kept(const Delivered& delivered);
  void conclude_event(const Delivered& delivered);
  void settle();
  [[nodiscard]] bool is_unit_too_old() const;
  void back_out();
  void back_out_unit();
  [[nodiscard]] bool note_probe(const Passage* passage);
  void settle_one(Passage& passage);
  void note_survived();

  [[nodiscard]] RouteTotals totals_of_route(std::uint32_t route) const;
  Result<void> open();
  [[nodiscard]] bool is_finished();
  [[nodiscard]] bool is_drained() const;
  [[nodiscard]] bool is_blocked();
  void note_stop();
  void close();
  void hand_back_rest();
  void pause();
  [[nodiscard]] bool gives_up();
  [[nodiscard]] Milliseconds wait_time() const;
  DeadLetter dead_letter(const Passage& passage, const BadRecord& bad) const;
  void log_bad(const Passage& passage, const BadRecord& bad);
  void summarize(bool at_end);
  [[nodiscard]] int exit_code() const;

  const PipelineSettings settings_;
  const Clock& clock_;
  Log& log_;
  publishers::CompletionQueue completions_;
  std::vector<Route> routes_;
  std::vector<std::unique_ptr<Delivery>> destinations_;
  DeadLetterStore dead_letters_;
  LetterBox letters_;
  BadRecordWatch decode_watch_;
  BadRecordWatch endpoint_watch_;
  StorageOutage letter_storage_;
  StorageOutage marker_storage_;
  Source source_;
  OrderedWork<Passage> decoding_;  ///< bounded by the source's window

  RunMarker run_marker_;
  /// Read, and not yet marked so that anybody may look into it.
  std::unique_ptr<adapters::RecordBatch> held_;
  std::deque<std::unique_ptr<Passage>> passages_;  ///< in read order
  std::vector<std::unique_ptr<Passage>> spare_;
  std::vector<Delivered> done_;
  bool backs_out_ = false;  ///< nothing goes out; what is under way is waited for
  /// Of units that were handed back: an event of each endpoint that was not through. The source is
  /// not read before these are.
  std::vector<std::unique_ptr<Passage>> probes_;

  std::uint64_t settlements_ = 0;          ///< given to the source
  RouteTotals totals_;                     ///< per record, over all routes
  std::vector<RouteTotals> route_totals_;  ///< per record and route
  /// By mapping, what is not in a line of the log yet.
  std::map<const mapping::Mapping*, plan::Plan::Counts> replaced_;
  bool is_paused_ = false;
  bool gave_up_ = false;
  bool hand_back_failed_ = false;
  std::string last_bad_reason_;
  bool has_new_bad_ = false;  ///< since dead letters were last stored
  SteadyTime blocks_due_;
  bool is_blocked_ = false;
  std::uint64_t dead_letters_stored_ = 0;
  std::uint64_t logged_bad_ = 0;
  std::uint64_t unlogged_bad_ = 0;
  SteadyTime summary_at_;
  std::uint64_t summary_read_ = 0;

  std::atomic<int> stops_asked_{0};
  bool is_stopping_ = false;
  SteadyTime drain_until_;
};

}  // namespace copybridge::bridge
