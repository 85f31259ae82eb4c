// Words for what a field's bytes lack.
#include "codecs/condition/field.h"

namespace copybridge::condition {

using copybook::Category;
using copybook::Usage;

namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string hex(std::uint16_t value, unsigned digits) {
  std::string text = "0x";
  while (digits-- > 0) text += kHexDigits[(value >> (4U * digits)) & 0x0FU];
  return text;
}

}  // namespace

const char* component_of(const Field& field) {
  if (field.edited != nullptr) return "edited";
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
    case Usage::decimal_double:
    case Usage::decimal_quad:
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
    case FaultKind::pad_nibble:
      return "nibble " + hex(fault.value, 1) + " stands in front of the picture's digits";
    case FaultKind::minus_unsigned:
      return "the sign is minus, but the item is unsigned";
    case FaultKind::other_sign:
      return hex(fault.value, fault.value > 0xF ? 2 : 1) + " does not have the preferred sign";
    case FaultKind::not_finite:
      return "the value is not a finite number";
    case FaultKind::surrogate:
      return hex(fault.value, 4) + " is half of a UTF-16 pair";
    case FaultKind::utf8:
      return hex(fault.value, 2) + " does not begin a UTF-8 character";
    case FaultKind::characters:
      return hex(fault.value, 2) + " stands behind the picture's characters";
    case FaultKind::edited:
      return "the characters are none that the picture makes";
    case FaultKind::shift:
      return hex(fault.value, 2) + (fault.value == charset::kShiftIn
                                        ? " (SI) has no SO before it"
                                        : " (SO) stands within two-byte characters");
    case FaultKind::half:
      return hex(fault.value, 2) + " is half of a two-byte character";
    case FaultKind::unterminated:
      return "the two-byte characters have no SI (0x0F) behind them";
    case FaultKind::unmappable:
      return hex(fault.value, byte_digits) + " is no character of the code page";
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
    case FaultKind::pad_nibble:
      return "zero there (NUMCHECK(PAC))";
    case FaultKind::minus_unsigned:
      return "a number without a minus sign";
    case FaultKind::other_sign:
      return "sign C or D, of an unsigned item F (NUMPROC(PFD))";
    case FaultKind::not_finite:
      return "a finite IEEE number";
    case FaultKind::surrogate:
      return "UTF-16 text";
    case FaultKind::utf8:
      return "UTF-8 text";
    case FaultKind::characters:
      return "spaces there";
    case FaultKind::edited:
      return "a number edited by the picture";
    case FaultKind::shift:
    case FaultKind::half:
    case FaultKind::unterminated:
      return "pairs of bytes between SO (0x0E) and SI (0x0F)";
    case FaultKind::unmappable:
      return "characters of the code page";
  }
  return "a value of the picture";
}

}  // namespace copybridge::condition
