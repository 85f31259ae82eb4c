// The loop of the source thread: settle what is confirmed, then read what the window allows.
#include "bridge/source.h"

#include <algorithm>
#include <utility>

#include "bridge/core/log_events.h"

namespace copybridge::bridge {
namespace {

using adapters::ReadStatus;
using adapters::RecordBatch;
using adapters::Settlement;

constexpr Milliseconds kReadWait{200};
/// A settlement ends one read early, the one it meets or the next.
constexpr std::size_t kIdleReads = 2;
constexpr Milliseconds kFinishRetry{50};
constexpr Milliseconds kBackOffInitial{100};
constexpr Milliseconds kBackOffMax{10'000};

Milliseconds back_off(std::uint64_t attempts) {
  return std::min(kBackOffMax, kBackOffInitial * (1 << std::min<std::uint64_t>(attempts, 10)));
}

}  // namespace

Source::Source(std::string name, std::unique_ptr<adapters::Adapter> adapter, std::size_t window,
               const Clock& clock, Log& log, std::function<void()> wake, MemoryBudget* memory)
    : name_(std::move(name)),
      adapter_(std::move(adapter)),
      batches_max_(std::max<std::size_t>(1, adapter_->batches_in_flight_max())),
      window_(std::max<std::size_t>(1, std::min(window, batches_max_))),
      unit_age_max_(window_ == 1 ? adapter_->unit_age_max() : Milliseconds(0)),
      clock_(clock),
      log_(log),
      wake_(std::move(wake)),
      memory_(memory) {}

Source::~Source() {
  if (thread_.joinable()) finish(clock_.now());
}

Result<void> Source::start() {
  Result<void> opened = adapter_->open();
  if (!opened && !is_retryable(opened.error().kind)) return opened;
  is_open_ = opened.has_value();
  if (!opened) note_lost(reading_fails_, opened.error());
  thread_ = std::thread([this] { run(); });
  return {};
}

void Source::run() {
  while (!must_end()) {
    if (!is_open_ && !try_open()) continue;
    settle_waiting();
    if (window_is_open()) {
      read_next();
    } else {
      wait(kReadWait);
    }
  }
  adapter_->close();
}

bool Source::must_end() const {
  const std::scoped_lock lock(mutex_);
  if (!finishing_) return false;
  return settlements_.empty() || clock_.now() >= finish_until_;
}

bool Source::window_is_open() const {
  const std::scoped_lock lock(mutex_);
  if (stop_reading_ || holds_reading_ || !is_open_) return false;
  return !is_full() && has_room();
}

/// With the lock.
bool Source::has_room() const {
  return unsettled_ == 0 || memory_ == nullptr || memory_->has_room(batch_memory_);
}

/// With the lock.
bool Source::is_full() const {
  if (reads_units_of_one_) return unsettled_ >= 1;
  if (unsettled_ >= batches_max_) return true;
  return unsettled_ >= window_ && held_memory_ >= window_memory_;
}

std::size_t Source::records_max() const {
  const std::scoped_lock lock(mutex_);
  return reads_units_of_one_ ? 1 : 0;
}

void Source::wait(Milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, clock_.machine_time(at_most),
                    [this] { return !settlements_.empty() || finishing_; });
}

void Source::wait_back_off() {
  std::unique_lock lock(mutex_);
  const auto pause = clock_.machine_time(back_off(outage_.attempts()));
  if (!changed_.wait_for(lock, pause, [this] { return finishing_; })) return;
  // The end has its own limit: what is left is tried often until then.
  changed_.wait_for(lock, clock_.machine_time(kFinishRetry));
}

bool Source::try_open() {
  wait_back_off();
  if (must_end()) return false;
  const Result<void> opened = adapter_->open();
  is_open_ = opened.has_value();
  if (!opened) note_lost(reading_fails_, opened.error());
  return is_open_;
}

void Source::settle_waiting() {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (settlements_.empty() || !is_open_) return;
    const Settlement& settlement = settlements_.front();
    lock.unlock();
    // Only this thread takes from the front, so the reference stays good without the lock.
    const Result<void> settled = adapter_->settle(settlement);
    if (!settled) {
      note_lost(settling_fails_, settled.error());
      return wait_back_off();
    }
    note_found(settling_fails_);
    lock.lock();
    settlements_.pop_front();
    --unsettled_;
    ++settled_;
    const std::uint64_t in_doubt = status_.settlements_in_doubt;
    status_ = adapter_->status();
    if (status_.settlements_in_doubt > in_doubt) doubtful_.push_back(settled_);
  }
}

void Source::read_next() {
  std::unique_ptr<RecordBatch> batch = spare_batch();
  adapter_->limit_batches(records_max());
  const SteadyTime begun = clock_.now();
  const Result<ReadStatus> read = adapter_->read(*batch, kReadWait);
  if (!read) {
    recycle(std::move(batch));
    return read_failed(read.error());
  }
  note_found(reading_fails_);
  {
    const std::scoped_lock lock(mutex_);
    status_ = adapter_->status();
    is_dry_ = *read == ReadStatus::dry;
    if (*read == ReadStatus::batch) {
      idle_reads_ = 0;
      ++unsettled_;
      batch->memory = batch_memory_ = batch->bytes.size() * memory_percent_ / 100;
      held_memory_ += batch->memory;
      if (memory_ != nullptr) memory_->add(batch->memory);
      ready_.push_back(std::move(batch));
    } else {
      idle_reads_ = *read == ReadStatus::ended ? kIdleReads : idle_reads_ + 1;
      spare_.push_back(std::move(batch));
    }
  }
  wake_();
  if (*read != ReadStatus::dry && *read != ReadStatus::ended) return;
  // A source that has waited itself is asked again at once: what comes meanwhile is not late.
  const auto waited = std::chrono::duration_cast<Milliseconds>(clock_.now() - begun);
  if (waited < kReadWait) wait(kReadWait - waited);
}

