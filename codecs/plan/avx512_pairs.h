// Text with characters of two bytes in AVX-512 registers: PIC G items, and words between SO and SI.
// Nearly all pairs are one character of three bytes of UTF-8; other texts go the portable way. Part
// of kernels_avx512.cc.
#pragma once

#include <array>
#include <bit>
#include <cstring>

#include "codecs/charset/code_page.h"
#include "codecs/plan/avx512_text.h"

namespace copybridge::plan {
namespace {

using Pair = charset::CodePage::Pair;

/// The first four bytes of what a pair is, which is all of it where it is one character of three.
inline __m128i load_pair(const Pair* pairs, std::uint16_t code) {
  return _mm_loadu_si32(pairs + code);
}

/// Looks four pairs up. (A gather takes more than twice as long, and bytes that are put into memory
/// cannot be read back as a register at once.)
template <typename Codes>
COPYBRIDGE_AVX512_INLINE __m128i look_up_four(const Pair* pairs, const Codes& codes, unsigned at) {
  const __m128i front =
      _mm_unpacklo_epi32(load_pair(pairs, codes[at]), load_pair(pairs, codes[at + 1]));
  const __m128i back =
      _mm_unpacklo_epi32(load_pair(pairs, codes[at + 2]), load_pair(pairs, codes[at + 3]));
  return _mm_unpacklo_epi64(front, back);
}

template <typename Codes>
COPYBRIDGE_AVX512_INLINE __m256i look_up_eight(const Pair* pairs, const Codes& codes, unsigned at) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(look_up_four(pairs, codes, at)),
                                 look_up_four(pairs, codes, at + 4), 1);
}

template <typename Codes>
COPYBRIDGE_AVX512_INLINE __m512i look_up_sixteen(const Pair* pairs, const Codes& codes,
                                                 unsigned at) {
  return _mm512_inserti64x4(_mm512_castsi256_si512(look_up_eight(pairs, codes, at)),
                            look_up_eight(pairs, codes, at + 8), 1);
}

/// Codes as they lie in a record, high byte first.
struct RecordCodes {
  const std::uint8_t* in;
  std::uint16_t operator[](unsigned i) const {
    std::uint16_t code = 0;
    std::memcpy(&code, in + std::size_t{2} * i, sizeof code);
    return __builtin_bswap16(code);
  }
};

/// 32 pairs, four bytes each.
struct Wide {
  __m512i low;
  __m512i high;
};

/// Codes of pairs in memory, from where single ones are read.
struct alignas(64) Codes {
  std::array<std::uint16_t, 32> codes;  // NOLINT: filled at once

  Codes() = default;
  /// `bytes` has the high byte of each first.
  COPYBRIDGE_AVX512_INLINE explicit Codes(__m512i bytes) {
    _mm512_store_si512(codes.data(),
                       _mm512_or_si512(_mm512_slli_epi16(bytes, 8), _mm512_srli_epi16(bytes, 8)));
  }
};

/// Which pairs are not one character of three bytes of UTF-8.
COPYBRIDGE_AVX512_INLINE std::uint32_t find_narrow(__m512i pairs) {
  const __m512i looked_at = _mm512_set1_epi32(static_cast<int>(0xFF0000F0));
  return _mm512_cmpneq_epi32_mask(_mm512_and_si512(pairs, looked_at), _mm512_set1_epi32(0xE0));
}
COPYBRIDGE_AVX512_INLINE std::uint32_t find_narrow(const Wide& wide) {
  return find_narrow(wide.low) | find_narrow(wide.high) << 16U;
}

/// Lanes of the first three bytes of each four.
struct alignas(64) ThreeOfFour {
  constexpr ThreeOfFour() {
    for (unsigned i = 0; i < 48; ++i) lanes[i] = static_cast<std::uint8_t>(i / 3 * 4 + i % 3);
  }
  std::uint8_t lanes[64] = {};
};
constexpr ThreeOfFour kThreeOfFour;

