// Reading of the file that is under way, and everything that can be wrong with it.
#include <algorithm>
#include <utility>

#include "adapters/file/source.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::file {
namespace {

constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

}  // namespace

Result<FileSource::Step> FileSource::read_from(ActiveFile& file, RecordBatch& batch) {
  if (reader_file_ != &file) {
    const Result<bool> opened = reopen(file);
    if (!opened) return pass_on(opened);
    if (!*opened) return Step::nothing;
    if (file.read_to_end) return Step::again;
  }
  if (!file.is_checked) return check_ahead(file, batch);
  reader_->limit_records(records_max_);
  const Result<ReadOutcome> outcome = reader_->next(batch);
  if (!outcome) return reading_failed(file, outcome.error());
  file.retry_at.reset();
  if (*outcome == ReadOutcome::end) return end_reached(file);
  return hand_out(file, batch);
}

/// Opens the file of an arrival that was begun before; false where it is on its way.
Result<bool> FileSource::reopen(ActiveFile& file) {
  close_reader();
  Pending<OpenedFile> answer = store_->open_file(file.arrival);
  if (!answer) {
    try_later(file);
    return pass_on(answer);
  }
  if (!*answer) return false;
  if (!(*answer)->descriptor.is_open()) {
    return replaced(file, "it was removed before all of it was settled");
  }
  const Result<void> opened = reopen_with(file, std::move(**answer));
  if (!opened) return pass_on(opened);
  return true;
}

Result<void> FileSource::reopen_with(ActiveFile& file, OpenedFile opened_file) {
  if (!opened_file.change.empty() && !settings_.follow) return replaced(file, opened_file.change);
  const bool is_first = !file.settled_mark;
  const Result<bool> opened = open_reader(file, std::move(opened_file.descriptor));
  if (!opened) {
    try_later(file);
    return pass_on(opened);
  }
  if (!*opened) return replaced(file, "what was read before is not there any more");
  if (is_first) {
    log_file_started(context_.log, context_.name, printable(file.arrival.path), file.arrival.number,
                     file.next_number);
  }
  return {};
}

/// False: the file does not begin with what was processed.
Result<bool> FileSource::open_reader(ActiveFile& file, Descriptor descriptor) {
  const ReaderLimits limits{settings_.batch_records_max, settings_.batch_bytes_max,
                            settings_.follow, settings_.trailer.get()};
  Result<std::unique_ptr<FileReader>> reader = FileReader::open(
      std::move(descriptor), printable(file.arrival.path), settings_.framing, limits);
  if (!reader) return pass_on(reader);
  if (file.read_mark) {
    const Result<void> moved = (*reader)->go_to(*file.read_mark);
    if (!moved) return pass_on(moved);
  } else {
    const SteadyTime begin = context_.clock.now();
    Result<bool> is_same = (*reader)->go_to(file.arrival.checkpoint);
    if (!is_same || !*is_same) return is_same;
    file.verified_in = context_.clock.now() - begin;
    file.settled_mark = (*reader)->mark();
  }
  reader_ = std::move(*reader);
  reader_file_ = &file;
  return true;
}

void FileSource::close_reader() {
  reader_.reset();
  reader_file_ = nullptr;
}

/// Reads a piece of the file for its trailer alone; at the end, back to the start.
Result<FileSource::Step> FileSource::check_ahead(ActiveFile& file, RecordBatch& batch) {
  const Result<ReadOutcome> outcome = reader_->next(batch);
  if (!outcome) return reading_failed(file, outcome.error());
  if (*outcome == ReadOutcome::records) return Step::working;
  const std::string change = change_of(file);
  if (!change.empty()) return give_up(file, Fault::changed, change);
  const std::string mismatch = trailer_mismatch();
  if (!mismatch.empty()) return give_up(file, Fault::trailer, mismatch);
  file.is_checked = true;
  file.read_mark.emplace();
  close_reader();
  return Step::again;
}

std::string FileSource::trailer_mismatch() const {
  return settings_.trailer == nullptr ? "" : settings_.trailer->mismatch(reader_->mark().sums);
}

