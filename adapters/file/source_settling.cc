// Settlement, the durable checkpoint, and the end of an arrival.
#include <algorithm>
#include <utility>

#include "adapters/file/source.h"
#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::file {
namespace {

const Disposal kKeep;

void count(Fate fate, Counts& counts) {
  switch (fate) {
    case Fate::delivered:
      ++counts.delivered;
      return;
    case Fate::filtered:
      ++counts.filtered;
      return;
    case Fate::dead_lettered:
      ++counts.bad;
      return;
    case Fate::retry:
      return;
  }
}

}  // namespace

/// The arrival as it stands once a batch is settled: everything up to the first record that comes
/// back, nothing behind it.
Arrival FileSource::settled(const Outstanding& batch, const Settlement& settlement) const {
  Arrival after = batch.file->arrival;
  if (batch.file->has_gap) return after;
  const std::size_t told = std::min(batch.records, settlement.fates.size());
  std::size_t accepted = 0;
  while (accepted < told && settlement.fates[accepted] != Fate::retry) {
    count(settlement.fates[accepted++], after.counts);
  }
  after.checkpoint.settled += accepted;
  if (accepted < batch.records) return after;
  after.checkpoint.framing = batch.end.framing;
  after.checkpoint.framed = batch.end.framed;
  after.checkpoint.digest = batch.end.hash.digest();
  if (settings_.trailer != nullptr) {
    after.checkpoint.control = settings_.trailer->save(batch.end.sums);
  }
  if (batch.file->read_to_end && batch.file->outstanding == 1) close_arrival(*batch.file, after);
  return after;
}

Result<void> FileSource::settle(const Settlement& settlement) {
  if (outstanding_.empty() || outstanding_.front().token != settlement.token) {
    return fail(ErrorKind::source, std::string(store_->kind()) + ": batch " +
                                       std::to_string(settlement.token) +
                                       " is not the oldest that is unsettled");
  }
  Outstanding& batch = outstanding_.front();
  if (batch.is_notice) return settle_notice(settlement);
  ActiveFile& file = *batch.file;
  const Arrival after = settled(batch, settlement);
  if (after.checkpoint.settled > file.arrival.checkpoint.settled) {
    Result<void> stored = store(file, after);
    if (!stored) return stored;
  }
  if (file.arrival.checkpoint.settled == batch.end.framed) {
    file.settled_mark = std::move(batch.end);
  } else {
    file.has_gap = true;
  }
  --file.outstanding;
  outstanding_.pop_front();
  return {};
}

Result<void> FileSource::store(ActiveFile& file, const Arrival& arrival) {
  crash_point("before_checkpoint");
  Result<void> updated = table_->update(arrival);
  if (!updated) return updated;
  crash_point("after_checkpoint");
  file.arrival = arrival;
  return {};
}

Result<void> FileSource::settle_notice(const Settlement& settlement) {
  ActiveFile& file = *outstanding_.front().file;
  if (!settlement.fates.empty() && settlement.fates.front() != Fate::retry) {
    Arrival after = file.arrival;
    after.stage = Stage::announced;
    Result<void> stored = store(file, after);
    if (!stored) return stored;
  }
  file.notice_is_out = false;
  outstanding_.pop_front();
  return {};
}

/// Every record is settled: what is stored of the arrival from now on.
void FileSource::close_arrival(const ActiveFile& file, Arrival& arrival) const {
  arrival.fault = file.fault;
  if (file.end_signature) arrival.signature = *file.end_signature;
  const bool goes_on = settings_.follow && file.fault == Fault::none && !file.is_forgotten;
  arrival.stage = goes_on ? Stage::following : Stage::ended;
}

/// False: records came back, and what was read after them is not settled yet.
bool FileSource::rewind_gaps() {
  const auto has_gap = [](const ActiveFile& file) { return file.has_gap; };
  if (std::ranges::none_of(active_, has_gap)) return true;
  if (!outstanding_.empty()) return false;
  if (reader_file_ != nullptr) {
    reader_file_->read_mark = reader_->mark();
    close_reader();
  }
  for (ActiveFile& file : active_) {
    if (file.has_gap) file.rewind();
  }
  return true;
}

/// Takes every arrival that is settled a step further: batch for an end event, nothing where none
/// is left to do anything about.
Result<FileSource::Step> FileSource::finish_settled(RecordBatch& batch) {
  const SteadyTime now = context_.clock.now();
  for (auto it = active_.begin(); it != active_.end();) {
    ActiveFile& file = *it++;
    if (!file.is_settled() || (file.retry_at && now < *file.retry_at)) continue;
    Result<Step> step = finish(file, batch);
    if (!step || *step == Step::batch) return step;
  }
  return Step::nothing;
}

Result<FileSource::Step> FileSource::finish(ActiveFile& file, RecordBatch& batch) {
  if (file.arrival.stage == Stage::reading) {
    Arrival closed = file.arrival;
    close_arrival(file, closed);
    Result<void> updated = table_->update(closed);
    if (!updated) return pass_on(updated);
    file.arrival = closed;
  }
  if (file.arrival.stage == Stage::following) {
    inbox_.follow(file.arrival, file.verified_in);
    drop(file);
    return Step::again;
  }
  if (settings_.end_event && file.arrival.stage == Stage::ended) {
    if (outstanding_.size() >= settings_.batches_in_flight_max) return Step::nothing;
    make_notice(file, batch);
    return Step::batch;
  }
  const Result<bool> finished = finish_in_store(file);
  if (!finished) return pass_on(finished);
  return *finished ? Step::again : Step::nothing;
}

