// perf_event_open(2).
#include "tools/copybridge/cycle_counter.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace copybridge::cli {

CycleCounter::CycleCounter() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_CPU_CYCLES;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.inherit = 1;
  descriptor_ = static_cast<int>(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

CycleCounter::~CycleCounter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::uint64_t> CycleCounter::count() const {
  std::uint64_t cycles = 0;
  if (descriptor_ < 0 || ::read(descriptor_, &cycles, sizeof cycles) != sizeof cycles ||
      cycles == 0)
    return std::nullopt;
  return cycles;
}

}  // namespace copybridge::cli
