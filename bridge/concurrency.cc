// The limit's way up and down.
#include "bridge/concurrency.h"

#include <algorithm>

namespace copybridge::bridge {
namespace {

constexpr double kUsual = 16;
constexpr unsigned kWindow = 100;
/// Small differences between short latencies say nothing.
constexpr Concurrency::Duration kNoise = std::chrono::milliseconds(5);

}  // namespace

Concurrency::Concurrency(std::size_t ceiling)
    : ceiling_(static_cast<double>(std::max<std::size_t>(1, ceiling))),
      limit_(std::min(ceiling_, kUsual)) {}

bool Concurrency::holds(Duration latency) const {
  const Duration best = std::min(best_, best_before_);
  return best == Duration::max() || latency <= 2 * best + kNoise;
}

void Concurrency::remember(Duration latency) {
  best_ = std::min(best_, latency);
  if (++answers_ < kWindow) return;
  best_before_ = best_;
  best_ = Duration::max();
  answers_ = 0;
}

void Concurrency::note_success(Duration latency, bool was_full) {
  if (!was_full) return;
  // One more after as many answers as are under way at once.
  if (holds(latency)) limit_ = std::min(ceiling_, limit_ + 1 / limit_);
  remember(latency);
}

void Concurrency::note_throttled() { limit_ = std::max(1.0, limit_ / 2); }

}  // namespace copybridge::bridge
