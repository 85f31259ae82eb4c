// How long a destination waits before it sends again.
#pragma once

#include <cstdint>
#include <random>

#include "bridge/core/clock.h"

namespace copybridge::bridge {

struct RetryPolicy {
  Milliseconds initial{100};     ///< ceiling of the first wait; doubles with each failure
  Milliseconds max{30'000};      ///< ceiling of every wait
  Milliseconds refused{30'000};  ///< wait after the endpoint refused (credentials, address)
  std::uint32_t seed = 0;        ///< of the jitter; 0: another one each time
};

/// Waits drawn by the policy. Full jitter: anything between nothing and a ceiling that doubles
/// (AWS Architecture Blog, "Exponential Backoff And Jitter").
class Jitter {
 public:
  explicit Jitter(const RetryPolicy& policy);

  /// After the failure that follows `failures` others.
  [[nodiscard]] Milliseconds after_failure(unsigned failures);
  /// After a refusal: at least half of the policy's wait, since somebody has to act meanwhile.
  [[nodiscard]] Milliseconds after_refusal();

 private:
  RetryPolicy policy_;
  std::minstd_rand random_;
};

}  // namespace copybridge::bridge
