// Numbers of up to 38 digits as integers of 128 bits, longer ones digit by digit.
#include "codecs/avro/numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "codecs/json/token.h"

namespace copybridge::avro {
namespace {

using json::Uint128;

constexpr std::size_t kVarintMax = 10;
constexpr std::size_t kWordBytes = sizeof(Uint128);
constexpr std::size_t kHalfBytes = sizeof(std::uint64_t);

std::uint64_t zig_zag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

std::size_t varint_size(std::uint64_t bits) {
  return (static_cast<std::size_t>(std::bit_width(bits | 1U)) + 6) / 7;
}

void append_byte(std::uint8_t byte, TextBuffer& out) { out.append(static_cast<char>(byte)); }

/// Bits of a number's two's complement without its sign, of the magnitude and whether it is
/// negative: -128 has 7.
unsigned bits_of(Uint128 magnitude, bool is_negative) {
  if (is_negative) --magnitude;
  const auto high = static_cast<std::uint64_t>(magnitude >> 64U);
  const auto low = static_cast<std::uint64_t>(magnitude);
  return high != 0 ? 64 + static_cast<unsigned>(std::bit_width(high))
                   : static_cast<unsigned>(std::bit_width(low));
}

/// Bytes of the unscaled value, 1 to 17.
std::size_t unscaled_size(Uint128 magnitude, bool is_negative) {
  return bits_of(magnitude, is_negative) / 8 + 1;
}

void append_unscaled(Uint128 magnitude, bool is_negative, TextBuffer& out) {
  const std::size_t size = unscaled_size(magnitude, is_negative);
  append_long(static_cast<std::int64_t>(size), out);
  const Uint128 value = is_negative ? ~magnitude + 1 : magnitude;
  char* end = out.reserve(std::max(size, kHalfBytes));
  if (size <= kHalfBytes) {
    // One store, of which the end is written over.
    const std::uint64_t bits = static_cast<std::uint64_t>(value) << (8 * (kHalfBytes - size));
    for (std::size_t i = 0; i < kHalfBytes; ++i)
      end[i] = static_cast<char>(static_cast<std::uint8_t>(bits >> (8 * (kHalfBytes - 1 - i))));
    return out.set_end(end + size);
  }
  for (std::size_t left = size; left-- > 0;)
    *end++ = static_cast<char>(left < kWordBytes ? static_cast<std::uint8_t>(value >> (8 * left))
                               : is_negative     ? 0xFF
                                                 : 0);
  out.set_end(end);
}

/// A number digit by digit.
struct Digits {
  std::string text;  ///< without leading zeros; empty: zero
  std::int64_t scale = 0;
  bool is_negative = false;
};

/// Of a token that json::read_number takes.
bool read_digits(std::string_view number, Digits& digits) {
  digits.is_negative = number.front() == '-';
  const std::size_t exponent = number.find_first_of("eE");
  bool is_fraction = false;
  for (const char character : number.substr(0, exponent)) {
    if (character == '.') is_fraction = true;
    if (character < '0' || character > '9') continue;
    if (is_fraction) ++digits.scale;
    if (character != '0' || !digits.text.empty()) digits.text += character;
  }
  if (exponent == number.npos) return true;
  const char* begin = number.data() + exponent + 1;
  if (*begin == '+') ++begin;
  std::int32_t power = 0;
  const auto end = std::from_chars(begin, number.data() + number.size(), power);
  digits.scale -= power;
  return end.ec == std::errc{};
}

/// The magnitude's bytes, the least one first, and one more for the sign.
std::vector<std::uint8_t> bytes_of(std::string_view digits) {
  std::vector<std::uint32_t> words;
  while (!digits.empty()) {
    constexpr std::size_t kAtOnce = 9;
    const std::string_view some = digits.substr(0, std::min(kAtOnce, digits.size()));
    std::uint64_t carry = 0;
    std::uint64_t factor = 1;
    for (const char digit : some) {
      carry = 10 * carry + static_cast<std::uint64_t>(digit - '0');
      factor *= 10;
    }
    for (std::uint32_t& word : words) {
      carry += word * factor;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
    digits.remove_prefix(some.size());
  }
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t word : words)
    for (const unsigned shift : {0U, 8U, 16U, 24U})
      bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  bytes.push_back(0);
  return bytes;
}

/// The unscaled value of any length as bytes.
void append_unscaled(const Digits& digits, TextBuffer& out) {
  std::vector<std::uint8_t> bytes = bytes_of(digits.text);
  if (digits.is_negative) {
    unsigned carry = 1;
    for (std::uint8_t& byte : bytes) {
      carry += static_cast<std::uint8_t>(~byte);
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8U;
    }
  }
  // What only repeats the sign is not stored.
  while (bytes.size() > 1 && bytes.back() == ((bytes[bytes.size() - 2] & 0x80U) != 0 ? 0xFF : 0x00))
    bytes.pop_back();
  append_long(static_cast<std::int64_t>(bytes.size()), out);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) append_byte(*byte, out);
}

Fault append_long_decimal(std::string_view number, std::size_t precision, std::size_t scale,
                          TextBuffer& out) {
  Digits digits;
  if (!read_digits(number, digits)) return Fault::digits;
  const std::int64_t shift = static_cast<std::int64_t>(scale) - digits.scale;
  if (shift < 0) {
    const auto cut = std::min(digits.text.size(), static_cast<std::size_t>(-shift));
    const std::size_t kept = digits.text.size() - cut;
    if (digits.text.find_first_not_of('0', kept) != std::string::npos) return Fault::decimals;
    digits.text.resize(kept);
  }
  if (digits.text.size() > precision) return Fault::digits;
  if (shift > 0 && !digits.text.empty()) {
    if (static_cast<std::uint64_t>(shift) > precision - digits.text.size()) return Fault::digits;
    digits.text.append(static_cast<std::size_t>(shift), '0');
  }
  append_unscaled(digits, out);
  return Fault::none;
}

template <typename Bits>
void append_little_endian(Bits bits, TextBuffer& out) {
  char* end = out.reserve(sizeof(Bits));
  for (std::size_t i = 0; i < sizeof(Bits); ++i)
    *end++ = static_cast<char>(static_cast<std::uint8_t>(bits >> (8 * i)));
  out.set_end(end);
}

/// Rounded once, to the type itself.
template <typename Bits, typename Floating>
Fault append_floating(std::string_view number, TextBuffer& out) {
  Floating value = 0;
  const auto done = std::from_chars(number.data(), number.data() + number.size(), value);
  if (done.ec != std::errc{}) return Fault::range;
  append_little_endian(std::bit_cast<Bits>(value), out);
  return Fault::none;
}

}  // namespace

