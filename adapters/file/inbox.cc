// The decision about each listed file.
#include "adapters/file/inbox.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace copybridge::adapters::file {
namespace {

/// Listings take at most a fifth of the time, however often a folder changes.
constexpr int kScanRestFactor = 4;
constexpr Milliseconds kScanRestMin{10};
/// Comparing the prefix of a followed file takes at most a tenth of the time.
constexpr int kVerifyRestFactor = 10;

void set_earlier(std::optional<SteadyTime>& time, SteadyTime other) {
  if (!time || other < *time) time = other;
}

}  // namespace

Inbox::Inbox(const Settings& settings, Store& store, const Clock& clock)
    : settings_(settings), store_(store), clock_(clock) {}

void Inbox::start(std::vector<Arrival> followed) {
  seen_.clear();
  followed_.clear();
  ended_.clear();
  skipped_as_busy_.clear();
  queue_.clear();
  queue_bytes_ = 0;
  refused_ = 0;
  is_changed_ = true;
  has_listed_ = false;
  next_ready_.reset();
  next_retry_.reset();
  earliest_scan_ = clock_.now();
  for (Arrival& arrival : followed) follow(std::move(arrival), SteadyTime::duration{0});
}

bool Inbox::is_due(SteadyTime now) const {
  if (!queue_.empty() || now < earliest_scan_) return false;
  const std::optional<SteadyTime> next = next_scan();
  return next && *next <= now;
}

std::optional<SteadyTime> Inbox::next_scan() const {
  std::optional<SteadyTime> next = next_ready_;
  if (next_retry_) set_earlier(next, *next_retry_);
  if (is_changed_) set_earlier(next, earliest_scan_);
  if (settings_.watch) set_earlier(next, last_scan_ + settings_.rescan_interval);
  if (next) next = std::max(*next, earliest_scan_);
  return next;
}

Result<void> Inbox::scan(ArrivalTable& table, Watcher& watcher, const PathSet& busy) {
  const SteadyTime begin = clock_.now();
  if (!is_due(begin)) return {};
  Pending<Listing> answer = store_.list();
  if (!answer) return pass_on(answer);
  if (!*answer) return {};
  const Listing* listing = &**answer;
  if (!has_listed_ && !store_.is_at_hand()) {
    Result<void> forgotten = table.forget_missing(
        clock_.wall_now(), [this](const auto& path) { return store_.is_missing(path); });
    if (!forgotten) return forgotten;
    has_listed_ = true;
  }
  watcher.set_folders(listing->folders);
  next_ready_.reset();
  next_retry_.reset();
  refused_ = 0;
  for (auto& [inode, followed] : followed_) followed.was_found = false;
  SeenFiles seen;
  seen.reserve(listing->files.size());
  for (const FoundFile& file : listing->files) {
    if (busy.contains(file.path.native())) {
      skipped_as_busy_.insert(file.path.native());
      continue;
    }
    const auto before = seen_.find(file.path.native());
    const bool is_same = before != seen_.end() && before->second.signature == file.signature;
    Seen& now = seen[file.path.native()];
    now = is_same ? before->second : Seen{file.signature, Verdict::fresh, begin, begin};
    Result<void> looked = look_at(file, now, table);
    if (!looked) return looked;
  }
  seen_ = std::move(seen);
  end_missing_followed();
  sort_queue();
  is_changed_ = false;
  last_scan_ = clock_.now();
  earliest_scan_ = last_scan_ + std::max<SteadyTime::duration>(
                                    kScanRestMin, kScanRestFactor * (last_scan_ - begin));
  return {};
}

Result<void> Inbox::look_at(const FoundFile& file, Seen& seen, ArrivalTable& table) {
  const SteadyTime now = clock_.now();
  if (seen.verdict == Verdict::refused && now < seen.retry_at) {
    ++refused_;
    set_earlier(next_retry_, seen.retry_at);
    return {};
  }
  if (look_at_followed(file, seen)) return {};
  if (seen.verdict == Verdict::fresh) {
    const Result<bool> known = is_known(file, table);
    if (!known) return pass_on(known);
    seen.verdict = *known ? Verdict::known : Verdict::settling;
  }
  if (seen.verdict == Verdict::known) return {};
  Candidate candidate{file.path, file.signature, {}, std::nullopt};
  if (!settings_.trigger.empty()) {
    const Result<std::optional<Signature>> trigger = trigger_of(file, table);
    if (!trigger) return pass_on(trigger);
    if (!*trigger) return {};
    candidate.trigger = **trigger;
  } else if (const SteadyTime ready = settled_at(seen, now); ready > now) {
    wait_until(ready);
    return {};
  }
  seen.verdict = Verdict::known;
  enqueue(std::move(candidate));
  return {};
}

