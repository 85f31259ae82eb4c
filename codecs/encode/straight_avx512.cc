// Readers for AVX-512 with VBMI and VBMI2: a value is one register, from its text to its bytes.
// Results are those of the portable readers, byte for byte.
#include "codecs/encode/straight_avx512.h"

#include "codecs/encode/straight_avx512_quads.h"
#include "codecs/encode/straight_avx512_text.h"
#include "codecs/encode/straight_run.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

namespace copybridge::encode {

using copybook::Usage;

namespace {

/// Digits and the point of what fits a register with a sign and the character behind it.
constexpr unsigned kCharactersMax = 30;

/// What every number is compared with and moved by.
struct Constants {
  __m256i zero;
  __m256i nine;
  __m256i point;
  __m256i comma;
  __m256i brace;
  __m256i case_bit;
  __m256i one;
  __m256i lane;
};

COPYBRIDGE_AVX512 inline __m256i all(char character) {
  __m256i lanes = _mm256_set1_epi8(character);
  // Else each use makes it anew.
  asm("" : "+v"(lanes));
  return lanes;
}

COPYBRIDGE_AVX512 inline Constants load_constants() {
  return {all('0'),
          all(9),
          all('.'),
          all(','),
          all('}'),
          all(0x20),
          all(1),
          _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                           21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)};
}

/// A number's text, taken apart.
struct Digits {
  __m256i lanes;  ///< values 0..9 where digits are, else 0
  unsigned is_negative;
  unsigned size;  ///< characters
};

// The number's end is the first character that can follow one; everything else is checked beside
// that: what the next value waits for is the end alone.
COPYBRIDGE_AVX512 inline bool read_digits(const Constants& constants, const NumberShape& shape,
                                          const char* in, Digits& digits) {
  const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  const __mmask32 ends =
      _mm256_cmpeq_epi8_mask(text, constants.comma) |
      _mm256_cmpeq_epi8_mask(_mm256_or_si256(text, constants.case_bit), constants.brace);
  const unsigned size = _tzcnt_u32(ends);
  const auto minus = static_cast<unsigned>(*in == '-');
  const unsigned width = unsigned{shape.scale} + shape.point;
  const __m256i values = _mm256_sub_epi8(text, constants.zero);
  const unsigned others = _mm256_mask_cmpgt_epu8_mask(_bzhi_u32(~0U, size), values, constants.nine);
  const unsigned point = unsigned{shape.point} << ((size - width) & 31U);
  const unsigned points = _mm256_cmpeq_epi8_mask(text, constants.point) & point;
  // Without a number's end there are more digits than any shape has.
  const unsigned whole = size - minus - width;
  const unsigned bad = (others ^ (point | (minus & shape.is_signed))) | (points ^ point) |
                       static_cast<unsigned>(whole - 1U >= shape.whole) |
                       (static_cast<unsigned>(whole > 1) & static_cast<unsigned>(in[minus] == '0'));
  if (bad != 0) [[unlikely]]
    return false;
  const auto shift = static_cast<char>(size - shape.end_lane - shape.point);
  const __m256i moved = _mm256_add_epi8(constants.lane, _mm256_set1_epi8(shift));
  // Digits behind the point stand one character further.
  const __m256i order = _mm256_mask_add_epi8(moved, shape.fraction_lanes, moved, constants.one);
  const __mmask32 there = _mm256_mask_cmpge_epi8_mask(shape.digit_lanes, order,
                                                      _mm256_set1_epi8(static_cast<char>(minus)));
  digits.lanes = _mm256_maskz_permutexvar_epi8(there, order, values);
  digits.is_negative =
      minus & static_cast<unsigned>(_mm256_test_epi8_mask(digits.lanes, digits.lanes) != 0);
  digits.size = size;
  return true;
}

COPYBRIDGE_AVX512_INLINE bool put_packed(const Step& step, const Digits& digits,
                                         std::uint8_t* out) {
  const Window& window = *step.window;
  const __m256i nibbles =
      _mm256_or_si256(digits.lanes, load(window.around[digits.is_negative].data()));
  // Even lanes are the high nibbles.
  const __m256i words = _mm256_maddubs_epi16(nibbles, _mm256_set1_epi16(0x0110));
  __m128i bytes = _mm256_cvtepi16_epi8(words);
  // To narrow and store at once takes several times as long.
  asm("" : "+v"(bytes));
  _mm_mask_storeu_epi8(out, static_cast<__mmask16>(window.stored), bytes);
  return true;
}

// Sixteen bytes at most are stored by half a register, which is a good deal faster.
template <bool kIsShort>
COPYBRIDGE_AVX512_INLINE bool put_zoned(const Step& step, const Digits& digits, std::uint8_t* out) {
  const Window& window = *step.window;
  const __m256i bytes =
      _mm256_or_si256(digits.lanes, load(window.around[digits.is_negative].data()));
  if constexpr (kIsShort) {
    _mm_mask_storeu_epi8(out, static_cast<__mmask16>(window.stored), _mm256_castsi256_si128(bytes));
  } else {
    _mm256_mask_storeu_epi8(out, window.stored, bytes);
  }
  return true;
}

/// The value of 32 digits; false where it is beyond 64 bits, or close to that.
COPYBRIDGE_AVX512 inline bool value_of(__m256i digits, std::uint64_t& value) {
  constexpr std::uint64_t kEightDigits = 100'000'000U;
  constexpr std::uint64_t kSixteenDigits = 10'000'000'000'000'000U;
  const __m256i twos = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
  const __m256i fours = _mm256_madd_epi16(twos, _mm256_set1_epi32(0x0001'0064));
  const __m256i packed = _mm256_packus_epi32(fours, fours);
  const __m256i eights = _mm256_madd_epi16(packed, _mm256_set1_epi32(0x0001'2710));
  const auto low = static_cast<std::uint64_t>(_mm256_extract_epi64(eights, 2));
  const auto high = static_cast<std::uint64_t>(_mm256_extract_epi64(eights, 0));
  const std::uint64_t top = (high & 0xFFFFFFFFU) * kEightDigits + (high >> 32U);
  value = (low & 0xFFFFFFFFU) * kEightDigits + (low >> 32U);
  if (top > ~std::uint64_t{0} / kSixteenDigits - 1) return false;
  value += top * kSixteenDigits;
  return true;
}

template <bool kIsLittle>
COPYBRIDGE_AVX512_INLINE bool put_binary(const Step& step, const Digits& digits,
                                         std::uint8_t* out) {
  const NumberShape& shape = step.number;
  std::uint64_t value = 0;
  const bool is_small = value_of(digits.lanes, value);
  const bool fits = value <= (digits.is_negative != 0 ? shape.least : shape.most);
  const std::uint64_t flip = 0 - std::uint64_t{digits.is_negative};
  std::uint64_t bits = (value ^ flip) + digits.is_negative;
  if constexpr (!kIsLittle) bits = __builtin_bswap64(bits) >> (64 - 8 * step.size);
  _mm_mask_storeu_epi8(out, static_cast<__mmask16>(step.window->stored),
                       _mm_cvtsi64_si128(static_cast<long long>(bits)));
  return is_small & fits;
}

/// Stores digits as a field's bytes; false where they do not fit.
using Put = bool (*)(const Step& step, const Digits& digits, std::uint8_t* out);

template <Put kPut>
COPYBRIDGE_AVX512_INLINE const char* read_number(const Constants& constants, const Step& step,
                                                 const char* in, std::uint8_t* out, Run& run) {
  Digits digits;  // NOLINT: filled by read_digits
  if (!read_digits(constants, step.number, in, digits) || !kPut(step, digits, out)) [[unlikely]]
    return read_any(step, in, out, run);
  return in + digits.size;
}

template <Put kPut>
COPYBRIDGE_AVX512 const char* read_one(const Step& step, const char* in, std::uint8_t* out,
                                       Run& run) {
  return read_number<kPut>(load_constants(), step, in, out, run);
}

// One number after the other, whatever form each has.
template <Put kPut>
COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_in_turn(const Step* step, const Step* last,
                                                             const char* in, Run& run) {
  const Constants constants = load_constants();
  std::uint8_t* const record = run.record + run.displacement;
  for (; step != last; ++step) {
    if (!is_text_next(*step, in, run)) return nullptr;
    in = read_number<kPut>(constants, *step, in + step->text_size, record + step->address, run);
    if (in == nullptr) [[unlikely]]
      return nullptr;
  }
  return in;
}

/// What of a row is not as expected: any bit.
struct Doubts {
  __mmask32 characters = 0;
  unsigned numbers = 0;
};

/// Takes the text from `in` to `end` apart as a number in the picture's form. 32 bytes in front of
/// `end` are readable.
COPYBRIDGE_AVX512_INLINE Digits take_apart(const Window& window, const char* in, const char* end,
                                           Doubts& doubts) {
  const auto minus = static_cast<unsigned>(*in == '-');
  const unsigned size = static_cast<unsigned>(end - in) - minus;
  const auto zero = static_cast<unsigned>(in[minus] == '0');
  doubts.numbers |= static_cast<unsigned>(size - window.behind_first >= window.whole[zero]) |
                    (minus & window.is_unsigned);
  const std::uint32_t there = ~0U << (-size & 31U);
  const __m256i values = _mm256_sub_epi8(load(end - Window::kLanes), load(window.zero.data()));
  doubts.characters |= _mm256_mask_cmpgt_epu8_mask(there, values, load(window.most.data()));
  Digits digits;  // NOLINT: filled next
  digits.lanes = _mm256_maskz_permutexvar_epi8(window.digits, load(window.order.data()),
                                               _mm256_maskz_mov_epi8(there, values));
  digits.is_negative =
      minus & static_cast<unsigned>(_mm256_test_epi8_mask(digits.lanes, digits.lanes) != 0);
  digits.size = 0;
  return digits;
}

// Where all numbers end is found first, so that none waits for the one before it, and whether all
// is as expected is asked once. If not, they are read in turn.
template <Put kPut, QuadPut kQuadPut>
COPYBRIDGE_AVX512 const char* read_together(const Step* first, const Step* last, const char* in,
                                            Run& run) {
  const auto count = static_cast<std::size_t>(last - first);
  if (first->row_length == 0) return read_in_turn<kPut>(first, last, in, run);
  Ends ends;  // NOLINT: filled by find_ends
  if (!find_ends(*first, in, run.end, count, ends) ||
      in + ends[1] - run.begin < static_cast<std::ptrdiff_t>(Window::kLanes)) [[unlikely]]
    return read_in_turn<kPut>(first, last, in, run);
  if (first->quads != nullptr) {
    const bool is_read = read_quads<kQuadPut>(*first->quads, in, ends, run);
    return is_read ? in + ends[count] : read_in_turn<kPut>(first, last, in, run);
  }
  if (!is_text_next(*first, in, run)) return nullptr;
  const char* const base = in;
  const Step* step = first;
  const char* at = in + first->text_size;
  std::uint8_t* const record = run.record + run.displacement;
  const char* const pool = run.pool;
  Doubts doubts;
  for (const std::uint16_t* found = ends.data() + 1;; ++found) {
    const char* const end = base + *found;
    const Digits digits = take_apart(*step->window, at, end, doubts);
    doubts.numbers |= static_cast<unsigned>(!kPut(*step, digits, record + step->address));
    at = end;
    if (++step == last) break;
    doubts.characters |=
        _mm256_mask_cmpneq_epi8_mask(step->text_lanes, load(end), load(pool + step->text_offset));
    at += step->text_size;
  }
  return (doubts.characters | doubts.numbers) == 0 ? at : read_in_turn<kPut>(first, last, in, run);
}

// One step after the other, whatever kind each is of.
COPYBRIDGE_AVX512 const char* read_medley(const Step* step, const Step* last, const char* in,
                                          Run& run) {
  const Constants constants = load_constants();
  RowPage page;  // NOLINT: filled by the first text
  std::uint8_t* const record = run.record + run.displacement;
  for (; step != last; ++step) {
    if (!is_text_next(*step, in, run)) return nullptr;
    in += step->text_size;
    std::uint8_t* const out = record + step->address;
    switch (step->kind) {
      case StepKind::packed:
        in = read_number<put_packed>(constants, *step, in, out, run);
        break;
      case StepKind::zoned:
        in = read_number<put_zoned<true>>(constants, *step, in, out, run);
        break;
      case StepKind::long_zoned:
        in = read_number<put_zoned<false>>(constants, *step, in, out, run);
        break;
      case StepKind::binary:
        in = read_number<put_binary<false>>(constants, *step, in, out, run);
        break;
      case StepKind::little_binary:
        in = read_number<put_binary<true>>(constants, *step, in, out, run);
        break;
      case StepKind::text:
        turn_to(*step, page);
        in = read_page_text(*step, page.registers, in, out, run);
        break;
      case StepKind::other:
        return nullptr;
    }
    if (in == nullptr) [[unlikely]]
      return nullptr;
  }
  return in;
}

template <Put kPut, QuadPut kQuadPut>
ReaderChoice row(StepKind kind) {
  return {read_one<kPut>, read_together<kPut, kQuadPut>, read_medley, kind};
}

ReaderChoice choose_text_reader(const Field& field) {
  if (is_plain_text(field) && field.text->is_complete())
    return {read_text, read_texts, read_medley, StepKind::text};
  return choose_avx512_pairs_reader(field);
}

}  // namespace

ReaderChoice choose_avx512_reader(const Step& step, const Field& field) {
  const NumberShape& shape = step.number;
  if (shape.end_lane == 0) return choose_text_reader(field);
  if (shape.whole == 0 || unsigned{shape.whole} + shape.scale + shape.point > kCharactersMax)
    return {};
  switch (field.storage.usage) {
    case Usage::display:
      return field.size <= 16 ? row<put_zoned<true>, quad_of_zoned>(StepKind::zoned)
                              : row<put_zoned<false>, quad_of_zoned>(StepKind::long_zoned);
    case Usage::packed:
    case Usage::unsigned_packed:
      return row<put_packed, quad_of_packed>(StepKind::packed);
    case Usage::binary:
    case Usage::native_binary:
      return field.storage.little_endian
                 ? row<put_binary<true>, quad_of_binary>(StepKind::little_binary)
                 : row<put_binary<false>, quad_of_binary>(StepKind::binary);
    case Usage::national:
    case Usage::group:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return {};
}

}  // namespace copybridge::encode

#else

namespace copybridge::encode {

ReaderChoice choose_avx512_reader(const Step& /*step*/, const Field& /*field*/) { return {}; }

}  // namespace copybridge::encode

#endif
