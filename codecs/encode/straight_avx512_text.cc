// Text for AVX-512: 64 characters are translated at once, and what UTF-8 has several bytes for is
// closed up in registers.
#include "codecs/encode/straight_avx512.h"
#include "codecs/encode/straight_run.h"

#if defined(__x86_64__)
#include <algorithm>

namespace copybridge::encode {

using copybook::Usage;

namespace {

constexpr std::size_t kChunk = 64;

COPYBRIDGE_AVX512 inline std::uint64_t lanes_below(std::size_t size) {
  return _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(std::min(size, kChunk)));
}

/// What ASCII characters become.
struct Registers {
  __m512i low;
  __m512i high;
  __m512i space;
};

COPYBRIDGE_AVX512 inline Registers load_page(const TextEncoder& page) {
  return {_mm512_loadu_si512(page.ascii().data()), _mm512_loadu_si512(page.ascii().data() + kChunk),
          _mm512_set1_epi8(static_cast<char>(page.space()))};
}

COPYBRIDGE_AVX512 inline void fill(__m512i space, std::uint8_t* out, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kChunk)
    _mm512_mask_storeu_epi8(out + at, lanes_below(size - at), space);
}

/// A chunk of UTF-8 text up to the closing quote or to the last character that is whole.
struct Chunk {
  __m512i bytes;
  std::uint64_t lanes;
  std::size_t size;
  bool is_last;
};

COPYBRIDGE_AVX512 inline Chunk load_chunk(const char* in) {
  Chunk chunk;  // NOLINT: filled next
  chunk.bytes = _mm512_loadu_si512(in);
  const std::uint64_t quotes = _mm512_cmpeq_epi8_mask(chunk.bytes, _mm512_set1_epi8('"'));
  chunk.size = _tzcnt_u64(quotes);
  chunk.is_last = quotes != 0;
  if (!chunk.is_last) {
    // A character that the chunk's end cuts belongs to the next.
    const auto* const byte = reinterpret_cast<const unsigned char*>(in);
    if (byte[63] >= 0xC0) {
      chunk.size = 63;
    } else if (byte[62] >= 0xE0) {
      chunk.size = 62;
    } else if (byte[61] >= 0xF0) {
      chunk.size = 61;
    }
  }
  chunk.lanes = lanes_below(chunk.size);
  return chunk;
}

COPYBRIDGE_AVX512 inline std::uint64_t equal(const Chunk& chunk, std::uint8_t byte) {
  return _mm512_mask_cmpeq_epi8_mask(chunk.lanes, chunk.bytes,
                                     _mm512_set1_epi8(static_cast<char>(byte)));
}

/// Bytes that are neither control characters nor begin an escape.
COPYBRIDGE_AVX512 inline std::uint64_t plain_ascii(const Chunk& chunk) {
  return _mm512_mask_cmpge_epi8_mask(chunk.lanes, chunk.bytes, _mm512_set1_epi8(0x20)) &
         ~equal(chunk, '\\');
}

COPYBRIDGE_AVX512 inline std::uint64_t continuations(const Chunk& chunk) {
  return _mm512_mask_cmplt_epi8_mask(chunk.lanes, chunk.bytes,
                                     _mm512_set1_epi8(static_cast<char>(0xC0)));
}

