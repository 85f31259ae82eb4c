// States of the breaker, and one log line for each of them per outage.
#include "bridge/breaker.h"

#include <algorithm>

#include "bridge/core/log_events.h"

namespace copybridge::bridge {
namespace {

constexpr unsigned kDoublingsMax = 20;
/// Longer waits than this are taken for a mistake of the endpoint.
constexpr Milliseconds kPauseMax{3'600'000};

std::uint32_t seed_of(const RetryPolicy& policy) {
  return policy.seed != 0 ? policy.seed : std::random_device{}();
}

}  // namespace

Jitter::Jitter(const RetryPolicy& policy) : policy_(policy), random_(seed_of(policy)) {}

Milliseconds Jitter::after_failure(unsigned failures) {
  const Milliseconds doubled = policy_.initial * (1 << std::min(failures, kDoublingsMax));
  const Milliseconds ceiling = std::min(policy_.max, doubled);
  return Milliseconds(std::uniform_int_distribution<std::int64_t>(0, ceiling.count())(random_));
}

Milliseconds Jitter::after_refusal() {
  const std::int64_t ceiling = policy_.refused.count();
  return Milliseconds(std::uniform_int_distribution<std::int64_t>(ceiling / 2, ceiling)(random_));
}

Breaker::Breaker(std::string endpoint, const RetryPolicy& policy, const Clock& clock, Log& log)
    : endpoint_(std::move(endpoint)), clock_(clock), log_(log), jitter_(policy) {}

bool Breaker::lets_through(std::size_t in_flight) const {
  if (clock_.now() < resume_at_) return false;
  return state_ == State::closed || in_flight == 0;
}

SteadyTime Breaker::failing_since() const {
  return outage_.is_on() ? outage_.since() : clock_.now();
}

void Breaker::note_sent() {
  if (state_ != State::open) return;
  state_ = State::half_open;
  if (is_probe_logged_ || !outage_.is_logged()) return;
  is_probe_logged_ = true;
  log_endpoint_probed(log_, endpoint_);
}

void Breaker::note_success() {
  if (state_ == State::closed && !outage_.is_on()) return;
  const SteadyTime now = clock_.now();
  const auto away = std::chrono::duration_cast<Milliseconds>(now - outage_.since());
  const std::uint64_t attempts = outage_.attempts();
  if (outage_.end(now)) log_endpoint_recovered(log_, endpoint_, attempts, away.count());
  // A wait that a closed breaker keeps is one that the endpoint has asked for.
  if (state_ != State::closed) resume_at_ = {};
  state_ = State::closed;
  is_refused_ = is_refusal_logged_ = is_probe_logged_ = false;
  failures_ = 0;
}

void Breaker::log_lost(const std::string& reason) {
  if (outage_.note_failure(clock_.now())) log_endpoint_lost(log_, endpoint_, reason);
}

void Breaker::note_failure(const std::string& reason, bool any_taken) {
  is_refused_ = false;
  log_lost(reason);
  if (any_taken) failures_ = 0;
  open(jitter_.after_failure(failures_));
  failures_ = std::min(failures_ + 1, kDoublingsMax);
}

void Breaker::note_partly_taken(const std::string& reason) {
  log_lost(reason);
  if (state_ != State::closed) resume_at_ = {};
  state_ = State::closed;
  is_refused_ = false;
  failures_ = 0;
}

void Breaker::note_throttled(const std::string& reason) {
  log_lost(reason);
  pause(jitter_.after_failure(failures_));
  failures_ = std::min(failures_ + 1, kDoublingsMax);
}

void Breaker::pause(Milliseconds wait) {
  resume_at_ = std::max(resume_at_, clock_.now() + std::min(wait, kPauseMax));
}

void Breaker::note_refusal(const std::string& reason) {
  if (!is_refusal_logged_) {
    log_endpoint_refused(log_, endpoint_, reason);
    outage_.set_logged();
  }
  is_refused_ = is_refusal_logged_ = true;
  log_lost(reason);
  open(jitter_.after_refusal());
}

void Breaker::open(Milliseconds wait) {
  state_ = State::open;
  pause(wait);
}

void Breaker::try_at_once() {
  state_ = State::open;
  resume_at_ = clock_.now();
}

}  // namespace copybridge::bridge
