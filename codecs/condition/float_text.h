// Floating point bytes to the shortest decimal that reads back to the same value.
#pragma once

#include <array>
#include <cstdint>

namespace copybridge::condition {

/// ±0.d1d2d3… * 10^exponent; digits are values 0..9 without leading or trailing zeros
/// (one 0 for zero, exponent 1).
struct ShortestDecimal {
  std::array<std::uint8_t, 24> digits{};
  std::uint32_t count = 0;
  std::int32_t exponent = 0;
  bool is_negative = false;
};

enum class FloatKind : std::uint8_t { ibm_single, ibm_double, ieee_single, ieee_double };

/// The text is nearer to the value than half the way to its neighbours, never just half: it reads
/// back whichever way a reader rounds ties.
/// Reads the bits of a float (of a single in the low half). False for NaN and infinity.
[[nodiscard]] bool shortest_decimal(std::uint64_t bits, FloatKind kind, ShortestDecimal& result);

}  // namespace copybridge::condition