/// True: the file is a followed one, and was dealt with.
bool Inbox::look_at_followed(const FoundFile& file, Seen& seen) {
  const auto found = followed_.find(file.signature.inode);
  if (found == followed_.end()) return false;
  Followed& followed = found->second;
  const Signature& before = followed.arrival.signature;
  const bool is_same = before == file.signature;
  const bool has_grown = before.device == file.signature.device &&
                         file.signature.size > before.size &&
                         file.signature.mtime_ns >= before.mtime_ns;
  // What is neither is compared by is_known() (another device), or is a new arrival.
  if (!is_same && !has_grown) return false;
  followed.was_found = true;
  seen.verdict = Verdict::known;
  if (is_same) return true;
  if (clock_.now() < followed.not_before) {
    wait_until(followed.not_before);
    return true;
  }
  Candidate candidate{file.path, file.signature, {}, std::move(followed.arrival)};
  candidate.continues->path = file.path;
  followed_.erase(found);
  enqueue(std::move(candidate));
  return true;
}

Result<bool> Inbox::is_known(const FoundFile& file, ArrivalTable& table) {
  Result<std::vector<Arrival>> arrivals = table.of_inode(file.signature.inode);
  if (!arrivals) return pass_on(arrivals);
  for (Arrival& arrival : *arrivals) {
    if (!is_untouched(arrival.signature, file.signature)) continue;
    if (arrival.signature == file.signature && arrival.path == file.path) return true;
    if (arrival.signature.device != file.signature.device) {
      // Device numbers may change when a system restarts; the contents then decide.
      const Result<bool> same = store_.has_prefix(file.path, arrival.checkpoint);
      if (!same || !*same) continue;
    }
    if (arrival.stage != Stage::done && arrival.stage != Stage::following) return true;
    arrival.signature = file.signature;
    arrival.path = file.path;
    const Result<void> updated = table.update(arrival);
    if (!updated) return pass_on(updated);
    if (arrival.stage == Stage::following) {
      follow(std::move(arrival), SteadyTime::duration{0});
      followed_.at(file.signature.inode).was_found = true;
    }
    return true;
  }
  return false;
}

/// The trigger of a file that is ready: one that was not there for the path's last arrival.
Result<std::optional<Signature>> Inbox::trigger_of(const FoundFile& file, ArrivalTable& table) {
  std::filesystem::path path = file.path;
  path += settings_.trigger;
  std::optional<Signature> trigger = store_.signature_of(path);
  if (!trigger) return trigger;
  const Result<std::optional<Arrival>> last = table.of_path(file.path);
  if (!last) return pass_on(last);
  if (*last && (*last)->trigger == *trigger) trigger.reset();
  return trigger;
}

/// A file has stood still since it was first seen like this, and before that since its time, where
/// that is not in the future.
SteadyTime Inbox::settled_at(const Seen& seen, SteadyTime now) const {
  if (settings_.follow) return seen.since;
  const auto mtime = WallTime(std::chrono::duration_cast<WallTime::duration>(
      std::chrono::nanoseconds(seen.signature.mtime_ns)));
  const auto age = clock_.wall_now() - mtime;
  if (age >= settings_.settle_time) return now;
  return seen.since + settings_.settle_time;
}

void Inbox::wait_until(SteadyTime time) { set_earlier(next_ready_, time); }

void Inbox::enqueue(Candidate candidate) {
  queue_bytes_ += candidate.signature.size;
  queue_.push_back(std::move(candidate));
}

void Inbox::sort_queue() {
  std::ranges::sort(queue_, [this](const Candidate& a, const Candidate& b) {
    const bool by_time = settings_.order == Order::mtime;
    const std::int64_t a_time = by_time ? a.signature.mtime_ns : 0;
    const std::int64_t b_time = by_time ? b.signature.mtime_ns : 0;
    return std::tie(a_time, a.path.native()) < std::tie(b_time, b.path.native());
  });
}

std::optional<Candidate> Inbox::take() {
  if (queue_.empty()) return std::nullopt;
  Candidate candidate = std::move(queue_.front());
  queue_.pop_front();
  queue_bytes_ -= candidate.signature.size;
  return candidate;
}

void Inbox::put_back(Candidate candidate) {
  queue_bytes_ += candidate.signature.size;
  queue_.push_front(std::move(candidate));
}

void Inbox::look_again(const Candidate& candidate) {
  seen_.erase(candidate.path.native());
  is_changed_ = true;
}

void Inbox::refuse(const Candidate& candidate) {
  const SteadyTime retry_at = clock_.now() + kRetryAfter;
  seen_[candidate.path.native()] =
      Seen{candidate.signature, Verdict::refused, clock_.now(), retry_at};
  set_earlier(next_retry_, retry_at);
  ++refused_;
}

void Inbox::note_finished(const std::filesystem::path& path) {
  if (skipped_as_busy_.erase(path.native()) > 0) is_changed_ = true;
}

void Inbox::follow(Arrival arrival, SteadyTime::duration verified_in) {
  const std::uint64_t inode = arrival.signature.inode;
  followed_.insert_or_assign(
      inode, Followed{std::move(arrival), clock_.now() + kVerifyRestFactor * verified_in, false});
}

void Inbox::end_missing_followed() {
  for (auto it = followed_.begin(); it != followed_.end();) {
    if (it->second.was_found) {
      ++it;
    } else {
      ended_.push_back(std::move(it->second.arrival));
      it = followed_.erase(it);
    }
  }
}

std::vector<Arrival> Inbox::take_ended() { return std::exchange(ended_, {}); }

bool Inbox::is_dry() const { return queue_.empty() && !is_changed_ && !next_ready_; }

}  // namespace copybridge::adapters::file
