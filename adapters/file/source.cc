// Opening, the order of things in one read(), and the beginning of arrivals.
#include "adapters/file/source.h"

#include <algorithm>
#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::file {

FileSource::FileSource(const AdapterContext& context, Settings settings,
                       std::unique_ptr<Store> store)
    : context_(context),
      settings_(std::move(settings)),
      store_(std::move(store)),
      inbox_(settings_, *store_, context_.clock) {}

void FileSource::reset() {
  store_->close();
  close_reader();
  outstanding_.clear();
  active_.clear();
  table_.reset();
  watcher_.stop();
  inbox_.start({});
}

Result<void> FileSource::open() {
  reset();
  if (context_.state == nullptr) {
    return fail(ErrorKind::config,
                std::string(store_->kind()) + ": the adapter needs a state directory");
  }
  Result<ArrivalTable> table = ArrivalTable::open(*context_.state, context_.name);
  if (!table) return pass_on(table);
  table_ = std::move(*table);
  Result<void> ready = load();
  if (!ready) {
    reset();
    return ready;
  }
  if (settings_.watch) watcher_.start(settings_.follow);
  return {};
}

/// Takes up where the last run stopped. What is not at hand is only known by its first listing.
Result<void> FileSource::load() {
  if (store_->is_at_hand()) {
    Result<void> forgotten = table_->forget_missing(
        context_.clock.wall_now(), [this](const auto& path) { return store_->is_missing(path); });
    if (!forgotten) return forgotten;
  }
  Result<std::vector<Arrival>> followed = table_->following();
  if (!followed) return pass_on(followed);
  Result<std::vector<Arrival>> unfinished = table_->unfinished();
  if (!unfinished) return pass_on(unfinished);
  Result<void> opened =
      store_->open(*context_.state, *unfinished, [this] { watcher_.interrupt(); });
  if (!opened) return opened;
  for (Arrival& arrival : *unfinished) {
    ActiveFile& file = active_.emplace_back();
    file.arrival = std::move(arrival);
    file.is_recovered = true;
    file.fault = file.arrival.fault;
    file.next_number = file.arrival.checkpoint.settled + 1;
    file.read_to_end = file.arrival.stage != Stage::reading;
    file.is_checked = !needs_check_ahead(file.arrival);
  }
  inbox_.start(std::move(*followed));
  return {};
}

Result<ReadStatus> FileSource::read(RecordBatch& batch, Milliseconds wait) {
  if (!table_) return fail(ErrorKind::source, std::string(store_->kind()) + ": read before open");
  const SteadyTime deadline = context_.clock.now() + wait;
  while (true) {
    batch.reset();
    const Result<Step> step = advance(batch);
    if (!step) return pass_on(step);
    if (*step == Step::batch) return ReadStatus::batch;
    if (*step == Step::again) continue;
    if (*step == Step::working && context_.clock.now() < deadline) {
      if (watcher_.take_interruption()) return ReadStatus::idle;
      continue;
    }
    if (*step == Step::working) return ReadStatus::idle;
    if (has_ended()) return dry_or(ReadStatus::ended);
    const Milliseconds sleep = sleep_time(deadline);
    const bool was_interrupted = watcher_.wait(sleep);
    const bool is_over = was_interrupted || context_.clock.now() + sleep >= deadline;
    if (watcher_.take_changes()) inbox_.note_change();
    if (is_over && store_->is_busy() && store_->trouble()) {
      return tl::make_unexpected(*store_->trouble());
    }
    if (is_over) return dry_or(ReadStatus::idle);
  }
}

Result<FileSource::Step> FileSource::advance(RecordBatch& batch) {
  is_blocked_ = true;
  if (!rewind_gaps()) return Step::nothing;
  Result<Step> finished = finish_settled(batch);
  if (!finished || *finished != Step::nothing) return finished;
  if (outstanding_.size() >= settings_.batches_in_flight_max) return Step::nothing;
  is_blocked_ = false;
  if (ActiveFile* file = first_unread()) return read_from(*file, batch);
  return look_for_files();
}

/// What was handed out before was verified before.
bool FileSource::needs_check_ahead(const Arrival& arrival) const {
  return settings_.trailer != nullptr && settings_.trailer->is_first() &&
         arrival.checkpoint.settled == 0;
}

ActiveFile* FileSource::first_unread() {
  const SteadyTime now = context_.clock.now();
  for (ActiveFile& file : active_) {
    if (file.read_to_end || (file.retry_at && now < *file.retry_at)) continue;
    return &file;
  }
  return nullptr;
}

Result<FileSource::Step> FileSource::look_for_files() {
  if (std::optional<Candidate> candidate = inbox_.take()) return start(std::move(*candidate));
  if (watcher_.take_changes()) inbox_.note_change();
  PathSet busy;
  for (const ActiveFile& file : active_) busy.insert(file.arrival.path.native());
  const Result<void> scanned = inbox_.scan(*table_, watcher_, busy);
  if (!scanned) return pass_on(scanned);
  std::vector<Arrival> ended = inbox_.take_ended();
  for (Arrival& arrival : ended) end_followed(std::move(arrival));
  return inbox_.files() > 0 || !ended.empty() ? Step::again : Step::nothing;
}

