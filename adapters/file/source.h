// The adapter itself: reads arrivals one after another, settles them in the state, finishes them.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "adapters/adapter.h"
#include "adapters/file/active_file.h"
#include "adapters/file/arrivals.h"
#include "adapters/file/inbox.h"
#include "adapters/file/settings.h"
#include "adapters/file/store.h"
#include "adapters/file/watcher.h"

namespace copybridge::adapters::file {

/// See adapters::Adapter for the contract of the public methods.
class FileSource final : public Adapter {
 public:
  FileSource(const AdapterContext& context, Settings settings, std::unique_ptr<Store> store);

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { watcher_.interrupt(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return settings_.batches_in_flight_max;
  }
  [[nodiscard]] SourceStatus status() const override;

 private:
  /// A batch that is read and not settled.
  struct Outstanding {
    std::uint64_t token = 0;
    ActiveFile* file = nullptr;
    std::size_t records = 0;
    bool is_notice = false;
    Mark end;  ///< of a batch of records
  };
  enum class Step : std::uint8_t {
    batch,
    again,
    working,  ///< as again, after something that may be long: an interruption ends the read
    nothing
  };

  // source.cc: opening, the order of things, new files.
  void reset();
  Result<void> load();
  Result<Step> advance(RecordBatch& batch);
  [[nodiscard]] bool needs_check_ahead(const Arrival& arrival) const;
  ActiveFile* first_unread();
  Result<Step> look_for_files();
  [[nodiscard]] bool is_dry() const;
  [[nodiscard]] bool has_ended() const;
  [[nodiscard]] ReadStatus dry_or(ReadStatus other) const {
    return is_dry() ? ReadStatus::dry : other;
  }
  [[nodiscard]] Milliseconds sleep_time(SteadyTime deadline) const;
  Result<Step> start(Candidate candidate);
  Result<Step> start_new(Candidate candidate, Descriptor descriptor);
  Result<Step> start_continued(Candidate candidate, Descriptor descriptor);
  [[nodiscard]] Arrival new_arrival(const Candidate& candidate) const;
  void end_followed(Arrival arrival);

  // source_reading.cc: records out of the file that is being read.
  Result<Step> read_from(ActiveFile& file, RecordBatch& batch);
  Result<bool> reopen(ActiveFile& file);
  Result<void> reopen_with(ActiveFile& file, OpenedFile opened);
  Result<bool> open_reader(ActiveFile& file, Descriptor descriptor);
  void close_reader();
  Result<Step> check_ahead(ActiveFile& file, RecordBatch& batch);
  Step hand_out(ActiveFile& file, RecordBatch& batch);
  Result<Step> reading_failed(ActiveFile& file, const Error& error);
  Result<Step> end_reached(ActiveFile& file);
  void note_end(ActiveFile& file);
  [[nodiscard]] std::string trailer_mismatch() const;
  [[nodiscard]] std::string change_of(const ActiveFile& file) const;
  [[nodiscard]] std::string named(const std::filesystem::path& path) const;
  tl::unexpected<Error> give_up(ActiveFile& file, Fault fault, const std::string& reason);
  tl::unexpected<Error> replaced(ActiveFile& file, const std::string& reason);
  void try_later(ActiveFile& file);

  // source_settling.cc: what became of the records, and then of the file.
  bool rewind_gaps();
  [[nodiscard]] Arrival settled(const Outstanding& batch, const Settlement& settlement) const;
  Result<void> store(ActiveFile& file, const Arrival& arrival);
  Result<void> settle_notice(const Settlement& settlement);
  void close_arrival(const ActiveFile& file, Arrival& arrival) const;
  Result<Step> finish_settled(RecordBatch& batch);
  Result<Step> finish(ActiveFile& file, RecordBatch& batch);
  void make_notice(ActiveFile& file, RecordBatch& batch);
  Result<bool> finish_in_store(ActiveFile& file);
  Result<bool> put_in_place(ActiveFile& file);
  Result<void> put_away(ActiveFile& file, const Finished& finished, bool is_kept);
  [[nodiscard]] const Disposal& disposal_of(const Arrival& arrival) const;
  void log_ended(const Arrival& arrival);
  void drop(const ActiveFile& file);

  const AdapterContext context_;
  const Settings settings_;
  const std::unique_ptr<Store> store_;
  Watcher watcher_;
  Inbox inbox_;
  std::optional<ArrivalTable> table_;
  std::list<ActiveFile> active_;  ///< in the order they are read
  std::deque<Outstanding> outstanding_;
  std::unique_ptr<FileReader> reader_;
  ActiveFile* reader_file_ = nullptr;
  bool is_blocked_ = false;  ///< only a settlement can bring the next batch
  std::uint64_t next_token_ = 1;
  std::size_t records_max_ = 0;  ///< of a batch, as it was told last
  int exit_code_ = 0;
};

}  // namespace copybridge::adapters::file
