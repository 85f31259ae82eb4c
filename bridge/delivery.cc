// Requests, order per key, and the fates of the events of one destination.
#include "bridge/delivery.h"

#include <algorithm>
#include <cassert>

#include "bridge/core/crash_point.h"

namespace copybridge::bridge {
namespace {

using publishers::Event;
using publishers::Outcome;
using publishers::Response;

/// How far behind the front a request looks for events whose keys are free.
constexpr std::size_t kLookAheadMax = 4096;
/// Doubtful answers in a row that are taken for the events' own faults where the endpoint took
/// events before. One more, and it is everything that is refused.
constexpr unsigned kBelievedInRowMax = 3;
constexpr Milliseconds kStoreRetry{1000};
/// Of the bytes that a request may have: a collected one ends at the next batch from there on.
constexpr std::size_t kShareOfObject = 16;

}  // namespace

Delivery::Delivery(std::string name, std::unique_ptr<publishers::Publisher> publisher,
                   const RetryPolicy& policy, const Clock& clock, Log& log)
    : name_(std::move(name)),
      publisher_(std::move(publisher)),
      clock_(clock),
      log_(log),
      limits_(publisher_->limits()),
      breaker_(name_, policy, clock, log),
      concurrency_(limits_.requests_in_flight),
      jitter_(policy) {}

std::size_t Delivery::size_of(const Event& event) {
  return event.body.size() + event.id.size() + event.subject.size() + event.key.size();
}

void Delivery::enqueue(Passage& passage, std::uint32_t event) {
  if (spare_.empty()) spare_.emplace_back();
  spare_.front() = {.passage = &passage, .event = event, .order = next_order_++};
  queue_.splice(queue_.end(), spare_, spare_.begin());
  if (store_ != nullptr) keep_body(queue_.back());
}

void Delivery::note_settling(std::uint64_t settlement, const Passage& passage) {
  if (limits_.remembers_ids && !carries_positions()) settled_ids_.add(settlement, passage);
}

std::size_t Delivery::limit() const {
  // What keeps the order is handed requests one after another: it decides itself how fast.
  return limits_.keeps_order ? limits_.requests_in_flight : concurrency_.limit();
}

void Delivery::pump(std::vector<Delivered>& done) {
  while (in_flight_.size() < limit() && breaker_.lets_through(in_flight_.size())) {
    Queue events = take_request(done);
    if (events.empty() && conclude_doubts()) continue;
    if (events.empty()) return;
    send(std::move(events));
  }
}

bool Delivery::is_held_by_order(const Event& event,
                                const std::unordered_set<std::string_view>& own_keys) const {
  if (!keeps_keys_apart() || event.key.empty() || !keys_in_flight_.contains(event.key))
    return false;
  const bool may_differ = limits_.splits_outcomes || limits_.keeps_order;
  return may_differ || !own_keys.contains(event.key);
}

bool Delivery::is_of_another_key(const Queue& taken, const Event& event) const {
  return limits_.has_one_key && !taken.empty() && event.key != event_of(taken.front()).key;
}

/// Whether a request ends before an event that counts so much.
bool Delivery::ends_before(const Queue& taken, std::size_t bytes, std::size_t size,
                           const Waiting& next) const {
  if (taken.empty()) return false;
  if (next.is_alone || bytes + size > limits_.bytes_per_request) return true;
  // A batch is settled when all requests with its events are answered, and what is collected to an
  // object is answered with it: no request holds up batches of two objects. After a failure one
  // request alone has to bring an object again.
  return limits_.collects_bytes > 0 && breaker_.is_closed() &&
         bytes >= limits_.bytes_per_request / kShareOfObject &&
         taken.back().passage != next.passage;
}

Delivery::Queue Delivery::take_request(std::vector<Delivered>& done) {
  if (carries_positions()) return take_batches();
  Queue taken;
  std::unordered_set<std::string_view> own_keys;
  std::unordered_set<std::string_view> passed_over;  // Later events of these keys wait, too.
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  const SteadyTime now = clock_.now();
  next_due_ = kNever;
  for (auto next = queue_.begin(); next != queue_.end() && looked_at < kLookAheadMax + taken.size();
       ++looked_at) {
    const auto waiting = next++;
    const Event& event = event_of(*waiting);
    if (hold_back(waiting, done)) continue;
    if (is_held_by_order(event, own_keys) || passed_over.contains(event.key)) continue;
    if (is_early(*waiting, now)) {
      if (limits_.keeps_order && is_being_kept(*waiting)) break;
      if (!event.key.empty()) passed_over.insert(event.key);
      continue;
    }
    std::size_t size = 0;
    if (is_of_another_key(taken, event) || conclude_unsent(waiting, size, done)) continue;
    if (ends_before(taken, bytes, size, *waiting)) break;
    bytes += size;
    if (keeps_keys_apart() && !event.key.empty()) {
      own_keys.insert(event.key);
      keys_in_flight_.insert(event.key);
    }
    taken.splice(taken.end(), queue_, waiting);
    if (waiting->is_alone || taken.size() >= limits_.events_per_request) break;
  }
  return taken;
}

/// Whether it cannot go yet; later ones of its key wait with it.
bool Delivery::is_early(const Waiting& waiting, SteadyTime now) {
  if (waiting.not_before > now) {
    next_due_ = std::min(next_due_, waiting.not_before);
    return true;
  }
  return is_being_kept(waiting) ||
         (is_withheld(waiting) && keys_in_flight_.contains(event_of(waiting).key));
}

/// An event that is never sent has its fate when its turn has come: earlier ones of its key are
/// with the endpoint. `size` becomes what it counts: that is measured once.
bool Delivery::conclude_unsent(Queue::iterator waiting, std::size_t& size,
                               std::vector<Delivered>& done) {
  size = publisher_->size_of(event_of(*waiting));
  const bool is_too_large = size > limits_.event_bytes_max;
  if (!is_withheld(*waiting) && !is_too_large) return false;
  finish(queue_, waiting, false, is_too_large ? too_large(*waiting, size) : std::string(), done);
  return true;
}

std::string Delivery::too_large(const Waiting& waiting, std::size_t size) const {
  const std::string text = name_ + ": the event has " + std::to_string(size) +
                           " bytes, the endpoint takes " + std::to_string(limits_.event_bytes_max);
  return waiting.body == nullptr ? text : text + "; " + waiting.body->reason;
}

void Delivery::send(Queue events) {
  // While the route waits for somebody to act, what has been corrected counts by itself.
  if (breaker_.is_refused()) static_cast<void>(publisher_->renew_credentials());
  breaker_.note_sent();
  publishers::Request request;
  request.number = next_request_++;
  request.epoch = failures_;
  request.settled_ids = settled_ids_.take();
  request.events.reserve(events.size());
  for (const Waiting& waiting : events) {
    if (!is_position(waiting)) request.events.push_back(&event_of(waiting));
  }
  if (carries_positions()) give_position(events.back(), request);
  const bool is_full = in_flight_.size() + 1 >= limit();
  in_flight_.emplace(request.number, Sent{std::move(events), clock_.now(), is_full});
  publisher_->publish(std::move(request));
  crash_point("publish_started");
}

void Delivery::apply(const Response& response, std::vector<Delivered>& done) {
  const auto found = in_flight_.find(response.number);
  assert(found != in_flight_.end() && "a publisher answered a request twice");
  if (found == in_flight_.end()) return;
  Sent sent = std::move(found->second);
  in_flight_.erase(found);
  if (response.outcomes == std::vector{Outcome::taken_back}) return take_back(sent.events, done);
  if (is_blame_shared(response, sent.events.size())) {
    return take_apart(std::move(sent.events), response);
  }
  // A request that only stores a position has one outcome like any other.
  const auto events = sent.events.size() -
                      static_cast<std::size_t>(std::ranges::count_if(sent.events, is_position));
  const Verdict verdict = verdict_of(response, std::max<std::size_t>(1, events));
  if (verdict.any_accepted) note_accepted();
  settle(sent.events, response, verdict, done);
  judge(response, verdict, sent);
}

Outcome Delivery::outcome_of(const Response& response, std::size_t index) const {
  const bool is_for_all = response.outcomes.size() == 1;
  // A response that leaves events out has not confirmed them.
  if (!is_for_all && index >= response.outcomes.size()) return Outcome::retry;
  const Outcome outcome = response.outcomes[is_for_all ? 0 : index];
  // Nothing can be tried in between where the order of everything is kept.
  return outcome == Outcome::doubtful && limits_.keeps_order ? Outcome::refused : outcome;
}

Delivery::Verdict Delivery::verdict_of(const Response& response, std::size_t events) const {
  Verdict verdict;
  for (std::size_t index = 0; index < events; ++index) {
    const Outcome outcome = outcome_of(response, index);
    verdict.any_accepted |= outcome == Outcome::accepted;
    verdict.any_final |= outcome == Outcome::accepted || outcome == Outcome::permanent;
    verdict.any_throttled |= outcome == Outcome::throttled;
    verdict.any_refused |= outcome == Outcome::refused;
    verdict.any_doubt |= outcome == Outcome::doubtful;
    verdict.any_retry |= outcome == Outcome::retry;
  }
  verdict.any_retry |= verdict.any_throttled || verdict.any_refused;
  return verdict;
}

/// Gives each event of a request its fate, or its place in the queue again.
void Delivery::settle(Queue& sent, const Response& response, const Verdict& verdict,
                      std::vector<Delivered>& done) {
  const bool is_own_failure = verdict.any_final && !limits_.keeps_order;
  std::size_t index = 0;
  for (auto next = sent.begin(); next != sent.end();) {
    const auto waiting = next++;
    if (is_position(*waiting)) {
      settle_position(sent, waiting, response, done);
      continue;
    }
    const Outcome outcome = outcome_of(response, index++);
    const bool is_condemned =
        outcome == Outcome::permanent || (outcome == Outcome::doubtful && is_believed());
    if (outcome == Outcome::doubtful && !is_condemned) {
      doubt_ = response.reason;
      doubted_.splice(doubted_.end(), sent, waiting);
      continue;
    }
    release_key(event_of(*waiting));
    if (outcome == Outcome::accepted || is_condemned) {
      finish(sent, waiting, outcome == Outcome::accepted, response.reason, done);
      continue;
    }
    if (is_own_failure) {
      waiting->not_before = clock_.now() + jitter_.after_failure(0);
    }
    requeue(sent, waiting);
  }
}

/// What an answer says of the endpoint, now that each event has its fate.
void Delivery::judge(const Response& response, const Verdict& verdict, const Sent& sent) {
  if (verdict.any_final) taken_at_ = clock_.now();
  if (verdict.any_retry) {
    ++failures_;
    judge_failure(response, verdict);
    return breaker_.pause(response.retry_after);
  }
  if (!is_news(response)) return;
  // A doubtful answer says that it is there, but not that it takes anything.
  if (verdict.any_doubt && !verdict.any_final && breaker_.is_refused()) {
    return breaker_.note_refusal(response.reason);
  }
  breaker_.note_success();
  if (verdict.any_final) concurrency_.note_success(clock_.now() - sent.at, sent.was_full);
}

void Delivery::judge_failure(const Response& response, const Verdict& verdict) {
  if (verdict.any_refused) return refuse(response.reason, response.number);
  // What was under way together fails together: that is one failure.
  if (!is_news(response)) return;
  first_news_ = next_request_;
  if (verdict.any_throttled) concurrency_.note_throttled();
  if (verdict.any_throttled && !limits_.keeps_order) {
    breaker_.note_throttled(response.reason);
  } else if (verdict.any_final && !limits_.keeps_order) {
    breaker_.note_partly_taken(response.reason);
  } else {
    breaker_.note_failure(response.reason, verdict.any_final);
  }
}

bool Delivery::is_blame_shared(const Response& response, std::size_t events) const {
  if (events <= 1 || response.outcomes.size() != 1 || limits_.keeps_order) return false;
  return response.outcomes.front() == Outcome::permanent ||
         response.outcomes.front() == Outcome::doubtful;
}

// One event spoils a request for its neighbours. Each goes alone, so that only it is refused.
void Delivery::take_apart(Queue sent, const Response& response) {
  for (auto next = sent.begin(); next != sent.end();) {
    const auto waiting = next++;
    release_key(event_of(*waiting));
    waiting->is_alone = true;
    requeue(sent, waiting);
  }
  if (breaker_.is_refused()) return breaker_.try_at_once();
  if (is_news(response)) breaker_.note_success();
}

void Delivery::finish(Queue& sent, Queue::iterator waiting, bool accepted,
                      const std::string& reason, std::vector<Delivered>& done) {
  if (!accepted && blocks_keys_) block(event_of(*waiting).key, event_of(*waiting).id);
  done.push_back({.destination = this,
                  .passage = waiting->passage,
                  .event = waiting->event,
                  .is_accepted = accepted,
                  .reason = accepted ? std::string() : reason});
  spare_.splice(spare_.begin(), sent, waiting);
}

void Delivery::requeue(Queue& sent, Queue::iterator waiting) {
  ++retried_;
  put_back(sent, waiting);
}

void Delivery::put_back(Queue& from, Queue::iterator waiting) {
  const std::uint64_t order = waiting->order;
  const auto place =
      std::ranges::find_if(queue_, [&](const Waiting& other) { return other.order > order; });
  queue_.splice(place, from, waiting);
}

void Delivery::release_key(const Event& event) {
  if (!event.key.empty()) keys_in_flight_.erase(event.key);
}

/// The endpoint takes events: what was doubted before gets a second hearing.
void Delivery::note_accepted() {
  set_proven(true);
  is_renewed_ = false;
  believed_in_row_ = 0;
  hear_again();
}

void Delivery::remember(bool is_proven, std::function<Result<void>(bool)> store) {
  is_proven_ = is_proven;
  stored_proven_ = is_proven;
  store_proven_ = std::move(store);
}

void Delivery::set_proven(bool is_proven) {
  is_proven_ = is_proven;
  const bool is_due = store_proven_ && stored_proven_ != is_proven;
  if (!is_due || clock_.now() < store_proven_at_) return;
  if (store_proven_(is_proven)) {
    stored_proven_ = is_proven;
  } else {
    store_proven_at_ = clock_.now() + kStoreRetry;
  }
}

/// Whether a doubtful answer to an event is the event's own fault.
bool Delivery::is_believed() { return is_proven_ && believed_in_row_++ < kBelievedInRowMax; }

void Delivery::hear_again() {
  for (auto next = doubted_.begin(); next != doubted_.end();) {
    const auto waiting = next++;
    release_key(event_of(*waiting));
    waiting->is_alone = true;
    requeue(doubted_, waiting);
  }
}

/// Where every event was doubted and nothing else is left to try, it is everything that is refused.
/// True: the round of all events begins again.
bool Delivery::conclude_doubts() {
  const bool is_all = in_flight_.empty() && bodies_.empty() && next_due_ == kNever;
  if (doubted_.empty() || !is_all) return false;
  set_proven(false);
  hear_again();
  if (!breaker_.is_refused()) refuse(doubt_ + " to every event", next_request_);
  return true;
}

/// The endpoint refuses the bridge itself. Credentials may have been renewed since they were read:
/// that is worth one more attempt.
void Delivery::refuse(const std::string& reason, std::uint64_t request) {
  // Sent before the renewal or the newest refusal was known.
  if (request < first_renewed_ || (request < first_news_ && breaker_.is_refused())) return;
  first_news_ = next_request_;
  if (is_renewed_ || breaker_.is_refused()) return breaker_.note_refusal(reason);
  is_renewed_ = true;
  const Result<bool> renewed = publisher_->renew_credentials();
  if (renewed && *renewed) {
    first_renewed_ = next_request_;
    return breaker_.try_at_once();
  }
  breaker_.note_refusal(renewed ? reason : reason + "; " + renewed.error().message);
}

bool Delivery::is_news(const Response& response) const { return response.number >= first_news_; }

bool Delivery::is_stuck() const {
  return !breaker_.is_closed() || std::ranges::any_of(blocked_, [](const auto& block) {
    return !block.second.held.empty();
  });
}

const Event* Delivery::first_waiting() const {
  const Waiting* first = nullptr;
  const auto look_at = [&](const Queue& queue) {
    for (const Waiting& waiting : queue) {
      if (is_position(waiting) || is_withheld(waiting) ||
          (first != nullptr && first->order < waiting.order))
        continue;
      first = &waiting;
    }
  };
  look_at(queue_);
  look_at(doubted_);
  for (const auto& [key, block] : blocked_) look_at(block.held);
  return first == nullptr ? nullptr : &whole_event_of(*first);
}

void Delivery::abandon() {
  spare_.splice(spare_.begin(), queue_);
  spare_.splice(spare_.begin(), doubted_);
  for (auto& [key, block] : blocked_) spare_.splice(spare_.begin(), block.held);
  bodies_.clear();
  if (in_flight_.empty()) keys_in_flight_.clear();  // Those of what was doubted.
}

SteadyTime Delivery::failing_since() const { return std::max(breaker_.failing_since(), taken_at_); }

SteadyTime Delivery::resume_at() const {
  if (breaker_.resume_at() > clock_.now()) return breaker_.resume_at();
  return next_due_ == kNever ? SteadyTime{} : next_due_;
}

}  // namespace copybridge::bridge
