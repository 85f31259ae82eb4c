// Numbers in AVX-512 registers: from a field's bytes to its JSON text without a branch on its
// value. Part of kernels_avx512.cc.
#pragma once

#include "codecs/plan/avx512.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/number_form.h"
#include "codecs/plan/number_parts.h"
#include "codecs/plan/tables.h"

namespace copybridge::plan {
namespace {

/// What a row of fields has met that is no number: it is then run again, field by field.
struct Faults {
  __m256i packed;  ///< any bit: a nibble that may not be where it is
  __m256i digits;  ///< the greatest digit of each lane
  unsigned signs;  ///< any bit above the first: a sign that is none
};

COPYBRIDGE_AVX512 inline Faults no_faults() {
  return {_mm256_setzero_si256(), _mm256_setzero_si256(), 0};
}

COPYBRIDGE_AVX512 inline bool has_faults(const Faults& faults) {
  const __mmask32 digits = _mm256_cmpgt_epu8_mask(faults.digits, _mm256_set1_epi8(9));
  return (_mm256_test_epi8_mask(faults.packed, faults.packed) | digits) != 0 || faults.signs > 1;
}

// A register of text: digits or'ed into zeros, and the decimal point behind them.
COPYBRIDGE_AVX512 inline __m128i narrow_zeros() {
  return _mm_setr_epi8('0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0',
                       '.');
}
COPYBRIDGE_AVX512 inline __m256i wide_zeros() {
  return _mm256_inserti128_si256(_mm256_set1_epi8('0'), narrow_zeros(), 1);
}

COPYBRIDGE_AVX512 inline __m128i load_16(const std::uint8_t* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
COPYBRIDGE_AVX512 inline __m256i load_32(const std::uint8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

/// `text` has the digits' characters, `nonzero` the lanes of those that are not zero.
COPYBRIDGE_AVX512 inline char* put_narrow(const NumberForm& form, __m128i text,
                                          std::uint64_t nonzero, std::uint64_t is_minus,
                                          char* out) {
  *out = '-';
  out += is_minus;
  const std::uint64_t leading = _tzcnt_u64(nonzero | form.last_whole);
  const __m128i order = load_16(form.order.data() + leading);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(text, order));
  return out + (form.length - leading);
}

COPYBRIDGE_AVX512 inline char* put_wide(const NumberForm& form, __m256i text, std::uint64_t nonzero,
                                        std::uint64_t is_minus, char* out) {
  *out = '-';
  out += is_minus;
  const std::uint64_t leading = _tzcnt_u64(nonzero | form.last_whole);
  const __m256i order = load_32(form.order.data() + leading);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_permutexvar_epi8(order, text));
  return out + (form.length - leading);
}

/// For each byte of a quadword of four words with one byte each: the bit its nibble begins at.
constexpr long long kNibbleBits = 0x3034'2024'1014'0004;
/// Ternary logic: (a & c) | b, a | (b & c), (a ^ b) & c.
constexpr int kAndOr = 0xEC;
constexpr int kOrAnd = 0xF8;
constexpr int kXorAnd = 0x28;

/// The bits of NibbleClass by nibble.
COPYBRIDGE_AVX512 inline __m128i nibble_classes() {
  constexpr char kDigit = static_cast<char>(NibbleClass::kCounts | NibbleClass::kNoSign);
  constexpr char kPlus = NibbleClass::kNoDigit;
  constexpr char kMinus =
      static_cast<char>(NibbleClass::kCounts | NibbleClass::kNoDigit | NibbleClass::kMinus);
  return _mm_setr_epi8(NibbleClass::kNoSign, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit,
                       kDigit, kDigit, kPlus, kMinus, kPlus, kMinus, kPlus, kPlus);
}

/// Whether the sign's bit is set, and that of a digit: the lowest bit set is either a digit's or,
/// of a zero, the sign's own.
COPYBRIDGE_AVX512 inline std::uint64_t is_minus(std::uint64_t counting, const NumberForm& form) {
  return (_blsr_u64(counting) >> form.sign_lane) & 1U;
}

// COMP-3 of up to 8 bytes, COMP-6 of up to 7.
COPYBRIDGE_AVX512 inline char* write_packed(const Op& op, const std::uint8_t* in, char* out,
                                            Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m128i words = _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(in)));
  const __m128i raw = _mm_multishift_epi64_epi8(_mm_set1_epi64x(kNibbleBits), words);
  const __m128i nibbles = _mm_and_si128(raw, _mm_set1_epi8(0x0F));
  const __m128i classes = _mm_shuffle_epi8(nibble_classes(), nibbles);
  faults.packed =
      _mm256_ternarylogic_epi64(faults.packed, _mm256_zextsi128_si256(classes),
                                _mm256_zextsi128_si256(load_16(form.refused.data())), kOrAnd);
  const std::uint64_t counting = static_cast<unsigned>(_mm_movemask_epi8(classes));
  const __m128i text =
      _mm_ternarylogic_epi64(raw, narrow_zeros(), load_16(form.lanes.data()), kAndOr);
  return put_narrow(form, text, counting, is_minus(counting, form), out);
}

