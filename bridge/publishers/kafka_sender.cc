// Requests, reports and failures of the publisher kafka.
#include "bridge/publishers/kafka_sender.h"

#include <algorithm>
#include <array>

#include "bridge/core/log_events.h"
#include "bridge/core/threads.h"

namespace copybridge::publishers {
namespace {

constexpr Milliseconds kPollMax{500};
/// Reports of purged messages come from librdkafka's threads at once; this only bounds a defect.
constexpr Milliseconds kPurgeMax{10'000};

template <std::size_t kSize>
bool is_one_of(const std::array<rd_kafka_resp_err_t, kSize>& errors, rd_kafka_resp_err_t error) {
  return std::ranges::find(errors, error) != errors.end();
}

bool is_purge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
         error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR__DESTROY;
}

}  // namespace

/// Faults of one message.
constexpr std::array kOwnFaults = {
    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
    RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP};

/// What somebody has to correct.
constexpr std::array kRefusals = {RD_KAFKA_RESP_ERR__AUTHENTICATION,
                                  RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                                  RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
                                  RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                  RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
                                  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                  RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                  RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                  RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                                  RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
                                  RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
                                  RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
                                  RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
                                  RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
                                  RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
                                  RD_KAFKA_RESP_ERR_POLICY_VIOLATION};

Outcome classify_kafka(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Outcome::accepted;
  if (is_one_of(kOwnFaults, error)) return Outcome::permanent;
  return is_one_of(kRefusals, error) ? Outcome::refused : Outcome::retry;
}

Result<void> KafkaSender::start(CompletionPort port) {
  port_ = port;
  epoch_min_ = 0;
  // Shows mistakes of the configuration; connections are made in the background.
  Result<std::unique_ptr<KafkaProducer>> producer = KafkaProducer::make(settings_, false, *this);
  if (!producer) return pass_on(producer);
  producer_ = std::move(*producer);
  stop_at_ = SteadyTime::max();
  thread_ = std::thread([this] { run(); });
  return {};
}

void KafkaSender::send(Request request) {
  std::unique_lock lock(mutex_);
  const bool is_stopped = !thread_.joinable() || stop_at_ != SteadyTime::max();
  if (is_stopped || request.epoch < epoch_min_) {
    lock.unlock();
    return port_.post({.number = request.number,
                       .outcomes = {Outcome::retry},
                       .reason = is_stopped ? "kafka: stopped" : "kafka: an earlier event failed"});
  }
  inbox_.push_back(std::move(request));
  changed_.notify_all();
  if (producer_ != nullptr) producer_->wake();
}

void KafkaSender::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_at_ = std::chrono::steady_clock::now() + limit;
    changed_.notify_all();
    if (producer_ != nullptr) producer_->wake();
  }
  thread_.join();
  thread_ = {};
}

void KafkaSender::run() {
  block_signals_in_this_thread();
  while (take_inbox()) {
    if (ensure_producer() && ensure_prefix()) produce();
    answer_decided();
    wait();
    answer_decided();
    check_time();
    if (failure_) hand_back();
    leave_alone_mode();
  }
  note_failure(Outcome::retry, "kafka: stopped before the broker acknowledged");
  hand_back();
}

/// Takes what was handed over; false when it is time to end.
bool KafkaSender::take_inbox() {
  std::vector<Request> requests;
  {
    const std::scoped_lock lock(mutex_);
    requests.swap(inbox_);
    end_at_ = stop_at_;
  }
  for (Request& request : requests) add_pending(std::move(request));
  if (end_at_ == SteadyTime::max()) return true;
  return !pending_.empty() && std::chrono::steady_clock::now() < end_at_;
}

void KafkaSender::add_pending(Request request) {
  if (pending_.empty()) progress_at_ = std::chrono::steady_clock::now();
  Pending& pending = pending_.emplace_back();
  pending.self = std::prev(pending_.end());
  pending.request = std::move(request);
  const std::size_t count = pending.request.events.size();
  pending.slots.assign(count, Slot{&pending, false});
  pending.outcomes.assign(count, Outcome::retry);
  pending.undecided = count;
}

