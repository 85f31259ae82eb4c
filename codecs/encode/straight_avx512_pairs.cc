// Characters of two bytes for AVX-512: PIC N, PIC G, and text with SO and SI.
#include "codecs/encode/straight_avx512_chunk.h"
#include "codecs/encode/straight_run.h"

#if defined(__x86_64__)
#include <algorithm>

namespace copybridge::encode {

using copybook::Usage;

namespace {

/// Which of a chunk's bytes are characters of ASCII, and which the last of two or of three.
struct Kinds {
  std::uint64_t ascii;
  std::uint64_t last_of_two;
  std::uint64_t last_of_three;
  [[nodiscard]] std::uint64_t last() const { return last_of_two | last_of_three; }
};

/// False where the text is not UTF-8, or has characters that are two units of UTF-16.
COPYBRIDGE_AVX512_INLINE bool classify(const Chunk& chunk, Kinds& kinds) {
  kinds.ascii = plain_ascii(chunk);
  const std::uint64_t follow = continuations(chunk);
  const std::uint64_t threes = at_least(chunk, 0xE0);
  const std::uint64_t twos = at_least(chunk, 0xC2) & ~threes;
  kinds.last_of_two = twos << 1U;
  kinds.last_of_three = threes << 2U;
  const std::uint64_t wanted = kinds.last() | (threes << 1U);
  // Overlong forms, and halves of surrogate pairs.
  const std::uint64_t from_a0 = at_least(chunk, 0xA0);
  const std::uint64_t bad = at_least(chunk, 0xF0) | ((equal(chunk, 0xE0) << 1U) & ~from_a0) |
                            ((equal(chunk, 0xED) << 1U) & from_a0) | (follow ^ wanted);
  return (bad | ((kinds.ascii | twos | threes | follow) ^ chunk.lanes)) == 0;
}

/// High and low bytes of UTF-16 units.
struct Halves {
  __m512i high;
  __m512i low;
};

/// The units of a chunk's characters of two and three bytes, where the last one stands; elsewhere
/// a unit below 0x100 as it is.
COPYBRIDGE_AVX512_INLINE Halves units_of(const Chunk& chunk, const Kinds& kinds, const char* in) {
  const __m512i one_before = _mm512_loadu_si512(in - 1);
  const __m512i two_before = _mm512_loadu_si512(in - 2);
  const __m512i six = _mm512_set1_epi8(0x3F);
  // Bits of words are shifted: what comes in from the byte beside is masked off.
  const __m512i top_bits =
      _mm512_and_si512(_mm512_slli_epi16(one_before, 6), _mm512_set1_epi8(static_cast<char>(0xC0)));
  const __m512i low = _mm512_mask_mov_epi8(
      chunk.bytes, kinds.last(), _mm512_or_si512(_mm512_and_si512(chunk.bytes, six), top_bits));
  const __m512i middle = _mm512_and_si512(_mm512_srli_epi16(one_before, 2), _mm512_set1_epi8(0x0F));
  const __m512i top =
      _mm512_and_si512(_mm512_slli_epi16(two_before, 4), _mm512_set1_epi8(static_cast<char>(0xF0)));
  const __m512i of_two =
      _mm512_maskz_mov_epi8(kinds.last_of_two, _mm512_and_si512(middle, _mm512_set1_epi8(0x07)));
  return {_mm512_mask_mov_epi8(of_two, kinds.last_of_three, _mm512_or_si512(middle, top)), low};
}

COPYBRIDGE_AVX512_INLINE Halves compressed(std::uint64_t kept, const Halves& units) {
  return {_mm512_maskz_compress_epi8(kept, units.high),
          _mm512_maskz_compress_epi8(kept, units.low)};
}

/// The UTF-16 units of a chunk's characters, close to each other; false as classify().
COPYBRIDGE_AVX512_INLINE bool to_units(const Chunk& chunk, const char* in, Halves& units,
                                       std::size_t& count) {
  Kinds kinds;  // NOLINT: filled by classify
  if (!classify(chunk, kinds)) return false;
  const std::uint64_t kept = kinds.ascii | kinds.last();
  units = compressed(kept, units_of(chunk, kinds, in));
  count = static_cast<std::size_t>(_mm_popcnt_u64(kept));
  return true;
}

COPYBRIDGE_AVX512 inline __m512i widened(__m512i bytes, bool is_upper) {
  return _mm512_cvtepu8_epi16(is_upper ? _mm512_extracti64x4_epi64(bytes, 1)
                                       : _mm512_castsi512_si256(bytes));
}

/// Sixty-four units from halves, in the item's byte order.
template <bool kIsLittle>
COPYBRIDGE_AVX512 inline void store_units(const Halves& units, std::size_t count,
                                          std::uint8_t* out) {
  const __m512i first = kIsLittle ? units.low : units.high;
  const __m512i second = kIsLittle ? units.high : units.low;
  for (const bool is_upper : {false, true}) {
    const std::size_t done = is_upper ? kChunk / 2 : 0;
    if (count <= done) break;
    const __m512i words =
        _mm512_or_si512(widened(first, is_upper), _mm512_slli_epi16(widened(second, is_upper), 8));
    _mm512_mask_storeu_epi8(out + 2 * done, lanes_below(2 * (count - done)), words);
  }
}

/// A whole text of characters of three bytes: its units, 32 at most.
struct Triples {
  __m512i units;  ///< 0 behind the last one
  std::size_t count;
  std::size_t size;  ///< bytes
};

/// Where each word's bytes are: two characters' or the first byte of 32 characters of three.
struct TripleOrder {
  std::array<std::uint8_t, kChunk> tail{};
  std::array<std::uint8_t, kChunk> lead{};
};
alignas(kChunk) constexpr TripleOrder kTripleOrder = [] {
  TripleOrder order;
  for (std::size_t i = 0; i < kChunk / 2; ++i) {
    order.lead[2 * i] = order.lead[2 * i + 1] = static_cast<std::uint8_t>(3 * i);
    order.tail[2 * i] = static_cast<std::uint8_t>(3 * i + 1);
    order.tail[2 * i + 1] = static_cast<std::uint8_t>(3 * i + 2);
  }
  return order;
}();

/// False where the text is any other, or its end is near the end of all.
COPYBRIDGE_AVX512_INLINE bool read_triples(const char* at, const Run& run, Triples& triples) {
  if (run.end - at < static_cast<std::ptrdiff_t>(kChunk)) return false;
  const __m512i first = _mm512_loadu_si512(at);
  const __m512i second = _mm512_loadu_si512(at + kChunk);
  const __m512i quote = _mm512_set1_epi8('"');
  const std::size_t in_first = _tzcnt_u64(_mm512_cmpeq_epi8_mask(first, quote));
  const std::size_t in_second = _tzcnt_u64(_mm512_cmpeq_epi8_mask(second, quote));
  // No branch: which of both it is cannot be foretold.
  triples.size = in_first + (in_second & (0 - in_first / kChunk));
  constexpr std::size_t kTriplesMax = 3 * kChunk / 2;
  constexpr std::size_t kThird = 0x2AB;  // of 2048: exact up to there
  triples.count = triples.size * kThird >> 11U;
  const auto there = static_cast<__mmask32>(_bzhi_u64(~0U, static_cast<unsigned>(triples.count)));
  const __m512i lead =
      _mm512_permutex2var_epi8(first, _mm512_load_si512(kTripleOrder.lead.data()), second);
  const __m512i tail =
      _mm512_permutex2var_epi8(first, _mm512_load_si512(kTripleOrder.tail.data()), second);
  // What begins with E0 or ED may be no character: that is left to others.
  const __m512i above = _mm512_sub_epi8(lead, _mm512_set1_epi8(static_cast<char>(0xE1)));
  const __mmask32 others =
      _mm512_mask_cmpge_epu16_mask(there, above, _mm512_set1_epi16(0x0F0F)) |
      _mm512_mask_cmpeq_epi16_mask(there, lead, _mm512_set1_epi8(static_cast<char>(0xED))) |
      _mm512_mask_cmpneq_epi16_mask(
          there, _mm512_and_si512(tail, _mm512_set1_epi16(static_cast<short>(0xC0C0))),
          _mm512_set1_epi16(static_cast<short>(0x8080)));
  if (3 * triples.count != triples.size || triples.size > kTriplesMax || others != 0) return false;
  const __m512i low = _mm512_maddubs_epi16(_mm512_and_si512(tail, _mm512_set1_epi8(0x3F)),
                                           _mm512_set1_epi16(0x0140));
  triples.units = _mm512_maskz_mov_epi16(there, _mm512_or_si512(_mm512_slli_epi16(lead, 12), low));
  return true;
}

// Any characters, chunk by chunk.
template <bool kIsLittle>
COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_any_national(const Step& step, const char* in,
                                                                  std::uint8_t* out, Run& run) {
  std::size_t room = step.size / 2;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    Halves units;  // NOLINT: filled by to_units
    std::size_t count = 0;
    if (!to_units(chunk, at, units, count) || count > room)
      return read_any(step, in, out + 2 * room - step.size, run);
    store_units<kIsLittle>(units, count, out);
    out += 2 * count;
    room -= count;
    at += chunk.size;
    is_last = chunk.is_last;
  }
  fill(_mm512_set1_epi16(kIsLittle ? 0x0020 : 0x2000), out, 2 * room);
  return at + 1;
}

/// Stores what is there, and spaces up to the field's end.
COPYBRIDGE_AVX512_INLINE void store_words(const Triples& triples, __m512i words, __m512i space,
                                          std::size_t size, std::uint8_t* out) {
  const auto there = static_cast<__mmask32>(lanes_below(triples.count));
  const __m512i filled = _mm512_mask_mov_epi16(space, there, words);
  _mm512_mask_storeu_epi8(out, lanes_below(size), filled);
  if (size > kChunk) fill(space, out + kChunk, size - kChunk);
}

template <bool kIsLittle>
COPYBRIDGE_AVX512_INLINE const char* read_national(const Step& step, const char* in,
                                                   std::uint8_t* out, Run& run) {
  if (*in != '"') return read_any(step, in, out, run);
  Triples triples;  // NOLINT: filled by read_triples
  if (!read_triples(in + 1, run, triples) || 2 * triples.count > step.size)
    return read_any_national<kIsLittle>(step, in, out, run);
  const __m512i units = triples.units;
  const __m512i words =
      kIsLittle ? units : _mm512_or_si512(_mm512_slli_epi16(units, 8), _mm512_srli_epi16(units, 8));
  store_words(triples, words, _mm512_set1_epi16(kIsLittle ? 0x0020 : 0x2000), step.size, out);
  return in + triples.size + 2;
}

/// The pairs of eight units.
COPYBRIDGE_AVX512_INLINE __m128i look_up_eight(const std::uint16_t* pairs,
                                               const std::uint16_t* units) {
  __m128i eight = _mm_cvtsi32_si128(pairs[units[0]]);
  eight = _mm_insert_epi16(eight, pairs[units[1]], 1);
  eight = _mm_insert_epi16(eight, pairs[units[2]], 2);
  eight = _mm_insert_epi16(eight, pairs[units[3]], 3);
  eight = _mm_insert_epi16(eight, pairs[units[4]], 4);
  eight = _mm_insert_epi16(eight, pairs[units[5]], 5);
  eight = _mm_insert_epi16(eight, pairs[units[6]], 6);
  return _mm_insert_epi16(eight, pairs[units[7]], 7);
}

/// The pairs of at most 32 units; in what is behind `count` may be that of U+0000.
COPYBRIDGE_AVX512_INLINE __m512i look_up_units(const std::vector<std::uint16_t>& table,
                                               __m512i all_units, std::size_t count) {
  const std::uint16_t* const pairs = table.data();
  alignas(64) std::array<std::uint16_t, kChunk / 2> units;  // NOLINT: filled at once
  _mm512_store_si512(units.data(), all_units);
  const __m512i none = _mm512_set1_epi16(static_cast<short>(pairs[0]));
  __m512i all = _mm512_inserti32x4(none, look_up_eight(pairs, units.data()), 0);
  if (count > 8) all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 8), 1);
  if (count > 16) all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 16), 2);
  if (count > 24) all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 24), 3);
  return all;
}

