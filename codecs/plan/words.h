// Digits in registers: eight decimal digits per 64-bit word, one per byte, the most significant
// digit in the most significant byte, whatever the machine's byte order.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace copybridge::plan {

__extension__ using Uint128 = unsigned __int128;

inline constexpr std::uint64_t kOnes = 0x0101010101010101U;
inline constexpr std::uint64_t kAsciiZeros = 0x3030303030303030U;

inline std::uint64_t byte_swap(std::uint64_t value) { return __builtin_bswap64(value); }

inline std::uint64_t load_big(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::little ? byte_swap(value) : value;
}

inline void store_big(char* out, std::uint64_t value) {
  if (std::endian::native == std::endian::little) value = byte_swap(value);
  std::memcpy(out, &value, sizeof value);
}

/// Up to 16 digits, right-aligned in the 16 bytes.
struct Digits {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

/// The 8 nibbles of a 32-bit value, each in a byte of its own.
inline std::uint64_t spread_nibbles(std::uint64_t value) {
  value = (value | (value << 16U)) & 0x0000FFFF0000FFFFU;
  value = (value | (value << 8U)) & 0x00FF00FF00FF00FFU;
  return (value | (value << 4U)) & 0x0F0F0F0F0F0F0F0FU;
}

/// Digits of a value below 10^8: split into halves of 4, of 2, of 1 digit, side by side.
inline std::uint64_t eight_digits(std::uint64_t value) {
  const std::uint64_t fours = ((value / 10000) << 32U) | (value % 10000);
  const std::uint64_t hundreds = ((fours * 10486U) >> 20U) & 0x0000007F0000007FU;
  const std::uint64_t twos = (hundreds << 16U) | (fours - 100U * hundreds);
  const std::uint64_t tens = ((twos * 103U) >> 10U) & 0x000F000F000F000FU;
  return (tens << 8U) | (twos - 10U * tens);
}

/// Digits of a value below 10^16.
inline Digits sixteen_digits(std::uint64_t value) {
  return {eight_digits(value / 100000000U), eight_digits(value % 100000000U)};
}

/// Non-zero where a byte of digits (zones removed) is above 9.
inline std::uint64_t above_nine(std::uint64_t digits) {
  return (digits + 0x76U * kOnes) & (0x80U * kOnes);
}

/// Writes a JSON number of at most 16 digits with `scale` (0..16) decimals and no leading zeros.
inline char* write_number(char* out, Digits digits, unsigned scale, bool is_negative) {
  *out = '-';
  out +=
      static_cast<unsigned>(is_negative) & static_cast<unsigned>((digits.high | digits.low) != 0);
  const Uint128 all = (Uint128{digits.high} << 64U) | digits.low;
  // A shift by 128 is undefined: two halves are not.
  const Uint128 whole = (all >> (4 * scale)) >> (4 * scale);
  const auto whole_high = static_cast<std::uint64_t>(whole >> 64U);
  const auto whole_low = static_cast<std::uint64_t>(whole);
  // Digits and signs are random: nothing here branches on them.
  const auto is_short = static_cast<unsigned>(whole_high == 0);
  const std::uint64_t low_if_short = (whole_low | 1U) & (0 - std::uint64_t{is_short});
  const std::uint64_t leading = whole_high | low_if_short;
  const unsigned zeros = static_cast<unsigned>(std::countl_zero(leading)) / 8 + 8U * is_short;
  const Uint128 aligned = whole << (8 * zeros);
  store_big(out, static_cast<std::uint64_t>(aligned >> 64U) | kAsciiZeros);
  store_big(out + 8, static_cast<std::uint64_t>(aligned) | kAsciiZeros);
  out += 16 - zeros;
  if (scale == 0) return out;
  const Uint128 fraction = all << (8 * (16 - scale));
  *out++ = '.';
  store_big(out, static_cast<std::uint64_t>(fraction >> 64U) | kAsciiZeros);
  store_big(out + 8, static_cast<std::uint64_t>(fraction) | kAsciiZeros);
  return out + scale;
}

/// The same for at most 8 digits, scale 0..8.
inline char* write_short_number(char* out, std::uint64_t digits, unsigned scale, bool is_negative) {
  *out = '-';
  out += static_cast<unsigned>(is_negative) & static_cast<unsigned>(digits != 0);
  const std::uint64_t whole = (digits >> (4 * scale)) >> (4 * scale);
  const unsigned zeros = static_cast<unsigned>(std::countl_zero(whole | 1U)) / 8;
  store_big(out, (whole << (8 * zeros)) | kAsciiZeros);
  out += 8 - zeros;
  if (scale == 0) return out;
  *out++ = '.';
  store_big(out, (digits << (8 * (8 - scale))) | kAsciiZeros);
  return out + scale;
}

}  // namespace copybridge::plan
