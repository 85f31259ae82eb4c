// An exact decimal number as digits: what conditions compare and the slow decoder prints.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copybridge::condition {

/// Most digits of a field's value that are read; pictures end far below it.
inline constexpr std::size_t kDigitsMax = 96;

/// `digits` are values 0..9, most significant first; the value is
/// ±digits * 10^-scale. Trivial, so that one can live on a decoder's stack.
struct Decimal {
  std::array<std::uint8_t, kDigitsMax> digits;  // NOLINT: filled up to `count`
  std::uint32_t count = 0;
  std::int32_t scale = 0;
  bool is_negative = false;

  [[nodiscard]] bool is_zero() const;
};

/// Reads `-12.50`, `.5`, `+7`; false where the text is no number of at most kDigitsMax digits.
[[nodiscard]] bool parse_decimal(std::string_view text, Decimal& value);

/// Appends the digits of a magnitude, without leading zeros (one digit for zero).
void set_magnitude(Decimal& value, std::uint64_t high, std::uint64_t low);

/// Compares by value: 1.10 equals 1.1, -0 equals 0.
[[nodiscard]] std::strong_ordering compare(const Decimal& left, const Decimal& right);

/// An order as a number: <0, 0, >0.
[[nodiscard]] constexpr int sign_of(std::strong_ordering order) {
  if (std::is_eq(order)) return 0;
  return std::is_lt(order) ? -1 : 1;
}

}  // namespace copybridge::condition
