// Scalar reading of fields and the words for what is wrong with them.
#include "codecs/condition/field.h"

#include <algorithm>
#include <array>

#include "codecs/charset/utf8.h"
#include "codecs/condition/float_text.h"

namespace copybridge::condition {

using copybook::Category;
using copybook::SignPlace;
using copybook::Usage;

namespace {

Fault read_zoned_digit(const Field& field, std::uint8_t byte, std::uint32_t at, Decimal& value) {
  const unsigned zero = field.is_ascii ? 0x30U : 0xF0U;
  const unsigned digit = byte - zero;
  if (digit > 9) return {FaultKind::digit_byte, at, byte};
  value.digits[value.count++] = static_cast<std::uint8_t>(digit);
  return {};
}

Fault read_separate_sign(const Field& field, std::uint8_t byte, std::uint32_t at, Decimal& value) {
  if (byte != field.plus && byte != field.minus) return {FaultKind::sign_byte, at, byte};
  value.is_negative = byte == field.minus;
  return {};
}

Fault read_overpunch(const Field& field, std::uint8_t byte, std::uint32_t at, Decimal& value) {
  const std::uint8_t sign = zoned_sign(byte, field.is_ascii);
  if (sign == kNoSign)
    return {field.is_signed ? FaultKind::sign_byte : FaultKind::digit_byte, at, byte};
  value.is_negative = (sign & kSignMinus) != 0;
  if (value.is_negative && !field.is_signed) return {FaultKind::minus_unsigned, at, byte};
  value.digits[value.count++] = sign & 0x0FU;
  return {};
}

bool is_blank(const Field& field, const std::uint8_t* bytes) {
  return std::all_of(bytes, bytes + field.size,
                     [&](std::uint8_t byte) { return byte == field.space; });
}

Fault read_zoned(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  if (field.blank_when_zero && is_blank(field, bytes)) {
    value.digits[value.count++] = 0;
    return {};
  }
  const std::uint32_t last = field.size - 1;
  for (std::uint32_t at = 0; at < field.size; ++at) {
    const bool trailing =
        field.sign != SignPlace::leading && field.sign != SignPlace::leading_separate && at == last;
    const bool leading =
        (field.sign == SignPlace::leading || field.sign == SignPlace::leading_separate) && at == 0;
    const bool separate =
        field.sign == SignPlace::trailing_separate || field.sign == SignPlace::leading_separate;
    Fault fault;
    if (!trailing && !leading) {
      fault = read_zoned_digit(field, bytes[at], at, value);
    } else if (separate) {
      fault = read_separate_sign(field, bytes[at], at, value);
    } else {
      fault = read_overpunch(field, bytes[at], at, value);
    }
    if (fault.kind != FaultKind::none) return fault;
  }
  return {};
}

Fault read_packed(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const bool has_sign = field.usage == Usage::packed;
  const std::uint32_t nibbles = 2 * field.size - (has_sign ? 1 : 0);
  for (std::uint32_t i = 0; i < nibbles; ++i) {
    const auto nibble =
        static_cast<std::uint8_t>(i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F);
    if (nibble > 9) return {FaultKind::digit_nibble, i / 2, nibble};
    value.digits[value.count++] = nibble;
  }
  if (!has_sign) return {};
  const auto sign = static_cast<std::uint8_t>(bytes[field.size - 1] & 0x0F);
  if (sign < 10) return {FaultKind::sign_nibble, field.size - 1, sign};
  value.is_negative = sign == 0x0B || sign == 0x0D;
  if (value.is_negative && !field.is_signed)
    return {FaultKind::minus_unsigned, field.size - 1, sign};
  return {};
}

Fault read_binary(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const bool little = field.usage == Usage::native_binary && field.little_endian;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const std::uint8_t top = bytes[little ? field.size - 1 : 0];
  value.is_negative = field.is_signed && (top & 0x80) != 0;
  if (value.is_negative) high = low = ~std::uint64_t{0};
  for (std::uint32_t i = 0; i < field.size; ++i) {
    high = (high << 8U) | (low >> 56U);
    low = (low << 8U) | bytes[little ? field.size - 1 - i : i];
  }
  if (value.is_negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  set_magnitude(value, high, low);
  return {};
}

std::uint16_t utf16_unit(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>((bytes[0] << 8) | bytes[1]);
}

Fault read_national_number(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const std::uint32_t units = field.size / 2;
  for (std::uint32_t i = 0; i < units; ++i) {
    const std::uint16_t unit = utf16_unit(bytes + std::size_t{2} * i);
    const bool sign_here = (field.sign == SignPlace::trailing_separate && i + 1 == units) ||
                           (field.sign == SignPlace::leading_separate && i == 0);
    if (sign_here) {
      if (unit != '+' && unit != '-') return {FaultKind::sign_byte, 2 * i, unit};
      value.is_negative = unit == '-';
      continue;
    }
    if (unit < '0' || unit > '9') return {FaultKind::digit_byte, 2 * i, unit};
    value.digits[value.count++] = static_cast<std::uint8_t>(unit - '0');
  }
  return {};
}

Fault read_float(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const bool single = field.usage == Usage::float_single;
  const FloatKind kind = field.ieee_float
                             ? (single ? FloatKind::ieee_single : FloatKind::ieee_double)
                             : (single ? FloatKind::ibm_single : FloatKind::ibm_double);
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < field.size; ++i)
    bits = (bits << 8U) | bytes[field.ieee_float && field.little_endian ? field.size - 1 - i : i];
  ShortestDecimal shortest;
  if (!shortest_decimal(bits, kind, shortest)) return {FaultKind::not_finite, 0, bytes[0]};
  std::copy_n(shortest.digits.begin(), shortest.count, value.digits.begin());
  value.count = shortest.count;
  value.scale = static_cast<std::int32_t>(shortest.count) - shortest.exponent;
  value.is_negative = shortest.is_negative;
  return {};
}

Fault check_utf16(const Field& field, const std::uint8_t* bytes) {
  for (std::uint32_t at = 0; at + 1 < field.size; at += 2) {
    const std::uint16_t unit = utf16_unit(bytes + at);
    if (unit < 0xD800 || unit > 0xDFFF) continue;
    const bool pair = unit < 0xDC00 && at + 3 < field.size && (bytes[at + 2] & 0xFC) == 0xDC;
    if (!pair) return {FaultKind::surrogate, at, unit};
    at += 2;
  }
  return {};
}

Fault check_utf8(const Field& field, const std::uint8_t* bytes) {
  for (std::uint32_t at = 0; at < field.size;) {
    const std::uint32_t size = charset::utf8_size(bytes + at, field.size - at);
    if (size == 0) return {FaultKind::utf8, at, bytes[at]};
    at += size;
  }
  return {};
}

constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string hex(std::uint16_t value, unsigned digits) {
  std::string text = "0x";
  while (digits-- > 0) text += kHexDigits[(value >> (4U * digits)) & 0x0FU];
  return text;
}

}  // namespace

Field make_field(const copybook::Item& item, const Reading& reading) {
  Field field;
  field.usage = item.usage;
  field.category = item.category;
  field.sign = item.sign;
  field.is_signed = item.is_signed;
  field.blank_when_zero = item.blank_when_zero;
  field.digits = item.digits;
  field.scale = item.scale;
  field.size = item.size;
  field.ieee_float = reading.ieee_float;
  field.little_endian = reading.native_little_endian;
  const charset::CodePage& page = *reading.code_page;
  field.is_ascii = page.byte_of('0') == 0x30;
  field.space = static_cast<std::uint8_t>(page.byte_of(' '));
  field.plus = static_cast<std::uint8_t>(page.byte_of('+'));
  field.minus = static_cast<std::uint8_t>(page.byte_of('-'));
  return field;
}

std::uint8_t zoned_sign(std::uint8_t byte, bool is_ascii) {
  const auto digit = static_cast<std::uint8_t>(byte & 0x0F);
  if (!is_ascii) {
    const unsigned zone = byte >> 4U;
    if (digit > 9 || zone < 0x0A) return kNoSign;
    const bool minus = zone == 0x0B || zone == 0x0D;
    return static_cast<std::uint8_t>(digit | (minus ? kSignMinus : 0));
  }
  if (byte >= '0' && byte <= '9') return digit;
  if (byte >= 'p' && byte <= 'y') return static_cast<std::uint8_t>(digit | kSignMinus);
  if (byte == '{') return 0;
  if (byte == '}') return kSignMinus;
  if (byte >= 'A' && byte <= 'I') return static_cast<std::uint8_t>(byte - 'A' + 1);
  if (byte >= 'J' && byte <= 'R') return static_cast<std::uint8_t>((byte - 'J' + 1) | kSignMinus);
  return kNoSign;
}

Fault read_number(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  value.count = 0;
  value.scale = field.scale;
  value.is_negative = false;
  switch (field.usage) {
    case Usage::display:
      return read_zoned(field, bytes, value);
    case Usage::binary:
    case Usage::native_binary:
      return read_binary(field, bytes, value);
    case Usage::packed:
    case Usage::unsigned_packed:
      return read_packed(field, bytes, value);
    case Usage::float_single:
    case Usage::float_double:
      return read_float(field, bytes, value);
    case Usage::national:
      return read_national_number(field, bytes, value);
    case Usage::group:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return {FaultKind::digit_byte, 0, bytes[0]};
}

Fault check_text(const Field& field, const std::uint8_t* bytes) {
  if (field.usage == Usage::national) return check_utf16(field, bytes);
  if (field.usage == Usage::utf8) return check_utf8(field, bytes);
  return {};
}

const char* component_of(const Field& field) {
  switch (field.usage) {
    case Usage::display:
      return field.category == Category::numeric ? "zoned" : "text";
    case Usage::binary:
    case Usage::native_binary:
      return "binary";
    case Usage::packed:
    case Usage::unsigned_packed:
      return "packed";
    case Usage::float_single:
    case Usage::float_double:
      return "float";
    case Usage::national:
      return "national";
    case Usage::dbcs:
      return "dbcs";
    case Usage::utf8:
      return "utf-8";
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      return "pointer";
    case Usage::group:
      break;
  }
  return "group";
}

std::string describe(const Fault& fault) {
  const unsigned byte_digits = fault.value > 0xFF ? 4 : 2;
  switch (fault.kind) {
    case FaultKind::none:
      break;
    case FaultKind::digit_byte:
      return hex(fault.value, byte_digits) + " is not a digit";
    case FaultKind::sign_byte:
      return hex(fault.value, byte_digits) + " is not a sign";
    case FaultKind::digit_nibble:
      return "nibble " + hex(fault.value, 1) + " is not a digit";
    case FaultKind::sign_nibble:
      return "nibble " + hex(fault.value, 1) + " is not a sign";
    case FaultKind::minus_unsigned:
      return "the sign is minus, but the item is unsigned";
    case FaultKind::not_finite:
      return "the value is not a finite number";
    case FaultKind::surrogate:
      return hex(fault.value, 4) + " is half of a UTF-16 pair";
    case FaultKind::utf8:
      return hex(fault.value, 2) + " does not begin a UTF-8 character";
  }
  return "the bytes fit";
}

std::string expectation(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::none:
      break;
    case FaultKind::digit_byte:
      return "a digit 0-9 in each position";
    case FaultKind::sign_byte:
      return "a sign";
    case FaultKind::digit_nibble:
      return "a digit 0-9 in each nibble";
    case FaultKind::sign_nibble:
      return "a sign nibble A-F";
    case FaultKind::minus_unsigned:
      return "a number without a minus sign";
    case FaultKind::not_finite:
      return "a finite IEEE number";
    case FaultKind::surrogate:
      return "UTF-16 text";
    case FaultKind::utf8:
      return "UTF-8 text";
  }
  return "a value of the picture";
}

}  // namespace copybridge::condition
