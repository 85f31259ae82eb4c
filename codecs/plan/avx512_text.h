// Text in AVX-512 registers: a code page lies in four of them, 64 characters are translated at
// once. Part of kernels_avx512.cc.
#pragma once

#include <algorithm>
#include <cstring>

#include "codecs/plan/avx512.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/tables.h"

namespace copybridge::plan {
namespace {

/// A table of 256 bytes in registers. (As an array the compiler would keep it in memory.)
struct Registers {
  __m512i first;
  __m512i second;
  __m512i third;
  __m512i fourth;
};

COPYBRIDGE_AVX512 inline Registers load_table(const std::uint8_t* table) {
  return {_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64),
          _mm512_loadu_si512(table + 128), _mm512_loadu_si512(table + 192)};
}

COPYBRIDGE_AVX512 inline __m512i look_up(const Registers& table, __m512i bytes) {
  const __m512i low = _mm512_permutex2var_epi8(table.first, bytes, table.second);
  const __m512i high = _mm512_permutex2var_epi8(table.third, bytes, table.fourth);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
}

/// A code page: what single bytes are, and its space.
struct Page {
  Registers characters;
  __m512i spaces;
};

COPYBRIDGE_AVX512 inline Page load_page(const TextTable& table) {
  return {load_table(table.plain.data()), _mm512_set1_epi8(static_cast<char>(table.space))};
}

COPYBRIDGE_AVX512 inline std::uint64_t lanes_of(std::size_t size) {
  return _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(size));
}

/// Characters of at most three bytes of UTF-8 and escapes of two, up to 64 of each part.
struct Parts {
  __m512i first;
  __m512i second;
  __m512i third;
};

COPYBRIDGE_AVX512 inline char* put_bytes(char* out, __m512i bytes) {
  const __mmask64 kept = _mm512_test_epi8_mask(bytes, bytes);
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, bytes));
  return out + _mm_popcnt_u64(kept);
}

COPYBRIDGE_AVX512 inline char* put_pairs(__m256i first, __m256i second, char* out) {
  return put_bytes(out, _mm512_or_si512(_mm512_cvtepu8_epi16(first),
                                        _mm512_slli_epi16(_mm512_cvtepu8_epi16(second), 8)));
}

template <int kQuarter>
COPYBRIDGE_AVX512 inline char* put_triples(const Parts& parts, char* out) {
  const __m512i first = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(parts.first, kQuarter));
  const __m512i second = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(parts.second, kQuarter));
  const __m512i third = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(parts.third, kQuarter));
  return put_bytes(out, _mm512_or_si512(first, _mm512_or_si512(_mm512_slli_epi32(second, 8),
                                                               _mm512_slli_epi32(third, 16))));
}

COPYBRIDGE_AVX512 inline char* put_parts(const Parts& parts, std::size_t size, char* out) {
  if (_mm512_test_epi8_mask(parts.third, parts.third) == 0) {
    out = put_pairs(_mm512_castsi512_si256(parts.first), _mm512_castsi512_si256(parts.second), out);
    return size <= 32 ? out
                      : put_pairs(_mm512_extracti64x4_epi64(parts.first, 1),
                                  _mm512_extracti64x4_epi64(parts.second, 1), out);
  }
  out = put_triples<0>(parts, out);
  if (size > 16) out = put_triples<1>(parts, out);
  if (size > 32) out = put_triples<2>(parts, out);
  return size > 48 ? put_triples<3>(parts, out) : out;
}

// Characters of a single-byte page that are not one plain ASCII character each; those of more than
// three characters of JSON are rare and go one by one.
COPYBRIDGE_AVX512 inline char* expand(const TextTable& table, const std::uint8_t* in,
                                      std::size_t size, char* out) {
  const Registers first = load_table(table.part[0].data());
  const Registers second = load_table(table.part[1].data());
  const Registers third = load_table(table.part[2].data());
  for (std::size_t at = 0; at < size; at += 64) {
    const std::size_t count = std::min<std::size_t>(size - at, 64);
    const std::uint64_t lanes = lanes_of(count);
    const __m512i bytes = _mm512_loadu_si512(in + at);
    const __m512i one = look_up(first, bytes);
    if (_mm512_mask_testn_epi8_mask(lanes, one, one) != 0) [[unlikely]] {
      out = translate_escaping(table, in + at, in + at + count, out);
      continue;
    }
    const Parts parts = {_mm512_maskz_mov_epi8(lanes, one),
                         _mm512_maskz_mov_epi8(lanes, look_up(second, bytes)),
                         _mm512_maskz_mov_epi8(lanes, look_up(third, bytes))};
    out = put_parts(parts, count, out);
  }
  return out;
}

