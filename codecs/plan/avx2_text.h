// Text in AVX2 registers: 32 characters are translated at once, through the page's blocks of
// sixteen. Part of kernels_avx2.cc.
#pragma once

#include <algorithm>
#include <cstring>

#include "codecs/plan/avx2.h"
#include "codecs/plan/avx2_number.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/tables.h"

namespace copybridge::plan {
namespace {

COPYBRIDGE_AVX2 inline __m256i look_up_block(const TextTable& table, unsigned block,
                                             __m256i index) {
  const __m256i characters = _mm256_broadcastsi128_si256(load_16(table.blocks[block].data()));
  return _mm256_shuffle_epi8(characters, index);
}

/// A shuffle looks up by the low nibble, and gives zero where the high bit is set. Going down by
/// sixteen from block to block, a byte of block n meets blocks 0..n, each of which holds its
/// difference to the one before.
template <unsigned kFirst, unsigned kLast>
COPYBRIDGE_AVX2 inline __m256i look_up_half(const TextTable& table, __m256i index) {
  __m256i text = _mm256_setzero_si256();
#pragma GCC unroll 8
  for (unsigned block = kFirst; block <= kLast; ++block) {
    text = _mm256_xor_si256(text, look_up_block(table, block, index));
    index = _mm256_subs_epi8(index, _mm256_set1_epi8(16));
  }
  return text;
}

/// kNotPlain where a byte is no plain character. EBCDIC has none in its first four blocks.
template <bool kHasAllBlocks>
COPYBRIDGE_AVX2 inline __m256i look_up(const TextTable& table, __m256i bytes) {
  const __m256i high_bit = _mm256_set1_epi8(static_cast<char>(0x80));
  const __m256i high = look_up_half<8, 15>(table, _mm256_xor_si256(bytes, high_bit));
  const __m256i low =
      kHasAllBlocks ? look_up_half<0, 7>(table, bytes)
                    : look_up_half<4, 7>(table, _mm256_subs_epi8(bytes, _mm256_set1_epi8(0x40)));
  return _mm256_xor_si256(_mm256_xor_si256(low, high), high_bit);
}

COPYBRIDGE_AVX2 inline unsigned no_spaces(const std::uint8_t* in, __m256i spaces) {
  return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(load_32(in), spaces)));
}

COPYBRIDGE_AVX2 inline unsigned lanes_of(std::size_t size) {
  return _bzhi_u32(~0U, static_cast<unsigned>(size));
}

/// The bytes up to the last that is no space; 0 where all are spaces.
COPYBRIDGE_AVX2 inline std::size_t trimmed_size(const std::uint8_t* in, std::size_t size,
                                                __m256i spaces) {
  std::size_t chunk = (size - 1) / 32 * 32;
  unsigned lanes = lanes_of(size - chunk);
  for (;;) {
    const unsigned kept = no_spaces(in + chunk, spaces) & lanes;
    if (kept != 0) return chunk + 32 - _lzcnt_u32(kept);
    if (chunk == 0) return 0;
    chunk -= 32;
    lanes = ~0U;
  }
}

COPYBRIDGE_AVX2 inline std::size_t count_left_spaces(const std::uint8_t* in, std::size_t size,
                                                     __m256i spaces) {
  for (std::size_t at = 0; at < size; at += 32) {
    const unsigned kept = no_spaces(in + at, spaces);
    if (kept != 0) return std::min<std::size_t>(at + _tzcnt_u32(kept), size);
  }
  return size;
}

/// Text of any size; null where characters are not plain.
template <Cut kCut, bool kHasAllBlocks>
COPYBRIDGE_AVX2 inline char* put_text(const Op& op, const std::uint8_t* in, char* out) {
  const TextTable& table = *op.detail.text;
  const __m256i spaces = _mm256_set1_epi8(static_cast<char>(table.space));
  std::size_t size = op.size;
  if (kCut == Cut::right || kCut == Cut::both) size = trimmed_size(in, size, spaces);
  if (kCut == Cut::left || kCut == Cut::both) {
    const std::size_t left = count_left_spaces(in, size, spaces);
    in += left;
    size -= left;
  }
  *out++ = '"';
  unsigned special = 0;
  for (std::size_t at = 0; at < size; at += 32) {
    const __m256i text = look_up<kHasAllBlocks>(table, load_32(in + at));
    special |= static_cast<unsigned>(_mm256_movemask_epi8(text)) &
               lanes_of(std::min<std::size_t>(size - at, 32));
    store_32(out + at, text);
  }
  if (special != 0) [[unlikely]]
    return nullptr;
  out[size] = '"';
  return out + size + 1;
}

/// Text of at most 32 bytes without its spaces on the right, likewise: nothing branches on its
/// length.
template <bool kHasAllBlocks>
COPYBRIDGE_AVX2 inline char* put_short_text(const Op& op, const std::uint8_t* in, char* out) {
  const TextTable& table = *op.detail.text;
  const __m256i spaces = _mm256_set1_epi8(static_cast<char>(table.space));
  const std::uint64_t kept = _bzhi_u64(no_spaces(in, spaces), op.size);
  const auto size = static_cast<unsigned>(64 - _lzcnt_u64(kept));
  const __m256i text = look_up<kHasAllBlocks>(table, load_32(in));
  if (_bzhi_u64(static_cast<unsigned>(_mm256_movemask_epi8(text)), size) != 0) [[unlikely]]
    return nullptr;
  *out = '"';
  store_32(out + 1, text);
  out[1 + size] = '"';
  return out + size + 2;
}

}  // namespace
}  // namespace copybridge::plan