void Source::read_failed(const Error& error) {
  {
    const std::scoped_lock lock(mutex_);
    status_ = adapter_->status();
  }
  // Broken framing is one input's matter: the adapter has logged it and put the input aside.
  if (error.kind == ErrorKind::framing) return;
  note_lost(reading_fails_, error);
  wait(back_off(outage_.attempts()));
}

void Source::note_lost(bool& fails, const Error& error) {
  const SteadyTime now = clock_.now();
  fails = true;
  const bool is_due = outage_.note_failure(now);
  {
    const std::scoped_lock lock(mutex_);
    is_lost_ = true;
    lost_at_ = outage_.since();
  }
  if (error.kind == ErrorKind::storage) {
    // Somebody must act: worth a line of its own where only the source was said to be lost.
    if (!is_due && (is_storage_logged_ || !outage_.is_logged())) return;
    is_storage_logged_ = true;
    log_storage_lost(log_, name_, to_string(error));
  } else if (is_due) {
    is_source_logged_ = true;
    log_source_lost(log_, name_, to_string(error));
  }
}

void Source::note_found(bool& fails) {
  fails = false;
  // A source that can be read is not well while it takes no settlements, nor the other way.
  if (!outage_.is_on() || reading_fails_ || settling_fails_) return;
  const SteadyTime now = clock_.now();
  const auto away = std::chrono::duration_cast<Milliseconds>(now - outage_.since()).count();
  const std::uint64_t attempts = outage_.attempts();
  outage_.end(now);
  if (std::exchange(is_source_logged_, false)) log_source_recovered(log_, name_, attempts, away);
  if (std::exchange(is_storage_logged_, false)) log_storage_recovered(log_, name_, away);
  const std::scoped_lock lock(mutex_);
  is_lost_ = false;
}

std::unique_ptr<RecordBatch> Source::spare_batch() {
  const std::scoped_lock lock(mutex_);
  if (spare_.empty()) return std::make_unique<RecordBatch>();
  std::unique_ptr<RecordBatch> batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

std::unique_ptr<RecordBatch> Source::take() {
  const std::scoped_lock lock(mutex_);
  if (ready_.empty()) return nullptr;
  std::unique_ptr<RecordBatch> batch = std::move(ready_.front());
  ready_.pop_front();
  return batch;
}

void Source::settle(Settlement settlement) {
  {
    const std::scoped_lock lock(mutex_);
    is_dry_ = false;
    idle_reads_ = 0;
    settlements_.push_back(std::move(settlement));
  }
  changed_.notify_one();
  adapter_->interrupt();
}

std::uint64_t Source::settled() const {
  const std::scoped_lock lock(mutex_);
  return settled_;
}

std::vector<std::uint64_t> Source::take_doubtful() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(doubtful_, {});
}

void Source::note_memory(RecordBatch& batch, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (memory_ != nullptr) memory_->add(bytes);
  if (memory_ != nullptr) memory_->remove(batch.memory);
  held_memory_ += bytes;
  held_memory_ -= batch.memory;
  batch.memory = bytes;
  if (batch.bytes.size() > 0) memory_percent_ = bytes * 100 / batch.bytes.size();
}

void Source::recycle(std::unique_ptr<RecordBatch> batch) {
  const std::scoped_lock lock(mutex_);
  if (memory_ != nullptr) memory_->remove(batch->memory);
  held_memory_ -= batch->memory;
  batch->memory = 0;
  spare_.push_back(std::move(batch));
}

void Source::read_units_of_one(bool is_wanted) {
  const std::scoped_lock lock(mutex_);
  reads_units_of_one_ = is_wanted;
}

void Source::hold_reading(bool is_wanted) {
  const std::scoped_lock lock(mutex_);
  holds_reading_ = is_wanted;
}

void Source::stop_reading() {
  {
    const std::scoped_lock lock(mutex_);
    stop_reading_ = true;
  }
  adapter_->interrupt();
}

bool Source::finish(SteadyTime until) {
  {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
    stop_reading_ = true;
    finish_until_ = std::min(finish_until_, until);
  }
  changed_.notify_one();
  adapter_->interrupt();
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  return settlements_.empty();
}

void Source::hurry(SteadyTime until) {
  const std::scoped_lock lock(mutex_);
  finish_until_ = std::min(finish_until_, until);
}

bool Source::is_dry() const {
  const std::scoped_lock lock(mutex_);
  return is_dry_ && ready_.empty() && unsettled_ == 0;
}

bool Source::has_no_more() const {
  const std::scoped_lock lock(mutex_);
  return ready_.empty() && settlements_.empty() &&
         (idle_reads_ >= kIdleReads || is_full() || stop_reading_);
}

bool Source::is_held_up() const {
  const std::scoped_lock lock(mutex_);
  if (!ready_.empty() || !settlements_.empty()) return false;
  return is_full() || !has_room() || stop_reading_ || holds_reading_;
}

adapters::SourceStatus Source::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

bool Source::is_lost(SteadyTime& since) const {
  const std::scoped_lock lock(mutex_);
  since = is_lost_ ? lost_at_ : status_.lost_since.value_or(lost_at_);
  return is_lost_ || status_.lost_since;
}

}  // namespace copybridge::bridge
