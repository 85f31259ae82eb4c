// Shortest decimals of IBM hexadecimal floating point (exact integer arithmetic, never through a
// double: the long format has 56 bits) and of IEEE floats.
#include "codecs/condition/float_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace copybridge::condition {
namespace {

// A value m * 2^power and the gaps to its neighbours in the format, in sixteenths of 2^power:
// below a power of sixteen the neighbour is sixteen times nearer.
struct HexFloat {
  std::uint64_t fraction = 0;
  int power = 0;
  std::uint32_t gap_below = 16;
};

constexpr int kLimbs = 18;

// An unsigned integer of fixed size, enough for 16^63 and for 10^78 * 2^61.
struct Big {
  std::array<std::uint32_t, kLimbs> limb{};

  explicit Big(std::uint64_t value) {
    limb[0] = static_cast<std::uint32_t>(value);
    limb[1] = static_cast<std::uint32_t>(value >> 32U);
  }
  void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::uint32_t& part : limb) {
      carry += std::uint64_t{part} * factor;
      part = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
  }
  void shift_left(int bits) {
    for (; bits >= 16; bits -= 16) multiply(1U << 16U);
    multiply(1U << static_cast<unsigned>(bits));
  }
  void multiply_power_of_ten(int exponent) {
    for (; exponent >= 9; exponent -= 9) multiply(1'000'000'000U);
    for (; exponent > 0; --exponent) multiply(10);
  }
  void add(const Big& other) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < limb.size(); ++i) {
      carry += std::uint64_t{limb[i]} + other.limb[i];
      limb[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
  }
  void subtract(const Big& other) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < limb.size(); ++i) {
      const std::uint64_t difference = std::uint64_t{limb[i]} - other.limb[i] - borrow;
      limb[i] = static_cast<std::uint32_t>(difference);
      borrow = (difference >> 32U) & 1U;
    }
  }
  [[nodiscard]] bool less_than(const Big& other) const {
    return std::lexicographical_compare(limb.rbegin(), limb.rend(), other.limb.rbegin(),
                                        other.limb.rend());
  }
};

bool sum_exceeds(const Big& left, const Big& right, const Big& limit) {
  Big sum = left;
  sum.add(right);
  return limit.less_than(sum);
}

void append_digits(std::uint64_t value, ShortestDecimal& result) {
  std::array<std::uint8_t, 20> reversed{};
  std::uint32_t count = 0;
  for (; value != 0; value /= 10) reversed[count++] = static_cast<std::uint8_t>(value % 10);
  std::reverse_copy(reversed.begin(), reversed.begin() + count, result.digits.begin());
  result.count = count;
  result.exponent = static_cast<std::int32_t>(count);
}

// Carries a round-up from the last digit; 99 becomes 1 with the exponent one higher.
void round_up(ShortestDecimal& result) {
  while (result.count > 0 && result.digits[result.count - 1] == 9) --result.count;
  if (result.count == 0) {
    result.digits[result.count++] = 1;
    ++result.exponent;
  } else {
    ++result.digits[result.count - 1];
  }
}

void strip_trailing_zeros(ShortestDecimal& result) {
  while (result.count > 1 && result.digits[result.count - 1] == 0) --result.count;
}

// Values between 2^-3 and 2^56, nearly all of practice, in 64 bits: the whole part is exact, and
// fraction digits are made until the rest is nearer than half a gap. `result` holds the digits of
// the whole part, leading zeros of the fraction only move the exponent.
void append_fraction(const HexFloat& value, ShortestDecimal& result) {
  // In units of 2^-(bits + 5): half a gap above is 16, below it is gap_below.
  const auto bits = static_cast<unsigned>(-value.power);
  const std::uint64_t one = std::uint64_t{1} << (bits + 5U);
  std::uint64_t rest = (value.fraction << 5U) & (one - 1);
  std::uint64_t below = value.gap_below;
  std::uint64_t above = 16;
  while (rest >= below) {
    rest *= 10;
    below *= 10;
    above *= 10;
    const auto digit = static_cast<std::uint8_t>(rest >> (bits + 5U));
    rest &= one - 1;
    if (digit == 0 && result.count == 0 && rest >= below && rest + above <= one) {
      --result.exponent;
      continue;
    }
    result.digits[result.count++] = digit;
    if (rest + above > one) {
      if (rest >= below || rest > one / 2) round_up(result);
      return;
    }
  }
}

