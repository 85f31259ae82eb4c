// Connecting, and messages from the queue into a unit of work and its batch.
#include "adapters/ibm_mq/queue_source.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/core/log_events.h"

namespace copybridge::adapters::ibm_mq {
namespace {

using mqi::Long;
namespace gmo = mqi::gmo;

constexpr std::size_t kBufferSize = 64 << 10;
/// An MQGET that waits cannot be called back: longer waits are several calls.
constexpr Milliseconds kWaitSlice{200};
constexpr std::chrono::seconds kDepthInterval{5};
constexpr std::chrono::minutes kRememberFor{60};

}  // namespace

QueueSource::QueueSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      connection_(settings_.connection),
      buffer_size_(kBufferSize),
      syncpoint_max_(settings_.batch_records_max) {
  if (!settings_.framing) return;
  // The options were checked when they were read.
  if (auto framer = framing::make_framer(*settings_.framing)) framer_ = std::move(*framer);
}

Result<void> QueueSource::open() {
  let_go();
  Result<void> connected = connection_.connect();
  if (!connected) return connected;
  const Long input = settings_.is_exclusive ? mqi::oo::kInputExclusive : mqi::oo::kInputShared;
  Result<OpenQueue> opened = connection_.open(settings_.queue, {}, input);
  if (!opened) {
    connection_.disconnect();
    return pass_on(opened);
  }
  queue_ = std::move(*opened);
  inquire_queue();
  log_queue_opened(context_.log, context_.name, queue_.queue_manager, queue_.name,
                   backout_queue_name_, connection_.library_path());
  return {};
}

/// Of the queue that an alias stands for. What may not be asked stays unknown.
void QueueSource::inquire_queue() {
  depth_.reset();
  depth_at_ = {};
  inquired_ = {};
  backout_queue_name_ = settings_.backout_queue.name;
  Result<OpenQueue> opened = connection_.open(queue_.name, queue_.queue_manager, mqi::oo::kInquire);
  if (!opened) return;
  inquired_ = std::move(*opened);
  if (settings_.backout_queue.kind != BackoutQueue::Kind::of_queue) return;
  constexpr std::array kSelectors = {mqi::ca::kBackoutReqQName};
  mqi::ObjectName name{};
  if (connection_.inquire(inquired_, kSelectors, {}, name).is_ok()) {
    backout_queue_name_ = text_of(name);
  }
}

void QueueSource::note_depth() {
  const SteadyTime now = context_.clock.now();
  const bool is_due = depth_at_ == SteadyTime{} || now - depth_at_ >= kDepthInterval;
  if (!is_due || inquired_.handle == mqi::kUnusableHobj) return;
  depth_at_ = now;
  constexpr std::array kSelectors = {mqi::ia::kCurrentQDepth};
  std::array<Long, 1> depth{};
  if (connection_.inquire(inquired_, kSelectors, depth, {}).is_ok()) {
    depth_ = depth[0];
  } else {
    depth_.reset();
  }
}

SourceStatus QueueSource::status() const {
  SourceStatus status;
  status.settlements_in_doubt = settlements_in_doubt_;
  if (depth_) status.lag = std::to_string(*depth_) + " messages";
  return status;
}

void QueueSource::let_go() {
  connection_.disconnect();
  queue_ = inquired_ = backout_queue_ = {};
  is_in_group_ = false;
  if (unit_.token == 0) {
    unit_.clear();
  } else {
    unit_.is_lost = true;
  }
}

void QueueSource::close() {
  let_go();
  unit_.clear();
}

Result<ReadStatus> QueueSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  // Until the unit of work has ended no message may be got: MQCMIT would commit it too.
  if (unit_.token != 0) return ReadStatus::idle;
  if (!connection_.is_connected()) {
    const Result<void> opened = open();
    if (!opened) return pass_on(opened);
  }
  note_depth();
  Result<ReadStatus> status = read_unit(batch, wait);
  is_interrupted_ = false;
  return status;
}

Result<ReadStatus> QueueSource::read_unit(RecordBatch& batch, Milliseconds wait) {
  unit_.clear();
  const Result<bool> got = get_first(wait);
  if (!got) return pass_on(got);
  if (!*got) {
    // Units that a dead connection held are back long before.
    if (context_.clock.now() - remembered_at_ >= kRememberFor) delivered_.clear();
    return ReadStatus::dry;
  }
  const Result<void> filled = fill();
  if (!filled) return pass_on(filled);
  if (hand_out(batch)) return ReadStatus::batch;
  // All of it was delivered before.
  const Result<void> committed = commit();
  unit_.clear();
  if (!committed) return pass_on(committed);
  return ReadStatus::idle;
}