FileSource::Step FileSource::hand_out(ActiveFile& file, RecordBatch& batch) {
  // Records before a gap, or before a stop within a batch, are settled already.
  const std::uint64_t first = reader_->mark().framed - batch.records.size() + 1;
  const std::uint64_t skipped =
      std::min<std::uint64_t>(file.next_number - first, batch.records.size());
  batch.records.erase(batch.records.begin(),
                      batch.records.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (batch.records.empty()) return Step::again;
  const Arrival& arrival = file.arrival;
  const std::string number = std::to_string(arrival.number);
  batch.id_prefix = context_.name + "/" + number + "/";
  batch.first_number = file.next_number;
  batch.time_ms = arrival.signature.mtime_ns / kNanosecondsPerMillisecond;
  batch.attributes = {{"file", printable(arrival.path)}, {"arrival", number}};
  batch.token = next_token_++;
  outstanding_.push_back({batch.token, &file, batch.records.size(), false, reader_->mark()});
  ++file.outstanding;
  file.next_number += batch.records.size();
  // Seen now, the end is stored together with the settlement of this batch.
  if (reader_->is_at_end() && change_of(file).empty() && trailer_mismatch().empty()) {
    note_end(file);
  }
  return Step::batch;
}

Result<FileSource::Step> FileSource::reading_failed(ActiveFile& file, const Error& error) {
  if (error.kind == ErrorKind::framing) {
    const std::string change = change_of(file);
    if (change.empty()) return give_up(file, Fault::broken, error.message);
    return give_up(file, Fault::changed, change);
  }
  file.read_mark = reader_->mark();
  close_reader();
  try_later(file);
  return tl::make_unexpected(error);
}

Result<FileSource::Step> FileSource::end_reached(ActiveFile& file) {
  const std::string change = change_of(file);
  if (!change.empty()) return give_up(file, Fault::changed, change);
  const std::string mismatch = trailer_mismatch();
  if (!mismatch.empty()) return give_up(file, Fault::trailer, mismatch);
  note_end(file);
  return Step::again;
}

void FileSource::note_end(ActiveFile& file) {
  file.read_to_end = true;
  file.fault = Fault::none;
  if (settings_.follow) {
    // Bytes that came after the last look are growth.
    file.end_signature = reader_->signature();
    file.end_signature->size = reader_->bytes_read();
  }
  close_reader();
}

/// How the file is not the one that was begun; empty where it is. A followed file may change.
std::string FileSource::change_of(const ActiveFile& file) const {
  return settings_.follow ? "" : store_->change_of(file.arrival, reader_->signature());
}

/// For messages.
std::string FileSource::named(const std::filesystem::path& path) const {
  return std::string(store_->kind()) + ": " + printable(path) + ": ";
}

/// Nothing more is read of this arrival; what was read before is settled as usual.
tl::unexpected<Error> FileSource::give_up(ActiveFile& file, Fault fault,
                                          const std::string& reason) {
  const std::string path = printable(file.arrival.path);
  const bool is_news = file.fault != fault;
  file.fault = fault;
  file.read_to_end = true;
  if (fault == Fault::changed && reader_file_ == &file) {
    const Signature now = reader_->signature();
    if (now.inode == file.arrival.signature.inode) file.end_signature = now;
  }
  if (fault == Fault::changed) inbox_.note_change();
  if (reader_file_ == &file) close_reader();
  exit_code_ = std::max(exit_code_, exit_code(ErrorKind::framing));
  if (is_news && fault == Fault::changed) {
    log_file_changed(context_.log, context_.name, path, reason);
  } else if (is_news && fault == Fault::trailer) {
    log_trailer_mismatch(context_.log, context_.name, path, reason);
  } else if (is_news) {
    const Disposal& disposal = settings_.on_error;
    const bool is_moved = disposal.kind == Disposal::Kind::move;
    log_file_broken(context_.log, context_.name, path, reason,
                    is_moved ? printable(disposal.directory) : "kept");
  }
  return fail(ErrorKind::framing, named(file.arrival.path) + reason);
}

/// What was begun is not there any more; what lies under its name is read as a new arrival.
tl::unexpected<Error> FileSource::replaced(ActiveFile& file, const std::string& reason) {
  file.is_forgotten = true;
  return give_up(file, Fault::changed, reason);
}

void FileSource::try_later(ActiveFile& file) { file.retry_at = context_.clock.now() + kRetryAfter; }

}  // namespace copybridge::adapters::file
