// The general kernels: any number through its digits, and fields with rules (masks, dates,
// values that mean null, numbers as text).
#include <algorithm>
#include <charconv>
#include <cstring>

#include "codecs/plan/detail.h"

namespace copybridge::plan {

using condition::Decimal;
using condition::Fault;
using condition::FaultKind;

namespace {

// Whole numbers of more digits are beyond 64 bits, where many JSON readers stop.
constexpr std::int32_t kPlainFloatDigits = 17;

char digit_of(std::uint8_t value) { return static_cast<char>('0' + value); }

char* write_digits(const Decimal& value, std::uint32_t from, std::uint32_t to, char* out) {
  for (std::uint32_t i = from; i < to; ++i) *out++ = digit_of(value.digits[i]);
  return out;
}

// Digits behind the point; where the scale exceeds the digits, zeros come first.
char* write_fraction(const Decimal& value, char* out) {
  const auto scale = static_cast<std::uint32_t>(value.scale);
  *out++ = '.';
  if (scale > value.count) out = std::fill_n(out, scale - value.count, '0');
  return write_digits(value, scale > value.count ? 0 : value.count - scale, value.count, out);
}

std::uint32_t whole_digits(const Decimal& value) {
  const std::int64_t whole = std::int64_t{value.count} - std::max(value.scale, 0);
  return whole > 0 ? static_cast<std::uint32_t>(whole) : 0;
}

// ±0.d1d2… * 10^exponent with an exponent in the text.
char* write_scientific(const Decimal& value, std::int32_t exponent, char* out) {
  *out++ = digit_of(value.digits[0]);
  if (value.count > 1) {
    *out++ = '.';
    out = write_digits(value, 1, value.count, out);
  }
  --exponent;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  return std::to_chars(out, out + 8, std::abs(exponent)).ptr;
}

bool is_null(const FieldDetail& detail, const std::uint8_t* in) {
  return std::any_of(detail.empty.begin(), detail.empty.end(), [&](const Empty& empty) {
    return !empty.is_number && std::memcmp(empty.bytes.data(), in, detail.field.size) == 0;
  });
}

bool is_null(const FieldDetail& detail, const Decimal& value) {
  return std::any_of(detail.empty.begin(), detail.empty.end(), [&](const Empty& empty) {
    return empty.is_number && std::is_eq(condition::compare(empty.number, value));
  });
}

bool has_numbers(const FieldDetail& detail) {
  return std::any_of(detail.empty.begin(), detail.empty.end(),
                     [](const Empty& empty) { return empty.is_number; });
}

char* end_text(const FieldDetail& detail, char* begin, char* end) {
  if (detail.mask) end = mask_text(*detail.mask, begin + 1, end);
  *end++ = '"';
  return end;
}

char* write_ruled_number(const FieldDetail& detail, const std::uint8_t* in, char* out) {
  Decimal value;
  if (condition::read_number(detail.field, in, value).kind != FaultKind::none) return nullptr;
  if (is_null(detail, value)) return write_null(out);
  if (!detail.shape.is_quoted) return write_value(value, detail, out);
  *out = '"';
  return end_text(detail, out, write_value(value, detail, out + 1));
}

// The characters of a text field as a number, for `empty: [0]` on PIC X; false where it is none.
bool read_text_number(const FieldDetail& detail, const std::uint8_t* in, Decimal& value) {
  if (detail.text == nullptr) return false;
  std::array<char, condition::kDigitsMax> text;  // NOLINT: filled below
  std::size_t size = 0;
  const std::uint8_t* end = in + detail.field.size;
  while (end != in && end[-1] == detail.text->space) --end;
  while (in != end && *in == detail.text->space) ++in;
  if (static_cast<std::size_t>(end - in) > text.size()) return false;
  for (; in != end; ++in) text[size++] = static_cast<char>(detail.text->plain[*in]);
  return condition::parse_decimal({text.data(), size}, value);
}

bool is_null_number(const FieldDetail& detail, const std::uint8_t* in) {
  Decimal number;
  return has_numbers(detail) && read_text_number(detail, in, number) && is_null(detail, number);
}

// Text by the kernel that ignores the rules, then masked.
char* write_masked(const Op& op, const FieldDetail& detail, std::uint32_t size,
                   const std::uint8_t* in, char* out, Frame& frame) {
  Op plain = op;
  plain.kernel = detail.plain.kernel;
  plain.inner = detail.plain.inner;
  plain.detail.text = detail.text;
  plain.size = size;
  char* end = plain.kernel(plain, in, out, frame);
  if (end == nullptr || !detail.mask) return end;
  return end_text(detail, out, end - 1);
}

char* write_ruled_text(const Op& op, const FieldDetail& detail, const std::uint8_t* in, char* out,
                       Frame& frame) {
  if (is_null_number(detail, in)) return write_null(out);
  return write_masked(op, detail, op.size, in, out, frame);
}

char* write_ruled_date(const FieldDetail& detail, const std::uint8_t* in, char* out) {
  Decimal number;
  const bool is_number =
      detail.field.is_numeric()
          ? condition::read_number(detail.field, in, number).kind == FaultKind::none
          : has_numbers(detail) && read_text_number(detail, in, number);
  if (is_number && is_null(detail, number)) return write_null(out);
  char* end = out;
  *end++ = '"';
  if (write_date(detail, in, end).kind != DateFault::Kind::none) return nullptr;
  return end_text(detail, out, end);
}

// The field's characters, as many as the pattern has.
DateFault date_of_number(const FieldDetail& detail, const std::uint8_t* in, char* characters) {
  Decimal value;
  if (condition::read_number(detail.field, in, value).kind != FaultKind::none)
    return {DateFault::Kind::value, 0};
  const auto wanted = static_cast<std::uint32_t>(detail.date->size());
  if (value.is_negative && !value.is_zero()) return {DateFault::Kind::too_long, 0};
  const std::uint32_t extra = value.count > wanted ? value.count - wanted : 0;
  for (std::uint32_t i = 0; i < extra; ++i)
    if (value.digits[i] != 0) return {DateFault::Kind::too_long, 0};
  const std::uint32_t missing = value.count < wanted ? wanted - value.count : 0;
  write_digits(value, extra, value.count, std::fill_n(characters, missing, '0'));
  return {};
}

DateFault date_of_text(const FieldDetail& detail, const std::uint8_t* in, char* characters) {
  const auto wanted = static_cast<std::uint32_t>(detail.date->size());
  for (std::uint32_t i = 0; i < detail.field.size; ++i) {
    if (i >= wanted && in[i] != detail.text->space) return {DateFault::Kind::too_long, i};
    if (i < wanted) characters[i] = static_cast<char>(detail.text->plain[in[i]]);
  }
  return {};
}

// The end of one character of a JSON string's inside, which goes on to `end`; what lies there may
// be anything.
char* next_character(char* at, const char* end) {
  if (*at == '\\') return at + (at[1] == 'u' ? 6 : 2);
  ++at;
  while (at != end && (static_cast<unsigned char>(*at) & 0xC0U) == 0x80U) ++at;
  return at;
}

}  // namespace

char* write_decimal(const Decimal& value, char* out) {
  const std::uint32_t whole = whole_digits(value);
  const bool is_zero = value.is_zero();
  if (value.is_negative && !is_zero) *out++ = '-';
  std::uint32_t first = 0;
  while (first < whole && value.digits[first] == 0) ++first;
  if (first == whole) *out++ = '0';
  out = write_digits(value, first, whole, out);
  if (value.scale < 0 && !is_zero) return std::fill_n(out, -value.scale, '0');
  return value.scale > 0 ? write_fraction(value, out) : out;
}

char* write_float(const Decimal& value, char* out) {
  const std::int32_t exponent = static_cast<std::int32_t>(value.count) - value.scale;
  if (value.is_zero()) {
    *out++ = '0';
    return out;
  }
  if (exponent > -6 && exponent <= kPlainFloatDigits) return write_decimal(value, out);
  if (value.is_negative) *out++ = '-';
  return write_scientific(value, exponent, out);
}

// Every coefficient with its exponent has a text of its own, so that they come back as they were;
// but zero, whose exponent nobody set, is plain.
char* write_decimal_float(const Decimal& value, char* out) {
  if (value.is_zero()) {
    *out++ = '0';
    return out;
  }
  constexpr std::int32_t kPlainZeros = 6;
  const std::int32_t exponent = static_cast<std::int32_t>(value.count) - value.scale;
  if (value.scale >= 0 && exponent > -kPlainZeros) return write_decimal(value, out);
  if (value.is_negative) *out++ = '-';
  return write_scientific(value, exponent, out);
}

char* write_all_digits(const Decimal& value, const condition::Field& field, char* out) {
  const std::uint32_t whole = whole_digits(value);
  const auto wanted = static_cast<std::uint32_t>(
      std::max<std::int32_t>(field.digits - std::max(value.scale, 0), 0));
  if (value.is_negative && !value.is_zero()) *out++ = '-';
  std::uint32_t first = 0;
  while (whole - first > wanted && value.digits[first] == 0) ++first;
  if (whole - first < wanted) out = std::fill_n(out, wanted - (whole - first), '0');
  if (wanted == 0 && whole == first) *out++ = '0';
  out = write_digits(value, first, whole, out);
  if (value.scale < 0) out = std::fill_n(out, -value.scale, '0');
  return value.scale > 0 ? write_fraction(value, out) : out;
}

char* write_value(const Decimal& value, const FieldDetail& detail, char* out) {
  using copybook::Usage;
  if (detail.field.usage == Usage::decimal_double || detail.field.usage == Usage::decimal_quad)
    return write_decimal_float(value, out);
  if (detail.field.category == copybook::Category::floating ||
      (detail.field.edited != nullptr && detail.field.edited->is_floating_point()))
    return write_float(value, out);
  return detail.as_text ? write_all_digits(value, detail.field, out) : write_decimal(value, out);
}

char* mask_text(const MaskRule& mask, char* begin, char* end) {
  std::uint32_t count = 0;
  for (char* at = begin; at != end; at = next_character(at, end)) ++count;
  const std::uint32_t keep = std::min<std::uint32_t>(mask.keep, count);
  std::uint32_t first_kept = 0;
  std::uint32_t kept = 0;
  if (mask.kind == MaskRule::Kind::keep_first) kept = keep;
  if (mask.kind == MaskRule::Kind::keep_last) {
    kept = keep;
    first_kept = count - keep;
  }
  char* out = begin;
  std::uint32_t index = 0;
  for (char* at = begin; at != end; ++index) {
    char* next = next_character(at, end);
    if (index >= first_kept && index < first_kept + kept) {
      out = std::copy(at, next, out);
    } else {
      *out++ = '*';
    }
    at = next;
  }
  return out;
}

DateFault write_date(const FieldDetail& detail, const std::uint8_t* in, char*& out) {
  std::array<char, kDatePatternMax> characters{};
  const DateFault fault = detail.field.is_numeric() ? date_of_number(detail, in, characters.data())
                                                    : date_of_text(detail, in, characters.data());
  if (fault.kind != DateFault::Kind::none) return fault;
  return detail.date->write(characters.data(), out);
}

std::int64_t varying_size(const FieldDetail& detail, const std::uint8_t* in, std::uint32_t room) {
  const Varying& varying = *detail.varying;
  if (room < varying.length.size) return -1;
  const std::int64_t count = condition::read_count(varying.length, in);
  const std::int64_t size = count * varying.unit;
  return size <= std::int64_t{room} - varying.length.size ? std::max<std::int64_t>(size, -1) : -1;
}

const std::uint8_t* filled_up(const FieldDetail& detail, const std::uint8_t* in,
                              std::uint32_t size) {
  thread_local ByteBuffer buffer;
  buffer.clear();
  buffer.append({in, size});
  buffer.resize(detail.field.size);
  const std::uint16_t space = detail.varying->space;
  for (std::uint32_t i = size; i < detail.field.size; ++i)
    buffer.data()[i] = static_cast<std::uint8_t>(i % 2 == 0 ? space >> 8U : space & 0xFFU);
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): a thread_local outlives the call.
  return buffer.data();
}