/// Translates a chunk's characters to as many bytes; false where one is not among the page's
/// frequent ones, or the text is not UTF-8.
COPYBRIDGE_AVX512 inline bool translate(const Chunk& chunk, const TextEncoder& page,
                                        const Registers& registers, __m512i& bytes,
                                        std::size_t& count) {
  std::uint64_t kept = plain_ascii(chunk);
  std::uint64_t known = kept;
  const std::uint64_t last_bytes = continuations(chunk);
  __m512i text = _mm512_permutex2var_epi8(registers.low, chunk.bytes, registers.high);
  for (const TextEncoder::Prefix& prefix : page.prefixes()) {
    std::uint64_t lead = equal(chunk, prefix.bytes[prefix.size - 1U]);
    if (prefix.size == 2) lead &= equal(chunk, prefix.bytes[0]) << 1U;
    const std::uint64_t last = (lead << 1U) & last_bytes;
    const __m512i found =
        _mm512_maskz_permutexvar_epi8(last, chunk.bytes, _mm512_loadu_si512(prefix.last.data()));
    // No character has the byte 0 but U+0000.
    const std::uint64_t mapped = _mm512_test_epi8_mask(found, found);
    text = _mm512_mask_mov_epi8(text, mapped, found);
    kept |= mapped;
    known |= mapped | mapped >> 1U | (prefix.size == 2 ? mapped >> 2U : 0);
  }
  if (known != chunk.lanes) return false;
  bytes = _mm512_maskz_compress_epi8(kept, text);
  count = static_cast<std::size_t>(_mm_popcnt_u64(kept));
  return true;
}

// Text with characters outside ASCII.
COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_wide_text(const Step& step, const char* in,
                                                               std::uint8_t* out, Run& run) {
  const TextEncoder& page = *step.field->text;
  const Registers registers = load_page(page);
  std::size_t room = step.size;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    __m512i bytes = registers.space;
    std::size_t count = 0;
    if (!translate(chunk, page, registers, bytes, count) || count > room)
      return read_any(step, in, out + room - step.size, run);
    _mm512_mask_storeu_epi8(out, lanes_below(count), bytes);
    out += count;
    room -= count;
    at += chunk.size;
    is_last = chunk.is_last;
  }
  fill(registers.space, out, room);
  return at + 1;
}

// Text of ASCII; the quote is what the next value waits for.
COPYBRIDGE_AVX512 inline const char* read_page_text(const Step& step, const Registers& registers,
                                                    const char* in, std::uint8_t* out, Run& run) {
  if (*in != '"') [[unlikely]]
    return read_any(step, in, out, run);
  std::size_t room = step.size;
  std::uint8_t* to = out;
  for (const char* at = in + 1; at <= run.end; at += kChunk) {
    const __m512i text = _mm512_loadu_si512(at);
    const std::uint64_t quotes = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('"'));
    const std::size_t size = _tzcnt_u64(quotes);
    const std::uint64_t lanes = lanes_below(size);
    const std::uint64_t others = _mm512_mask_cmplt_epi8_mask(lanes, text, _mm512_set1_epi8(0x20)) |
                                 _mm512_mask_cmpeq_epi8_mask(lanes, text, _mm512_set1_epi8('\\'));
    if (others != 0 || size > room) [[unlikely]]
      return read_wide_text(step, in, out, run);
    const __m512i bytes = _mm512_permutex2var_epi8(registers.low, text, registers.high);
    const __m512i filled = _mm512_mask_mov_epi8(registers.space, lanes, bytes);
    _mm512_mask_storeu_epi8(to, lanes_below(room), filled);
    to += std::min(room, kChunk);
    room -= std::min(room, kChunk);
    if (quotes == 0) continue;
    if (room > 0) [[unlikely]]
      fill(registers.space, to, room);
    return at + size + 1;
  }
  return nullptr;
}

COPYBRIDGE_AVX512 const char* read_text(const Step& step, const char* in, std::uint8_t* out,
                                        Run& run) {
  return read_page_text(step, load_page(*step.field->text), in, out, run);
}

// The page stays in registers from field to field.
COPYBRIDGE_AVX512 const char* read_texts(const Step* step, const Step* last, const char* in,
                                         Run& run) {
  std::uint8_t* const record = run.record + run.displacement;
  const TextEncoder* page = step->field->text;
  Registers registers = load_page(*page);
  for (; step != last; ++step) {
    if (step->field->text != page) {
      page = step->field->text;
      registers = load_page(*page);
    }
    if (!is_text_next(*step, in, run)) return nullptr;
    in = read_page_text(*step, registers, in + step->text_size, record + step->address, run);
    if (in == nullptr) [[unlikely]]
      return nullptr;
  }
  return in;
}