// Up to 16 bytes of COMP-3 and 15 of COMP-6.
COPYBRIDGE_AVX512 inline char* write_packed_wide(const Op& op, const std::uint8_t* in, char* out,
                                                 Faults& faults) {
  const NumberForm& form = *op.detail.number;
  const __m256i words = _mm256_cvtepu8_epi16(load_16(in));
  const __m256i raw = _mm256_multishift_epi64_epi8(_mm256_set1_epi64x(kNibbleBits), words);
  const __m256i nibbles = _mm256_and_si256(raw, _mm256_set1_epi8(0x0F));
  const __m256i classes =
      _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(nibble_classes()), nibbles);
  faults.packed =
      _mm256_ternarylogic_epi64(faults.packed, classes, load_32(form.refused.data()), kOrAnd);
  const std::uint64_t counting = static_cast<unsigned>(_mm256_movemask_epi8(classes));
  const __m256i text =
      _mm256_ternarylogic_epi64(raw, wide_zeros(), load_32(form.lanes.data()), kAndOr);
  return put_wide(form, text, counting, is_minus(counting, form), out);
}

// The digit of an ASCII sign is not its low nibble ('J' is -1): it comes from the table.
template <bool kIsAscii>
COPYBRIDGE_AVX512 inline char* write_zoned(const Op& op, const std::uint8_t* in, char* out,
                                           Faults& faults) {
  const NumberForm& form = *op.detail.number;
  __m128i digits = load_16(in + form.first);
  const __m128i zones = _mm_set1_epi8(static_cast<char>(kIsAscii ? 0x30 : 0xF0));
  digits = _mm_ternarylogic_epi64(digits, zones, load_16(form.lanes.data()), kXorAnd);
  if constexpr (kIsAscii)
    digits = _mm_mask_set1_epi8(digits, static_cast<__mmask16>(std::uint64_t{1} << form.sign_lane),
                                static_cast<char>(form.signs->entry[in[form.sign]] & 0x0FU));
  faults.digits = _mm256_max_epu8(faults.digits, _mm256_zextsi128_si256(digits));
  const unsigned nonzero = _mm_test_epi8_mask(digits, digits);
  const unsigned is_minus = read_sign(form, in, nonzero, faults.signs);
  return put_narrow(form, _mm_or_si128(digits, narrow_zeros()), nonzero, is_minus, out);
}

