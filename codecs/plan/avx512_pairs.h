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

/// What pairs have in common, to see at the end whether all were three bytes of UTF-8.
struct PairBits {
  std::uint64_t all = ~std::uint64_t{0};
  std::uint64_t any = 0;

  void add(std::uint64_t pair) {
    all &= pair;
    any |= pair;
  }
  [[nodiscard]] bool are_wide() const {
    using Pair = charset::CodePage::Pair;
    constexpr auto kMask = std::bit_cast<std::uint64_t>(Pair{{'\xF0'}, 0xFF});
    constexpr auto kWide = std::bit_cast<std::uint64_t>(Pair{{'\xE0'}, 3});
    return (all & kMask) == kWide && (any & kMask) == kWide;
  }
};

/// Looks `count` pairs up and puts each kStep bytes behind the one before.
template <std::size_t kStep>
inline void put_pairs(const charset::CodePage::Pair* pairs, const std::uint8_t* in,
                      std::size_t count, char* out, PairBits& bits) {
  const auto put = [&](std::size_t i) {
    std::uint16_t code = 0;
    std::memcpy(&code, in + 2 * i, sizeof code);
    const auto pair = std::bit_cast<std::uint64_t>(pairs[__builtin_bswap16(code)]);
    bits.add(pair);
    std::memcpy(out + kStep * i, &pair, sizeof pair);
  };
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    put(i);
    put(i + 1);
    put(i + 2);
    put(i + 3);
  }
  for (; i < count; ++i) put(i);
}

/// A PIC G item of at most 64 bytes without its spaces on the right; null where not all pairs are
/// three bytes. All of the field is looked up, so that nothing branches on its length.
COPYBRIDGE_AVX512 inline char* put_short_graphic(const Op& op, const std::uint8_t* in, char* out) {
  const charset::CodePage& page = *op.detail.text->rules.page;
  const auto space = static_cast<short>(__builtin_bswap16(page.pair_space()));
  const std::uint32_t kept = _bzhi_u32(
      _mm512_cmpneq_epi16_mask(_mm512_loadu_si512(in), _mm512_set1_epi16(space)), op.size / 2);
  const std::size_t count = 32 - _lzcnt_u32(kept);
  PairBits bits;
  put_pairs<3>(&page.pair(0), in, op.size / 2, out + 1, bits);
  if (!bits.are_wide()) return nullptr;
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
inline std::uint64_t parities(std::uint64_t bits) {
  for (unsigned distance = 1; distance < 64; distance *= 2) bits ^= bits << distance;
  return bits;
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

/// Bytes `kIndex` of each of 32 values of four bytes.
template <unsigned kIndex>
COPYBRIDGE_AVX512 inline __m512i byte_of_each(__m512i low, __m512i high) {
  const __m128i front = _mm512_cvtepi32_epi8(_mm512_srli_epi32(low, 8 * kIndex));
  const __m128i back = _mm512_cvtepi32_epi8(_mm512_srli_epi32(high, 8 * kIndex));
  return _mm512_zextsi256_si512(_mm256_inserti128_si256(_mm256_castsi128_si256(front), back, 1));
}

/// Up to 64 bytes of plain singles and of pairs between SO and SI, all at once; null where there is
/// anything else. `room` as of put_parts().
COPYBRIDGE_AVX512 inline char* put_short_shifted(const TextTable& table, const std::uint8_t* in,
                                                 std::size_t size, std::size_t room, char* out) {
  const charset::CodePage& page = *table.rules.page;
  const __m512i bytes = _mm512_loadu_si512(in);
  const Shifts shifts = find_shifts(bytes, lanes_of(size));
  const __m512i text = look_up(load_page(table).characters, bytes);
  if (!shifts.are_whole || (_mm512_movepi8_mask(text) & shifts.singles) != 0) return nullptr;
  // Behind the pairs of the text lie such that certainly are three bytes.
  const auto space = static_cast<short>(__builtin_bswap16(page.pair_space()));
  alignas(64) std::array<std::uint8_t, 64> codes;  // NOLINT: filled at once
  alignas(64) std::array<char, 136> values;        // NOLINT: filled as far as it is printed
  _mm512_store_si512(
      codes.data(),
      _mm512_mask_compress_epi8(_mm512_set1_epi16(space), shifts.firsts | shifts.seconds, bytes));
  const auto count = static_cast<std::size_t>(_mm_popcnt_u64(shifts.firsts));
  PairBits bits;
  put_pairs<4>(&page.pair(0), codes.data(), (count + 7) / 8 * 8, values.data(), bits);
  if (count > 0 && !bits.are_wide()) return nullptr;
  const __m512i low = _mm512_load_si512(values.data());
  const __m512i high = _mm512_load_si512(values.data() + 64);
  __m512i first = _mm512_maskz_mov_epi8(shifts.singles, text);
  first = _mm512_mask_expand_epi8(first, shifts.firsts, byte_of_each<0>(low, high));
  first = _mm512_mask_expand_epi8(first, shifts.seconds, byte_of_each<1>(low, high));
  const __m512i second = _mm512_maskz_expand_epi8(shifts.seconds, byte_of_each<2>(low, high));
  return put_parts<2>({first, second, _mm512_setzero_si512()}, room, out);
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
