// The machine's clock and RFC 3339 text.
#include "bridge/core/clock.h"

#include <fmt/chrono.h>

#include "bridge/core/source_time.h"

namespace copybridge {
namespace {

class SystemClock : public Clock {
 public:
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string source_time_text(std::int64_t since_1970_ms) {
  constexpr std::int64_t kFirst = -62'167'219'200'000;
  constexpr std::int64_t kLast = 253'402'300'799'999;
  if (since_1970_ms < kFirst || since_1970_ms > kLast) return {};
  auto seconds = static_cast<std::time_t>(since_1970_ms / 1000);
  auto milliseconds = since_1970_ms % 1000;
  if (milliseconds < 0) {
    milliseconds += 1000;
    --seconds;
  }
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds);
}

std::string to_rfc3339(WallTime time) {
  return source_time_text(std::chrono::floor<Milliseconds>(time.time_since_epoch()).count());
}

}  // namespace copybridge
