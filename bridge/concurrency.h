// How many requests one destination may have under way: grows while latency holds, halves when the
// endpoint asks to slow down.
#pragma once

#include <chrono>
#include <cstddef>

namespace copybridge::bridge {

/// Additive increase, multiplicative decrease. Not thread-safe.
class Concurrency {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// Never more than `ceiling`; it begins with what is usual.
  explicit Concurrency(std::size_t ceiling);

  [[nodiscard]] std::size_t limit() const { return static_cast<std::size_t>(limit_); }
  /// A request was taken whole. `was_full`: it was the last one that the limit let out, so that a
  /// higher limit would be used.
  void note_success(Duration latency, bool was_full);
  /// The endpoint asked to slow down; once for all requests that were under way together.
  void note_throttled();

 private:
  [[nodiscard]] bool holds(Duration latency) const;
  void remember(Duration latency);

  const double ceiling_;
  double limit_;
  // The least latency of this window of answers and of the one before: what the endpoint can do.
  Duration best_ = Duration::max();
  Duration best_before_ = Duration::max();
  unsigned answers_ = 0;  ///< in this window
};

}  // namespace copybridge::bridge
