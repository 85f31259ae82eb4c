// Processor cycles of this process, where the kernel lets them be counted.
#pragma once

#include <cstdint>
#include <optional>

namespace copybridge::cli {

/// Counts from its making on, over all threads made after it and the calling one.
class CycleCounter {
 public:
  CycleCounter();
  ~CycleCounter();
  CycleCounter(const CycleCounter&) = delete;
  CycleCounter& operator=(const CycleCounter&) = delete;

  /// User-mode cycles so far; none where the machine or its rights do not allow it (virtual
  /// machines, perf_event_paranoid).
  [[nodiscard]] std::optional<std::uint64_t> count() const;

 private:
  int descriptor_ = -1;
};

}  // namespace copybridge::cli