/// A PIC G item of at most 64 bytes without its spaces on the right; null where not all pairs are
/// three bytes. All of the field is looked up, so that nothing branches on its length.
COPYBRIDGE_AVX512 inline char* put_short_graphic(const Op& op, const std::uint8_t* in, char* out) {
  const charset::CodePage& page = *op.detail.text->rules.page;
  const auto space = static_cast<short>(__builtin_bswap16(page.pair_space()));
  const __m512i bytes = _mm512_loadu_si512(in);
  const std::uint32_t kept =
      _bzhi_u32(_mm512_cmpneq_epi16_mask(bytes, _mm512_set1_epi16(space)), op.size / 2);
  const std::size_t count = 32 - _lzcnt_u32(kept);
  const RecordCodes codes = {in};
  const Pair* const pairs = &page.pair(0);
  Wide wide = {look_up_sixteen(pairs, codes, 0), _mm512_setzero_si512()};
  if (op.size > 32) wide.high = look_up_sixteen(pairs, codes, 16);
  if (_bzhi_u32(find_narrow(wide), static_cast<unsigned>(count)) != 0) [[unlikely]]
    return nullptr;
  const __m512i lanes = _mm512_load_si512(kThreeOfFour.lanes);
  _mm512_storeu_si512(out + 1, _mm512_permutexvar_epi8(lanes, wide.low));
  if (op.size > 32) _mm512_storeu_si512(out + 49, _mm512_permutexvar_epi8(lanes, wide.high));
  *out = '"';
  out[1 + 3 * count] = '"';
  return out + 2 + 3 * count;
}

COPYBRIDGE_AVX512 inline char* write_short_graphic(const Op& op, const std::uint8_t* in, char* out,
                                                   Frame& frame) {
  char* end = op.size % 2 == 0 ? put_short_graphic(op, in, out) : nullptr;
  return end != nullptr ? end : graphic_kernel(Cut::right)(op, in, out, frame);
}

/// Where the bytes of a text lie, as lanes.
struct Shifts {
  std::uint64_t singles;
  std::uint64_t firsts;   ///< of pairs
  std::uint64_t seconds;  ///< of pairs
  bool are_whole;         ///< SO and SI in turn, an even number of bytes between them
};

/// Each bit becomes the parity of itself and all below.
COPYBRIDGE_AVX512_INLINE std::uint64_t parities(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

COPYBRIDGE_AVX512 inline Shifts find_shifts(__m512i bytes, std::uint64_t lanes) {
  const std::uint64_t out_shifts =
      _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(charset::kShiftOut)) & lanes;
  const std::uint64_t in_shifts =
      _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(charset::kShiftIn)) & lanes;
  const std::uint64_t within = parities(out_shifts | in_shifts) & lanes;
  const std::uint64_t pairs = within & ~out_shifts;
  // Adding its first bit to a run of ones clears it: so runs are told apart by where they begin.
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555U;
  const std::uint64_t begins = (out_shifts << 1U) & pairs;
  const std::uint64_t even_runs = pairs & ~(pairs + (begins & kEven));
  const std::uint64_t firsts = (even_runs & kEven) | (pairs & ~even_runs & ~kEven);
  const std::uint64_t broken =
      (out_shifts & ~within) | (in_shifts & within) | ((in_shifts >> 1U) & firsts);
  const bool is_closed = _mm_popcnt_u64(out_shifts | in_shifts) % 2 == 0;
  return {lanes & ~(pairs | out_shifts | in_shifts), firsts, pairs & ~firsts,
          broken == 0 && is_closed};
}

/// Lanes of the first two bytes of each of 32 values of four bytes in two registers, and of the
/// third one twice.
struct alignas(64) PartsOfFour {
  constexpr PartsOfFour() {
    for (unsigned i = 0; i < 64; ++i) {
      first[i] = static_cast<std::uint8_t>(i / 2 * 4 + i % 2);
      second[i] = static_cast<std::uint8_t>(i / 2 * 4 + 2);
    }
  }
  std::uint8_t first[64] = {};
  std::uint8_t second[64] = {};
};
constexpr PartsOfFour kPartsOfFour;

