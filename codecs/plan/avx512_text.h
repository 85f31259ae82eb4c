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

/// Which lane of the parts each byte of the text comes from where every character has kParts of
/// them: lanes of the second part have 64 added, of the third are in `thirds`.
template <unsigned kParts>
struct alignas(64) Interleave {
  constexpr Interleave() {
    for (unsigned i = 0; i < 64 * kParts; ++i) {
      const unsigned part = i % kParts;
      lanes[i / 64][i % 64] = static_cast<std::uint8_t>(i / kParts + (part == 1 ? 64 : 0));
      if (part == 2) thirds[i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }
  std::uint8_t lanes[kParts][64] = {};
  std::uint64_t thirds[kParts] = {};
};
template <unsigned kParts>
constexpr Interleave<kParts> kInterleave;

/// Byte 64 * kIndex and the 63 behind it, as far as there are such parts.
template <unsigned kParts, unsigned kIndex>
COPYBRIDGE_AVX512_INLINE char* put_part(const Parts& parts, char* out) {
  const __m512i lanes = _mm512_load_si512(kInterleave<kParts>.lanes[kIndex]);
  __m512i bytes = _mm512_permutex2var_epi8(parts.first, lanes, parts.second);
  if constexpr (kParts == 3)
    bytes = _mm512_mask_permutexvar_epi8(bytes, kInterleave<3>.thirds[kIndex], lanes, parts.third);
  return put_bytes(out, bytes);
}

/// The text of up to 64 characters of at most kParts parts each; `room`, at least their number,
/// says from record to record the same about how much there is to do.
template <unsigned kParts>
COPYBRIDGE_AVX512_INLINE char* put_parts(const Parts& parts, std::size_t room, char* out) {
  out = put_part<kParts, 0>(parts, out);
  if (room * kParts > 64) out = put_part<kParts, 1>(parts, out);
  if constexpr (kParts == 3) {
    if (room * kParts > 128) out = put_part<kParts, 2>(parts, out);
  }
  return out;
}

/// A code page with characters of several bytes of UTF-8 or escapes: the parts of what single bytes
/// are, and its space.
struct WidePage {
  Registers first;
  Registers second;
  Registers third;  ///< zeros where no character has one
  __m512i spaces;
};

COPYBRIDGE_AVX512 inline WidePage load_wide_page(const TextTable& table) {
  return {load_table(table.part[0].data()), load_table(table.part[1].data()),
          load_table(table.part[2].data()), _mm512_set1_epi8(static_cast<char>(table.space))};
}

/// Up to 64 bytes of a single-byte page, of which `lanes` are wanted. Characters of more than three
/// of JSON are rare and go one by one.
COPYBRIDGE_AVX512_INLINE char* expand_one(const TextTable& table, const WidePage& page,
                                          const std::uint8_t* in, __mmask64 lanes, std::size_t room,
                                          char* out) {
  const __m512i bytes = _mm512_loadu_si512(in);
  const __m512i one = look_up(page.first, bytes);
  if (_mm512_mask_testn_epi8_mask(lanes, one, one) != 0) [[unlikely]]
    return translate_escaping(table, in, in + _mm_popcnt_u64(lanes), out);
  Parts parts = {_mm512_maskz_mov_epi8(lanes, one),
                 _mm512_maskz_mov_epi8(lanes, look_up(page.second, bytes)), _mm512_setzero_si512()};
  if (!table.has_wide) return put_parts<2>(parts, room, out);
  parts.third = _mm512_maskz_mov_epi8(lanes, look_up(page.third, bytes));
  return put_parts<3>(parts, room, out);
}

// Characters of a single-byte page that are not one plain ASCII character each.
COPYBRIDGE_AVX512 inline char* expand(const TextTable& table, const std::uint8_t* in,
                                      std::size_t size, std::size_t room, char* out) {
  const WidePage page = load_wide_page(table);
  for (std::size_t at = 0; at < size; at += 64) {
    const std::uint64_t lanes = lanes_of(std::min<std::size_t>(size - at, 64));
    out = expand_one(table, page, in + at, lanes, room - at, out);
  }
  return out;
}

/// Text of at most 64 bytes without its spaces on the right: as expand(), and nothing branches on
/// its length.
COPYBRIDGE_AVX512_INLINE char* put_short_special(const Op& op, const WidePage& page,
                                                 const std::uint8_t* in, char* out) {
  const std::uint64_t kept =
      _bzhi_u64(_mm512_cmpneq_epi8_mask(_mm512_loadu_si512(in), page.spaces), op.size);
  const __mmask64 lanes = lanes_of(64 - _lzcnt_u64(kept));
  *out++ = '"';
  out = expand_one(*op.detail.text, page, in, lanes, op.size, out);
  *out++ = '"';
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

/// Text of a single-byte page with characters that are not plain.
template <Cut kCut>
COPYBRIDGE_AVX512 inline char* put_special_text(const Op& op, const std::uint8_t* in, char* out) {
  const TextTable& table = *op.detail.text;
  std::size_t size = op.size;
  trim<kCut>(in, size, _mm512_set1_epi8(static_cast<char>(table.space)));
  *out++ = '"';
  out = expand(table, in, size, op.size, out);
  *out++ = '"';
  return out;
}

COPYBRIDGE_AVX512 inline std::size_t find(std::uint8_t byte, const std::uint8_t* in,
                                          std::size_t size) {
  const __m512i bytes = _mm512_set1_epi8(static_cast<char>(byte));
  for (std::size_t at = 0; at < size; at += 64) {
    const std::uint64_t found = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(in + at), bytes);
    if (found != 0) return std::min<std::size_t>(at + _tzcnt_u64(found), size);
  }
  return size;
}

/// Single bytes that all are plain; null where one is not.
COPYBRIDGE_AVX512 inline char* put_plain(const Page& page, const std::uint8_t* in, std::size_t size,
                                         char* out) {
  for (std::size_t at = 0; at < size; at += 64) {
    const std::size_t count = std::min<std::size_t>(size - at, 64);
    const __m512i text = look_up(page.characters, _mm512_loadu_si512(in + at));
    if ((_mm512_movepi8_mask(text) & lanes_of(count)) != 0) return nullptr;
    _mm512_storeu_si512(out + at, text);
  }
  return out + size;
}

}  // namespace
}  // namespace copybridge::plan
