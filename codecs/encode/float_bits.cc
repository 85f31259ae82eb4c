// Exact integer arithmetic: digits * 10^exponent against powers of two.
#include "codecs/encode/float_bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <compare>
#include <cstdlib>

#include "codecs/json/token.h"

namespace copybridge::encode {
namespace {

using condition::FloatKind;
using json::Uint128;

/// More digits than the halves between two values have: what follows only tells that there is
/// something.
constexpr std::size_t kDigitsKept = 400;
constexpr int kLimbs = 80;

/// An unsigned integer of 2560 bits: 400 digits times 10^100, or times 2^320, fit.
class Big {
 public:
  explicit Big(std::uint32_t value) { limb_[0] = value; }
  void multiply_add(std::uint32_t factor, std::uint32_t addend) {
    std::uint64_t carry = addend;
    for (std::uint32_t& part : limb_) {
      carry += std::uint64_t{part} * factor;
      part = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
  }
  void multiply_power_of_ten(int exponent) {
    for (; exponent >= 9; exponent -= 9) multiply_add(1'000'000'000U, 0);
    for (; exponent > 0; --exponent) multiply_add(10, 0);
  }
  void shift_left(int bits) {
    for (; bits >= 31; bits -= 31) multiply_add(1U << 31U, 0);
    multiply_add(1U << static_cast<unsigned>(bits), 0);
  }
  void subtract(const Big& other) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < limb_.size(); ++i) {
      const std::uint64_t difference = std::uint64_t{limb_[i]} - other.limb_[i] - borrow;
      limb_[i] = static_cast<std::uint32_t>(difference);
      borrow = (difference >> 32U) & 1U;
    }
  }
  [[nodiscard]] std::strong_ordering operator<=>(const Big& other) const {
    return std::lexicographical_compare_three_way(limb_.rbegin(), limb_.rend(),
                                                  other.limb_.rbegin(), other.limb_.rend());
  }
  [[nodiscard]] bool operator==(const Big& other) const { return limb_ == other.limb_; }
  [[nodiscard]] int bits() const {
    for (int i = kLimbs; i-- > 0;) {
      const std::uint32_t part = limb_[static_cast<std::size_t>(i)];
      if (part != 0) return 32 * i + 32 - std::countl_zero(part);
    }
    return 0;
  }