COPYBRIDGE_AVX512_INLINE __m512i pick(const Wide& wide, const std::uint8_t* lanes) {
  return _mm512_permutex2var_epi8(wide.low, _mm512_load_si512(lanes), wide.high);
}

/// Looks up as many pairs as there are, eight at a time: how many a text has is much the same from
/// record to record.
COPYBRIDGE_AVX512_INLINE Wide look_up_some(const Pair* pairs, const Codes& all, unsigned count) {
  const auto& codes = all.codes;
  Wide wide = {_mm512_zextsi256_si512(look_up_eight(pairs, codes, 0)), _mm512_setzero_si512()};
  if (count > 8) wide.low = _mm512_inserti64x4(wide.low, look_up_eight(pairs, codes, 8), 1);
  if (count > 16) wide.high = look_up_sixteen(pairs, codes, 16);
  return wide;
}

/// Up to 64 bytes of plain singles and of pairs between SO and SI, on their way to being printed.
struct ShiftedText {
  __m512i singles;  ///< plain characters; codes of pairs are zeros
  __m512i first;    ///< the first byte of what each lane becomes
  __m512i second;   ///< and the second
  std::uint64_t pair_lanes;
  unsigned count;  ///< of pairs
  bool is_right;   ///< there is nothing else in it

  /// Tells singles and pairs apart; returns the codes of the pairs, side by side.
  COPYBRIDGE_AVX512_INLINE __m512i begin(const Registers& characters, __m512i bytes,
                                         std::uint64_t lanes) {
    const Shifts shifts = find_shifts(bytes, lanes);
    const __m512i text = look_up(characters, bytes);
    is_right = shifts.are_whole && (_mm512_movepi8_mask(text) & shifts.singles) == 0;
    pair_lanes = shifts.firsts | shifts.seconds;
    count = static_cast<unsigned>(_mm_popcnt_u64(shifts.seconds));
    singles = _mm512_maskz_mov_epi8(shifts.singles, text);
    return _mm512_maskz_compress_epi8(pair_lanes, bytes);
  }

  /// Puts what the pairs are into their lanes: one byte into the first, two into the second.
  COPYBRIDGE_AVX512_INLINE void look_up_all(const Pair* pairs, const Codes& codes) {
    const Wide wide = look_up_some(pairs, codes, count);
    is_right = is_right && _bzhi_u32(find_narrow(wide), count) == 0;
    first = _mm512_mask_expand_epi8(singles, pair_lanes, pick(wide, kPartsOfFour.first));
    constexpr std::uint64_t kOdd = 0xAAAA'AAAA'AAAA'AAAAU;
    second = _mm512_maskz_mov_epi8(kOdd, pick(wide, kPartsOfFour.second));
    second = _mm512_maskz_expand_epi8(pair_lanes, second);
  }

  /// `room` as of put_parts().
  COPYBRIDGE_AVX512_INLINE char* put(std::size_t room, char* out) const {
    return put_parts<2>({first, second, _mm512_setzero_si512()}, room, out);
  }
};

/// Up to 64 bytes on their own; null where there is anything else. `room` as of put_parts().
COPYBRIDGE_AVX512 inline char* put_short_shifted(const TextTable& table, const std::uint8_t* in,
                                                 std::size_t size, std::size_t room, char* out) {
  ShiftedText text;  // NOLINT: filled by its steps
  const Codes codes(
      text.begin(load_page(table).characters, _mm512_loadu_si512(in), lanes_of(size)));
  text.look_up_all(&table.rules.page->pair(0), codes);
  return text.is_right ? text.put(room, out) : nullptr;
}

/// Texts that go through the steps together.
constexpr std::size_t kTogether = 16;

