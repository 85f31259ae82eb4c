// Numbers in AVX2 registers: from a field's bytes to its JSON text without a branch on its value.
// Part of kernels_avx2.cc.
#pragma once

#include <array>

#include "codecs/plan/avx2.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/number_form.h"
#include "codecs/plan/number_parts.h"
#include "codecs/plan/tables.h"
#include "codecs/plan/words.h"

namespace copybridge::plan {
namespace {

/// What a row of fields has met that is no number: it is then run again, field by field.
struct Faults {
  __m256i packed;  ///< any bit: a nibble that may not be where it is
  __m256i digits;  ///< the greatest digit of each lane
  unsigned signs;  ///< any bit above the first: a sign that is none
};

COPYBRIDGE_AVX2 inline Faults no_faults() {
  return {_mm256_setzero_si256(), _mm256_setzero_si256(), 0};
}

COPYBRIDGE_AVX2 inline bool has_faults(const Faults& faults) {
  const __m256i above = _mm256_subs_epu8(faults.digits, _mm256_set1_epi8(9));
  const __m256i all = _mm256_or_si256(faults.packed, above);
  return _mm256_testz_si256(all, all) == 0 || faults.signs > 1;
}

// A register of text: digits or'ed into zeros, and the decimal point behind them.
COPYBRIDGE_AVX2 inline __m128i narrow_zeros() {
  return _mm_setr_epi8('0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0',
                       '.');
}

COPYBRIDGE_AVX2 inline __m128i load_16(const void* at) {
  return _mm_loadu_si128(static_cast<const __m128i*>(at));
}
COPYBRIDGE_AVX2 inline __m256i load_32(const void* at) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}
COPYBRIDGE_AVX2 inline void store_16(void* at, __m128i bytes) {
  _mm_storeu_si128(static_cast<__m128i*>(at), bytes);
}
COPYBRIDGE_AVX2 inline void store_32(void* at, __m256i bytes) {
  _mm256_storeu_si256(static_cast<__m256i*>(at), bytes);
}

/// `text` has the digits' characters, `nonzero` the lanes of those that are not zero.
COPYBRIDGE_AVX2 inline char* put_narrow(const NumberForm& form, __m128i text, std::uint64_t nonzero,
                                        std::uint64_t is_minus, char* out) {
  *out = '-';
  out += is_minus;
  const std::uint64_t leading = _tzcnt_u64(nonzero | form.last_whole);
  store_16(out, _mm_shuffle_epi8(text, load_16(form.order.data() + leading)));
  return out + (form.length - leading);
}

// No shuffle goes across the halves of a register: the digits, with zeros in front of them for
// those that the field has not, go through memory.
COPYBRIDGE_AVX2 inline char* put_wide(const Op& op, __m256i digits, std::uint64_t nonzero,
                                      std::uint64_t is_minus, char* out) {
  const NumberForm& form = *op.detail.number;
  alignas(32) std::array<char, 96> text;  // NOLINT: what is read of it is filled here
  store_32(text.data(), _mm256_set1_epi8('0'));
  store_32(text.data() + 32, _mm256_or_si256(digits, _mm256_set1_epi8('0')));
  *out = '-';
  out += is_minus;
  const std::uint64_t leading = _tzcnt_u64(nonzero | form.last_whole);
  const char* fraction = text.data() + 32 + form.digits - op.scale;
  const char* whole = fraction - form.whole + leading;
  store_32(out, load_32(whole));
  out += form.whole - leading;
  *out = '.';
  store_32(out + 1, load_32(fraction));
  return out + op.scale + (op.scale != 0 ? 1 : 0);
}

/// The bits of NibbleClass by nibble.
COPYBRIDGE_AVX2 inline __m128i nibble_classes() {
  constexpr char kDigit = static_cast<char>(NibbleClass::kCounts | NibbleClass::kNoSign);
  constexpr char kPlus = NibbleClass::kNoDigit;
  constexpr char kMinus =
      static_cast<char>(NibbleClass::kCounts | NibbleClass::kNoDigit | NibbleClass::kMinus);
  return _mm_setr_epi8(NibbleClass::kNoSign, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit,
                       kDigit, kDigit, kPlus, kMinus, kPlus, kMinus, kPlus, kPlus);
}

/// Whether the sign's bit is set, and that of a digit: the lowest bit set is either a digit's or,
/// of a zero, the sign's own.
COPYBRIDGE_AVX2 inline std::uint64_t is_minus(std::uint64_t counting, const NumberForm& form) {
  return (_blsr_u64(counting) >> form.sign_lane) & 1U;
}

// COMP-3 of up to 8 bytes, COMP-6 of up to 7.
COPYBRIDGE_AVX2 inline char* write_packed(const Op& op, const std::uint8_t* in, char* out,
                                          Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m128i low = _mm_set1_epi8(0x0F);
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(in));
  const __m128i nibbles =
      _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi16(bytes, 4), low), _mm_and_si128(bytes, low));
  const __m128i classes = _mm_shuffle_epi8(nibble_classes(), nibbles);
  const __m128i refused = _mm_and_si128(classes, load_16(form.refused.data()));
  faults.packed = _mm256_or_si256(faults.packed, _mm256_zextsi128_si256(refused));
  const std::uint64_t counting = static_cast<unsigned>(_mm_movemask_epi8(classes));
  const __m128i text =
      _mm_or_si128(_mm_and_si128(nibbles, load_16(form.lanes.data())), narrow_zeros());
  return put_narrow(form, text, counting, is_minus(counting, form), out);
}

