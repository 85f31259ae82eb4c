// What is said of many alike things: at most one line a minute, with how many there were.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/core/clock.h"

namespace copybridge {

class Complaints {
 public:
  /// `write` says how many there were since it was last called, and of what kind the last was.
  using Write = std::function<void(std::uint64_t count, std::string_view reason)>;
  Complaints(const Clock& clock, Write write) : clock_(clock), write_(std::move(write)) {}

  void add(std::string_view reason) {
    ++count_;
    reason_ = reason;
    if (!written_at_ || clock_.now() - *written_at_ >= kInterval) flush();
  }
  void flush() {
    if (count_ == 0) return;
    write_(count_, reason_);
    count_ = 0;
    written_at_ = clock_.now();
  }

 private:
  static constexpr Milliseconds kInterval{60'000};

  const Clock& clock_;
  const Write write_;
  std::uint64_t count_ = 0;
  std::string reason_;
  std::optional<SteadyTime> written_at_;
};

}  // namespace copybridge