/// Texts of at most 64 bytes each without their spaces on the right, and the constant texts before
/// them; returns how many there were before one that has anything else. Each step takes much longer
/// to come to its end than to be begun: so the next one begins with the text after it.
COPYBRIDGE_AVX512 inline std::size_t run_shifted(const Op* ops, std::size_t count,
                                                 const std::uint8_t* record, const char* pool,
                                                 char*& out) {
  const TextTable& table = *ops->detail.text;
  const Page page = load_page(table);
  const Pair* const pairs = &table.rules.page->pair(0);
  ShiftedText texts[kTogether];  // NOLINT: filled by its steps
  Codes codes[kTogether];        // NOLINT: likewise
  for (std::size_t i = 0; i < count; ++i) {
    const __m512i bytes = _mm512_loadu_si512(record + ops[i].offset);
    const std::uint64_t kept = _bzhi_u64(_mm512_cmpneq_epi8_mask(bytes, page.spaces), ops[i].size);
    codes[i] = Codes(texts[i].begin(page.characters, bytes, lanes_of(64 - _lzcnt_u64(kept))));
  }
  for (std::size_t i = 0; i < count; ++i) texts[i].look_up_all(pairs, codes[i]);
  for (std::size_t i = 0; i < count; ++i) {
    if (!texts[i].is_right) return i;
    char* end = copy_text(out, pool + ops[i].text_offset, ops[i].text_size);
    *end = '"';
    end = texts[i].put(ops[i].size, end + 1);
    *end = '"';
    out = end + 1;
  }
  return count;
}

/// Plain single bytes, and pairs between SO and SI; null where there is anything else.
COPYBRIDGE_AVX512 inline char* put_shifted(const TextTable& table, const std::uint8_t* in,
                                           std::size_t size, char* out) {
  const Page page = load_page(table);
  while (size > 0) {
    const std::size_t singles = find(charset::kShiftOut, in, size);
    out = put_plain(page, in, singles, out);
    if (out == nullptr || singles == size) return out;
    const std::uint8_t* const pairs = in + singles + 1;
    const std::size_t rest = size - singles - 1;
    const std::size_t length = find(charset::kShiftIn, pairs, rest);
    if (length == rest || length % 2 != 0) return nullptr;
    out = translate_pairs(*table.rules.page, pairs, pairs + length, out);
    if (out == nullptr) return nullptr;
    in = pairs + length + 1;
    size = rest - length - 1;
  }
  return out;
}

template <Cut kCut>
COPYBRIDGE_AVX512 char* write_shifted(const Op& op, const std::uint8_t* in, char* out,
                                      Frame& frame) {
  const TextTable& table = *op.detail.text;
  const std::uint8_t* text = in;
  std::size_t size = op.size;
  trim<kCut>(text, size, _mm512_set1_epi8(static_cast<char>(table.space)));
  *out = '"';
  char* end = op.size <= 64 ? put_short_shifted(table, text, size, op.size, out + 1)
                            : put_shifted(table, text, size, out + 1);
  if (end == nullptr) return special_text_kernel(kCut)(op, in, out, frame);
  *end = '"';
  return end + 1;
}

/// Text with characters that are not plain.
template <Cut kCut>
COPYBRIDGE_AVX512 char* write_special_text(const Op& op, const std::uint8_t* in, char* out,
                                           Frame& frame) {
  const TextTable& table = *op.detail.text;
  if (table.is_plain_page) return put_special_text<kCut>(op, in, out);
  const bool is_shifted = table.rules.page->kind() == charset::CodePage::Kind::shifted;
  return is_shifted ? write_shifted<kCut>(op, in, out, frame)
                    : special_text_kernel(kCut)(op, in, out, frame);
}

template <Cut kCut>
COPYBRIDGE_AVX512 char* write_text(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  char* end = put_text<kCut>(op, load_page(*op.detail.text), in, out);
  return end != nullptr ? end : write_special_text<kCut>(op, in, out, frame);
}

}  // namespace
}  // namespace copybridge::plan
