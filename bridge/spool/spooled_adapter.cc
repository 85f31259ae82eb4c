// The threads of a spooled source: bridge::Source reads it, one appends and syncs, and the
// pipeline's own source thread reads from the store.
#include "bridge/spool/spooled_adapter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"
#include "bridge/source.h"
#include "bridge/spool/store.h"

namespace copybridge::spool {
namespace {

using adapters::Adapter;
using adapters::AdapterContext;
using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using adapters::Settlement;
using adapters::SourceStatus;

constexpr std::size_t kSourceWindow = 16;
constexpr std::size_t kBatchesInFlight = 64;
constexpr Milliseconds kRetryAfter{500};
constexpr Milliseconds kCloseLimit{5'000};
constexpr std::uint64_t kSegmentMin = 1ULL << 20U;
constexpr std::uint64_t kSegmentMax = 64ULL << 20U;

constexpr std::array kOptions = {
    OptionSpec{.name = "spool",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether records are stored on disk and settled at the source before they "
                       "are delivered, so that the source does not wait for endpoints."},
    OptionSpec{.name = "spool_bytes_max",
               .type = OptionType::integer,
               .default_value = "1073741824",
               .help = "Bytes of the spool on disk; when it is full the source is not read.",
               .min = 16 << 20},
};

std::filesystem::path directory_of(const AdapterContext& context) {
  return context.state->path() / ("spool-" + context.name);
}

/// Stands for an adapter that somebody else owns, so that it can be opened again after close().
class Borrowed final : public Adapter {
 public:
  explicit Borrowed(Adapter& adapter) : adapter_(adapter) {}
  Result<void> open() override { return adapter_.open(); }
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override {
    return adapter_.read(batch, wait);
  }
  void limit_batches(std::size_t records_max) override { adapter_.limit_batches(records_max); }
  Result<void> settle(const Settlement& settlement) override { return adapter_.settle(settlement); }
  void interrupt() override { adapter_.interrupt(); }
  void close() override { adapter_.close(); }
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return adapter_.batches_in_flight_max();
  }
  [[nodiscard]] Milliseconds unit_age_max() const override { return adapter_.unit_age_max(); }
  [[nodiscard]] SourceStatus status() const override { return adapter_.status(); }

 private:
  Adapter& adapter_;
};

class SpooledAdapter final : public Adapter {
 public:
  SpooledAdapter(const AdapterContext& context, const SpoolSettings& settings,
                 std::unique_ptr<Adapter> source)
      : context_(context), settings_(settings), adapter_(std::move(source)) {}
  ~SpooledAdapter() override { close(); }

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override {
    store_->reader().limit_batches(records_max);
  }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return kBatchesInFlight; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  Result<void> open_store();
  void ring();
  void take_in();
  void store_waiting();
  void note_stored(std::size_t count);
  void note_failed(const Error& error);
  void note_full();
  [[nodiscard]] Milliseconds unit_time_left() const;
  void hand_back_unit(const Fill& fill);
  void read_again();
  void note_well();
  void wait_for_ring(Milliseconds limit);

  const AdapterContext context_;
  const SpoolSettings settings_;
  const std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<bridge::Source> source_;
  std::thread thread_;

  // Of the thread that appends.
  std::deque<std::unique_ptr<RecordBatch>> waiting_;
  SteadyTime waiting_since_;
  /// Of the spool when it was too full for a unit of work, which its source has back since then.
  std::optional<std::uint64_t> too_full_bytes_;
  bridge::Outage failing_;
  bridge::Outage full_;