COPYBRIDGE_AVX512 inline std::uint64_t at_least(const Chunk& chunk, std::uint8_t byte) {
  return _mm512_mask_cmpge_epu8_mask(chunk.lanes, chunk.bytes,
                                     _mm512_set1_epi8(static_cast<char>(byte)));
}

/// The UTF-16 units of a chunk's characters, high and low bytes apart; false where the text is not
/// UTF-8, or has characters that are two units.
COPYBRIDGE_AVX512 inline bool to_units(const Chunk& chunk, const char* in, __m512i& high,
                                       __m512i& low, std::size_t& count) {
  const std::uint64_t ascii = plain_ascii(chunk);
  const std::uint64_t follow = continuations(chunk);
  const std::uint64_t threes = at_least(chunk, 0xE0);
  const std::uint64_t twos = at_least(chunk, 0xC2) & ~threes;
  const std::uint64_t wanted = (twos << 1U) | (threes << 1U) | (threes << 2U);
  // Overlong forms, and halves of surrogate pairs.
  const std::uint64_t from_a0 = at_least(chunk, 0xA0);
  const std::uint64_t bad = at_least(chunk, 0xF0) | ((equal(chunk, 0xE0) << 1U) & ~from_a0) |
                            ((equal(chunk, 0xED) << 1U) & from_a0) | (follow ^ wanted);
  if (bad != 0 || (ascii | twos | threes | follow) != chunk.lanes) return false;
  const __m512i one_before = _mm512_loadu_si512(in - 1);
  const __m512i two_before = _mm512_loadu_si512(in - 2);
  const std::uint64_t last_of_two = twos << 1U;
  const std::uint64_t last_of_three = threes << 2U;
  const std::uint64_t last = last_of_two | last_of_three;
  const __m512i six = _mm512_set1_epi8(0x3F);
  // Bits of words are shifted: what comes in from the byte beside is masked off.
  const __m512i top_bits =
      _mm512_and_si512(_mm512_slli_epi16(one_before, 6), _mm512_set1_epi8(static_cast<char>(0xC0)));
  low = _mm512_mask_mov_epi8(chunk.bytes, last,
                             _mm512_or_si512(_mm512_and_si512(chunk.bytes, six), top_bits));
  const __m512i middle = _mm512_and_si512(_mm512_srli_epi16(one_before, 2), _mm512_set1_epi8(0x0F));
  const __m512i top =
      _mm512_and_si512(_mm512_slli_epi16(two_before, 4), _mm512_set1_epi8(static_cast<char>(0xF0)));
  high = _mm512_maskz_mov_epi8(last_of_two, _mm512_and_si512(middle, _mm512_set1_epi8(0x07)));
  high = _mm512_mask_mov_epi8(high, last_of_three, _mm512_or_si512(middle, top));
  const std::uint64_t kept = ascii | last;
  high = _mm512_maskz_compress_epi8(kept, high);
  low = _mm512_maskz_compress_epi8(kept, low);
  count = static_cast<std::size_t>(_mm_popcnt_u64(kept));
  return true;
}

COPYBRIDGE_AVX512 inline __m512i widened(__m512i bytes, bool is_upper) {
  return _mm512_cvtepu8_epi16(is_upper ? _mm512_extracti64x4_epi64(bytes, 1)
                                       : _mm512_castsi512_si256(bytes));
}

