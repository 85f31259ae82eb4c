// The circuit breaker of one destination: whether a request may go out now, and what the log says
// of an endpoint that is away, throttles or refuses.
#pragma once

#include <string>

#include "bridge/core/log.h"
#include "bridge/outage.h"
#include "bridge/retry_policy.h"

namespace copybridge::bridge {

/// Closed: requests go out. Open: none does until the back-off is over; then it is half-open: one
/// request goes out as a probe, and its answer closes or opens it again. Not thread-safe.
class Breaker {
 public:
  Breaker(std::string endpoint, const RetryPolicy& policy, const Clock& clock, Log& log);

  /// Whether a request may go out, with so many under way.
  [[nodiscard]] bool lets_through(std::size_t in_flight) const;
  [[nodiscard]] bool is_closed() const { return state_ == State::closed; }
  /// Whether the endpoint refuses the bridge itself, so that somebody has to act.
  [[nodiscard]] bool is_refused() const { return is_refused_; }
  /// Since when the endpoint has not taken everything; now where it does.
  [[nodiscard]] SteadyTime failing_since() const;
  /// Nothing goes out before.
  [[nodiscard]] SteadyTime resume_at() const { return resume_at_; }

  /// A request goes out: the first one after a back-off is the probe.
  void note_sent();
  /// Everything sent was taken, or refused for itself.
  void note_success();
  /// Nothing was taken, or the endpoint keeps the order of what follows: opens. `any_taken`: the
  /// waits start short again.
  void note_failure(const std::string& reason, bool any_taken);
  /// Part of a request was taken: an outage for the log, but others go out.
  void note_partly_taken(const std::string& reason);
  /// The endpoint asks to slow down: likewise, after a wait that doubles.
  void note_throttled(const std::string& reason);
  /// Nothing goes out for so long, closed or open.
  void pause(Milliseconds wait);
  /// The endpoint refuses the bridge: opens, with an ERROR where that is new.
  void note_refusal(const std::string& reason);
  /// What was refused may be taken now: the probe goes out at once.
  void try_at_once();

 private:
  enum class State : std::uint8_t { closed, open, half_open };

  void open(Milliseconds wait);
  void log_lost(const std::string& reason);

  const std::string endpoint_;
  const Clock& clock_;
  Log& log_;
  Jitter jitter_;
  State state_ = State::closed;
  bool is_refused_ = false;
  bool is_probe_logged_ = false;    ///< in this outage
  bool is_refusal_logged_ = false;  ///< likewise
  Outage outage_;
  unsigned failures_ = 0;  ///< in a row
  SteadyTime resume_at_;
};

}  // namespace copybridge::bridge
