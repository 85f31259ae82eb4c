// Numbers and characters, scalar.
#include "codecs/json/token.h"

#include <algorithm>
#include <array>

namespace copybridge::json {
namespace {

constexpr std::int32_t kExponentMax = 100000;  ///< beyond it nothing but zero is in any range

bool is_digit(char character) { return character >= '0' && character <= '9'; }

std::array<Uint128, kDigitsMax + 1> make_powers() {
  std::array<Uint128, kDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}

const std::array<Uint128, kDigitsMax + 1> kPowers = make_powers();

// Collects digits without the zeros that end them: those only move the scale.
struct Collector {
  Number& number;
  unsigned count = 0;      ///< significant digits
  std::int32_t zeros = 0;  ///< not yet taken

  void take(char character, bool is_fraction) {
    if (is_fraction && number.scale < kExponentMax) ++number.scale;
    if (character == '0') {
      if (count > 0 && zeros < kExponentMax) ++zeros;
      return;
    }
    const std::uint64_t more = static_cast<unsigned>(zeros) + std::uint64_t{1};
    if (count + more > kDigitsMax) {
      number.is_inexact = true;
      ++zeros;
      return;
    }
    number.magnitude = number.magnitude * power_of_ten(static_cast<unsigned>(more)) +
                       static_cast<unsigned>(character - '0');
    count += static_cast<unsigned>(more);
    zeros = 0;
  }
};

bool read_exponent(const char*& at, const char* end, std::int32_t& exponent) {
  bool is_negative = false;
  if (at != end && (*at == '+' || *at == '-')) is_negative = *at++ == '-';
  if (at == end) return false;
  for (; at != end && is_digit(*at); ++at)
    exponent = std::min(kExponentMax, 10 * exponent + (*at - '0'));
  if (is_negative) exponent = -exponent;
  return true;
}

// Any number; the fast way takes those of up to 18 digits without an exponent.
bool read_any_number(const char* at, const char* end, Number& number) {
  Collector collector{number};
  bool has_digits = false;
  for (; at != end && is_digit(*at); ++at, has_digits = true) collector.take(*at, false);
  if (at != end && *at == '.') {
    ++at;
    for (; at != end && is_digit(*at); ++at, has_digits = true) collector.take(*at, true);
  }
  if (!has_digits) return false;
  std::int32_t exponent = 0;
  if (at != end && (*at == 'e' || *at == 'E') && !read_exponent(++at, end, exponent)) return false;
  number.scale -= collector.zeros + exponent;
  if (number.magnitude == 0) number.scale = 0;
  return at == end;
}

std::uint32_t hex4(const char* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char character = at[i];
    std::uint32_t digit = 0;
    if (is_digit(character)) {
      digit = static_cast<std::uint32_t>(character - '0');
    } else if ((character | 0x20) >= 'a' && (character | 0x20) <= 'f') {
      digit = static_cast<std::uint32_t>((character | 0x20) - 'a') + 10;
    } else {
      return kBadCharacter;
    }
    value = (value << 4U) | digit;
  }
  return value;
}

// `at` stands behind the u of \uXXXX.
std::uint32_t read_unicode_escape(const char*& at) {
  const std::uint32_t unit = hex4(at);
  if (unit == kBadCharacter) return kBadCharacter;
  at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) return unit;
  if (unit > 0xDBFF || at[0] != '\\' || at[1] != 'u') return kBadCharacter;
  const std::uint32_t low = hex4(at + 2);
  if (low < 0xDC00 || low > 0xDFFF) return kBadCharacter;
  at += 6;
  return 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
}

std::uint32_t read_escape(const char*& at) {
  switch (*at++) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u':
      return read_unicode_escape(at);
    default:
      break;
  }
  --at;
  return kBadCharacter;
}

}  // namespace

Uint128 power_of_ten(unsigned exponent) { return kPowers[std::min(exponent, kDigitsMax)]; }