// Up to 16 bytes of COMP-3 and 15 of COMP-6.
COPYBRIDGE_AVX2 inline char* write_packed_wide(const Op& op, const std::uint8_t* in, char* out,
                                               Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m256i words = _mm256_cvtepu8_epi16(load_16(in));
  const __m256i both = _mm256_or_si256(_mm256_srli_epi16(words, 4), _mm256_slli_epi16(words, 8));
  const __m256i nibbles = _mm256_and_si256(both, _mm256_set1_epi8(0x0F));
  const __m256i classes =
      _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(nibble_classes()), nibbles);
  const __m256i refused = _mm256_and_si256(classes, load_32(form.refused.data()));
  faults.packed = _mm256_or_si256(faults.packed, refused);
  const std::uint64_t counting = static_cast<unsigned>(_mm256_movemask_epi8(classes));
  return put_wide(op, nibbles, counting, is_minus(counting, form), out);
}

/// All bits of one lane.
COPYBRIDGE_AVX2 inline __m256i only_lane(unsigned lane) {
  static constexpr auto kLanes = [] {
    std::array<std::uint8_t, std::size_t{2} * kWideLanes> lanes{};
    lanes[kWideLanes] = 0xFF;
    return lanes;
  }();
  return load_32(kLanes.data() + kWideLanes - lane);
}

/// The digits of a zoned number, in lanes. The digit of an ASCII sign is not its low nibble ('J'
/// is -1): it comes from the table.
template <bool kIsAscii>
COPYBRIDGE_AVX2 inline __m256i read_zoned(const NumberForm& form, const std::uint8_t* in) {
  const __m256i zones = _mm256_set1_epi8(static_cast<char>(kIsAscii ? 0x30 : 0xF0));
  const __m256i digits = _mm256_and_si256(_mm256_xor_si256(load_32(in + form.first), zones),
                                          load_32(form.lanes.data()));
  if constexpr (!kIsAscii) return digits;
  const auto digit = static_cast<char>(form.signs->entry[in[form.sign]] & 0x0FU);
  return _mm256_blendv_epi8(digits, _mm256_set1_epi8(digit), only_lane(form.sign_lane));
}

