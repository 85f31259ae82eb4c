// Decimal numbers: from text, from binary, compared digit by digit.
#include "codecs/condition/decimal.h"

#include <algorithm>

namespace copybridge::condition {
namespace {

std::uint32_t leading_zeros(const Decimal& value) {
  std::uint32_t zeros = 0;
  while (zeros < value.count && value.digits[zeros] == 0) ++zeros;
  return zeros;
}

// Both are above zero; digits beyond the end count as zero.
std::strong_ordering compare_magnitude(const Decimal& left, const Decimal& right) {
  const std::uint32_t left_skip = leading_zeros(left);
  const std::uint32_t right_skip = leading_zeros(right);
  const std::int64_t left_exponent = std::int64_t{left.count} - left_skip - left.scale;
  const std::int64_t right_exponent = std::int64_t{right.count} - right_skip - right.scale;
  if (left_exponent != right_exponent) return left_exponent <=> right_exponent;
  const std::uint32_t longest = std::max(left.count - left_skip, right.count - right_skip);
  for (std::uint32_t i = 0; i < longest; ++i) {
    const int left_digit = left_skip + i < left.count ? left.digits[left_skip + i] : 0;
    const int right_digit = right_skip + i < right.count ? right.digits[right_skip + i] : 0;
    if (left_digit != right_digit) return left_digit <=> right_digit;
  }
  return std::strong_ordering::equal;
}

}  // namespace

bool Decimal::is_zero() const { return leading_zeros(*this) == count; }

bool parse_decimal(std::string_view text, Decimal& value) {
  value.count = 0;
  value.scale = 0;
  value.is_negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  bool after_point = false;
  for (const char character : text) {
    if (character == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (character < '0' || character > '9' || value.count == kDigitsMax) return false;
    value.digits[value.count++] = static_cast<std::uint8_t>(character - '0');
    if (after_point) ++value.scale;
  }
  return value.count > 0;
}

void set_magnitude(Decimal& value, std::uint64_t high, std::uint64_t low) {
  // Division of the 128 bits by ten, limb by limb of 32 bits, keeps to standard integers.
  std::array<std::uint64_t, 4> limbs = {high >> 32U, high & 0xFFFFFFFFU, low >> 32U,
                                        low & 0xFFFFFFFFU};
  std::array<std::uint8_t, 40> reversed{};
  std::uint32_t count = 0;
  do {
    std::uint64_t rest = 0;
    for (std::uint64_t& limb : limbs) {
      const std::uint64_t part = (rest << 32U) | limb;
      limb = part / 10;
      rest = part % 10;
    }
    reversed[count++] = static_cast<std::uint8_t>(rest);
  } while ((limbs[0] | limbs[1] | limbs[2] | limbs[3]) != 0);
  std::reverse_copy(reversed.begin(), reversed.begin() + count, value.digits.begin());
  value.count = count;
}

std::strong_ordering compare(const Decimal& left, const Decimal& right) {
  const bool left_zero = left.is_zero();
  const bool right_zero = right.is_zero();
  const int left_sign = left_zero ? 0 : left.is_negative ? -1 : 1;
  const int right_sign = right_zero ? 0 : right.is_negative ? -1 : 1;
  if (left_sign != right_sign) return left_sign <=> right_sign;
  if (left_sign == 0) return std::strong_ordering::equal;
  return left_sign > 0 ? compare_magnitude(left, right) : compare_magnitude(right, left);
}

}  // namespace copybridge::condition