  std::atomic<bool> has_lost_ = false;  ///< records, by damage

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t rings_ = 0;
  bool is_interrupted_ = false;
  bool is_ending_ = false;
};

Result<void> SpooledAdapter::open_store() {
  Result<std::unique_ptr<Storage>> storage = open_directory(directory_of(context_));
  if (!storage) return pass_on(storage);
  StoreSettings settings;
  settings.bytes_max = settings_.bytes_max;
  settings.append.name = context_.name;
  settings.append.segment_bytes =
      std::min(kSegmentMax, std::max(kSegmentMin, settings_.bytes_max / 16));
  Result<std::unique_ptr<Store>> store =
      Store::open(std::move(*storage), settings, [this](const Damage& damage) {
        log_spool_damaged(context_.log, context_.name, damage.file, damage.offset, damage.bytes,
                          damage.records, damage.reason, damage.put_aside);
        if (damage.records > 0) has_lost_ = true;
      });
  if (!store) return pass_on(store);
  store_ = std::move(*store);
  return {};
}

Result<void> SpooledAdapter::open() {
  close();
  if (context_.state == nullptr) {
    return fail(ErrorKind::config, "spool: it needs a state directory");
  }
  Result<void> opened = open_store();
  if (!opened) return opened;
  is_ending_ = false;
  too_full_bytes_.reset();
  source_ = std::make_unique<bridge::Source>(
      context_.name, std::make_unique<Borrowed>(*adapter_), kSourceWindow, context_.clock,
      context_.log, [this] { ring(); }, settings_.memory);
  opened = source_->start();
  if (!opened) {
    source_.reset();
    store_.reset();
    return opened;
  }
  thread_ = std::thread([this] { take_in(); });
  return {};
}

void SpooledAdapter::ring() {
  {
    const std::scoped_lock lock(mutex_);
    ++rings_;
  }
  changed_.notify_all();
}

void SpooledAdapter::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_all();
}

/// The appending thread. What comes while one group is synced makes up the next.
void SpooledAdapter::take_in() {
  std::uint64_t seen = 0;
  for (bool is_last = false; !is_last;) {
    {
      std::unique_lock lock(mutex_);
      const Milliseconds limit = std::min(kRetryAfter, unit_time_left());
      changed_.wait_for(lock, context_.clock.machine_time(limit),
                        [&] { return rings_ != seen || is_ending_; });
      seen = rings_;
      is_last = is_ending_;
    }
    read_again();
    while (auto batch = source_->take()) {
      if (waiting_.empty()) waiting_since_ = context_.clock.now();
      waiting_.push_back(std::move(batch));
    }
    if (!waiting_.empty()) store_waiting();
  }
  // What is not stored was not settled: the source keeps it.
  waiting_.clear();
}

void SpooledAdapter::store_waiting() {
  std::size_t appended = 0;
  Result<bool> done = true;
  for (const auto& batch : waiting_) {
    done = store_->appender().append(*batch);
    if (!done || !*done) break;
    ++appended;
  }
  if (appended > 0) crash_point("spool_written");
  const Result<void> committed = store_->appender().commit();
  if (!committed) return note_failed(committed.error());
  if (appended > 0) crash_point("spool_synced");
  note_stored(appended);
  if (!done) return note_failed(done.error());
  if (!*done) return note_full();
  note_well();
}

void SpooledAdapter::note_stored(std::size_t count) {
  for (; count > 0; --count) {
    std::unique_ptr<RecordBatch> batch = std::move(waiting_.front());
    waiting_.pop_front();
    source_->settle({batch->token, std::vector(batch->records.size(), Fate::delivered)});
    source_->recycle(std::move(batch));
  }
  {
    // Readers look again; this thread has nothing to do because of it.
    const std::scoped_lock lock(mutex_);
  }
  changed_.notify_all();
}

void SpooledAdapter::note_failed(const Error& error) {
  if (failing_.note_failure(context_.clock.now())) {
    log_storage_lost(context_.log, context_.name + " spool", error.message);
  }
  wait_for_ring(kRetryAfter);
}

void SpooledAdapter::note_full() {
  const Fill fill = store_->fill();
  if (full_.note_failure(context_.clock.now())) {
    log_spool_full(context_.log, context_.name, fill.records, fill.bytes, fill.bytes_max);
  }
  if (unit_time_left().count() == 0) hand_back_unit(fill);
}

/// Until a unit of work that waits for room is too old for its source.
Milliseconds SpooledAdapter::unit_time_left() const {
  const Milliseconds age_max = source_->unit_age_max();
  if (!full_.is_on() || waiting_.empty() || age_max.count() == 0) return Milliseconds::max();
  const auto age = context_.clock.now() - waiting_since_;
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(age_max - age));
}

/// It comes again when there is room; until then the source is not read.
void SpooledAdapter::hand_back_unit(const Fill& fill) {
  source_->hold_reading(true);
  too_full_bytes_ = fill.bytes;
  const auto age = std::chrono::duration_cast<Milliseconds>(context_.clock.now() - waiting_since_);
  std::uint64_t records = 0;
  for (std::unique_ptr<RecordBatch>& batch : waiting_) {
    records += batch->records.size();
    source_->settle({batch->token, std::vector(batch->records.size(), Fate::retry)});
    source_->recycle(std::move(batch));
  }
  waiting_.clear();
  log_unit_backed_out(context_.log, context_.name, "spool", records, age.count());
}

void SpooledAdapter::read_again() {
  if (!too_full_bytes_ || store_->fill().bytes >= *too_full_bytes_) return;
  too_full_bytes_.reset();
  source_->hold_reading(false);
}

void SpooledAdapter::note_well() {
  const SteadyTime now = context_.clock.now();
  const auto since = [&](const bridge::Outage& outage) {
    return std::chrono::duration_cast<Milliseconds>(now - outage.since()).count();
  };
  if (failing_.is_on()) {
    const auto away = since(failing_);
    if (failing_.end(now)) {
      log_storage_recovered(context_.log, context_.name + " spool", away);
    }
  }
  if (full_.is_on()) {
    const auto lasted = since(full_);
    if (full_.end(now)) log_spool_recovered(context_.log, context_.name, lasted);
  }
}

