// Which instruction set the kernels of this process use.
#pragma once

#include <cstdint>
#include <string_view>

namespace copybridge::plan {

/// From the slowest to the fastest. avx512 is F, BW, VL, DQ, VBMI, VBMI2 and IFMA (Ice Lake, Zen 4
/// and later).
enum class InstructionSet : std::uint8_t { portable, avx2, avx512 };

/// The fastest set of this machine; COPYBRIDGE_INSTRUCTION_SET=portable|avx2|avx512 lowers it, for
/// tests and for comparisons. A name that is unknown, or a set that the machine lacks, changes
/// nothing. Asked once per process.
[[nodiscard]] InstructionSet best_instruction_set();

[[nodiscard]] std::string_view name_of(InstructionSet set);

}  // namespace copybridge::plan