 private:
  std::array<std::uint32_t, kLimbs> limb_{};
};

/// Quotient of two numbers, and how the rest compares with half the divisor.
struct Quotient {
  std::uint64_t whole = 0;
  std::strong_ordering half = std::strong_ordering::less;
};

// The quotient must be below 2^62.
Quotient divide(Big rest, Big divisor) {
  Quotient result;
  const int steps = std::max(0, rest.bits() - divisor.bits()) + 1;
  divisor.shift_left(steps);
  for (int i = 0; i <= steps; ++i) {
    result.whole <<= 1U;
    if (rest >= divisor) {
      rest.subtract(divisor);
      result.whole |= 1U;
    }
    if (i < steps) rest.multiply_add(2, 0);
  }
  // Both were scaled by 2^steps.
  rest.multiply_add(2, 0);
  result.half = rest <=> divisor;
  return result;
}

std::uint64_t rounded(const Quotient& quotient) {
  const bool is_odd = (quotient.whole & 1U) != 0;
  return quotient.whole +
         (std::is_gt(quotient.half) || (std::is_eq(quotient.half) && is_odd) ? 1U : 0U);
}

struct Decimal {
  bool is_negative = false;
  std::array<std::uint8_t, kDigitsKept> digits{};
  std::size_t count = 0;
  std::int64_t exponent = 0;  ///< value = digits * 10^exponent
};

// Of digits beyond those kept the first that is not zero still counts as a last one.
void take_digit(Decimal& value, char character, bool& is_cut) {
  const auto digit = static_cast<std::uint8_t>(character - '0');
  if (value.count == 0 && digit == 0) return;
  if (value.count < kDigitsKept) {
    value.digits[value.count++] = digit;
    return;
  }
  if (digit != 0 && !is_cut && value.digits[kDigitsKept - 1] == 0)
    value.digits[kDigitsKept - 1] = 1;
  is_cut = is_cut || digit != 0;
  ++value.exponent;
}

Decimal read(std::string_view text) {
  Decimal value;
  bool is_cut = false;
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  bool is_fraction = false;
  for (const char character : text.substr(0, e)) {
    if (character == '-') value.is_negative = true;
    if (character == '.') is_fraction = true;
    if (character < '0' || character > '9') continue;
    if (is_fraction) --value.exponent;
    take_digit(value, character, is_cut);
  }
  if (e < text.size()) {
    const char* at = text.data() + e + 1;
    if (*at == '+') ++at;
    std::int64_t exponent = 0;
    const auto outcome = std::from_chars(at, text.data() + text.size(), exponent);
    if (outcome.ec != std::errc()) exponent = *at == '-' ? -1'000'000 : 1'000'000;
    value.exponent += std::clamp<std::int64_t>(exponent, -1'000'000, 1'000'000);
  }
  return value;
}

// Value = numerator / divisor.
struct Ratio {
  Big numerator{0};
  Big divisor{1};
};

Ratio ratio_of(const Decimal& value) {
  Ratio ratio;
  for (std::size_t i = 0; i < value.count; ++i) ratio.numerator.multiply_add(10, value.digits[i]);
  if (value.exponent >= 0) {
    ratio.numerator.multiply_power_of_ten(static_cast<int>(value.exponent));
  } else {
    ratio.divisor.multiply_power_of_ten(static_cast<int>(-value.exponent));
  }
  return ratio;
}

// The fraction of value / 16^exponent with so many bits, rounded.
std::uint64_t fraction_of(Ratio ratio, int exponent, int bits) {
  const int shift = bits - 4 * exponent;
  (shift >= 0 ? ratio.numerator : ratio.divisor).shift_left(std::abs(shift));
  return rounded(divide(ratio.numerator, ratio.divisor));
}

bool to_ibm(std::string_view text, bool is_single, std::uint64_t& bits) {
  const Decimal value = read(text);
  const int size = is_single ? 24 : 56;
  bits = 0;
  if (value.count == 0) return true;
  // Between 16^-65 and 16^63; the ends are looked at more closely below.
  const std::int64_t magnitude = static_cast<std::int64_t>(value.count) + value.exponent;
  if (magnitude > 77 || magnitude < -96) return false;
  const Ratio ratio = ratio_of(value);
  // 2^(n-1) < value < 2^(n+1)
  const int n = ratio.numerator.bits() - ratio.divisor.bits();
  int exponent = std::max(-64, (n + 3) >> 2);
  std::uint64_t fraction = fraction_of(ratio, exponent, size);
  while ((fraction >> static_cast<unsigned>(size)) != 0)
    fraction = fraction_of(ratio, ++exponent, size);
  if (fraction == 0 || exponent + 64 > 127) return false;
  bits = (static_cast<std::uint64_t>(exponent + 64) << static_cast<unsigned>(size)) | fraction;
  if (value.is_negative) bits |= std::uint64_t{1} << static_cast<unsigned>(size + 7);
  return true;
}

unsigned bit_count(Uint128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  if (high != 0) return 128 - static_cast<unsigned>(std::countl_zero(high));
  return 64 - static_cast<unsigned>(std::countl_zero(static_cast<std::uint64_t>(value)));
}

// The same for the numbers of practice, in 128 bits; false where they do not suffice.
bool to_ibm_fast(const json::Number& number, bool is_single, std::uint64_t& bits) {
  if (number.magnitude == 0) {
    bits = 0;
    return true;
  }
  if (!number.is_plain) return false;
  const int size = is_single ? 24 : 56;
  const Uint128 divisor = json::power_of_ten(static_cast<unsigned>(number.scale));
  const int n =
      static_cast<int>(bit_count(number.magnitude)) - static_cast<int>(bit_count(divisor));
  int exponent = (n + 3) >> 2;
  std::uint64_t fraction = 0;
  do {
    const int shift = size - 4 * exponent;
    const Uint128 scaled_divisor = shift < 0 ? divisor << static_cast<unsigned>(-shift) : divisor;
    if (shift > 0 && bit_count(number.magnitude) + static_cast<unsigned>(shift) > 128) return false;
    const Uint128 scaled =
        shift > 0 ? number.magnitude << static_cast<unsigned>(shift) : number.magnitude;
    Quotient quotient;
    quotient.whole = static_cast<std::uint64_t>(scaled / scaled_divisor);
    const Uint128 rest = scaled % scaled_divisor;
    quotient.half = 2 * rest <=> scaled_divisor;
    fraction = rounded(quotient);
    if ((fraction >> static_cast<unsigned>(size)) == 0) break;
    ++exponent;
  } while (true);
  bits = (static_cast<std::uint64_t>(exponent + 64) << static_cast<unsigned>(size)) | fraction;
  if (number.is_negative) bits |= std::uint64_t{1} << static_cast<unsigned>(size + 7);
  return true;
}

template <typename Float, typename Bits>
bool to_ieee(std::string_view text, std::uint64_t& bits) {
  Float value = 0;
  const auto outcome = std::from_chars(text.data(), text.data() + text.size(), value);
  if (outcome.ec != std::errc() || outcome.ptr != text.data() + text.size()) return false;
  // -0 would be printed as 0.
  bits = value == 0 ? 0 : std::bit_cast<Bits>(value);
  return true;
}

}  // namespace

bool float_bits(std::string_view text, FloatKind kind, std::uint64_t& bits) {
  if (kind == FloatKind::ieee_single) return to_ieee<float, std::uint32_t>(text, bits);
  if (kind == FloatKind::ieee_double) return to_ieee<double, std::uint64_t>(text, bits);
  const bool is_single = kind == FloatKind::ibm_single;
  json::Number number;
  if (json::read_number(text, number) && to_ibm_fast(number, is_single, bits)) return true;
  return to_ibm(text, is_single, bits);
}

}  // namespace copybridge::encode