void FileSource::make_notice(ActiveFile& file, RecordBatch& batch) {
  const Arrival& arrival = file.arrival;
  const bool is_whole = arrival.fault == Fault::none;
  std::string text = R"({"file":)";
  append_json_string(text, printable(arrival.path));
  const auto add = [&](const char* name, std::uint64_t value) {
    text += std::string(",\"") + name + "\":" + std::to_string(value);
  };
  add("arrival", arrival.number);
  text += std::string(R"(,"complete":)") + (is_whole ? "true" : "false");
  add("read", arrival.checkpoint.settled);
  add("delivered", arrival.counts.delivered);
  add("filtered", arrival.counts.filtered);
  add("bad", arrival.counts.bad);
  text += "}";
  batch.bytes.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  batch.records = {{0, static_cast<std::uint32_t>(text.size())}};
  const std::string number = std::to_string(arrival.number);
  batch.id_prefix = context_.name + "/" + number + "/";
  batch.ids = {batch.id_prefix + "end"};
  batch.time_ms = arrival.signature.mtime_ns / 1'000'000;
  batch.attributes = {{"file", printable(arrival.path)}, {"arrival", number}};
  batch.is_notice = true;
  batch.notice_type = is_whole ? "copybridge.file.ended" : "copybridge.file.failed";
  batch.token = next_token_++;
  outstanding_.push_back({batch.token, &file, 1, true, {}});
  file.notice_is_out = true;
}

const Disposal& FileSource::disposal_of(const Arrival& arrival) const {
  switch (arrival.fault) {
    case Fault::none:
      return settings_.after;
    case Fault::broken:
    case Fault::trailer:
      return settings_.on_error;
    case Fault::changed:
      return kKeep;
  }
  return kKeep;
}

/// The last steps: the log line, then the file, then its row. False: the store is at it.
Result<bool> FileSource::finish_in_store(ActiveFile& file) {
  const bool is_kept = disposal_of(file.arrival).kind == Disposal::Kind::keep;
  if (file.arrival.stage == Stage::finishing) return put_in_place(file);
  crash_point("before_file_done");
  Arrival after = file.arrival;
  after.stage = is_kept ? Stage::done : Stage::finishing;
  Result<void> stored = file.is_forgotten ? table_->remove(after.number) : table_->update(after);
  if (!stored) return pass_on(stored);
  log_ended(after);
  file.arrival = after;
  if (!is_kept && !file.is_forgotten) return put_in_place(file);
  drop(file);
  return true;
}

/// Moves, deletes or gives back the file.
Result<bool> FileSource::put_in_place(ActiveFile& file) {
  const Disposal& disposal = disposal_of(file.arrival);
  const Pending<Finished> finished = store_->finish(file.arrival, disposal);
  if (!finished) {
    file.retry_at = context_.clock.now() + kRetryAfter;
    return pass_on(finished);
  }
  if (!*finished) return false;
  const Result<void> put = put_away(file, **finished, disposal.kind == Disposal::Kind::keep);
  if (!put) return pass_on(put);
  return true;
}

/// Stores what is to be known of a file that was finished, or that has changed instead.
Result<void> FileSource::put_away(ActiveFile& file, const Finished& finished, bool is_kept) {
  const bool has_changed = !finished.change.empty();
  Arrival after = file.arrival;
  after.stage = Stage::done;
  // A file that changed since it was read to its end waits for one more change; where that was
  // in an earlier run it may be a whole new file, and is read.
  const bool is_same_file = finished.now && finished.now->inode == after.signature.inode;
  if (has_changed && is_same_file) after.signature = *finished.now;
  const bool is_known = has_changed ? is_same_file && !file.is_recovered : is_kept;
  Result<void> stored = is_known ? table_->update(after) : table_->remove(after.number);
  if (!stored) return stored;
  drop(file);
  if (!has_changed) return {};
  inbox_.note_change();
  exit_code_ = std::max(exit_code_, exit_code(ErrorKind::framing));
  log_file_changed(context_.log, context_.name, printable(after.path), finished.change);
  return fail(ErrorKind::framing, named(after.path) + finished.change);
}

void FileSource::log_ended(const Arrival& arrival) {
  FileTotals totals;
  totals.path = printable(arrival.path);
  totals.arrival = arrival.number;
  totals.read = arrival.checkpoint.settled;
  totals.delivered = arrival.counts.delivered;
  totals.filtered = arrival.counts.filtered;
  totals.bad = arrival.counts.bad;
  if (settings_.trailer != nullptr) {
    totals.control_totals =
        settings_.trailer->describe(settings_.trailer->load(arrival.checkpoint.control));
  }
  log_file_ended(context_.log, context_.name, totals);
}

void FileSource::drop(const ActiveFile& file) {
  store_->forget(file.arrival);
  inbox_.note_finished(file.arrival.path);
  active_.remove_if([&](const ActiveFile& other) { return &other == &file; });
}

}  // namespace copybridge::adapters::file