/// Waits for records that are settled, which make room, or until `limit`.
void SpooledAdapter::wait_for_ring(Milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t seen = rings_;
  changed_.wait_for(lock, context_.clock.machine_time(limit),
                    [&] { return rings_ != seen || is_ending_; });
}

Result<ReadStatus> SpooledAdapter::read(RecordBatch& batch, Milliseconds wait) {
  const SteadyTime until = context_.clock.now() + wait;
  for (;;) {
    // Asked first: what it has settled by then is there to be read.
    const bool is_source_dry = source_->is_dry();
    const Result<bool> got = store_->reader().read(batch);
    if (!got) return pass_on(got);
    if (*got) return ReadStatus::batch;
    const bool is_empty = !store_->reader().has_unread() && !store_->reader().has_unsettled();
    if (is_source_dry && is_empty) return ReadStatus::dry;
    std::unique_lock lock(mutex_);
    if (!is_interrupted_) {
      const auto left = std::chrono::ceil<Milliseconds>(until - context_.clock.now());
      changed_.wait_for(lock, context_.clock.machine_time(left));
    }
    if (std::exchange(is_interrupted_, false)) return ReadStatus::idle;
    if (context_.clock.now() >= until) return ReadStatus::idle;
  }
}

Result<void> SpooledAdapter::settle(const Settlement& settlement) {
  Result<void> settled = store_->reader().settle(settlement);
  if (!settled) return settled;
  crash_point("spool_settled");
  ring();
  return settled;
}

void SpooledAdapter::close() {
  if (source_ == nullptr) return;
  source_->stop_reading();
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  source_->finish(context_.clock.now() + kCloseLimit);
  source_.reset();
  store_.reset();
}

SourceStatus SpooledAdapter::status() const {
  if (source_ == nullptr) return adapter_->status();
  SourceStatus status = source_->status();
  const Fill fill = store_->fill();
  status.lag += (status.lag.empty() ? "" : ", ") + std::string("spool ") +
                std::to_string(fill.records) + " records, " + std::to_string(fill.bytes) + " bytes";
  SteadyTime since;
  if (source_->is_lost(since)) status.lost_since = since;
  if (has_lost_) status.exit_code = std::max(status.exit_code, exit_code(ErrorKind::storage));
  return status;
}

}  // namespace

std::span<const OptionSpec> spool_options() { return kOptions; }

std::optional<SpoolSettings> read_settings(const ConfigNode& section,
                                           const adapters::AdapterKind& kind,
                                           const Options& kind_options, Diagnostics& diagnostics) {
  ConfigNode own = section;
  std::erase_if(own.members, [](const ConfigMember& member) {
    return std::ranges::find(kOptions, member.key, &OptionSpec::name) == kOptions.end();
  });
  const Options options = read_options(own, kOptions, {}, diagnostics);
  const bool is_wanted = options.boolean("spool");
  if (kind.may_hold != nullptr && kind.may_hold(kind_options)) {
    if (!is_wanted) return std::nullopt;
    diagnostics.error(options.node("spool").where,
                      "a spool would settle what is to be settled when it is delivered",
                      "leave 'spool' out, or let the answer be given when it is stored");
    return std::nullopt;
  }
  if (!kind.holds_records && options.is_given("spool") && !is_wanted) {
    diagnostics.error(options.node("spool").where,
                      "'" + std::string(kind.kind) + "' cannot hold records itself",
                      "leave 'spool' out: it has one in any case");
  }
  if (!is_wanted && kind.holds_records) return std::nullopt;
  SpoolSettings settings;
  settings.bytes_max = static_cast<std::uint64_t>(options.integer("spool_bytes_max"));
  return settings;
}

std::unique_ptr<Adapter> make_spooled(const AdapterContext& context, const SpoolSettings& settings,
                                      std::unique_ptr<Adapter> source) {
  return std::make_unique<SpooledAdapter>(context, settings, std::move(source));
}

Result<void> check_no_spool(const AdapterContext& context) {
  const std::filesystem::path directory = directory_of(context);
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return {};
  Result<std::unique_ptr<Storage>> storage = open_directory(directory);
  if (!storage) return pass_on(storage);
  const Result<std::unique_ptr<Store>> store =
      Store::open(std::move(*storage), {}, [](const Damage&) {});
  if (!store) return pass_on(store);
  const std::uint64_t records = (*store)->fill().records;
  if (records == 0) return {};
  return fail(ErrorKind::config, "spool: " + directory.string() + " holds " +
                                     std::to_string(records) + " records of " + context.name +
                                     "; keep 'spool: yes' until they are delivered");
}

}  // namespace copybridge::spool
