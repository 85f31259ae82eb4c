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

/// Every lane of one register before the same lane of another: two halves of 64 lanes.
struct alignas(64) Interleave {
  constexpr Interleave() {
    for (unsigned half = 0; half < 2; ++half) {
      for (unsigned i = 0; i < 64; ++i)
        lanes[half][i] = static_cast<std::uint8_t>(32 * half + i / 2 + (i % 2) * 64);
    }
  }
  std::uint8_t lanes[2][64] = {};
};
constexpr Interleave kInterleave;

/// Second bytes among interleaved ones.
constexpr std::uint64_t kSecondLanes = 0xAAAA'AAAA'AAAA'AAAAU;

/// Bytes, each followed by that of the same lane of `more` where that is not zero.
template <unsigned kHalf>
COPYBRIDGE_AVX512 inline __m512i interleave(__m512i bytes, __m512i more) {
  return _mm512_permutex2var_epi8(bytes, _mm512_load_si512(kInterleave.lanes[kHalf]), more);
}

/// Characters of one and two bytes, and behind the second bytes that `wide` marks a third one.
COPYBRIDGE_AVX512 inline char* put_widened(__m512i pairs, std::uint64_t wide, __m512i thirds,
                                           char* out) {
  const __mmask64 kept = _mm512_test_epi8_mask(pairs, pairs);
  const std::uint64_t behind = _pext_u64(_pdep_u64(wide, kSecondLanes), kept);
  const __m512i bytes = _mm512_maskz_compress_epi8(kept, pairs);
  const __m512i more = _mm512_maskz_expand_epi8(behind, thirds);
  out = put_bytes(out, interleave<0>(bytes, more));
  return put_bytes(out, interleave<1>(bytes, more));
}

/// Up to 32 characters of a half.
template <unsigned kHalf>
COPYBRIDGE_AVX512 inline char* put_half(const Parts& parts, char* out) {
  const __m512i pairs = interleave<kHalf>(parts.first, parts.second);
  const std::uint64_t all_wide = _mm512_test_epi8_mask(parts.third, parts.third);
  const std::uint64_t wide = kHalf == 0 ? _bzhi_u64(all_wide, 32) : all_wide >> 32U;
  if (wide == 0) return put_bytes(out, pairs);
  const __m512i thirds = _mm512_maskz_compress_epi8(wide << (32 * kHalf), parts.third);
  return put_widened(pairs, wide, thirds, out);
}

// Characters of a single-byte page that are not one plain ASCII character each; those of more than
// three characters of JSON are rare and go one by one. `room` is the field's size: it says from
// record to record the same about how much there is to do.
COPYBRIDGE_AVX512 inline char* expand(const TextTable& table, const std::uint8_t* in,
                                      std::size_t size, std::size_t room, char* out) {
  const Registers first = load_table(table.part[0].data());
  const Registers second = load_table(table.part[1].data());
  for (std::size_t at = 0; at < size; at += 64) {
    const std::size_t count = std::min<std::size_t>(size - at, 64);
    const std::uint64_t lanes = lanes_of(count);
    const __m512i bytes = _mm512_loadu_si512(in + at);
    const __m512i one = look_up(first, bytes);
    if (_mm512_mask_testn_epi8_mask(lanes, one, one) != 0) [[unlikely]] {
      out = translate_escaping(table, in + at, in + at + count, out);
      continue;
    }
    Parts parts = {_mm512_maskz_mov_epi8(lanes, one),
                   _mm512_maskz_mov_epi8(lanes, look_up(second, bytes)), _mm512_setzero_si512()};
    if (table.has_wide)
      parts.third = _mm512_maskz_mov_epi8(lanes, look_up(load_table(table.part[2].data()), bytes));
    out = put_half<0>(parts, out);
    if (room - at > 32) out = put_half<1>(parts, out);
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
  char* end = put_shifted(table, text, size, out + 1);
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
