// Zoned, packed and binary numbers of up to 16 digits, in registers, without a branch on the
// value. All other numbers go through write_any_number.
#include <array>

#include "codecs/condition/field.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/tables.h"
#include "codecs/plan/words.h"

namespace copybridge::plan {

using copybook::SignPlace;
using copybook::Usage;

namespace {

constexpr std::uint64_t kLowNibbles = 0x0F0F0F0F0F0F0F0FU;

// One zoned digit and sign byte: the digit in its low nibble; bit 4 minus; more bits: invalid.
bool is_refused(std::uint8_t sign, bool is_signed) { return sign > (is_signed ? 0x1FU : 0x0FU); }

template <SignPlace kSign>
char* write_zoned_short(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const unsigned size = op.digits;
  const unsigned sign_shift = kSign == SignPlace::leading ? 8 * (size - 1) : 0;
  const std::uint8_t sign = op.detail.sign->entry[in[kSign == SignPlace::leading ? 0 : size - 1]];
  std::uint64_t word = (load_big(in) >> (64 - 8 * size)) ^ (op.zones >> (64 - 8 * size));
  word &= ~(std::uint64_t{0xFF} << sign_shift);
  word |= std::uint64_t{sign & 0x0FU} << sign_shift;
  // Zones removed by the exclusive or, a digit leaves its value and anything else a high bit.
  if ((word & ~kLowNibbles) != 0 || above_nine(word) != 0 || is_refused(sign, op.is_signed))
    return nullptr;
  return write_short_number(out, word, op.scale, (sign & condition::kSignMinus) != 0);
}

template <SignPlace kSign>
char* write_zoned_long(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const unsigned high_size = op.digits - 8U;
  const std::uint8_t sign =
      op.detail.sign->entry[in[kSign == SignPlace::leading ? 0 : op.digits - 1U]];
  const std::uint64_t digit = sign & 0x0FU;
  Digits digits;
  digits.high = (load_big(in) ^ op.zones) >> (64 - 8 * high_size);
  digits.low = load_big(in + high_size) ^ op.zones;
  if (kSign == SignPlace::leading) {
    const unsigned shift = 8 * (high_size - 1);
    digits.high = (digits.high & ~(std::uint64_t{0xFF} << shift)) | (digit << shift);
  } else {
    digits.low = (digits.low & ~std::uint64_t{0xFF}) | digit;
  }
  const std::uint64_t zones = (digits.high | digits.low) & ~kLowNibbles;
  if ((zones | above_nine(digits.high) | above_nine(digits.low)) != 0 ||
      is_refused(sign, op.is_signed))
    return nullptr;
  return write_number(out, digits, op.scale, (sign & condition::kSignMinus) != 0);
}

// All digits plain and a sign character beside them; `zones` carries the zone, `detail` the
// sign characters as a table.
template <SignPlace kSign>
char* write_zoned_separate(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint8_t sign =
      op.detail.sign->entry[in[kSign == SignPlace::leading_separate ? 0 : op.digits]];
  if (kSign == SignPlace::leading_separate) ++in;
  const unsigned size = op.digits;
  Digits digits;
  if (size <= 8) {
    digits.low = (load_big(in) ^ op.zones) >> (64 - 8 * size);
  } else {
    digits.high = (load_big(in) ^ op.zones) >> (128 - 8 * size);
    digits.low = load_big(in + size - 8) ^ op.zones;
  }
  const std::uint64_t zones = (digits.high | digits.low) & ~kLowNibbles;
  if ((zones | above_nine(digits.high) | above_nine(digits.low)) != 0 || sign > 0x1FU)
    return nullptr;
  return write_number(out, digits, op.scale, (sign & condition::kSignMinus) != 0);
}

// Sign nibbles A-F as bits: which are minus, which are refused where the item is unsigned.
constexpr std::uint32_t kMinusNibbles = (1U << 0x0BU) | (1U << 0x0DU);

// Without short cuts: signs are random, and a branch on them would be mispredicted.
bool refuses_sign(unsigned nibble, bool is_minus, bool is_signed) {
  return (static_cast<unsigned>(nibble < 10) |
          (static_cast<unsigned>(is_minus) & static_cast<unsigned>(!is_signed))) != 0;
}

// At most 4 bytes: 7 digits and the sign.
char* write_packed_short(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint64_t nibbles = load_big(in) >> (64 - 8 * op.size);
  const auto sign = static_cast<unsigned>(nibbles & 0x0FU);
  const bool is_minus = ((kMinusNibbles >> sign) & 1U) != 0;
  const std::uint64_t digits = spread_nibbles(nibbles >> 4U);
  if ((above_nine(digits) | (nibbles & op.zones)) != 0 ||
      refuses_sign(sign, is_minus, op.is_signed))
    return nullptr;
  return write_short_number(out, digits, op.scale, is_minus);
}

// 5 to 8 bytes: up to 15 digits and the sign.
char* write_packed_long(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint64_t nibbles = load_big(in) >> (64 - 8 * op.size);
  const auto sign = static_cast<unsigned>(nibbles & 0x0FU);
  const bool is_minus = ((kMinusNibbles >> sign) & 1U) != 0;
  const Digits digits = {spread_nibbles(nibbles >> 36U),
                         spread_nibbles((nibbles >> 4U) & 0xFFFFFFFFU)};
  if ((above_nine(digits.high) | above_nine(digits.low) | (nibbles & op.zones)) != 0 ||
      refuses_sign(sign, is_minus, op.is_signed))
    return nullptr;
  return write_number(out, digits, op.scale, is_minus);
}

// COMP-6: up to 8 bytes of digits.
char* write_unsigned_packed(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint64_t nibbles = load_big(in) >> (64 - 8 * op.size);
  const Digits digits = {spread_nibbles(nibbles >> 32U), spread_nibbles(nibbles & 0xFFFFFFFFU)};
  if ((above_nine(digits.high) | above_nine(digits.low) | (nibbles & op.zones)) != 0)
    return nullptr;
  return write_number(out, digits, op.scale, false);
}

std::uint64_t load_little(const std::uint8_t* in) {
  const std::uint64_t value = load_big(in);
  return byte_swap(value);
}

struct Binary {
  std::uint64_t magnitude = 0;
  bool is_negative = false;
};

template <bool kLittle>
Binary read_binary(const Op& op, const std::uint8_t* in) {
  const unsigned unused = 64 - 8 * op.size;
  // The value at the top of the word: shifting it down extends its sign.
  const std::uint64_t word = kLittle ? load_little(in) << unused : load_big(in);
  const std::uint64_t extended =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> unused);
  const std::uint64_t value = op.is_signed ? extended : word >> unused;
  const auto negative = static_cast<unsigned>(op.is_signed) & static_cast<unsigned>(word >> 63U);
  // Two's complement without a branch on the sign.
  const std::uint64_t mask = 0 - std::uint64_t{negative};
  return {(value ^ mask) + negative, negative != 0};
}

// At most 3 bytes: below 10^8.
template <bool kLittle>
char* write_binary_short(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const Binary value = read_binary<kLittle>(op, in);
  return write_short_number(out, eight_digits(value.magnitude), op.scale, value.is_negative);
}

template <bool kLittle>
char* write_binary(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const Binary value = read_binary<kLittle>(op, in);
  if (value.magnitude >= 10000000000000000U)
    return write_large_number(value.magnitude, value.is_negative, op.scale, out);
  return write_number(out, sixteen_digits(value.magnitude), op.scale, value.is_negative);
}

bool fits_words(const condition::Field& field) { return field.scale >= 0 && field.scale <= 16; }

bool is_separate(SignPlace sign) {
  return sign == SignPlace::trailing_separate || sign == SignPlace::leading_separate;
}

}  // namespace

