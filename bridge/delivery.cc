// Requests, order per key and back-off of one destination.
#include "bridge/delivery.h"

#include <algorithm>
#include <cassert>

#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"

namespace copybridge::bridge {
namespace {

using publishers::Event;
using publishers::Outcome;
using publishers::Response;

/// How far behind the front a request looks for events whose keys are free.
constexpr std::size_t kLookAheadMax = 4096;
/// Longer waits than this are taken for a mistake of the endpoint.
constexpr Milliseconds kRetryAfterMax{3'600'000};

std::size_t size_of(const Event& event) {
  return event.body.size() + event.id.size() + event.subject.size() + event.key.size();
}

Outcome outcome_of(const Response& response, std::size_t index) {
  if (response.outcomes.size() == 1) return response.outcomes.front();
  // A response that leaves events out has not confirmed them.
  return index < response.outcomes.size() ? response.outcomes[index] : Outcome::retry;
}

}  // namespace

Delivery::Delivery(std::string name, std::unique_ptr<publishers::Publisher> publisher,
                   const RetryPolicy& policy, const Clock& clock, Log& log)
    : name_(std::move(name)),
      publisher_(std::move(publisher)),
      policy_(policy),
      clock_(clock),
      log_(log),
      limits_(publisher_->limits()),
      random_(std::random_device{}()) {}

void Delivery::enqueue(Passage& passage, std::uint32_t event) {
  if (spare_.empty()) spare_.emplace_back();
  spare_.front() = {&passage, event, next_order_++, false};
  queue_.splice(queue_.end(), spare_, spare_.begin());
}

bool Delivery::may_send() const {
  if (queue_.empty() || clock_.now() < resume_at_) return false;
  if (state_ != State::up) return in_flight_.empty();
  return in_flight_.size() < limits_.requests_in_flight;
}

void Delivery::pump(std::vector<Delivered>& done) {
  while (may_send()) {
    Queue events = take_request(done);
    if (events.empty()) return;
    send(std::move(events));
  }
}

bool Delivery::is_held_by_order(const Event& event,
                                const std::unordered_set<std::string_view>& own_keys) const {
  if (limits_.keeps_order || event.key.empty() || !keys_in_flight_.contains(event.key)) {
    return false;
  }
  return limits_.splits_outcomes || !own_keys.contains(event.key);
}

Delivery::Queue Delivery::take_request(std::vector<Delivered>& done) {
  Queue taken;
  std::unordered_set<std::string_view> own_keys;
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  for (auto next = queue_.begin(); next != queue_.end() && looked_at < kLookAheadMax; ++looked_at) {
    const auto waiting = next++;
    const Event& event = event_of(*waiting);
    const std::size_t size = size_of(event);
    if (size > limits_.event_bytes_max) {
      finish(queue_, waiting, false, too_large(size), done);
      continue;
    }
    if (is_held_by_order(event, own_keys)) continue;
    const bool is_too_much = waiting->is_alone || bytes + size > limits_.bytes_per_request;
    if (!taken.empty() && is_too_much) break;
    bytes += size;
    if (!limits_.keeps_order && !event.key.empty()) {
      own_keys.insert(event.key);
      keys_in_flight_.insert(event.key);
    }
    taken.splice(taken.end(), queue_, waiting);
    if (waiting->is_alone || taken.size() >= limits_.events_per_request) break;
  }
  return taken;
}

std::string Delivery::too_large(std::size_t size) const {
  return name_ + ": the event has " + std::to_string(size) + " bytes, the endpoint takes " +
         std::to_string(limits_.event_bytes_max);
}

void Delivery::send(Queue events) {
  publishers::Request request;
  request.number = next_request_++;
  request.epoch = failures_;
  request.events.reserve(events.size());
  for (const Waiting& waiting : events) request.events.push_back(&event_of(waiting));
  in_flight_.emplace(request.number, std::move(events));
  publisher_->publish(std::move(request));
  crash_point("publish_started");
}

void Delivery::apply(const Response& response, std::vector<Delivered>& done) {
  const auto found = in_flight_.find(response.number);
  assert(found != in_flight_.end() && "a publisher answered a request twice");
  if (found == in_flight_.end()) return;
  Queue sent = std::move(found->second);
  in_flight_.erase(found);
  if (is_blame_shared(response, sent.size())) return take_apart(std::move(sent), response);

  std::size_t index = 0;
  bool any_final = false;
  bool any_retry = false;
  bool any_refused = false;
  for (auto next = sent.begin(); next != sent.end(); ++index) {
    const auto waiting = next++;
    const Outcome outcome = outcome_of(response, index);
    release_key(event_of(*waiting));
    if (outcome == Outcome::accepted || outcome == Outcome::permanent) {
      any_final = true;
      finish(sent, waiting, outcome == Outcome::accepted, response.reason, done);
    } else {
      any_retry = true;
      any_refused = any_refused || outcome == Outcome::refused;
      requeue(sent, waiting);
    }
  }
  if (any_final) taken_at_ = clock_.now();
  if (any_retry) {
    ++failures_;
    note_failure(response, any_refused, any_final);
  } else if (is_news(response)) {
    note_success();
  }
}

bool Delivery::is_blame_shared(const Response& response, std::size_t events) const {
  return events > 1 && response.outcomes.size() == 1 &&
         response.outcomes.front() == Outcome::permanent && !limits_.keeps_order;
}

// One event spoils a request for its neighbours. Each goes alone, so that only it is refused.
void Delivery::take_apart(Queue sent, const Response& response) {
  for (auto next = sent.begin(); next != sent.end();) {
    const auto waiting = next++;
    release_key(event_of(*waiting));
    waiting->is_alone = true;
    requeue(sent, waiting);
  }
  if (is_news(response)) note_success();
}

void Delivery::finish(Queue& sent, Queue::iterator waiting, bool accepted,
                      const std::string& reason, std::vector<Delivered>& done) {
  done.push_back(
      {this, waiting->passage, waiting->event, accepted, accepted ? std::string() : reason});
  spare_.splice(spare_.begin(), sent, waiting);
}

void Delivery::requeue(Queue& sent, Queue::iterator waiting) {
  ++retried_;
  const std::uint64_t order = waiting->order;
  const auto place =
      std::ranges::find_if(queue_, [&](const Waiting& other) { return other.order > order; });
  queue_.splice(place, sent, waiting);
}

void Delivery::release_key(const Event& event) {
  if (!event.key.empty()) keys_in_flight_.erase(event.key);
}

bool Delivery::is_news(const Response& response) const { return response.number >= first_news_; }

void Delivery::note_success() {
  if (state_ == State::up) return;
  const SteadyTime now = clock_.now();
  const auto away = std::chrono::duration_cast<Milliseconds>(now - outage_.since());
  const std::uint64_t attempts = outage_.attempts();
  if (outage_.end(now)) log_endpoint_recovered(log_, name_, attempts, away.count());
  state_ = State::up;
  doublings_ = 0;
  resume_at_ = {};
}

void Delivery::note_failure(const Response& response, bool refused, bool any_taken) {
  const SteadyTime now = clock_.now();
  resume_at_ = std::max(resume_at_, now + std::min(response.retry_after, kRetryAfterMax));
  const bool is_new_refusal = refused && state_ != State::refused;
  // What was under way together fails together: that is one failure.
  if (!is_news(response) && !is_new_refusal) return;
  first_news_ = next_request_;
  state_ = refused ? State::refused : State::away;
  if (is_new_refusal) {
    log_endpoint_refused(log_, name_, response.reason);
    outage_.set_logged();
  }
  if (outage_.note_failure(now)) log_endpoint_lost(log_, name_, response.reason);
  if (any_taken) doublings_ = 0;
  resume_at_ = std::max(resume_at_, now + back_off(refused));
}

// Full jitter: anything between nothing and a ceiling that doubles (AWS Architecture Blog,
// "Exponential Backoff And Jitter").
Milliseconds Delivery::back_off(bool refused) {
  constexpr int kDoublingsMax = 20;
  Milliseconds ceiling = policy_.refused;
  if (!refused) {
    ceiling = std::min(policy_.max, policy_.initial * (1 << doublings_));
    doublings_ = std::min(doublings_ + 1, kDoublingsMax);
  }
  std::uniform_int_distribution<std::int64_t> jitter(refused ? ceiling.count() / 2 : 0,
                                                     ceiling.count());
  return Milliseconds(jitter(random_));
}

void Delivery::abandon() { spare_.splice(spare_.begin(), queue_); }

SteadyTime Delivery::failing_since() const {
  return state_ == State::up ? clock_.now() : std::max(outage_.since(), taken_at_);
}

}  // namespace copybridge::bridge