COPYBRIDGE_AVX2 inline unsigned above_zero(__m256i digits) {
  return static_cast<unsigned>(
      _mm256_movemask_epi8(_mm256_cmpgt_epi8(digits, _mm256_setzero_si256())));
}

COPYBRIDGE_AVX2 inline char* put_digits(const NumberForm& form, __m128i digits,
                                        std::uint64_t nonzero, std::uint64_t is_minus, char* out) {
  return put_narrow(form, _mm_or_si128(digits, narrow_zeros()), nonzero, is_minus, out);
}

template <bool kIsAscii>
COPYBRIDGE_AVX2 inline char* write_zoned(const Op& op, const std::uint8_t* in, char* out,
                                         Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m256i digits = read_zoned<kIsAscii>(form, in);
  faults.digits = _mm256_max_epu8(faults.digits, digits);
  const unsigned nonzero = above_zero(digits);
  const unsigned is_minus = read_sign(form, in, nonzero, faults.signs);
  return put_digits(form, _mm256_castsi256_si128(digits), nonzero, is_minus, out);
}

template <bool kIsAscii>
COPYBRIDGE_AVX2 inline char* write_zoned_wide(const Op& op, const std::uint8_t* in, char* out,
                                              Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m256i digits = read_zoned<kIsAscii>(form, in);
  faults.digits = _mm256_max_epu8(faults.digits, digits);
  const unsigned nonzero = above_zero(digits);
  const unsigned is_minus = read_sign(form, in, nonzero, faults.signs);
  return put_wide(op, digits, nonzero, is_minus, out);
}

/// The digits of a value below 10^8 in eight lanes, the most significant one first.
COPYBRIDGE_AVX2 inline __m128i eight_lanes(std::uint64_t value) {
  return _mm_cvtsi64_si128(static_cast<long long>(byte_swap(eight_digits(value))));
}

COPYBRIDGE_AVX2 inline __m128i sixteen_lanes(std::uint64_t value) {
  return _mm_unpacklo_epi64(eight_lanes(value / kEightDigits), eight_lanes(value % kEightDigits));
}

COPYBRIDGE_AVX2 inline char* put_binary(const NumberForm& form, __m128i digits, unsigned is_minus,
                                        char* out) {
  const unsigned nonzero = above_zero(_mm256_zextsi128_si256(digits));
  return put_digits(form, digits, nonzero, is_minus, out);
}

// At most 3 bytes: below 10^8.
template <bool kLittle>
COPYBRIDGE_AVX2 inline char* write_binary_short(const Op& op, const std::uint8_t* in, char* out,
                                                Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  return put_binary(*op.detail.number, eight_lanes(number.value), number.is_minus, out);
}

// Pictures of up to 15 digits.
template <bool kLittle>
COPYBRIDGE_AVX2 inline char* write_binary(const Op& op, const std::uint8_t* in, char* out,
                                          Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  if (number.value >= kFifteenDigits) [[unlikely]]
    return write_large_number(number.value, number.is_minus != 0, op.scale, out);
  // The last fifteen of sixteen digits; lane 15, then a zero, is the point's.
  const __m128i digits = _mm_srli_si128(sixteen_lanes(number.value), 1);
  return put_binary(*op.detail.number, digits, number.is_minus, out);
}

// 24 lanes hold all that 8 bytes can be.
template <bool kLittle>
COPYBRIDGE_AVX2 inline char* write_binary_wide(const Op& op, const std::uint8_t* in, char* out,
                                               Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  const std::uint64_t rest = number.value % kSixteenDigits;
  const __m128i top = _mm_unpacklo_epi64(eight_lanes(number.value / kSixteenDigits),
                                         eight_lanes(rest / kEightDigits));
  const __m256i digits =
      _mm256_inserti128_si256(_mm256_castsi128_si256(top), eight_lanes(rest % kEightDigits), 1);
  return put_wide(op, digits, above_zero(digits), number.is_minus, out);
}

}  // namespace
}  // namespace copybridge::plan
