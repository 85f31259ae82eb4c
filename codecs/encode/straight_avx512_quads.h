// Numbers side by side: where they end is found first, and four are taken apart in one register.
// Part of straight_avx512.cc.
#pragma once

#include "codecs/encode/straight_avx512.h"

#if defined(__x86_64__)

namespace copybridge::encode {
namespace {

COPYBRIDGE_AVX512_INLINE __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// How many ends of a register are taken.
constexpr std::size_t kEndsMax = 16;

/// Where numbers end, from where the first one's text begins: there stands a zero in front.
using Ends = std::array<std::uint16_t, 1 + Window::kTogether + kEndsMax>;

alignas(64) constexpr auto kLaneNumbers = [] {
  std::array<std::uint8_t, 64> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint8_t>(i);
  return numbers;
}();

/// The first `count` characters behind the first one's text that end a number; false where they are
/// not there, or numbers are shorter than any with a name. As many registers are looked at as the
/// longest row has: when to stop would be the one thing that cannot be foretold.
COPYBRIDGE_AVX512_INLINE bool find_ends(const Step& first, const char* in, const char* end,
                                        std::size_t count, Ends& ends) {
  constexpr std::uint32_t kRegister = 64;
  const __m512i comma = _mm512_set1_epi8(',');
  const __m512i brace = _mm512_set1_epi8('}');
  const __m512i case_bit = _mm512_set1_epi8(0x20);
  const __m512i lanes = _mm512_load_si512(kLaneNumbers.data());
  const std::ptrdiff_t length = std::min<std::ptrdiff_t>(first.row_length + 1, end - in);
  std::size_t found = 0;
  ends[0] = 0;
  for (std::uint32_t offset = first.text_size; offset < length; offset += kRegister) {
    const __m512i text = _mm512_loadu_si512(in + offset);
    const __mmask64 mask =
        _kor_mask64(_mm512_cmpeq_epi8_mask(text, comma),
                    _mm512_cmpeq_epi8_mask(_mm512_or_si512(text, case_bit), brace));
    const __m256i places =
        _mm256_cvtepu8_epi16(_mm512_castsi512_si128(_mm512_maskz_compress_epi8(mask, lanes)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(ends.data() + 1 + found),
                        _mm256_add_epi16(places, _mm256_set1_epi16(static_cast<short>(offset))));
    const auto more = static_cast<std::size_t>(_mm_popcnt_u64(mask));
    if (more > kEndsMax) return false;
    found = std::min(found + more, Window::kTogether);
  }
  return found >= count && static_cast<std::ptrdiff_t>(ends[count]) < end - in;
}

/// The lane of each quarter's size among four, and how far each lane is from its quarter's end.
alignas(64) constexpr auto kQuarterSizes = [] {
  QuadForm::Lanes lanes{};
  for (std::size_t i = 0; i < lanes.size(); ++i)
    lanes[i] = static_cast<std::uint8_t>(sizeof(std::uint16_t) * (i / QuadForm::kQuarter));
  return lanes;
}();
alignas(64) constexpr auto kFromEnd = [] {
  QuadForm::Lanes lanes{};
  for (std::size_t i = 0; i < lanes.size(); ++i)
    lanes[i] = static_cast<std::uint8_t>(QuadForm::kQuarter - i % QuadForm::kQuarter);
  return lanes;
}();

/// Four numbers, taken apart.
struct QuadDigits {
  __m512i lanes;            ///< values 0..9 where digits are; anything elsewhere
  std::uint64_t negatives;  ///< the highest lane of each negative number, as bits
};

/// The highest lane of each quarter, as bits.
constexpr std::uint64_t kTops = 0x8000'8000'8000'8000U;

COPYBRIDGE_AVX512_INLINE __m128i load_quarter(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// Sixteen characters from each of four places.
COPYBRIDGE_AVX512_INLINE __m512i load_quad(const char* base, const std::uint16_t* places) {
  const __m256i first = _mm256_inserti128_si256(
      _mm256_castsi128_si256(load_quarter(base + places[0])), load_quarter(base + places[1]), 1);
  const __m256i second = _mm256_inserti128_si256(
      _mm256_castsi128_si256(load_quarter(base + places[2])), load_quarter(base + places[3]), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
}

/// What of a row is not as expected: any bit, or a length of more than a quarter.
struct QuadDoubts {
  std::uint64_t lanes;
  __m512i texts;
  __m128i longest;
};

COPYBRIDGE_AVX512_INLINE __m128i load_four(const std::uint16_t* numbers) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(numbers));
}

/// The texts in front of four numbers.
COPYBRIDGE_AVX512_INLINE void check_texts(const Quad& quad, const char* in,
                                          const std::uint16_t* ends, QuadDoubts& doubts) {
  constexpr int kOrOfXorAnd = 0xF0 | 0x08;
  for (std::uint32_t i = 0; i < quad.texts; ++i) {
    const __m512i other = _mm512_xor_si512(load_quad(in + i * QuadForm::kQuarter, ends),
                                           _mm512_load_si512(quad.text[i].data()));
    doubts.texts = _mm512_ternarylogic_epi64(
        doubts.texts, other, _mm512_load_si512(quad.text_bits[i].data()), kOrOfXorAnd);
  }
}

/// Takes four numbers apart. The first one's text is behind the first of `ends`, its own end the
/// second. Bit by bit as take_apart() does one by one. `-0` is left to others.
COPYBRIDGE_AVX512_INLINE QuadDigits take_quad_apart(const Quad& quad, const char* in,
                                                    const std::uint16_t* ends, QuadDoubts& doubts) {
  const QuadForm& form = *quad.form;
  const __m128i sizes = _mm_sub_epi16(_mm_sub_epi16(load_four(ends + 1), load_four(ends)),
                                      load_four(quad.text_sizes.data()));
  doubts.longest = _mm_max_epu16(doubts.longest, sizes);
  const __m512i size = _mm512_permutexvar_epi8(_mm512_load_si512(kQuarterSizes.data()),
                                               _mm512_castsi128_si512(sizes));
  const __m512i from_end = _mm512_load_si512(kFromEnd.data());
  const __mmask64 there = _mm512_cmpge_epu8_mask(size, from_end);
  const __mmask64 first = _mm512_cmpeq_epi8_mask(size, from_end);
  const __m512i text = load_quad(in - QuadForm::kQuarter, ends + 1);
  const __m512i values = _mm512_sub_epi8(text, _mm512_load_si512(form.zero.data()));
  const std::uint64_t minus = _mm512_mask_cmpeq_epi8_mask(first, text, _mm512_set1_epi8('-'));
  const std::uint64_t digits = there & ~minus;
  const std::uint64_t nonzero = _mm512_mask_test_epi8_mask(digits, values, values);
  // A minus is followed by what is then the first digit.
  const std::uint64_t first_digit = first + minus;
  doubts.lanes |= _mm512_mask_cmpgt_epu8_mask(digits, values, _mm512_load_si512(form.most.data())) |
                  (form.wanted & ~digits) | (form.refused & digits) |
                  (first_digit & ~nonzero & ~form.last_whole);
  // Carries stay within their quarters.
  const std::uint64_t is_minus = (minus + ~kTops) & kTops;
  const std::uint64_t is_nonzero = ((nonzero & ~kTops) + ~kTops) | nonzero;
  doubts.lanes |= is_minus & (~is_nonzero | form.unsigned_ones);
  return {_mm512_maskz_mov_epi8(digits, values), is_minus};
}

/// A sign's bit for each of four numbers.
COPYBRIDGE_AVX512_INLINE std::uint64_t four_bits(const QuadDigits& digits) {
  return _pext_u64(digits.negatives, kTops);
}

/// The stored bytes of four numbers from their digits; sets a bit of doubt where one does not fit.
using QuadPut = __m512i (*)(const QuadForm& form, const QuadDigits& digits, QuadDoubts& doubts);

COPYBRIDGE_AVX512_INLINE __m512i with_signs(const QuadForm& form, const QuadDigits& digits,
                                            __m512i bytes) {
  const __m512i around = _mm512_or_si512(bytes, _mm512_load_si512(form.around.data()));
  const std::uint64_t negative = _pdep_u64(four_bits(digits), form.signs);
  const __m512i minus = _mm512_maskz_loadu_epi8(negative, form.minus.data());
  return _mm512_xor_si512(around, minus);
}

COPYBRIDGE_AVX512_INLINE __m512i quad_of_zoned(const QuadForm& form, const QuadDigits& digits,
                                               QuadDoubts& /*doubts*/) {
  const __m512i bytes = _mm512_maskz_permutexvar_epi8(
      form.low_digits, _mm512_load_si512(form.low.data()), digits.lanes);
  return with_signs(form, digits, bytes);
}

COPYBRIDGE_AVX512_INLINE __m512i quad_of_packed(const QuadForm& form, const QuadDigits& digits,
                                                QuadDoubts& /*doubts*/) {
  const __m512i low = _mm512_maskz_permutexvar_epi8(
      form.low_digits, _mm512_load_si512(form.low.data()), digits.lanes);
  const __m512i high = _mm512_maskz_permutexvar_epi8(
      form.high_digits, _mm512_load_si512(form.high.data()), digits.lanes);
  // A digit's four bits do not leave their byte.
  return with_signs(form, digits, _mm512_or_si512(low, _mm512_slli_epi16(high, 4)));
}

/// Sixteen digits of each quarter become a value of 64 bits, in both of its halves.
COPYBRIDGE_AVX512_INLINE __m512i values_of(__m512i digits) {
  const __m512i twos = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
  const __m512i fours = _mm512_madd_epi16(twos, _mm512_set1_epi32(0x0001'0064));
  const __m512i words = _mm512_packus_epi32(fours, fours);
  const __m512i eights = _mm512_madd_epi16(words, _mm512_set1_epi32(0x0001'2710));
  return _mm512_add_epi64(_mm512_mul_epu32(eights, _mm512_set1_epi64(100'000'000)),
                          _mm512_srli_epi64(eights, 32));
}

COPYBRIDGE_AVX512_INLINE __m512i quad_of_binary(const QuadForm& form, const QuadDigits& digits,
                                                QuadDoubts& doubts) {
  const __m512i values = values_of(_mm512_maskz_permutexvar_epi8(
      form.low_digits, _mm512_load_si512(form.low.data()), digits.lanes));
  // Two lanes for each number.
  constexpr std::uint64_t kEven = 0x55;
  constexpr std::uint64_t kBoth = 3;
  const auto negative = static_cast<__mmask8>(kBoth * _pdep_u64(four_bits(digits), kEven));
  const __m512i most =
      _mm512_mask_loadu_epi64(_mm512_load_si512(form.greatest.data()), negative, form.least.data());
  doubts.lanes |= _mm512_cmpgt_epu64_mask(values, most);
  const __m512i bits = _mm512_mask_sub_epi64(values, negative, _mm512_setzero_si512(), values);
  return _mm512_permutexvar_epi8(_mm512_load_si512(form.high.data()), bits);
}

// Half a register is stored faster.
COPYBRIDGE_AVX512_INLINE void store_quad(std::uint64_t lanes, __m512i bytes, std::uint8_t* out) {
  if (lanes >> 32U == 0) {
    _mm256_mask_storeu_epi8(out, static_cast<__mmask32>(lanes), _mm512_castsi512_si256(bytes));
  } else {
    _mm512_mask_storeu_epi8(out, lanes, bytes);
  }
}

/// Stores a row's numbers; false where one is not in its picture's form.
template <QuadPut kPut>
COPYBRIDGE_AVX512_INLINE bool read_quads(const std::vector<Quad>& quads, const char* in,
                                         const Ends& ends, Run& run) {
  std::uint8_t* const record = run.record + run.displacement;
  QuadDoubts doubts = {0, _mm512_setzero_si512(), _mm_setzero_si128()};
  for (const Quad& quad : quads) {
    const std::uint16_t* const at = ends.data() + quad.first;
    check_texts(quad, in, at, doubts);
    const QuadDigits digits = take_quad_apart(quad, in, at, doubts);
    store_quad(quad.form->stored, kPut(*quad.form, digits, doubts), record + quad.address);
  }
  const __m128i quarter = _mm_set1_epi16(static_cast<short>(QuadForm::kQuarter));
  return (doubts.lanes | _mm512_test_epi64_mask(doubts.texts, doubts.texts) |
          _mm_cmpgt_epu16_mask(doubts.longest, quarter)) == 0;
}

}  // namespace
}  // namespace copybridge::encode
#endif
