// How much memory records, events and requests may take in a process, over all of its sources.
#pragma once

#include <atomic>
#include <cstddef>

namespace copybridge {

/// Thread-safe. Whoever brings something large into memory asks for room first and adds it then; a
/// source that has nothing in memory does not ask, so that each goes on.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] bool has_room(std::size_t bytes) const { return used_ + bytes <= bytes_max_; }
  void add(std::size_t bytes) { used_ += bytes; }
  void remove(std::size_t bytes) { used_ -= bytes; }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace copybridge
