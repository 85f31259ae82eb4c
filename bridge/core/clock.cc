// The machine's clock and RFC 3339 text.
#include "bridge/core/clock.h"

#include <fmt/chrono.h>

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

std::string to_rfc3339(WallTime time) {
  const auto since_epoch = std::chrono::floor<Milliseconds>(time.time_since_epoch()).count();
  auto seconds = static_cast<std::time_t>(since_epoch / 1000);
  auto milliseconds = since_epoch % 1000;
  if (milliseconds < 0) {
    milliseconds += 1000;
    --seconds;
  }
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds);
}

}  // namespace copybridge
