// Decimal text and wide integers, for the totals of trailers.
#include <algorithm>

#include "adapters/file/trailer.h"

namespace copybridge::adapters::file {
namespace {

/// False where the digits do not fit.
bool append_digit(WideInteger& value, int digit) {
  return !__builtin_mul_overflow(value, WideInteger{10}, &value) &&
         !__builtin_add_overflow(value, WideInteger{digit}, &value);
}

bool append_digits(WideInteger& value, std::string_view digits) {
  return std::ranges::all_of(digits, [&](char character) {
    return character >= '0' && character <= '9' && append_digit(value, character - '0');
  });
}

}  // namespace

std::optional<WideInteger> parse_decimal(std::string_view text, unsigned scale) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() && decimals.empty()) return std::nullopt;
  if (decimals.size() > scale) return std::nullopt;
  WideInteger value = 0;
  if (!append_digits(value, whole) || !append_digits(value, decimals)) return std::nullopt;
  for (std::size_t i = decimals.size(); i < scale; ++i) {
    if (!append_digit(value, 0)) return std::nullopt;
  }
  return is_negative ? -value : value;
}

std::string print_decimal(WideInteger value, unsigned scale) {
  const bool is_negative = value < 0;
  std::string text;
  for (unsigned place = 0; value != 0 || place <= scale; ++place) {
    if (place == scale && scale > 0) text += '.';
    // The remainder has the sign of the value; the smallest value has no opposite.
    const auto digit = static_cast<int>(value % 10);
    text += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  }
  if (is_negative) text += '-';
  std::ranges::reverse(text);
  return text;
}

}  // namespace copybridge::adapters::file
