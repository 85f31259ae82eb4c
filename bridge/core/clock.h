// Time, replaceable by the tests' own.
#pragma once

#include <chrono>
#include <string>

namespace copybridge {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
  /// How long a wait of this clock's time takes on the machine: whoever waits on a condition waits
  /// so long.
  [[nodiscard]] virtual std::chrono::nanoseconds machine_time(Milliseconds wait) const {
    return wait;
  }
};

/// The machine's clock; lives as long as the process.
[[nodiscard]] Clock& system_clock();

/// `2026-11-23T04:05:06.789Z` (RFC 3339, UTC).
[[nodiscard]] std::string to_rfc3339(WallTime time);

}  // namespace copybridge
