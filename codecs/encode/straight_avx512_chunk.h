// Text in chunks of 64 characters, and what its characters are. Part of the AVX-512 readers of
// text.
#pragma once

#include "codecs/encode/straight_avx512.h"

#if defined(__x86_64__)
#include <algorithm>

namespace copybridge::encode {
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

COPYBRIDGE_AVX512 inline std::uint64_t at_least(const Chunk& chunk, std::uint8_t byte) {
  return _mm512_mask_cmpge_epu8_mask(chunk.lanes, chunk.bytes,
                                     _mm512_set1_epi8(static_cast<char>(byte)));
}

}  // namespace
}  // namespace copybridge::encode
#endif
