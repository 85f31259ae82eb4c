// Scalar reading of fields and the words for what is wrong with them.
#include "codecs/condition/field.h"

#include <algorithm>
#include <array>

#include "codecs/charset/utf8.h"
#include "codecs/charset/walk.h"
#include "codecs/condition/decimal_float.h"
#include "codecs/condition/float_text.h"

namespace copybridge::condition {

using copybook::Category;
using copybook::SignPlace;
using copybook::Usage;

namespace {

std::uint16_t utf16_unit(const Field& field, const std::uint8_t* bytes) {
  const bool little = field.national_little_endian;
  return static_cast<std::uint16_t>((bytes[little ? 1 : 0] << 8) | bytes[little ? 0 : 1]);
}

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

/// NUMPROC(PFD): plus is C, minus D, and F where the item is unsigned. In ASCII files the digit
/// alone is plus, too.
bool has_preferred_zone(const Field& field, std::uint8_t byte) {
  if (field.is_ascii) return field.is_signed || (byte >= '0' && byte <= '9');
  const unsigned zone = byte >> 4U;
  return field.is_signed ? zone == 0x0C || zone == 0x0D : zone == 0x0F;
}

Fault read_overpunch(const Field& field, std::uint8_t byte, std::uint32_t at, Decimal& value) {
  const std::uint8_t sign = zoned_sign(byte, field.is_ascii);
  if (sign == kNoSign)
    return {field.is_signed ? FaultKind::sign_byte : FaultKind::digit_byte, at, byte};
  value.is_negative = (sign & kSignMinus) != 0;
  if (value.is_negative && !field.is_signed) return {FaultKind::minus_unsigned, at, byte};
  if (field.preferred_signs && !has_preferred_zone(field, byte))
    return {FaultKind::other_sign, at, byte};
  value.digits[value.count++] = sign & 0x0FU;
  return {};
}

bool is_blank(const Field& field, const std::uint8_t* bytes) {
  return std::all_of(bytes, bytes + field.size,
                     [&](std::uint8_t byte) { return byte == field.space; });
}

Fault read_zoned_strictly(const Field& field, const std::uint8_t* bytes, Decimal& value) {
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

/// A zoned number under the field's leniency: signs and blanks where they may not be.
class LooseZoned {
 public:
  LooseZoned(const Field& field, Decimal& value) : field_(field), value_(value) {}

  bool read(const std::uint8_t* bytes) {
    value_.count = 0;
    value_.is_negative = false;
    if (field_.leniency.blank_zero && is_blank_or_low(bytes, bytes + field_.size)) return add(0);
    for (std::uint32_t at = 0; at < field_.size; ++at)
      if (!take(bytes, at)) return false;
    const bool is_minus = value_.is_negative && !field_.is_signed;
    return value_.count > 0 && (!is_minus || field_.leniency.unsigned_minus);
  }

 private:
  bool take(const std::uint8_t* bytes, std::uint32_t at) {
    const std::uint8_t byte = bytes[at];
    const Leniency& may = field_.leniency;
    if (byte == field_.space || byte == 0) return may.blanks;
    const unsigned digit = byte - (field_.is_ascii ? 0x30U : 0xF0U);
    if (digit <= 9) return add(digit);
    if (byte == field_.plus || byte == field_.minus) {
      const bool is_its_place =
          at == (field_.sign == SignPlace::leading_separate ? 0 : field_.size - 1);
      const bool is_separate =
          field_.sign == SignPlace::leading_separate || field_.sign == SignPlace::trailing_separate;
      if (may.separate_sign ? !is_at_an_end(bytes, at) : !(is_separate && is_its_place))
        return false;
      return set_sign(byte == field_.minus);
    }
    const std::uint8_t sign = zoned_sign(byte, field_.is_ascii);
    const std::uint32_t place = field_.sign == SignPlace::leading ? 0 : field_.size - 1;
    if (sign != kNoSign && (may.overpunch || at == place))
      return set_sign((sign & kSignMinus) != 0) && add(sign & 0x0FU);
    return may.zones && (byte & 0x0FU) <= 9 && add(byte & 0x0FU);
  }

  bool add(unsigned digit) {
    value_.digits[value_.count++] = static_cast<std::uint8_t>(digit);
    return true;
  }

  // At most one sign, or the last one.
  bool set_sign(bool is_minus) {
    if (has_sign_ && !field_.leniency.several_signs) return false;
    has_sign_ = true;
    value_.is_negative = is_minus;
    return true;
  }

  // Nothing but blanks before the place, or behind it.
  [[nodiscard]] bool is_at_an_end(const std::uint8_t* bytes, std::uint32_t at) const {
    return is_blank_or_low(bytes, bytes + at) ||
           is_blank_or_low(bytes + at + 1, bytes + field_.size);
  }

  [[nodiscard]] bool is_blank_or_low(const std::uint8_t* begin, const std::uint8_t* end) const {
    return std::all_of(begin, end,
                       [&](std::uint8_t byte) { return byte == field_.space || byte == 0; });
  }

  const Field& field_;
  Decimal& value_;
  bool has_sign_ = false;
};

Fault read_zoned(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const Fault fault = read_zoned_strictly(field, bytes, value);
  if (fault.kind == FaultKind::none || !field.leniency.any()) return fault;
  if (LooseZoned(field, value).read(bytes)) return {};
  return fault;
}

// The characters of an edited item, one per position.
bool read_edited(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const std::size_t width = field.usage == Usage::national ? 2 : 1;
  const std::size_t size = field.size / width;
  std::array<Position, kEditedMax> text;  // NOLINT: filled below
  if (size != field.edited->size()) return false;
  for (std::size_t i = 0; i < size; ++i)
    text[i] = width == 2 ? static_cast<Position>(utf16_unit(field, bytes + 2 * i))
                         : static_cast<Position>(field.page->entry(bytes[i]).code_point);
  return field.edited->read({text.data(), size}, field.leniency, value);
}

Fault read_packed(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const bool has_sign = field.usage == Usage::packed;
  const std::uint32_t nibbles = 2 * field.size - (has_sign ? 1 : 0);
  if (field.checks_pad_nibble() && bytes[0] >> 4 != 0)
    return {FaultKind::pad_nibble, 0, static_cast<std::uint16_t>(bytes[0] >> 4)};
  for (std::uint32_t i = 0; i < nibbles; ++i) {
    const auto nibble =
        static_cast<std::uint8_t>(i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F);
    if (nibble > 9) return {FaultKind::digit_nibble, i / 2, nibble};
    value.digits[value.count++] = nibble;
  }
  if (!has_sign) return {};
  const auto sign = static_cast<std::uint8_t>(bytes[field.size - 1] & 0x0F);
  if (sign < 10 && !field.leniency.packed_sign)
    return {FaultKind::sign_nibble, field.size - 1, sign};
  value.is_negative = sign == 0x0B || sign == 0x0D;
  if (value.is_negative && !field.is_signed && !field.leniency.unsigned_minus)
    return {FaultKind::minus_unsigned, field.size - 1, sign};
  const bool is_preferred = field.is_signed ? sign == 0x0C || sign == 0x0D : sign == 0x0F;
  if (field.preferred_signs && !is_preferred) return {FaultKind::other_sign, field.size - 1, sign};
  return {};
}

Fault read_binary(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const bool little = field.little_endian;
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

Fault read_national_number(const Field& field, const std::uint8_t* bytes, Decimal& value) {
  const std::uint32_t units = field.size / 2;
  for (std::uint32_t i = 0; i < units; ++i) {
    const std::uint16_t unit = utf16_unit(field, bytes + std::size_t{2} * i);
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
    bits = (bits << 8U) | bytes[field.float_little_endian ? field.size - 1 - i : i];
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
    const std::uint16_t unit = utf16_unit(field, bytes + at);
    if (unit < 0xD800 || unit > 0xDFFF) continue;
    const bool pair = unit < 0xDC00 && at + 3 < field.size &&
                      (utf16_unit(field, bytes + at + 2) & 0xFC00) == 0xDC00;
    if (!pair) return {FaultKind::surrogate, at, unit};
    at += 2;
  }
  return {};
}

Fault check_utf8(const Field& field, const std::uint8_t* bytes) {
  std::uint32_t count = 0;
  for (std::uint32_t at = 0; at < field.size; ++count) {
    const std::uint32_t size = charset::utf8_size(bytes + at, field.size - at);
    if (size == 0) return {FaultKind::utf8, at, bytes[at]};
    const bool is_too_much = field.characters != 0 && count >= field.characters;
    if (is_too_much && bytes[at] != ' ') return {FaultKind::characters, at, bytes[at]};
    at += size;
  }
  return {};
}

/// Notes the first thing that is wrong with a text in a code page.
class TextChecker {
 public:
  TextChecker(const Field& field, const std::uint8_t* begin) : field_(field), begin_(begin) {}

  void single(std::uint8_t byte) {
    if (field_.page->entry(byte).code_point == charset::kReplacement) note_unmappable(byte, 1);
    at_ += 1;
  }
  void pair(std::uint16_t code) {
    if (!field_.page->has_pairs() || field_.page->pair(code).size == 0) note_unmappable(code, 2);
    at_ += 2;
  }
  void sequence(const std::uint8_t* /*begin*/, std::size_t size) { at_ += size; }
  bool broken(charset::TextFault fault, const std::uint8_t* at) {
    if (field_.leniency.text || fault_.kind != FaultKind::none) return true;
    const auto offset = static_cast<std::uint32_t>(at - begin_);
    const std::uint8_t value = offset < field_.size ? *at : std::uint8_t{0};
    fault_ = {kind_of(fault), std::min(offset, field_.size - 1), value};
    return false;
  }
  [[nodiscard]] const Fault& fault() const { return fault_; }

 private:
  static FaultKind kind_of(charset::TextFault fault) {
    switch (fault) {
      case charset::TextFault::shift_in:
      case charset::TextFault::shift_out:
        return FaultKind::shift;
      case charset::TextFault::half:
        return FaultKind::half;
      case charset::TextFault::unterminated:
        return FaultKind::unterminated;
      case charset::TextFault::utf8:
        return FaultKind::utf8;
      case charset::TextFault::none:
        break;
    }
    return FaultKind::none;
  }

  // Where the character is cannot be told from the visit: it is looked for from the last one on.
  void note_unmappable(std::uint16_t code, std::uint32_t width) {
    if (!field_.rejects_unmappable || fault_.kind != FaultKind::none) return;
    std::uint32_t at = static_cast<std::uint32_t>(at_);
    while (at + width < field_.size && value_at(at, width) != code) ++at;
    fault_ = {FaultKind::unmappable, at, code};
  }
  [[nodiscard]] std::uint16_t value_at(std::uint32_t at, std::uint32_t width) const {
    return static_cast<std::uint16_t>(width == 1 ? begin_[at] : (begin_[at] << 8) | begin_[at + 1]);
  }

  const Field& field_;
  const std::uint8_t* begin_;
  std::size_t at_ = 0;
  Fault fault_;
};

Fault check_page_text(const Field& field, const std::uint8_t* bytes) {
  TextChecker checker(field, bytes);
  charset::walk(*field.page, field.form(), bytes, bytes + field.size, checker);
  return checker.fault();
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
  field.characters = item.characters;
  field.ieee_float = reading.ieee_float;
  field.float_little_endian = reading.float_little_endian;
  field.little_endian = item.usage == copybook::Usage::binary ? reading.binary_little_endian
                                                              : reading.native_little_endian;
  field.national_little_endian = reading.national_little_endian;
  field.rejects_unmappable = reading.rejects_unmappable;
  field.preferred_signs = reading.preferred_signs;
  field.leniency = reading.leniency;
  field.page = reading.code_page;
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
  if (field.edited != nullptr)
    return read_edited(field, bytes, value) ? Fault{} : Fault{FaultKind::edited, 0, bytes[0]};
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
    case Usage::decimal_double:
    case Usage::decimal_quad:
      if (read_decimal_float(bytes, field.size, field.little_endian, value)) return {};
      return {FaultKind::not_finite, 0, bytes[0]};
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

std::int64_t read_count(const Field& field, const std::uint8_t* bytes) {
  Decimal value;
  if (read_number(field, bytes, value).kind != FaultKind::none || value.scale != 0) return -1;
  std::int64_t count = 0;
  for (std::uint32_t i = 0; i < value.count && count <= kCountMax; ++i)
    count = 10 * count + value.digits[i];
  const bool fits = count <= kCountMax && (!value.is_negative || count == 0);
  return fits ? count : -1;
}

Fault check_text(const Field& field, const std::uint8_t* bytes) {
  if (field.usage == Usage::national && !field.leniency.text) return check_utf16(field, bytes);
  if (field.usage == Usage::utf8 && !field.leniency.text) return check_utf8(field, bytes);
  if (field.usage == Usage::display || field.usage == Usage::dbcs)
    return check_page_text(field, bytes);
  return {};
}

}  // namespace copybridge::condition