COPYBRIDGE_AVX512_INLINE __m512i joined(const Halves& units) {
  return _mm512_or_si512(widened(units.low, false),
                         _mm512_slli_epi16(widened(units.high, false), 8));
}

COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_any_graphic(const Step& step, const char* in,
                                                                 std::uint8_t* out, Run& run) {
  const TextEncoder& page = *step.field->text;
  std::size_t room = step.size / 2;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    Halves units;  // NOLINT: filled by to_units
    std::size_t count = 0;
    const bool is_whole = to_units(chunk, at, units, count) && count <= kChunk / 2;
    if (!is_whole || count > room) return read_any(step, in, out + 2 * room - step.size, run);
    const __m512i pairs = look_up_units(page.pairs(), joined(units), count);
    if (_mm512_testn_epi16_mask(pairs, pairs) != 0) [[unlikely]]
      return read_any(step, in, out + 2 * room - step.size, run);
    const std::size_t written = chunk.is_last ? std::min(room, kChunk / 2) : count;
    _mm512_mask_storeu_epi8(out, lanes_below(2 * written), pairs);
    out += 2 * written;
    room -= written;
    at += chunk.size;
    is_last = chunk.is_last;
  }
  fill(_mm512_set1_epi16(static_cast<short>(page.pairs()[0])), out, 2 * room);
  return at + 1;
}

