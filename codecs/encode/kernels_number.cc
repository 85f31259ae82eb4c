// Numbers to zoned, packed, binary, floating, national and edited bytes.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "codecs/condition/decimal_float.h"
#include "codecs/encode/float_bits.h"
#include "codecs/encode/frame.h"
#include "codecs/encode/kernels.h"
#include "codecs/plan/words.h"

namespace copybridge::encode {

using copybook::Category;
using copybook::SignPlace;
using copybook::Usage;
using json::Uint128;

namespace {

constexpr std::uint64_t kTenToThe16 = 10000000000000000U;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// What simdjson leaves to the reader: whether a token is a number at all.
bool is_number(Token text, const json::Number& number) {
  if (!number.is_plain) return json::is_json_number(text);
  const char* at = text.data();
  std::size_t size = text.size();
  if (*at == '-') {
    ++at;
    --size;
  }
  return is_digit(at[0]) && is_digit(at[size - 1]) && (size == 1 || at[0] != '0' || at[1] == '.');
}

// The text of a number, out of a string where it stands in one.
bool number_text(Token token, Token& text, bool& is_quoted) {
  is_quoted = token.size() >= 2 && token.front() == '"';
  text = is_quoted ? token.substr(1, token.size() - 2) : token;
  return !text.empty() && (is_quoted || text.front() == '-' || is_digit(text.front()));
}

Fault read_value(Token token, json::Number& number) {
  Token text;
  bool is_quoted = false;
  if (!number_text(token, text, is_quoted) || !json::read_number(text, number) ||
      (!is_quoted && !is_number(text, number)))
    return Fault::wants_number;
  return Fault::none;
}

Fault fit(const Field& field, const json::Number& number, Uint128& magnitude, bool& is_negative) {
  json::Aligned aligned = json::align(number, field.scale, magnitude);
  if (aligned == json::Aligned::loses_decimals && field.rounding != Rounding::reject)
    aligned =
        json::align_shortened(number, field.scale, field.rounding == Rounding::nearest, magnitude);
  if (aligned == json::Aligned::loses_decimals) return Fault::decimals;
  const bool is_binary =
      field.storage.usage == Usage::binary || field.storage.usage == Usage::native_binary;
  const Fault too_large = is_binary ? Fault::storage : Fault::whole_digits;
  if (aligned == json::Aligned::too_large) return too_large;
  is_negative = number.is_negative && magnitude != 0;
  if (is_negative && !field.is_signed) return Fault::minus;
  return magnitude > (is_negative ? field.least : field.most) ? too_large : Fault::none;
}

Fault read_magnitude(const Field& field, Token token, Uint128& magnitude, bool& is_negative) {
  json::Number number;
  const Fault fault = read_value(token, number);
  return fault == Fault::none ? fit(field, number, magnitude, is_negative) : fault;
}

// The last `count` decimal digits, each with the zone.
void write_zones(Uint128 value, std::size_t count, std::uint8_t zone, std::uint8_t* out) {
  const std::uint64_t zones = plan::kOnes * zone;
  for (std::size_t end = count; end > 0;) {
    const auto low = static_cast<std::uint64_t>(value % kTenToThe16);
    value /= kTenToThe16;
    const plan::Digits digits = plan::sixteen_digits(low);
    std::array<char, 16> text{};
    plan::store_big(text.data(), digits.high | zones);
    plan::store_big(text.data() + 8, digits.low | zones);
    const std::size_t size = std::min<std::size_t>(end, 16);
    std::memcpy(out + end - size, text.data() + 16 - size, size);
    end -= size;
  }
}

void write_zoned(const Field& field, Uint128 magnitude, bool is_negative, std::uint8_t* out) {
  const std::uint8_t zone = field.storage.is_ascii ? 0x30 : 0xF0;
  const std::uint8_t sign = is_negative ? field.storage.minus : field.storage.plus;
  const std::size_t size = field.size;
  switch (field.storage.sign) {
    case SignPlace::none:
    case SignPlace::trailing:
      write_zones(magnitude, size, zone, out);
      out[size - 1] =
          static_cast<std::uint8_t>((out[size - 1] & 0x0FU) | sign_zone(field, is_negative));
      break;
    case SignPlace::leading:
      write_zones(magnitude, size, zone, out);
      out[0] = static_cast<std::uint8_t>((out[0] & 0x0FU) | sign_zone(field, is_negative));
      break;
    case SignPlace::trailing_separate:
      write_zones(magnitude, size - 1, zone, out);
      out[size - 1] = sign;
      break;
    case SignPlace::leading_separate:
      write_zones(magnitude, size - 1, zone, out + 1);
      out[0] = sign;
      break;
  }
}

// The 8 digits of a word, side by side.
std::uint64_t join_nibbles(std::uint64_t digits) {
  digits = (digits | (digits >> 4U)) & 0x00FF00FF00FF00FFU;
  digits = (digits | (digits >> 8U)) & 0x0000FFFF0000FFFFU;
  return (digits | (digits >> 16U)) & 0xFFFFFFFFU;
}

// Digits fill all nibbles but, of a signed format, the last.
void write_packed(const Field& field, Uint128 magnitude, bool is_negative, std::uint8_t* out) {
  const bool has_sign = field.storage.usage == Usage::packed;
  const unsigned sign = !field.is_signed ? 0x0FU : is_negative ? 0x0DU : 0x0CU;
  std::size_t end = field.size;
  if (has_sign) {
    out[--end] = static_cast<std::uint8_t>((static_cast<unsigned>(magnitude % 10) << 4U) | sign);
    magnitude /= 10;
  }
  while (end > 0) {
    const plan::Digits digits =
        plan::sixteen_digits(static_cast<std::uint64_t>(magnitude % kTenToThe16));
    magnitude /= kTenToThe16;
    std::array<char, 8> bytes{};
    plan::store_big(bytes.data(), (join_nibbles(digits.high) << 32U) | join_nibbles(digits.low));
    const std::size_t size = std::min<std::size_t>(end, 8);
    std::memcpy(out + end - size, bytes.data() + 8 - size, size);
    end -= size;
  }
}

void write_binary(const Field& field, Uint128 magnitude, bool is_negative, std::uint8_t* out) {
  Uint128 value = is_negative ? ~magnitude + 1 : magnitude;
  const bool is_little = field.storage.little_endian;
  for (std::size_t i = 0; i < field.size; ++i, value >>= 8U)
    out[is_little ? i : field.size - 1 - i] = static_cast<std::uint8_t>(value & 0xFFU);
}

void write_national_digits(const Field& field, Uint128 magnitude, bool is_negative,
                           std::uint8_t* out) {
  const bool is_separate = field.storage.sign == SignPlace::trailing_separate ||
                           field.storage.sign == SignPlace::leading_separate;
  std::array<std::uint8_t, json::kDigitsMax + 2> units{};
  const std::size_t count = field.size / 2;
  const std::size_t digits = std::min(units.size(), count - (is_separate ? 1 : 0));
  const bool leads = field.storage.sign == SignPlace::leading_separate;
  write_zones(magnitude, digits, '0', units.data() + (leads ? 1 : 0));
  if (is_separate) units[leads ? 0 : digits] = is_negative ? '-' : '+';
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_little = field.storage.national_little_endian;
    out[2 * i + (is_little ? 1 : 0)] = 0;
    out[2 * i + (is_little ? 0 : 1)] = units[i];
  }
}

Fault write_number(const Field& field, Token token, std::uint8_t* out, Frame& /*frame*/) {
  Uint128 magnitude = 0;
  bool is_negative = false;
  const Fault fault = read_magnitude(field, token, magnitude, is_negative);
  if (fault == Fault::none) write_magnitude(field, magnitude, is_negative, out);
  return fault;
}

// Up to 15 digits and a sign in at most 8 bytes, without a loop.
Fault write_short_packed(const Field& field, Token token, std::uint8_t* out, Frame& /*frame*/) {
  Uint128 magnitude = 0;
  bool is_negative = false;
  const Fault fault = read_magnitude(field, token, magnitude, is_negative);
  if (fault != Fault::none) return fault;
  const plan::Digits digits = plan::sixteen_digits(static_cast<std::uint64_t>(magnitude));
  const std::uint64_t nibbles = (join_nibbles(digits.high) << 32U) | join_nibbles(digits.low);
  const unsigned sign = !field.is_signed ? 0x0FU : is_negative ? 0x0DU : 0x0CU;
  std::array<char, 8> bytes{};
  plan::store_big(bytes.data(), (nibbles << 4U) | sign);
  std::memcpy(out, bytes.data() + 8 - field.size, field.size);
  return Fault::none;
}

// Brings a coefficient and its exponent into the limits. False where digits would be lost that must
// not be.
bool fit_decimal_float(const condition::DecimalFloatLimits& limits, Rounding rounding,
                       Uint128& coefficient, std::int64_t& exponent) {
  if (coefficient == 0) {
    exponent = limits.exponent_min;  // all bytes zero, as GnuCOBOL has it
    return true;
  }
  while (coefficient > limits.coefficient_max || exponent < limits.exponent_min) {
    const auto last = static_cast<unsigned>(coefficient % 10);
    if (last != 0 && rounding == Rounding::reject) return false;
    coefficient = coefficient / 10 + (last >= 5 && rounding == Rounding::nearest ? 1 : 0);
    ++exponent;
  }
  for (; exponent > limits.exponent_max; --exponent) {
    coefficient *= 10;
    if (coefficient > limits.coefficient_max) return false;
  }
  return true;
}

Fault write_decimal_float(const Field& field, Token token, std::uint8_t* out, Frame& /*frame*/) {
  json::Number number;
  const Fault fault = read_value(token, number);
  if (fault != Fault::none) return fault;
  const condition::DecimalFloatLimits limits = condition::decimal_float_limits(field.size);
  std::int64_t exponent = -std::int64_t{number.scale};
  if ((number.is_inexact && field.rounding == Rounding::reject) ||
      !fit_decimal_float(limits, field.rounding, number.magnitude, exponent))
    return Fault::float_range;
  condition::write_decimal_float(number.magnitude, static_cast<int>(exponent),
                                 number.is_negative && number.magnitude != 0, field.size,
                                 field.storage.little_endian, out);
  return Fault::none;
}

bool is_decimal_float(Usage usage) {
  return usage == Usage::decimal_double || usage == Usage::decimal_quad;
}

Fault write_float(const Field& field, Token token, std::uint8_t* out, Frame& /*frame*/) {
  json::Number number;
  const Fault fault = read_value(token, number);
  if (fault != Fault::none) return fault;
  Token text;
  bool is_quoted = false;
  static_cast<void>(number_text(token, text, is_quoted));
  if (text.front() == '+') text.remove_prefix(1);
  using condition::FloatKind;
  const bool is_single = field.storage.usage == Usage::float_single;
  const FloatKind kind = field.storage.ieee_float
                             ? (is_single ? FloatKind::ieee_single : FloatKind::ieee_double)
                             : (is_single ? FloatKind::ibm_single : FloatKind::ibm_double);
  std::uint64_t bits = 0;
  if (!float_bits(text, kind, bits)) return Fault::float_range;
  const bool is_little = field.storage.float_little_endian;
  for (std::size_t i = 0; i < field.size; ++i, bits >>= 8U)
    out[is_little ? i : field.size - 1 - i] = static_cast<std::uint8_t>(bits & 0xFFU);
  return Fault::none;
}

condition::Decimal decimal_of(Uint128 magnitude, std::int32_t scale, bool is_negative) {
  condition::Decimal value;
  condition::set_magnitude(value, static_cast<std::uint64_t>(magnitude >> 64U),
                           static_cast<std::uint64_t>(magnitude));
  value.scale = scale;
  value.is_negative = is_negative;
  return value;
}

// A number, or the edited characters themselves.
Fault write_edited_number(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  json::Number number;
  if (read_value(token, number) != Fault::none)
    return token.front() == '"' ? write_edited(field, token, out, frame) : Fault::wants_number;
  std::array<condition::Position, condition::kEditedMax> text{};
  condition::EditFault edited = condition::EditFault::none;
  if (field.picture->is_floating_point()) {
    if (number.is_inexact) return Fault::float_range;
    edited = field.picture->edit(
        decimal_of(number.magnitude, number.scale, number.is_negative && number.magnitude != 0),
        text.data());
    if (edited != condition::EditFault::none) return Fault::float_range;
  } else {
    Uint128 magnitude = 0;
    bool is_negative = false;
    const Fault fault = fit(field, number, magnitude, is_negative);
    if (fault != Fault::none) return fault;
    edited = field.picture->edit(decimal_of(magnitude, field.scale, is_negative), text.data());
    if (edited != condition::EditFault::none) return Fault::whole_digits;
  }
  write_positions(field, text.data(), out);
  return Fault::none;
}

Kernel number_kernel(const Field& field) {
  if (is_decimal_float(field.storage.usage)) return write_decimal_float;
  if (field.storage.category == Category::floating) return write_float;
  if (field.storage.usage == Usage::packed && field.size <= 8 && field.digits <= 15)
    return write_short_packed;
  return write_number;
}

Kernel text_kernel(const Field& field) {
  switch (field.storage.usage) {
    case Usage::display:
      return field.storage.page->is_single_byte() ? write_text : write_mixed;
    case Usage::dbcs:
      return field.storage.page->has_pairs() ? write_mixed : write_hex;
    case Usage::national:
      return write_national;
    case Usage::utf8:
      return write_utf8;
    case Usage::group:
    case Usage::binary:
    case Usage::native_binary:
    case Usage::packed:
    case Usage::unsigned_packed:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return write_hex;
}

void set_limits(Field& field, bool truncates_binary) {
  field.most = json::power_of_ten(field.digits) - 1;
  field.least = field.most;
  const bool is_native = field.storage.usage == Usage::native_binary;
  const bool is_binary = field.storage.usage == Usage::binary || is_native;
  if (!is_binary || (truncates_binary && !is_native)) return;
  const unsigned bits = 8 * std::min<std::uint32_t>(field.size, 16);
  const Uint128 all = bits == 128 ? ~Uint128{0} : (Uint128{1} << bits) - 1;
  field.most = field.is_signed ? all >> 1U : all;
  field.least = (all >> 1U) + 1;
}

}  // namespace

std::uint8_t sign_zone(const Field& field, bool is_negative) {
  if (field.storage.is_ascii) return is_negative ? 0x70 : 0x30;
  if (!field.is_signed) return 0xF0;
  return is_negative ? 0xD0 : 0xC0;
}

Fault write_value(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (token == "null") {
    if (!field.has_null) return Fault::no_value;
    std::memcpy(out, field.null_bytes.data(), field.size);
    return Fault::none;
  }
  if (field.mask && is_masked_text(field, token)) return Fault::masked;
  return field.kernel(field, token, out, frame);
}

void write_magnitude(const Field& field, Uint128 magnitude, bool is_negative, std::uint8_t* out) {
  switch (field.storage.usage) {
    case Usage::display:
      if (magnitude == 0 && field.storage.blank_when_zero) {
        std::memset(out, field.storage.space, field.size);
      } else {
        write_zoned(field, magnitude, is_negative, out);
      }
      break;
    case Usage::packed:
    case Usage::unsigned_packed:
      write_packed(field, magnitude, is_negative, out);
      break;
    case Usage::binary:
    case Usage::native_binary:
      write_binary(field, magnitude, is_negative, out);
      break;
    case Usage::national:
      write_national_digits(field, magnitude, is_negative, out);
      break;
    case Usage::group:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
}

Fault write_date(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (token.size() < 2 || token.front() != '"') return Fault::wants_string;
  std::array<char, plan::kDatePatternMax> characters{};
  if (!field.date->fill(token.substr(1, token.size() - 2), characters.data())) return Fault::date;
  const std::string_view text(characters.data(), field.date->size());
  if (!field.storage.is_numeric()) {
    write_ascii(field, text, out);
    frame.written = text.size();
    return Fault::none;
  }
  json::Number number;
  Uint128 magnitude = 0;
  bool is_negative = false;
  if (!json::read_number(text, number)) return Fault::date;
  const Fault fault = fit(field, number, magnitude, is_negative);
  if (fault == Fault::none) write_magnitude(field, magnitude, is_negative, out);
  return fault;
}

// Of PIC -(5)9V99 "100" is one: decoding prints the characters, which have no point.
Fault write_edited_text(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  const bool is_text = token.front() == '"';
  if (is_text && write_edited(field, token, out, frame) == Fault::none) return Fault::none;
  return write_edited_number(field, token, out, frame);
}

void choose_kernel(Field& field, const copybook::Item& item, bool truncates_binary) {
  set_limits(field, truncates_binary);
  if (item.category == Category::numeric_edited) {
    field.kernel = write_edited_number;
  } else if (field.storage.is_numeric()) {
    field.kernel = number_kernel(field);
  } else {
    field.kernel = text_kernel(field);
  }
}

}  // namespace copybridge::encode
