// Literals in the encoding of fields, and comparison as COBOL defines it.
#include "codecs/condition/value_test.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codecs/charset/utf16.h"

namespace copybridge::condition {

using copybook::Literal;
using copybook::Usage;

namespace {

bool is_little_utf16(const Field& field) {
  return field.usage == Usage::national && field.national_little_endian;
}

bool encode(std::string_view text, const Field& field, const charset::CodePage& page,
            std::string& bytes, std::string& reason) {
  if (field.usage == Usage::utf8) {
    bytes = text;
    return true;
  }
  if (field.usage == Usage::national) {
    // At most two bytes of UTF-16 per byte of UTF-8.
    bytes.resize(2 * text.size());
    const charset::Encoded encoded =
        charset::encode_utf16(text, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    reason = "it is not UTF-8";
    bytes.resize(encoded.size);
    if (is_little_utf16(field))
      for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    return encoded.fault == charset::Encoded::Fault::none;
  }
  const bool is_graphic = field.usage == Usage::dbcs;
  const Result<std::string> encoded =
      page.from_utf8(text, is_graphic ? charset::Form::graphic : charset::Form::text);
  if (!encoded) {
    reason = encoded.error().message;
    return false;
  }
  bytes = *encoded;
  return true;
}

bool decode_hex(const std::string& digits, std::string& bytes, std::string& reason) {
  ByteBuffer buffer;
  if (!from_hex(digits, buffer)) {
    reason = "X'" + digits + "' is not hexadecimal";
    return false;
  }
  bytes.assign(buffer.data(), buffer.data() + buffer.size());
  return true;
}

std::uint8_t blank_at(const Field& field, std::size_t at) {
  if (field.usage == Usage::utf8) return ' ';
  if (field.usage != Usage::national) return field.space;
  return (at % 2 == 0) == is_little_utf16(field) ? ' ' : 0;
}

/// The byte that counts as the `at`-th of `size` in comparisons: of a character the high half
/// first.
std::size_t by_weight(std::size_t at, std::size_t size, const Field& field) {
  return is_little_utf16(field) && (at | 1U) < size ? at ^ 1U : at;
}

int compare_bytes(TextView left, TextView right, std::size_t size, const Field& field) {
  if (!is_little_utf16(field)) return size == 0 ? 0 : std::memcmp(left.bytes, right.bytes, size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = by_weight(i, size, field);
    if (left.bytes[at] != right.bytes[at]) return left.bytes[at] - right.bytes[at];
  }
  return 0;
}

}  // namespace

bool make_bytes(const Literal& literal, const Field& field, const charset::CodePage& page,
                Comparand& comparand, std::string& reason) {
  comparand.is_number = false;
  comparand.fills = true;
  switch (literal.kind) {
    case Literal::Kind::text:
      comparand.fills = false;
      return encode(literal.text, field, page, comparand.bytes, reason);
    case Literal::Kind::number:
      comparand.fills = false;
      if (literal.text.find_first_not_of("0123456789") != std::string::npos) {
        reason = "only a whole number without a sign can be compared with text";
        return false;
      }
      return encode(literal.text, field, page, comparand.bytes, reason);
    case Literal::Kind::hex:
      comparand.fills = false;
      return decode_hex(literal.text, comparand.bytes, reason);
    case Literal::Kind::all_of:
      if (literal.text.empty()) reason = "ALL of nothing";
      return !literal.text.empty() && encode(literal.text, field, page, comparand.bytes, reason);
    case Literal::Kind::spaces:
      return encode(" ", field, page, comparand.bytes, reason);
    case Literal::Kind::zeros:
      return encode("0", field, page, comparand.bytes, reason);
    case Literal::Kind::quotes:
      return encode("\"", field, page, comparand.bytes, reason);
    case Literal::Kind::low_values:
    case Literal::Kind::nulls:
      comparand.bytes = std::string(1, '\0');
      return true;
    case Literal::Kind::high_values:
      comparand.bytes = std::string(1, '\xFF');
      return true;
  }
  return false;
}

bool make_comparand(const Literal& literal, const Field& field, const charset::CodePage& page,
                    Comparand& comparand, std::string& reason) {
  if (field.is_numeric()) {
    if (literal.kind == Literal::Kind::number || literal.kind == Literal::Kind::zeros) {
      comparand.is_number = true;
      reason = literal.text + " is not a number that can be compared";
      return parse_decimal(literal.kind == Literal::Kind::zeros ? "0" : literal.text,
                           comparand.number);
    }
  }
  return make_bytes(literal, field, page, comparand, reason);
}

std::string fill(const Comparand& comparand, const Field& field) {
  std::string bytes(field.size, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (comparand.fills) {
      bytes[i] = comparand.bytes[i % comparand.bytes.size()];
    } else {
      bytes[i] =
          i < comparand.bytes.size() ? comparand.bytes[i] : static_cast<char>(blank_at(field, i));
    }
  }
  return bytes;
}

int compare_text(TextView left, TextView right, const Field& field) {
  const std::size_t shared = std::min(left.size, right.size);
  const int order = compare_bytes(left, right, shared, field);
  if (order != 0) return order;
  for (std::size_t i = shared; i < left.size; ++i)
    if (left.bytes[i] != blank_at(field, i)) return left.bytes[i] - blank_at(field, i);
  for (std::size_t i = shared; i < right.size; ++i)
    if (right.bytes[i] != blank_at(field, i)) return blank_at(field, i) - right.bytes[i];
  return 0;
}

int compare_text(const Field& field, const std::uint8_t* bytes, const Comparand& comparand) {
  if (!comparand.fills) {
    const auto* right = reinterpret_cast<const std::uint8_t*>(comparand.bytes.data());
    return compare_text(TextView{bytes, field.size}, TextView{right, comparand.bytes.size()},
                        field);
  }
  for (std::uint32_t i = 0; i < field.size; ++i) {
    const std::size_t at = by_weight(i, field.size, field);
    const auto filled = static_cast<std::uint8_t>(comparand.bytes[at % comparand.bytes.size()]);
    if (bytes[at] != filled) return bytes[at] - filled;
  }
  return 0;
}

bool digits_as_text(const Field& field, const std::uint8_t* bytes,
                    std::array<std::uint8_t, kDigitsMax>& text, std::size_t& size) {
  Decimal value;
  if (read_number(field, bytes, value).kind != FaultKind::none) return false;
  const std::uint32_t extra = value.count > field.digits ? value.count - field.digits : 0;
  size = 0;
  for (std::uint32_t i = 0; i < value.count; ++i) {
    if (i < extra && value.digits[i] == 0 && size == 0) continue;
    text[size++] = static_cast<std::uint8_t>(value.digits[i] + (field.is_ascii ? 0x30 : 0xF0));
  }
  return true;
}

bool compare_value(const Field& field, const std::uint8_t* bytes, const Comparand& comparand,
                   int& order) {
  if (comparand.is_number) {
    Decimal value;
    if (read_number(field, bytes, value).kind != FaultKind::none) return false;
    order = sign_of(compare(value, comparand.number));
    return true;
  }
  if (!field.is_numeric() || comparand.fills) {
    order = compare_text(field, bytes, comparand);
    return true;
  }
  std::array<std::uint8_t, kDigitsMax> text;  // NOLINT: filled below
  std::size_t size = 0;
  if (!digits_as_text(field, bytes, text, size)) return false;
  const auto* right = reinterpret_cast<const std::uint8_t*>(comparand.bytes.data());
  order = compare_text(TextView{text.data(), size}, TextView{right, comparand.bytes.size()}, field);
  return true;
}

ValueTest ValueTest::compile(const copybook::Item& item, const copybook::ConditionName& name,
                             const Reading& reading, Diagnostics& diagnostics) {
  ValueTest test;
  test.field_ = make_field(item, reading);
  for (const copybook::ValueRange& values : name.values) {
    Range range;
    std::string reason;
    const charset::CodePage& page = *reading.code_page;
    range.is_range = values.through.has_value();
    bool fits = make_comparand(values.from, test.field_, page, range.from, reason);
    if (fits && range.is_range)
      fits = make_comparand(*values.through, test.field_, page, range.through, reason);
    if (!fits) {
      diagnostics.error(name.where, "condition: a value of " + name.name +
                                        " does not fit its item " + item.name + ": " + reason);
      continue;
    }
    test.ranges_.push_back(std::move(range));
  }
  return test;
}

Truth ValueTest::test(const std::uint8_t* bytes) const {
  for (const Range& range : ranges_) {
    int order = 0;
    if (!compare_value(field_, bytes, range.from, order)) return Truth::misfit;
    if (order == 0) return Truth::yes;
    if (!range.is_range || order < 0) continue;
    if (!compare_value(field_, bytes, range.through, order)) return Truth::misfit;
    if (order <= 0) return Truth::yes;
  }
  return Truth::no;
}

}  // namespace copybridge::condition