// PIC G: every character is a pair. As many are looked up as the field has: how many the text has
// cannot be foretold.
COPYBRIDGE_AVX512_INLINE const char* read_graphic(const Step& step, const char* in,
                                                  std::uint8_t* out, Run& run) {
  if (*in != '"') return read_any(step, in, out, run);
  const std::vector<std::uint16_t>& table = step.field->text->pairs();
  Triples triples;  // NOLINT: filled by read_triples
  if (!read_triples(in + 1, run, triples) || 2 * triples.count > step.size)
    return read_any_graphic(step, in, out, run);
  const __m512i pairs = look_up_units(table, triples.units, step.size / 2);
  if (_mm512_testn_epi16_mask(pairs, pairs) != 0) [[unlikely]]
    return read_any(step, in, out, run);
  store_words(triples, pairs, _mm512_set1_epi16(static_cast<short>(table[0])), step.size, out);
  return in + triples.size + 2;
}

/// What the bytes of a text with SO and SI become, two of storage for each: SI and a single byte,
/// SO for the first byte of a pair's character, the pair for the last one.
struct Shifted {
  std::uint64_t first;   ///< bytes whose first one is stored
  std::uint64_t second;  ///< whose second one is
  std::uint64_t pairs;
  std::uint64_t shifts_out;
};