char* write_large_number(std::uint64_t magnitude, bool is_negative, unsigned scale, char* out) {
  // Up to 20 digits: the leading ones are written in front of sixteen that keep their zeros.
  const Digits low = sixteen_digits(magnitude % 10000000000000000U);
  const std::uint64_t top = eight_digits(magnitude / 10000000000000000U);
  std::array<char, 40> text{};
  store_big(text.data(), top | kAsciiZeros);
  store_big(text.data() + 8, low.high | kAsciiZeros);
  store_big(text.data() + 16, low.low | kAsciiZeros);
  const unsigned zeros = static_cast<unsigned>(std::countl_zero(top)) / 8;
  if (is_negative) *out++ = '-';
  const unsigned whole = 24 - zeros - scale;
  std::memcpy(out, text.data() + zeros, 24);
  out += whole;
  if (scale == 0) return out;
  *out++ = '.';
  std::memcpy(out, text.data() + zeros + whole, 16);
  return out + scale;
}

Kernel zoned_kernel(const condition::Field& field) {
  const std::uint32_t digits = field.size - (is_separate(field.sign) ? 1 : 0);
  if (digits == 0 || digits > 16 || !fits_words(field)) return nullptr;
  const bool is_short = digits <= 8 && field.scale <= 8;
  switch (field.sign) {
    case SignPlace::none:
    case SignPlace::trailing:
      if (is_short) return write_zoned_short<SignPlace::trailing>;
      return digits > 8 ? write_zoned_long<SignPlace::trailing> : nullptr;
    case SignPlace::leading:
      if (is_short) return write_zoned_short<SignPlace::leading>;
      return digits > 8 ? write_zoned_long<SignPlace::leading> : nullptr;
    case SignPlace::trailing_separate:
      return write_zoned_separate<SignPlace::trailing_separate>;
    case SignPlace::leading_separate:
      return write_zoned_separate<SignPlace::leading_separate>;
  }
  return nullptr;
}

Kernel packed_kernel(const condition::Field& field) {
  if (field.size == 0 || field.size > 8 || !fits_words(field)) return nullptr;
  if (field.usage == Usage::unsigned_packed) return write_unsigned_packed;
  return field.size <= 4 && field.scale <= 8 ? write_packed_short : write_packed_long;
}

Kernel binary_kernel(const condition::Field& field) {
  if (field.size == 0 || field.size > 8 || !fits_words(field)) return nullptr;
  const bool is_little = field.little_endian;
  if (field.size <= 3 && field.scale <= 8)
    return is_little ? write_binary_short<true> : write_binary_short<false>;
  return is_little ? write_binary<true> : write_binary<false>;
}

}  // namespace copybridge::plan