/// The bytes up to the last that is no space; 0 where all are spaces.
COPYBRIDGE_AVX512 inline std::size_t trimmed_size(const std::uint8_t* in, std::size_t size,
                                                  __m512i spaces) {
  std::size_t chunk = (size - 1) / 64 * 64;
  std::uint64_t lanes = lanes_of(size - chunk);
  for (;;) {
    const std::uint64_t kept =
        _mm512_mask_cmpneq_epi8_mask(lanes, _mm512_loadu_si512(in + chunk), spaces);
    if (kept != 0) return chunk + 64 - _lzcnt_u64(kept);
    if (chunk == 0) return 0;
    chunk -= 64;
    lanes = ~std::uint64_t{0};
  }
}

COPYBRIDGE_AVX512 inline std::size_t count_left_spaces(const std::uint8_t* in, std::size_t size,
                                                       __m512i spaces) {
  for (std::size_t at = 0; at < size; at += 64) {
    const std::uint64_t kept = _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(in + at), spaces);
    if (kept != 0) return std::min<std::size_t>(at + _tzcnt_u64(kept), size);
  }
  return size;
}

template <Cut kCut>
COPYBRIDGE_AVX512 inline void trim(const std::uint8_t*& in, std::size_t& size, __m512i spaces) {
  if (kCut == Cut::right || kCut == Cut::both) size = trimmed_size(in, size, spaces);
  if (kCut == Cut::left || kCut == Cut::both) {
    const std::size_t left = count_left_spaces(in, size, spaces);
    in += left;
    size -= left;
  }
}

/// Text of any size; null where characters are not plain.
template <Cut kCut>
COPYBRIDGE_AVX512 inline char* put_text(const Op& op, const Page& page, const std::uint8_t* in,
                                        char* out) {
  std::size_t size = op.size;
  trim<kCut>(in, size, page.spaces);
  *out++ = '"';
  std::uint64_t special = 0;
  for (std::size_t at = 0; at < size; at += 64) {
    const __m512i text = look_up(page.characters, _mm512_loadu_si512(in + at));
    special |= _mm512_movepi8_mask(text) & lanes_of(std::min<std::size_t>(size - at, 64));
    _mm512_storeu_si512(out + at, text);
  }
  if (special != 0) [[unlikely]]
    return nullptr;
  out[size] = '"';
  return out + size + 1;
}

COPYBRIDGE_AVX512 inline __m512i load(const std::uint8_t* in, unsigned width) {
  if (width == 16)
    return _mm512_zextsi128_si512(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in)));
  if (width == 32)
    return _mm512_zextsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in)));
  return _mm512_loadu_si512(in);
}

COPYBRIDGE_AVX512 inline void store(char* out, __m512i text, unsigned width) {
  if (width == 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_castsi512_si128(text));
  } else if (width == 32) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_castsi512_si256(text));
  } else {
    _mm512_storeu_si512(out, text);
  }
}

/// Text of at most kWidth bytes without its spaces on the right, likewise: nothing branches on
/// its length, and no more is loaded and stored than it takes.
template <unsigned kWidth>
COPYBRIDGE_AVX512 inline char* put_short_text(const Op& op, const Page& page,
                                              const std::uint8_t* in, char* out) {
  const __m512i bytes = load(in, kWidth);
  const std::uint64_t kept = _bzhi_u64(_mm512_cmpneq_epi8_mask(bytes, page.spaces), op.size);
  const auto size = static_cast<unsigned>(64 - _lzcnt_u64(kept));
  const __m512i text = look_up(page.characters, bytes);
  if (_bzhi_u64(_mm512_movepi8_mask(text), size) != 0) [[unlikely]]
    return nullptr;
  *out = '"';
  store(out + 1, text, kWidth);
  out[1 + size] = '"';
  return out + size + 2;
}

/// Text with characters that are not plain.
template <Cut kCut>
COPYBRIDGE_AVX512 char* write_special_text(const Op& op, const std::uint8_t* in, char* out,
                                           Frame& frame) {
  const TextTable& table = *op.detail.text;
  if (!table.is_plain_page) return special_text_kernel(kCut)(op, in, out, frame);
  std::size_t size = op.size;
  trim<kCut>(in, size, _mm512_set1_epi8(static_cast<char>(table.space)));
  *out++ = '"';
  out = expand(table, in, size, out);
  *out++ = '"';
  return out;
}

template <Cut kCut>
COPYBRIDGE_AVX512 char* write_text(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  char* end = put_text<kCut>(op, load_page(*op.detail.text), in, out);
  return end != nullptr ? end : write_special_text<kCut>(op, in, out, frame);
}

}  // namespace
}  // namespace copybridge::plan