COPYBRIDGE_AVX512_INLINE Shifted shifts_of(const Chunk& chunk, const Kinds& kinds, bool is_double) {
  const std::uint64_t others = chunk.lanes & ~kinds.ascii;
  const std::uint64_t behind_pair = (others << 1U) | static_cast<std::uint64_t>(is_double);
  Shifted shifted;  // NOLINT: filled next
  shifted.pairs = kinds.last();
  // A character that begins behind a single byte.
  shifted.shifts_out = others & ~behind_pair;
  shifted.first = shifted.pairs | shifted.shifts_out | (kinds.ascii & behind_pair);
  shifted.second = shifted.pairs | kinds.ascii;
  return shifted;
}

/// Writes what half a chunk becomes; returns the end.
COPYBRIDGE_AVX512_INLINE std::uint8_t* store_shifted(const Shifted& shifted, __m512i singles,
                                                     __m512i pairs, bool is_upper,
                                                     std::uint8_t* out) {
  const unsigned by = is_upper ? 32 : 0;
  const auto half = [by](std::uint64_t lanes) { return static_cast<__mmask32>(lanes >> by); };
  __m512i words = _mm512_or_si512(_mm512_slli_epi16(widened(singles, is_upper), 8),
                                  _mm512_set1_epi16(charset::kShiftIn));
  words = _mm512_mask_set1_epi16(words, half(shifted.shifts_out), charset::kShiftOut);
  words = _mm512_mask_expand_epi16(words, half(shifted.pairs), pairs);
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555U;
  const std::uint64_t kept =
      _pdep_u64(half(shifted.first), kEven) | _pdep_u64(half(shifted.second), ~kEven);
  const auto count = static_cast<std::size_t>(_mm_popcnt_u64(kept));
  _mm512_mask_storeu_epi8(out, lanes_below(count), _mm512_maskz_compress_epi8(kept, words));
  return out + count;
}

