// Asks the processor.
#include "codecs/plan/instruction_set.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace copybridge::plan {
namespace {

constexpr std::array kNames = {std::string_view("portable"), std::string_view("avx2"),
                               std::string_view("avx512")};

InstructionSet of_machine() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("pclmul"))
    return InstructionSet::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return InstructionSet::avx2;
#endif
  return InstructionSet::portable;
}

InstructionSet wanted_or(InstructionSet fallback) {
  // Read once, before threads that could change the environment exist.
  const char* wanted = std::getenv("COPYBRIDGE_INSTRUCTION_SET");  // NOLINT(concurrency-mt-unsafe)
  if (wanted == nullptr) return fallback;
  const auto* name = std::ranges::find(kNames, wanted);
  if (name == kNames.end()) return fallback;
  return std::min(fallback, static_cast<InstructionSet>(name - kNames.begin()));
}

}  // namespace

InstructionSet best_instruction_set() {
  static const InstructionSet best = wanted_or(of_machine());
  return best;
}

std::string_view name_of(InstructionSet set) { return kNames[static_cast<std::size_t>(set)]; }

}  // namespace copybridge::plan
