// Opening, the order of things in one read(), and the beginning of arrivals.
#include "adapters/file/source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include "adapters/file/scanner.h"
#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::file {

FileSource::FileSource(const AdapterContext& context, Settings settings)
    : context_(context), settings_(std::move(settings)), inbox_(settings_, context_.clock) {}

void FileSource::reset() {
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
    return fail(ErrorKind::config, "file: the adapter needs a state directory");
  }
  Result<ArrivalTable> table = ArrivalTable::open(*context_.state, context_.name);
  if (!table) return pass_on(table);
  table_ = std::move(*table);
  Result<void> ready = load();
  for (const Disposal* disposal : {&settings_.after, &settings_.on_error}) {
    if (ready) ready = make_folder(*disposal);
  }
  if (!ready) {
    reset();
    return ready;
  }
  if (settings_.watch) watcher_.start(settings_.follow);
  return {};
}

/// Takes up where the last run stopped.
Result<void> FileSource::load() {
  Result<void> forgotten = table_->forget_missing(context_.clock.wall_now());
  if (!forgotten) return forgotten;
  Result<std::vector<Arrival>> followed = table_->following();
  if (!followed) return pass_on(followed);
  Result<std::vector<Arrival>> unfinished = table_->unfinished();
  if (!unfinished) return pass_on(unfinished);
  std::set<std::filesystem::path> private_paths;
  for (Arrival& arrival : *unfinished) {
    private_paths.insert(private_path(arrival.path, arrival.number));
    ActiveFile& file = active_.emplace_back();
    file.arrival = std::move(arrival);
    file.is_recovered = true;
    file.fault = file.arrival.fault;
    file.next_number = file.arrival.checkpoint.settled + 1;
    file.read_to_end = file.arrival.stage != Stage::reading;
    file.is_checked = !needs_check_ahead(file.arrival);
  }
  restore_unknown_private_files(settings_, private_paths);
  inbox_.start(std::move(*followed));
  return {};
}

Result<ReadStatus> FileSource::read(RecordBatch& batch, Milliseconds wait) {
  if (!table_) return fail(ErrorKind::source, "file: read before open");
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
    const Milliseconds sleep = sleep_time(deadline);
    const bool was_interrupted = watcher_.wait(sleep);
    const bool is_over = was_interrupted || context_.clock.now() + sleep >= deadline;
    if (watcher_.take_changes()) inbox_.note_change();
    if (is_over) return is_dry() ? ReadStatus::dry : ReadStatus::idle;
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
  return is_stuck && outstanding_.empty() && inbox_.is_dry();
}

Milliseconds FileSource::sleep_time(SteadyTime deadline) const {
  SteadyTime until = deadline;
  if (!is_blocked_) {
    for (const ActiveFile& file : active_) {
      if (file.retry_at) until = std::min(until, *file.retry_at);
    }
    if (const auto scan = inbox_.next_scan()) until = std::min(until, *scan);
  }
  const auto time = std::chrono::ceil<Milliseconds>(until - context_.clock.now());
  return std::max(time, Milliseconds{0});
}

Result<FileSource::Step> FileSource::start(Candidate candidate) {
  Descriptor descriptor(::open(candidate.path.c_str(), kOpenFlags));
  if (!descriptor.is_open()) {
    if (errno == ENOENT) {
      inbox_.look_again(candidate);
      return Step::again;
    }
    return refuse(candidate, std::generic_category().message(errno));
  }
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse(candidate, "it is no regular file");
  }
  if (candidate.continues) return start_continued(std::move(candidate), std::move(descriptor));
  if (signature_of(status) != candidate.signature) {
    inbox_.look_again(candidate);
    return Step::again;
  }
  return start_new(std::move(candidate), std::move(descriptor));
}

Result<FileSource::Step> FileSource::refuse(const Candidate& candidate, const std::string& reason) {
  inbox_.refuse(candidate);
  return fail(ErrorKind::source,
              "file: " + printable(candidate.path) + " cannot be read: " + reason);
}

Result<FileSource::Step> FileSource::start_new(Candidate candidate, Descriptor descriptor) {
  Arrival arrival;
  arrival.path = candidate.path;
  arrival.signature = candidate.signature;
  arrival.trigger = candidate.trigger;
  arrival.checkpoint.digest = PrefixHash().digest();
  if (settings_.trailer != nullptr) arrival.checkpoint.control = settings_.trailer->save({});
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
    [[maybe_unused]] const Result<void> finished = finish_on_disk(file);
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