template <bool kIsAscii>
COPYBRIDGE_AVX512 inline char* write_zoned_wide(const Op& op, const std::uint8_t* in, char* out,
                                                Faults& faults) {
  const NumberForm& form = *op.detail.number;
  __m256i digits = load_32(in + form.first);
  const __m256i zones = _mm256_set1_epi8(static_cast<char>(kIsAscii ? 0x30 : 0xF0));
  digits = _mm256_ternarylogic_epi64(digits, zones, load_32(form.lanes.data()), kXorAnd);
  if constexpr (kIsAscii)
    digits =
        _mm256_mask_set1_epi8(digits, static_cast<__mmask32>(std::uint64_t{1} << form.sign_lane),
                              static_cast<char>(form.signs->entry[in[form.sign]] & 0x0FU));
  faults.digits = _mm256_max_epu8(faults.digits, digits);
  const unsigned nonzero = _mm256_test_epi8_mask(digits, digits);
  const unsigned is_minus = read_sign(form, in, nonzero, faults.signs);
  return put_wide(form, _mm256_or_si256(digits, wide_zeros()), nonzero, is_minus, out);
}

/// The digits of a value below 10^8, most significant first, one in each quadword: the fraction
/// value/10^k in 52 bits, times ten, is the k-th digit from the left. All 10^8 values were tried.
COPYBRIDGE_AVX512 inline __m512i eight_lanes(std::uint64_t value) {
  constexpr long long kOne = 1LL << 52;
  const __m512i scales =
      _mm512_setr_epi64(kOne / 100'000'000, kOne / 10'000'000, kOne / 1'000'000, kOne / 100'000,
                        kOne / 10'000, kOne / 1'000, kOne / 100, kOne / 10);
  const __m512i fraction =
      _mm512_madd52lo_epu64(scales, _mm512_set1_epi64(static_cast<long long>(value)), scales);
  return _mm512_madd52hi_epu64(_mm512_setzero_si512(), fraction, _mm512_set1_epi64(10));
}

COPYBRIDGE_AVX512 inline char* put_binary(const NumberForm& form, __m128i digits, unsigned is_minus,
                                          char* out) {
  const unsigned nonzero = _mm_test_epi8_mask(digits, digits);
  return put_narrow(form, _mm_or_si128(digits, narrow_zeros()), nonzero, is_minus, out);
}

// At most 3 bytes: below 10^8.
template <bool kLittle>
COPYBRIDGE_AVX512 inline char* write_binary_short(const Op& op, const std::uint8_t* in, char* out,
                                                  Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  const __m128i digits = _mm512_cvtepi64_epi8(eight_lanes(number.value));
  return put_binary(*op.detail.number, digits, number.is_minus, out);
}

// Pictures of up to 15 digits.
template <bool kLittle>
COPYBRIDGE_AVX512 inline char* write_binary(const Op& op, const std::uint8_t* in, char* out,
                                            Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  if (number.value >= kFifteenDigits) [[unlikely]]
    return write_large_number(number.value, number.is_minus != 0, op.scale, out);
  const __m512i high = eight_lanes(number.value / kEightDigits);
  const __m512i low = eight_lanes(number.value % kEightDigits);
  // The last fifteen of sixteen digits; lane 15, a zero, is the point's.
  const __m512i order = _mm512_castsi128_si512(
      _mm_setr_epi8(8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 1));
  const __m128i digits = _mm512_castsi512_si128(_mm512_permutex2var_epi8(high, order, low));
  return put_binary(*op.detail.number, digits, number.is_minus, out);
}

// 24 lanes hold all that 8 bytes can be.
template <bool kLittle>
COPYBRIDGE_AVX512 inline char* write_binary_wide(const Op& op, const std::uint8_t* in, char* out,
                                                 Faults& /*faults*/) {
  const Magnitude number = read_binary<kLittle>(op, in);
  const std::uint64_t rest = number.value % kSixteenDigits;
  const __m128i top = _mm512_cvtepi64_epi8(eight_lanes(number.value / kSixteenDigits));
  const __m128i middle = _mm512_cvtepi64_epi8(eight_lanes(rest / kEightDigits));
  const __m128i bottom = _mm512_cvtepi64_epi8(eight_lanes(rest % kEightDigits));
  const __m256i digits =
      _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi64(top, middle)), bottom, 1);
  return put_wide(*op.detail.number, _mm256_or_si256(digits, wide_zeros()),
                  _mm256_test_epi8_mask(digits, digits), number.is_minus, out);
}

}  // namespace
}  // namespace copybridge::plan