/// False where no message came within the wait, or it was interrupted.
Result<bool> QueueSource::get_first(Milliseconds wait) {
  const SteadyTime until = context_.clock.now() + wait;
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(until - context_.clock.now());
    const Outcome outcome = get(std::clamp(left, Milliseconds(0), kWaitSlice));
    if (outcome.is_ok()) return true;
    if (outcome.reason != mqi::rc::kNoMsgAvailable) {
      const Result<void> ended = end_of_unit(outcome.reason);
      if (!ended) return pass_on(ended);
      return fail(ErrorKind::source,
                  connection_.error("MQGET", settings_.queue, outcome.reason).message);
    }
    if (left <= kWaitSlice || is_interrupted_) return false;
  }
}

/// Gets what else is there, without waiting for it.
Result<void> QueueSource::fill() {
  while (!is_full()) {
    const Outcome outcome = get(Milliseconds(0));
    if (!outcome.is_ok()) return end_of_unit(outcome.reason);
  }
  return {};
}

/// Fails where what was got is lost with the connection; everything else that ends a unit is met
/// again by the next read, once this one is settled.
Result<void> QueueSource::end_of_unit(Long reason) {
  const Reaction reaction = reason_of(reason).reaction;
  if (reaction == Reaction::end_batch && !unit_.messages.empty()) {
    syncpoint_max_ = unit_.messages.size();
    log_syncpoint_limited(context_.log, context_.name, settings_.queue, syncpoint_max_);
    return {};
  }
  const bool is_ending =
      reason == mqi::rc::kQMgrQuiescing || reason == mqi::rc::kConnectionQuiescing;
  if (reaction != Reaction::reconnect || (is_ending && !unit_.messages.empty())) return {};
  Error error = connection_.error("MQGET", settings_.queue, reason);
  let_go();
  return tl::make_unexpected(std::move(error));
}

bool QueueSource::is_full() const {
  // A message that others belong to is never cut off from them.
  if (is_in_group_) return false;
  const std::size_t messages = unit_.messages.size();
  const bool is_suspect = unit_.messages.back().descriptor.backout_count > 0;
  if (records_max_ == 1 || units_of_one_left_ > 0 || is_suspect) return true;
  const std::size_t told = records_max_ == 0 ? messages + 1 : records_max_;
  return messages >= std::min({told, settings_.batch_records_max, syncpoint_max_}) ||
         unit_.bytes.size() >= settings_.batch_bytes_max;
}

Long QueueSource::get_options() const {
  Long options = gmo::kSyncpoint | gmo::kFailIfQuiescing;
  if (settings_.properties == Properties::rfh2) options |= gmo::kPropertiesForceMqrfh2;
  if (settings_.properties == Properties::none) options |= gmo::kNoProperties;
  if (settings_.keeps_groups) options |= gmo::kLogicalOrder | gmo::kAllMsgsAvailable;
  if (settings_.completes_segments) options |= gmo::kCompleteMsg;
  return options;
}

/// One message into the unit of work.
Outcome QueueSource::get(Milliseconds wait) {
  for (;;) {
    // Ids left over from the last message would be what is searched for.
    mqi::MQMD descriptor;
    descriptor.version = 2;
    mqi::MQGMO options;
    options.version = 2;
    options.match_options = mqi::match::kNone;
    options.options = get_options() | (wait.count() > 0 ? gmo::kWait : 0);
    options.wait_interval = static_cast<Long>(wait.count());
    const std::size_t at = unit_.bytes.size();
    std::uint8_t* const buffer = unit_.bytes.extend(buffer_size_);
    std::size_t size = 0;
    const Outcome outcome =
        connection_.get(queue_, descriptor, options, {buffer, buffer_size_}, size);
    unit_.bytes.resize(at);
    const bool is_too_large = !outcome.is_ok() && outcome.reaction() == Reaction::grow;
    if (is_too_large && size > buffer_size_) {
      buffer_size_ = size;
      continue;
    }
    if (outcome.completion == mqi::cc::kFailed || is_too_large) return outcome;
    keep_got(descriptor, at, size);
    is_in_group_ =
        settings_.keeps_groups && (options.group_status == 'G' || options.segment_status == 'S');
    return {};
  }
}

void QueueSource::keep_got(const mqi::MQMD& descriptor, std::size_t at, std::size_t size) {
  unit_.bytes.resize(at + size);
  unit_.messages.push_back({descriptor, at, size, {}, 0});
}

/// Makes the batch; false where there is nothing in it.
bool QueueSource::hand_out(RecordBatch& batch) {
  const FieldSet own = append_common(batch);
  for (UnitMessage& message : unit_.messages) append_message(message, own, batch);
  if (units_of_one_left_ > 0) --units_of_one_left_;
  if (batch.records.empty()) return false;
  unit_.token = next_token_++;
  batch.token = unit_.token;
  return true;
}

}  // namespace copybridge::adapters::ibm_mq