bool try_small(const HexFloat& value, ShortestDecimal& result) {
  if (value.power > 0 || value.power < -55) return false;
  const auto bits = static_cast<unsigned>(-value.power);
  append_digits(value.fraction >> bits, result);
  append_fraction(value, result);
  strip_trailing_zeros(result);
  return true;
}

// Digits one by one until what is left is nearer than half a gap (Steele and White's free-format
// algorithm): value = rest / scale, gaps in the same units.
void generate(const HexFloat& value, ShortestDecimal& result) {
  Big rest(value.fraction);
  Big scale(32);
  Big above(16);
  Big below(value.gap_below);
  rest.shift_left(5);
  if (value.power >= 0) {
    for (Big* part : {&rest, &above, &below}) part->shift_left(value.power);
  } else {
    scale.shift_left(-value.power);
  }
  const int bits = 64 - std::countl_zero(value.fraction) + value.power;
  int exponent = static_cast<int>(std::ceil((bits - 1) * 0.30102999566398120));
  if (exponent >= 0) {
    scale.multiply_power_of_ten(exponent);
  } else {
    for (Big* part : {&rest, &above, &below}) part->multiply_power_of_ten(-exponent);
  }
  // The estimate is at most one too low.
  if (!rest.less_than(scale)) {
    scale.multiply(10);
    ++exponent;
  }
  result.exponent = exponent;
  for (bool more = true; more;) {
    for (Big* part : {&rest, &above, &below}) part->multiply(10);
    std::uint8_t digit = 0;
    for (; !rest.less_than(scale); ++digit) rest.subtract(scale);
    if (digit == 0 && result.count == 0) {
      --result.exponent;
      continue;
    }
    result.digits[result.count++] = digit;
    const bool low = rest.less_than(below);
    const bool high = sum_exceeds(rest, above, scale);
    more = !low && !high;
    if (high && (!low || sum_exceeds(rest, rest, scale))) round_up(result);
  }
  strip_trailing_zeros(result);
}

void set_zero(ShortestDecimal& result) {
  result.digits[0] = 0;
  result.count = 1;
  result.exponent = 1;
  result.is_negative = false;
}

// Sign 1 bit, exponent 7 bits in excess 64 to the base 16, then the fraction below 1.
void shortest_ibm(std::uint64_t bits, bool single, ShortestDecimal& result) {
  const int fraction_bits = single ? 24 : 56;
  if (single) bits <<= 32U;
  result.is_negative = (bits >> 63U) != 0;
  int exponent = static_cast<int>((bits >> 56U) & 0x7FU);
  HexFloat value;
  value.fraction = (bits & 0x00FFFFFFFFFFFFFFU) >> static_cast<unsigned>(56 - fraction_bits);
  if (value.fraction == 0) return set_zero(result);
  const auto top_digit = static_cast<unsigned>(fraction_bits - 4);
  for (; exponent > 0 && (value.fraction >> top_digit) == 0; --exponent) value.fraction <<= 4U;
  if (value.fraction == (std::uint64_t{1} << top_digit) && exponent > 0) value.gap_below = 1;
  value.power = 4 * (exponent - 64) - fraction_bits;
  if (!try_small(value, result)) generate(value, result);
}

template <typename Float>
bool shortest_ieee(Float value, ShortestDecimal& result) {
  if (!std::isfinite(value)) return false;
  if (value == 0) {
    set_zero(result);
    return true;
  }
  std::array<char, 40> text{};
  const char* end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  const char* at = text.data();
  result.is_negative = *at == '-';
  if (result.is_negative) ++at;
  for (; *at != 'e'; ++at)
    if (*at != '.') result.digits[result.count++] = static_cast<std::uint8_t>(*at - '0');
  ++at;
  if (*at == '+') ++at;
  std::from_chars(at, end, result.exponent);
  ++result.exponent;
  strip_trailing_zeros(result);
  return true;
}

}  // namespace

bool shortest_decimal(std::uint64_t bits, FloatKind kind, ShortestDecimal& result) {
  result.count = 0;
  result.exponent = 0;
  result.is_negative = false;
  switch (kind) {
    case FloatKind::ibm_single:
    case FloatKind::ibm_double:
      shortest_ibm(bits, kind == FloatKind::ibm_single, result);
      return true;
    case FloatKind::ieee_single:
      return shortest_ieee(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), result);
    case FloatKind::ieee_double:
      return shortest_ieee(std::bit_cast<double>(bits), result);
  }
  return false;
}

}  // namespace copybridge::condition