namespace {

bool is_wholly(const std::uint8_t* in, std::uint32_t size, std::uint16_t bytes) {
  for (std::uint32_t i = 0; i < size; ++i)
    if (in[i] != (i % 2 == 0 ? bytes >> 8U : bytes & 0xFFU)) return false;
  return true;
}

char* write_number_of(const FieldDetail& detail, const std::uint8_t* in, char* out) {
  Decimal value;
  if (condition::read_number(detail.field, in, value).kind != FaultKind::none) return nullptr;
  if (!detail.shape.is_quoted) return write_value(value, detail, out);
  *out++ = '"';
  out = write_value(value, detail, out);
  *out++ = '"';
  return out;
}

}  // namespace

char* write_any_number(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  return write_number_of(*op.detail.field, in, out);
}

char* write_quoted(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  *out++ = '"';
  char* end = op.inner(op, in, out, frame);
  if (end == nullptr) return nullptr;
  *end++ = '"';
  return end;
}

char* write_misfit(const Misfit& misfit, const Op& op, const std::uint8_t* in, char* out) {
  const bool is_empty = (misfit.empty.spaces && is_wholly(in, op.size, misfit.space)) ||
                        (misfit.empty.low_values && is_wholly(in, op.size, 0)) ||
                        (misfit.empty.high_values && is_wholly(in, op.size, 0xFFFF));
  if (is_empty) return write_null(out);
  return misfit.loose != nullptr ? write_number_of(*misfit.loose, in, out) : nullptr;
}

char* write_varying(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const FieldDetail& detail = *op.detail.field;
  const std::int64_t stored = varying_size(detail, in, op.size);
  if (stored < 0) return nullptr;
  const auto size = static_cast<std::uint32_t>(stored);
  const std::uint8_t* const text = in + detail.varying->length.size;
  if (detail.shape.is_ruled) {
    const std::uint8_t* const whole = filled_up(detail, text, size);
    if (is_null(detail, whole) || (!detail.date && is_null_number(detail, whole)))
      return write_null(out);
    if (detail.date) return write_ruled_date(detail, whole, out);
  }
  return write_masked(op, detail, size, text, out, frame);
}

char* write_ruled(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const FieldDetail& detail = *op.detail.field;
  if (is_null(detail, in)) return write_null(out);
  if (detail.date) return write_ruled_date(detail, in, out);
  if (detail.field.is_numeric()) return write_ruled_number(detail, in, out);
  return write_ruled_text(op, detail, in, out, frame);
}

}  // namespace copybridge::plan