/// After a failure the next producer is made when there is something to send; it reads renewed
/// secrets.
bool KafkaSender::ensure_producer() {
  if (producer_ != nullptr) return true;
  if (pending_.empty()) return false;
  is_alone_ = alone_left_ > 0;
  Result<std::unique_ptr<KafkaProducer>> producer =
      KafkaProducer::make(settings_, is_alone_, *this);
  if (!producer) {
    note_failure(Outcome::refused, producer.error().message);
    return false;
  }
  set_producer(std::move(*producer));
  return true;
}

/// What the schema registry has for the events' schema; it is asked before the first one goes.
bool KafkaSender::ensure_prefix() {
  if (settings_.registry == nullptr || !prefix_.empty()) return true;
  if (pending_.empty()) return false;
  const Result<std::string> prefix = settings_.registry->prefix();
  if (prefix) {
    prefix_ = *prefix;
    return true;
  }
  const bool is_away = prefix.error().kind == ErrorKind::peer_away;
  note_failure(is_away ? Outcome::retry : Outcome::refused, prefix.error().message);
  return false;
}

void KafkaSender::set_producer(std::unique_ptr<KafkaProducer> producer) {
  {
    const std::scoped_lock lock(mutex_);
    producer_.swap(producer);
  }
  // The old one ends here, outside the lock: that can take a while.
}

/// Hands over as much as the producer takes.
void KafkaSender::produce() {
  for (Pending& pending : pending_) {
    if (pending.values.empty())
      pending.values = values_.of(pending.request.events, prefix_, pending.text);
    while (pending.produced < pending.slots.size()) {
      const bool is_enough = is_alone_ && in_flight_ >= alone_left_;
      if (is_enough || !produce_one(pending)) return;
    }
  }
}

/// False where nothing more can be handed over now. An event that has no value, or is too large for
/// the producer itself, is decided on the spot.
bool KafkaSender::produce_one(Pending& pending) {
  Slot& slot = pending.slots[pending.produced];
  const Event& event = *pending.request.events[pending.produced];
  const KafkaValue& value = pending.values[pending.produced];
  if (!value.fault.empty()) {
    ++pending.produced;
    decide(slot, Outcome::permanent, value.fault);
    return true;
  }
  const rd_kafka_resp_err_t error = producer_->produce(event, value.bytes, &slot);
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++pending.produced;
    ++in_flight_;
    return true;
  }
  const Outcome outcome = classify_kafka(error);
  if (outcome != Outcome::permanent) {
    note_failure(outcome, reason_of(error));
    return false;
  }
  ++pending.produced;
  decide(slot, outcome, reason_of(error));
  return true;
}

void KafkaSender::delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) {
  progress_at_ = std::chrono::steady_clock::now();
  --in_flight_;
  Slot& slot = *static_cast<Slot*>(opaque);
  const Outcome outcome = is_persisted ? Outcome::accepted : classify_kafka(error);
  if (outcome == Outcome::accepted || (outcome == Outcome::permanent && is_alone_)) {
    return decide(slot, outcome, outcome == Outcome::accepted ? "" : reason_of(error));
  }
  // What it becomes is said in hand_back(), together with all others that have no fate.
  if (is_purge(error)) return note_failure(Outcome::retry, "");
  has_suspect_ = has_suspect_ || outcome == Outcome::permanent;
  note_failure(outcome == Outcome::refused ? Outcome::refused : Outcome::retry, reason_of(error));
}

void KafkaSender::decide(Slot& slot, Outcome outcome, const std::string& reason) {
  Pending& pending = *slot.pending;
  const auto index = static_cast<std::size_t>(&slot - pending.slots.data());
  slot.is_decided = true;
  pending.outcomes[index] = outcome;
  if (pending.reason.empty()) pending.reason = reason;
  --pending.undecided;
  if (alone_left_ > 0) --alone_left_;
  if (outcome == Outcome::accepted) last_problem_.clear();
}

void KafkaSender::failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) {
  last_problem_ = text;
  said(text);
  const bool is_refused = classify_kafka(error) == Outcome::refused ||
                          text.find("certificate verify failed") != std::string_view::npos;
  if (is_fatal || is_refused) {
    note_failure(is_refused ? Outcome::refused : Outcome::retry, "kafka: " + last_problem_);
  }
}