/// Sixty-four units from halves, in the item's byte order.
template <bool kIsLittle>
COPYBRIDGE_AVX512 inline void store_units(__m512i high, __m512i low, std::size_t count,
                                          std::uint8_t* out) {
  const __m512i first = kIsLittle ? low : high;
  const __m512i second = kIsLittle ? high : low;
  for (const bool is_upper : {false, true}) {
    const std::size_t done = is_upper ? kChunk / 2 : 0;
    if (count <= done) break;
    const __m512i units =
        _mm512_or_si512(widened(first, is_upper), _mm512_slli_epi16(widened(second, is_upper), 8));
    _mm512_mask_storeu_epi8(out + 2 * done, lanes_below(2 * (count - done)), units);
  }
}

template <bool kIsLittle>
COPYBRIDGE_AVX512 const char* read_national(const Step& step, const char* in, std::uint8_t* out,
                                            Run& run) {
  if (*in != '"') return read_any(step, in, out, run);
  std::size_t room = step.size / 2;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    __m512i high = _mm512_setzero_si512();
    __m512i low = high;
    std::size_t count = 0;
    if (!to_units(chunk, at, high, low, count) || count > room)
      return read_any(step, in, out + 2 * room - step.size, run);
    store_units<kIsLittle>(high, low, count, out);
    out += 2 * count;
    room -= count;
    at += chunk.size;
    is_last = chunk.is_last;
  }
  fill(_mm512_set1_epi16(kIsLittle ? 0x0020 : 0x2000), out, 2 * room);
  return at + 1;
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

/// The pairs of at most 32 units, the space's behind them.
COPYBRIDGE_AVX512_INLINE __m512i look_up_units(const TextEncoder& page, __m512i high, __m512i low,
                                               std::size_t count) {
  const std::uint16_t* const pairs = page.pairs().data();
  alignas(64) std::array<std::uint16_t, kChunk / 2> units;  // NOLINT: filled at once
  _mm512_store_si512(units.data(), _mm512_or_si512(widened(low, false),
                                                   _mm512_slli_epi16(widened(high, false), 8)));
  const __m512i space = _mm512_set1_epi16(static_cast<short>(pairs[0]));
  __m512i all = _mm512_inserti32x4(space, look_up_eight(pairs, units.data()), 0);
  all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 8), 1);
  if (count > 16) all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 16), 2);
  if (count > 24) all = _mm512_inserti32x4(all, look_up_eight(pairs, units.data() + 24), 3);
  return all;
}

// PIC G: every character is a pair.
COPYBRIDGE_AVX512 const char* read_graphic(const Step& step, const char* in, std::uint8_t* out,
                                           Run& run) {
  if (*in != '"') return read_any(step, in, out, run);
  const TextEncoder& page = *step.field->text;
  std::size_t room = step.size / 2;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    __m512i high = _mm512_setzero_si512();
    __m512i low = high;
    std::size_t count = 0;
    const bool is_whole = to_units(chunk, at, high, low, count) && count <= kChunk / 2;
    if (!is_whole || count > room) return read_any(step, in, out + 2 * room - step.size, run);
    const __m512i pairs = look_up_units(page, high, low, count);
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

bool is_graphic(const condition::Field& storage) {
  return storage.usage == Usage::dbcs && storage.category == copybook::Category::dbcs &&
         storage.page->has_pairs();
}

bool is_national(const condition::Field& storage) {
  return storage.usage == Usage::national && storage.category == copybook::Category::national;
}

}  // namespace

ReaderChoice choose_avx512_text_reader(const Field& field) {
  if (is_plain_text(field) && field.text->is_complete()) return {read_text, read_texts};
  const condition::Field& storage = field.storage;
  if ((!is_national(storage) && !is_graphic(storage)) || field.date != nullptr || field.mask ||
      field.varying != nullptr || field.is_right_justified || field.size % 2 != 0)
    return {};
  if (is_graphic(storage)) return {read_graphic, read_row<read_graphic>};
  if (storage.national_little_endian) return {read_national<true>, read_row<read_national<true>>};
  return {read_national<false>, read_row<read_national<false>>};
}

}  // namespace copybridge::encode

#endif