bool read_number(std::string_view text, Number& number) {
  const char* at = text.data();
  const char* const end = at + text.size();
  number = {};
  if (at != end && (*at == '-' || *at == '+')) number.is_negative = *at++ == '-';
  const char* const begin = at;
  if (end - begin > 18) return read_any_number(begin, end, number);
  std::uint64_t value = 0;
  for (; at != end && is_digit(*at); ++at) value = 10 * value + static_cast<unsigned>(*at - '0');
  const char* const point = at;
  if (at != end && *at == '.') {
    for (++at; at != end && is_digit(*at); ++at)
      value = 10 * value + static_cast<unsigned>(*at - '0');
    number.scale = static_cast<std::int32_t>(at - point - 1);
  }
  const bool has_digits = point != begin || number.scale > 0;
  if (at == end && has_digits) {
    number.magnitude = value;
    number.is_plain = true;
    return true;
  }
  number.scale = 0;
  return read_any_number(begin, end, number);
}

std::string_view without_blanks(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

bool is_json_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digits = [&] {
    const char* const begin = at;
    while (at != end && is_digit(*at)) ++at;
    return at != begin;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at != end && *at == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

Aligned align(const Number& number, std::int32_t scale, Uint128& magnitude) {
  magnitude = number.magnitude;
  if (number.is_inexact) return number.scale > scale ? Aligned::loses_decimals : Aligned::too_large;
  if (magnitude == 0 || number.scale == scale) return Aligned::exact;
  if (number.scale < scale) {
    const auto shift = static_cast<std::int64_t>(scale) - number.scale;
    if (shift > kDigitsMax) return Aligned::too_large;
    const Uint128 factor = power_of_ten(static_cast<unsigned>(shift));
    if (magnitude > ~Uint128{0} / factor) return Aligned::too_large;
    magnitude *= factor;
    return Aligned::exact;
  }
  const auto shift = static_cast<std::int64_t>(number.scale) - scale;
  if (shift > kDigitsMax) return Aligned::loses_decimals;
  const Uint128 divisor = power_of_ten(static_cast<unsigned>(shift));
  if (magnitude % divisor != 0) return Aligned::loses_decimals;
  magnitude /= divisor;
  return Aligned::exact;
}

Aligned align_shortened(const Number& number, std::int32_t scale, bool rounds, Uint128& magnitude) {
  if (number.is_inexact || number.scale <= scale) return align(number, scale, magnitude);
  const auto shift = static_cast<std::int64_t>(number.scale) - scale;
  // More digits than a Number has: below half a unit.
  if (shift > kDigitsMax) {
    magnitude = 0;
    return Aligned::exact;
  }
  const Uint128 divisor = power_of_ten(static_cast<unsigned>(shift));
  const Uint128 rest = number.magnitude % divisor;
  magnitude = number.magnitude / divisor;
  if (rounds && rest >= divisor - rest) ++magnitude;
  return Aligned::exact;
}

std::uint32_t next_character(const char*& at) {
  const auto first = static_cast<unsigned char>(*at);
  if (first == '"') return kStringEnd;
  if (first == '\\') return read_escape(++at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const unsigned size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::uint32_t code = first & (0x7FU >> size);
  for (unsigned i = 1; i < size; ++i)
    code = (code << 6U) | (static_cast<unsigned char>(at[i]) & 0x3FU);
  at += size;
  return code;
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto follow = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    follow(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0U | (code >> 12U));
    follow(6);
    follow(0);
  } else {
    text += static_cast<char>(0xF0U | (code >> 18U));
    follow(12);
    follow(6);
    follow(0);
  }
}

void append_pointer_step(std::string& path, std::string_view name) {
  path += '/';
  for (const char character : name) {
    if (character == '~') {
      path += "~0";
    } else if (character == '/') {
      path += "~1";
    } else {
      path += character;
    }
  }
}

std::optional<std::string_view> unescape(std::string_view token, std::string& buffer) {
  if (token.size() < 2 || token.front() != '"') return std::nullopt;
  const std::string_view inner = token.substr(1, token.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  buffer.clear();
  for (const char* at = inner.data();;) {
    const std::uint32_t code = next_character(at);
    if (code == kStringEnd) return buffer;
    if (code == kBadCharacter) return std::nullopt;
    append_utf8(buffer, code);
  }
}

}  // namespace copybridge::json