/// Files that cannot be read or moved do not keep the source from being dry: status() tells.
bool FileSource::is_dry() const {
  const bool is_stuck = std::ranges::all_of(
      active_, [](const ActiveFile& file) { return file.retry_at.has_value(); });
  return is_stuck && outstanding_.empty() && inbox_.is_dry() && !store_->is_busy();
}

/// Where no more files are waited for: all are read to their end.
bool FileSource::has_ended() const {
  return !settings_.watch && !is_blocked_ && !store_->is_busy() && inbox_.is_dry() &&
         std::ranges::all_of(active_, &ActiveFile::read_to_end);
}

Milliseconds FileSource::sleep_time(SteadyTime deadline) const {
  SteadyTime until = deadline;
  // What a busy store is asked for is due, and not there before it wakes the source.
  if (!is_blocked_ && !store_->is_busy()) {
    for (const ActiveFile& file : active_) {
      if (file.retry_at) until = std::min(until, *file.retry_at);
    }
    if (const auto scan = inbox_.next_scan()) until = std::min(until, *scan);
  }
  const auto time = std::chrono::ceil<Milliseconds>(until - context_.clock.now());
  return std::max(time, Milliseconds{0});
}

Result<FileSource::Step> FileSource::start(Candidate candidate) {
  if (!store_->is_at_hand()) return start_new(std::move(candidate), Descriptor());
  Pending<OpenedFile> answer = store_->open_file(new_arrival(candidate));
  if (!answer) {
    inbox_.refuse(candidate);
    return pass_on(answer);
  }
  OpenedFile& opened = **answer;
  if (opened.descriptor.is_open() && candidate.continues) {
    return start_continued(std::move(candidate), std::move(opened.descriptor));
  }
  if (!opened.descriptor.is_open() || opened.signature != candidate.signature) {
    inbox_.look_again(candidate);
    return Step::again;
  }
  return start_new(std::move(candidate), std::move(opened.descriptor));
}

Arrival FileSource::new_arrival(const Candidate& candidate) const {
  Arrival arrival;
  arrival.path = candidate.path;
  arrival.signature = candidate.signature;
  arrival.trigger = candidate.trigger;
  arrival.checkpoint.digest = PrefixHash().digest();
  if (settings_.trailer != nullptr) arrival.checkpoint.control = settings_.trailer->save({});
  return arrival;
}

Result<FileSource::Step> FileSource::start_new(Candidate candidate, Descriptor descriptor) {
  Arrival arrival = new_arrival(candidate);
  const Result<void> inserted = table_->insert(arrival);
  if (!inserted) {
    inbox_.put_back(std::move(candidate));
    return pass_on(inserted);
  }
  crash_point("arrival_synced");
  log_file_started(context_.log, context_.name, printable(arrival.path), arrival.number, 1);
  ActiveFile& file = active_.emplace_back();
  file.arrival = std::move(arrival);
  file.settled_mark.emplace();
  file.read_mark.emplace();
  file.is_checked = !needs_check_ahead(file.arrival);
  if (!descriptor.is_open()) return Step::again;
  const Result<bool> opened = open_reader(file, std::move(descriptor));
  if (opened) return Step::again;
  try_later(file);
  return pass_on(opened);
}

/// A followed file has grown: it goes on where it begins as before, otherwise it is a new arrival
/// and the old one has ended.
Result<FileSource::Step> FileSource::start_continued(Candidate candidate, Descriptor descriptor) {
  ActiveFile file;
  file.arrival = *candidate.continues;
  file.arrival.stage = Stage::reading;
  file.next_number = file.arrival.checkpoint.settled + 1;
  active_.push_back(std::move(file));
  ActiveFile& added = active_.back();
  const Result<bool> opened = open_reader(added, std::move(descriptor));
  if (!opened) {
    try_later(added);
    return pass_on(opened);
  }
  if (*opened) return Step::again;
  active_.pop_back();
  end_followed(*std::exchange(candidate.continues, std::nullopt));
  inbox_.put_back(std::move(candidate));
  return Step::again;
}

void FileSource::end_followed(Arrival arrival) {
  ActiveFile& file = active_.emplace_back();
  file.arrival = std::move(arrival);
  file.arrival.stage = Stage::ended;
  file.read_to_end = true;
  file.is_forgotten = true;
}

void FileSource::close() {
  if (!table_) return;
  // What is settled is finished as far as it goes; the rest is taken up by the next run.
  for (auto it = active_.begin(); it != active_.end();) {
    ActiveFile& file = *it++;
    const bool needs_notice = settings_.end_event && file.arrival.stage < Stage::announced;
    if (!file.is_settled() || needs_notice || file.arrival.stage < Stage::ended) continue;
    [[maybe_unused]] const Result<bool> finished = finish_in_store(file);
  }
  reset();
}

SourceStatus FileSource::status() const {
  std::size_t files = inbox_.files();
  std::uint64_t bytes = inbox_.bytes();
  bool is_stuck = inbox_.has_refused();
  for (const ActiveFile& file : active_) {
    if (!file.read_to_end) ++files;
    if (&file == reader_file_) bytes += reader_->bytes_left();
    is_stuck = is_stuck || file.retry_at.has_value();
  }
  SourceStatus status;
  status.lag = std::to_string(files) + " files, " + std::to_string(bytes) + " bytes";
  status.exit_code = is_stuck ? std::max(exit_code_, exit_code(ErrorKind::source)) : exit_code_;
  return status;
}

}  // namespace copybridge::adapters::file