void KafkaSender::said(std::string_view text) { log_endpoint_detail(log_, name_, text); }

/// Waits for the next report or request.
void KafkaSender::wait() {
  if (producer_ == nullptr) {
    std::unique_lock lock(mutex_);
    if (failure_ || !pending_.empty()) return;
    changed_.wait_for(lock, kPollMax,
                      [this] { return !inbox_.empty() || stop_at_ != SteadyTime::max(); });
    return;
  }
  SteadyTime until = std::chrono::steady_clock::now() + kPollMax;
  until = std::min(until, end_at_);
  if (!pending_.empty()) until = std::min(until, progress_at_ + settings_.delivery_timeout);
  const auto wait = std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now());
  producer_->poll(failure_ ? Milliseconds{0} : std::max(wait, Milliseconds{0}));
}

void KafkaSender::answer_decided() {
  for (auto next = pending_.begin(); next != pending_.end();) {
    const auto pending = next++;
    if (pending->undecided > 0) continue;
    Response response{.number = pending->request.number,
                      .outcomes = std::move(pending->outcomes),
                      .reason = std::move(pending->reason)};
    pending_.erase(pending);
    port_.post(std::move(response));
  }
}

void KafkaSender::check_time() {
  if (pending_.empty()) return;
  if (std::chrono::steady_clock::now() - progress_at_ < settings_.delivery_timeout) return;
  std::string reason = "kafka: no acknowledgement within " +
                       std::to_string(settings_.delivery_timeout.count()) + " ms";
  if (!last_problem_.empty()) reason += "; " + last_problem_;
  note_failure(Outcome::retry, std::move(reason));
}

/// The first failure names the reason, but a refusal outranks a retry, and any reason none.
void KafkaSender::note_failure(Outcome outcome, std::string reason) {
  const bool outranks =
      failure_ && failure_->outcome == Outcome::retry &&
      (outcome == Outcome::refused || (failure_->reason.empty() && !reason.empty()));
  if (!failure_ || outranks) failure_ = Failure{outcome, std::move(reason)};
}

/// Ends the producer and answers every event that waits. Nothing may be sent behind an event that
/// failed, or it would pass it.
void KafkaSender::hand_back() {
  if (producer_ != nullptr) {
    producer_->purge();
    const SteadyTime limit = std::chrono::steady_clock::now() + kPurgeMax;
    while (in_flight_ > 0 && std::chrono::steady_clock::now() < limit) {
      producer_->poll(Milliseconds{50});
    }
    set_producer(nullptr);
  }
  Failure failure = *std::exchange(failure_, std::nullopt);
  if (failure.reason.empty()) failure.reason = "kafka: the producer has stopped";
  const std::scoped_lock lock(mutex_);
  for (Request& request : std::exchange(inbox_, {})) add_pending(std::move(request));
  std::size_t count = 0;
  for (Pending& pending : pending_) {
    if (pending.undecided > 0) epoch_min_ = std::max(epoch_min_, pending.request.epoch + 1);
    for (std::size_t i = 0; i < pending.slots.size(); ++i) {
      if (pending.slots[i].is_decided) continue;
      pending.outcomes[i] = failure.outcome;
      ++count;
    }
    if (pending.reason.empty() && pending.undecided > 0) pending.reason = failure.reason;
    port_.post({.number = pending.request.number,
                .outcomes = std::move(pending.outcomes),
                .reason = std::move(pending.reason)});
  }
  if (std::exchange(has_suspect_, false)) alone_left_ = count;
  pending_.clear();
  in_flight_ = 0;
}

/// Goes back to whole batches when the suspects have passed.
void KafkaSender::leave_alone_mode() {
  if (is_alone_ && alone_left_ == 0 && in_flight_ == 0) {
    is_alone_ = false;
    set_producer(nullptr);
  }
}

std::string KafkaSender::reason_of(rd_kafka_resp_err_t error) const {
  return "kafka: topic " + settings_.topic + ": " + rd_kafka_err2str(error);
}

}  // namespace copybridge::publishers