void append_long(std::int64_t value, TextBuffer& out) {
  std::uint64_t bits = zig_zag(value);
  char* end = out.reserve(kVarintMax);
  for (; bits > 0x7F; bits >>= 7U) *end++ = static_cast<char>(bits | 0x80U);
  *end++ = static_cast<char>(bits);
  out.set_end(end);
}

void insert_long(std::int64_t value, std::size_t at, TextBuffer& out) {
  const std::size_t size = varint_size(zig_zag(value));
  const std::size_t moved = out.size() - at;
  char* const end = out.reserve(std::max(size, kVarintMax)) + size;
  std::memmove(out.data() + at + size, out.data() + at, moved);
  out.rewind(at);
  append_long(value, out);
  out.set_end(end);
}

Fault append_integer(std::string_view number, std::int64_t least, std::int64_t most,
                     TextBuffer& out) {
  json::Number read;
  if (!json::read_number(number, read)) return Fault::no_json;
  Uint128 magnitude = 0;
  const json::Aligned aligned = json::align(read, 0, magnitude);
  if (aligned == json::Aligned::loses_decimals) return Fault::whole;
  const Uint128 limit =
      read.is_negative ? Uint128{0} - static_cast<Uint128>(least) : static_cast<Uint128>(most);
  if (aligned == json::Aligned::too_large || magnitude > limit) return Fault::range;
  const auto bits = static_cast<std::uint64_t>(magnitude);
  append_long(static_cast<std::int64_t>(read.is_negative ? ~bits + 1 : bits), out);
  return Fault::none;
}

Fault append_float(std::string_view number, TextBuffer& out) {
  return append_floating<std::uint32_t, float>(number, out);
}

Fault append_double(std::string_view number, TextBuffer& out) {
  return append_floating<std::uint64_t, double>(number, out);
}

Fault append_decimal(std::string_view number, std::size_t precision, std::size_t scale,
                     TextBuffer& out) {
  json::Number read;
  if (!json::read_number(number, read)) return Fault::no_json;
  Uint128 magnitude = 0;
  const bool is_short = precision <= json::kDigitsMax;
  const json::Aligned aligned = json::align(read, static_cast<std::int32_t>(scale), magnitude);
  if (aligned == json::Aligned::loses_decimals && !read.is_inexact) return Fault::decimals;
  if (aligned != json::Aligned::exact || !is_short)
    return append_long_decimal(number, precision, scale, out);
  if (magnitude >= json::power_of_ten(static_cast<unsigned>(precision))) return Fault::digits;
  append_unscaled(magnitude, read.is_negative && magnitude != 0, out);
  return Fault::none;
}

Fault append_big_decimal(std::string_view number, TextBuffer& out) {
  json::Number read;
  if (!json::read_number(number, read)) return Fault::no_json;
  const std::size_t begin = out.size();
  if (read.is_plain) {
    append_unscaled(read.magnitude, read.is_negative && read.magnitude != 0, out);
    append_long(read.scale, out);
  } else {
    Digits digits;
    if (!read_digits(number, digits)) return Fault::range;
    if (digits.text.size() > kBigDigitsMax) return Fault::digits;
    const bool is_scale = digits.scale <= std::numeric_limits<std::int32_t>::max() &&
                          digits.scale >= std::numeric_limits<std::int32_t>::min();
    if (!is_scale) return Fault::range;
    append_unscaled(digits, out);
    append_long(digits.scale, out);
  }
  insert_long(static_cast<std::int64_t>(out.size() - begin), begin, out);
  return Fault::none;
}

}  // namespace copybridge::avro
