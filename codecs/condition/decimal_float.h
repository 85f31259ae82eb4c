// IEEE 754-2008 decimal floating point with a binary integer as its significand, as GnuCOBOL keeps
// FLOAT-DECIMAL-16 and FLOAT-DECIMAL-34.
#pragma once

#include <cstdint>

#include "codecs/condition/decimal.h"

namespace copybridge::condition {

__extension__ using Uint128 = unsigned __int128;

/// What 8 or 16 bytes hold: coefficient * 10^exponent.
struct DecimalFloatLimits {
  Uint128 coefficient_max = 0;
  int exponent_min = 0;
  int exponent_max = 0;
};
[[nodiscard]] DecimalFloatLimits decimal_float_limits(std::uint32_t size);

/// Reads `size` bytes, 8 or 16. False where they are infinite, not a number, or have a coefficient
/// of too many digits.
[[nodiscard]] bool read_decimal_float(const std::uint8_t* bytes, std::uint32_t size,
                                      bool is_little_endian, Decimal& value);

/// Writes a value within the limits.
void write_decimal_float(Uint128 coefficient, int exponent, bool is_negative, std::uint32_t size,
                         bool is_little_endian, std::uint8_t* bytes);

}  // namespace copybridge::condition
