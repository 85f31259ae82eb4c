// What connections have brought, between their thread and the source's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/adapter.h"
#include "adapters/tcp/conversation.h"
#include "bridge/core/clock.h"

namespace copybridge::adapters::tcp {

/// Records of one connection.
struct Arrival {
  std::uint64_t connection = 0;
  std::shared_ptr<const Attributes> attributes;  ///< of the connection
  Cut cut;
  std::int64_t time_ms = 0;
  std::size_t handed_out = 0;  ///< records
};

/// Thread-safe.
class Intake {
 public:
  explicit Intake(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void add(Arrival arrival);
  /// Whether connections have to wait: so much is not settled.
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] std::uint64_t bytes() const;
  /// A connection holds `now` bytes of a record that is not whole, where it held `counted`.
  void count_partial(std::size_t& counted, std::size_t now);
  /// Whether such parts alone take all the room: they would wait for each other.
  [[nodiscard]] bool is_full_of_partials() const { return partial_bytes_ >= bytes_max_; }

  /// Waits until something is there or has happened; what interrupt() began ends with it.
  void wait(Milliseconds limit, const Clock& clock);
  void interrupt();
  /// The first of what waits is taken out, at most `records_max` of it; nothing: nothing waits.
  /// Its bytes count until they are released.
  [[nodiscard]] std::optional<Arrival> take(std::size_t records_max);
  void release(std::uint64_t bytes);
  /// Forgets what waits and what was not released.
  void clear();

  [[nodiscard]] std::size_t waiting() const;

 private:
  const std::uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_interrupted_ = false;
  std::deque<Arrival> arrivals_;
  std::uint64_t bytes_ = 0;
  std::atomic<std::uint64_t> partial_bytes_ = 0;
};

/// The records themselves, without what stands between them.
[[nodiscard]] std::uint64_t record_bytes(const Cut& cut);

}  // namespace copybridge::adapters::tcp