/// Words from the `count`-th on.
COPYBRIDGE_AVX512_INLINE __m512i words_from(__m512i words, std::size_t count) {
  alignas(kChunk) static constexpr auto kWordNumbers = [] {
    std::array<std::uint16_t, kChunk / 2> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint16_t>(i);
    return numbers;
  }();
  const __m512i places = _mm512_add_epi16(_mm512_load_si512(kWordNumbers.data()),
                                          _mm512_set1_epi16(static_cast<short>(count)));
  return _mm512_permutexvar_epi16(places, words);
}

/// Characters between SO and SI, and single ones; false where there are others, or no room.
COPYBRIDGE_AVX512_INLINE bool put_shifted(const Chunk& chunk, const char* at,
                                          const TextEncoder& page, const Registers& registers,
                                          bool& is_double, std::uint8_t*& out,
                                          const std::uint8_t* end) {
  Kinds kinds;  // NOLINT: filled by classify
  if (!classify(chunk, kinds)) return false;
  const Shifted shifted = shifts_of(chunk, kinds, is_double);
  const auto size =
      static_cast<std::ptrdiff_t>(_mm_popcnt_u64(shifted.first) + _mm_popcnt_u64(shifted.second));
  if (size > end - out) return false;
  const auto count = static_cast<std::size_t>(_mm_popcnt_u64(shifted.pairs));
  const Halves units = compressed(shifted.pairs, units_of(chunk, kinds, at));
  const __m512i pairs = look_up_units(page.pairs_beside_singles(), joined(units), count);
  if (_mm512_mask_testn_epi16_mask(static_cast<__mmask32>(lanes_below(count)), pairs, pairs) != 0)
    return false;
  const __m512i singles = _mm512_permutex2var_epi8(registers.low, chunk.bytes, registers.high);
  out = store_shifted(shifted, singles, pairs, false, out);
  const auto in_lower = static_cast<std::size_t>(_mm_popcnt_u64(shifted.pairs & 0xFFFF'FFFFU));
  out = store_shifted(shifted, singles, words_from(pairs, in_lower), true, out);
  if (chunk.size > 0) is_double = (kinds.ascii >> (chunk.size - 1) & 1U) == 0;
  return true;
}

COPYBRIDGE_AVX512_INLINE const char* read_shifted(const Step& step, const char* in,
                                                  std::uint8_t* out, Run& run) {
  const TextEncoder& page = *step.field->text;
  const Registers registers = load_page(page);
  if (*in != '"') return read_any(step, in, out, run);
  std::uint8_t* to = out;
  std::uint8_t* const end = out + step.size;
  bool is_double = false;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    if (!put_shifted(chunk, at, page, registers, is_double, to, end))
      return read_mixed(step, in, out, run);
    at += chunk.size;
    is_last = chunk.is_last;
  }
  if (is_double && to == end) return read_mixed(step, in, out, run);
  // Whether a text ends with a pair cannot be foretold.
  _mm_mask_storeu_epi8(to, static_cast<__mmask16>(is_double), _mm_set1_epi8(charset::kShiftIn));
  to += is_double ? 1 : 0;
  fill(registers.space, to, static_cast<std::size_t>(end - to));
  return at + 1;
}

bool is_graphic(const condition::Field& storage) {
  return storage.usage == Usage::dbcs && storage.category == copybook::Category::dbcs &&
         storage.page->has_pairs();
}

bool is_national(const condition::Field& storage) {
  return storage.usage == Usage::national && storage.category == copybook::Category::national;
}

}  // namespace

ReaderChoice choose_avx512_pairs_reader(const Field& field) {
  const condition::Field& storage = field.storage;
  if (is_mixed_text(field) && field.text->is_complete())
    return {read_shifted, read_row<read_shifted>};
  if ((!is_national(storage) && !is_graphic(storage)) || field.date != nullptr || field.mask ||
      field.varying != nullptr || field.is_right_justified || field.size % 2 != 0)
    return {};
  if (is_graphic(storage)) return {read_graphic, read_row<read_graphic>};
  if (storage.national_little_endian) return {read_national<true>, read_row<read_national<true>>};
  return {read_national<false>, read_row<read_national<false>>};
}

}  // namespace copybridge::encode

#endif
