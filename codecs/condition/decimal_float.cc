// Sign, exponent, significand (IEEE 754-2008, 3.5.2, binary encoding).
#include "codecs/condition/decimal_float.h"

#include <algorithm>

namespace copybridge::condition {
namespace {

struct Format {
  unsigned bits;
  unsigned digits;
  unsigned exponent_bits;
  int bias;

  /// Bits of a significand that needs no more than these.
  [[nodiscard]] unsigned significand_bits() const { return bits - 1 - exponent_bits; }
};

constexpr Format kDecimal64 = {64, 16, 10, 398};
constexpr Format kDecimal128 = {128, 34, 14, 6176};

const Format& format_of(std::uint32_t size) { return size == 8 ? kDecimal64 : kDecimal128; }

constexpr Uint128 mask(unsigned bits) { return (Uint128{1} << bits) - 1; }

Uint128 power_of_ten(unsigned exponent) {
  Uint128 power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

DecimalFloatLimits decimal_float_limits(std::uint32_t size) {
  const Format& format = format_of(size);
  // Of the exponent's two leading bits both are never set.
  const int exponents = 3 << (format.exponent_bits - 2U);
  return {power_of_ten(format.digits) - 1, -format.bias, exponents - 1 - format.bias};
}

bool read_decimal_float(const std::uint8_t* bytes, std::uint32_t size, bool is_little_endian,
                        Decimal& value) {
  const Format& format = format_of(size);
  Uint128 all = 0;
  for (std::uint32_t i = 0; i < size; ++i)
    all = (all << 8U) | bytes[is_little_endian ? size - 1 - i : i];
  unsigned tail = format.significand_bits();
  Uint128 coefficient = all & mask(tail);
  const bool is_long = ((all >> (format.bits - 3)) & 3U) == 3;
  if (is_long) {
    const bool is_special = ((all >> (format.bits - 5)) & 3U) == 3;
    if (is_special) return false;
    // The significand's first bits are 100, and its exponent stands two bits further down.
    tail -= 2;
    coefficient = (Uint128{1} << (tail + 2)) | (all & mask(tail));
  }
  if (coefficient > decimal_float_limits(size).coefficient_max) return false;
  const auto exponent = static_cast<int>((all >> tail) & mask(format.exponent_bits));
  set_magnitude(value, static_cast<std::uint64_t>(coefficient >> 64U),
                static_cast<std::uint64_t>(coefficient));
  value.scale = format.bias - exponent;
  value.is_negative = (all >> (format.bits - 1)) != 0;
  return true;
}

void write_decimal_float(Uint128 coefficient, int exponent, bool is_negative, std::uint32_t size,
                         bool is_little_endian, std::uint8_t* bytes) {
  const Format& format = format_of(size);
  unsigned tail = format.significand_bits();
  Uint128 all = is_negative ? Uint128{1} << (format.bits - 1) : Uint128{0};
  if (coefficient > mask(tail)) {
    tail -= 2;
    coefficient &= mask(tail);
    all |= Uint128{3} << (format.bits - 3);
  }
  all |= Uint128{static_cast<unsigned>(exponent + format.bias)} << tail;
  all |= coefficient;
  for (std::uint32_t i = 0; i < size; ++i, all >>= 8U)
    bytes[is_little_endian ? i : size - 1 - i] = static_cast<std::uint8_t>(all & 0xFFU);
}

}  // namespace copybridge::condition
