// UTF-16 in AVX-512 registers: 32 units are looked at at once, sixteen become UTF-8. Part of
// kernels_avx512.cc.
#pragma once

#include <algorithm>
#include <cstring>

#include "codecs/plan/avx512.h"
#include "codecs/plan/avx512_text.h"
#include "codecs/plan/kernels.h"

namespace copybridge::plan {
namespace {

constexpr std::size_t kUnitsPerRegister = 32;

template <bool kLittle>
COPYBRIDGE_AVX512 inline __m512i load_units(const std::uint8_t* in) {
  const __m512i bytes = _mm512_loadu_si512(in);
  if (kLittle) return bytes;
  return _mm512_or_si512(_mm512_slli_epi16(bytes, 8), _mm512_srli_epi16(bytes, 8));
}

COPYBRIDGE_AVX512 inline __mmask32 unit_lanes(std::size_t count) {
  return _bzhi_u32(~0U, static_cast<unsigned>(count));
}

/// Units that are no space.
template <bool kLittle>
COPYBRIDGE_AVX512 inline __mmask32 no_space_units(const std::uint8_t* in, __mmask32 lanes) {
  return _mm512_mask_cmpneq_epi16_mask(lanes, load_units<kLittle>(in), _mm512_set1_epi16(' '));
}

template <bool kLittle>
COPYBRIDGE_AVX512 inline std::size_t trimmed_units(const std::uint8_t* in, std::size_t count) {
  while (count > 0) {
    const std::size_t chunk = (count - 1) / kUnitsPerRegister * kUnitsPerRegister;
    const __mmask32 kept = no_space_units<kLittle>(in + 2 * chunk, unit_lanes(count - chunk));
    if (kept != 0) return chunk + 32 - _lzcnt_u32(kept);
    count = chunk;
  }
  return 0;
}

template <bool kLittle>
COPYBRIDGE_AVX512 inline std::size_t left_space_units(const std::uint8_t* in, std::size_t count) {
  for (std::size_t at = 0; at < count; at += kUnitsPerRegister) {
    const __mmask32 kept = no_space_units<kLittle>(in + 2 * at, ~0U);
    if (kept != 0) return std::min<std::size_t>(at + _tzcnt_u32(kept), count);
  }
  return count;
}

/// The bytes of each lane of 32 bits that are not zero, three at most, without the gaps between.
struct alignas(64) TripleOrder {
  constexpr TripleOrder() {
    for (unsigned i = 0; i < 48; ++i) lanes[i] = static_cast<std::uint8_t>(i / 3 * 4 + i % 3);
  }
  std::uint8_t lanes[64] = {};
};
constexpr TripleOrder kTripleOrder;

/// Up to sixteen units, one per lane, as UTF-8; none of them a surrogate, zero where there is none.
COPYBRIDGE_AVX512 inline char* put_units(__m512i units, std::size_t count, char* out) {
  // From which bit of its half of 64 bits each byte takes its eight: 12, 6 and 0, then 6 and 0.
  const __m512i triple_bits = _mm512_set1_epi64(0x2020'262C'0000'060CLL);
  const __m512i pair_bits = _mm512_set1_epi64(0x2020'2026'0000'0006LL);
  const __mmask16 pairs = _mm512_cmpge_epu32_mask(units, _mm512_set1_epi32(0x80));
  const __mmask16 triples = _mm512_cmpge_epu32_mask(units, _mm512_set1_epi32(0x800));
  const __m512i three =
      _mm512_or_si512(_mm512_and_si512(_mm512_multishift_epi64_epi8(triple_bits, units),
                                       _mm512_set1_epi32(0x003F'3F0F)),
                      _mm512_set1_epi32(0x0080'80E0));
  if (triples == static_cast<__mmask16>(lanes_of(count))) {
    const __m512i order = _mm512_load_si512(kTripleOrder.lanes);
    _mm512_storeu_si512(out, _mm512_permutexvar_epi8(order, three));
    return out + 3 * count;
  }
  const __m512i two =
      _mm512_or_si512(_mm512_and_si512(_mm512_multishift_epi64_epi8(pair_bits, units),
                                       _mm512_set1_epi32(0x0000'3F1F)),
                      _mm512_set1_epi32(0x0000'80C0));
  return put_bytes(out,
                   _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(units, pairs, two), triples, three));
}

/// Text of any size; null where there are surrogates or characters that JSON escapes.
template <bool kLittle>
COPYBRIDGE_AVX512 inline char* put_utf16(const std::uint8_t* in, std::size_t count, char* out) {
  for (std::size_t at = 0; at < count; at += kUnitsPerRegister) {
    const std::size_t size = std::min(count - at, kUnitsPerRegister);
    const __mmask32 lanes = unit_lanes(size);
    const __m512i units = _mm512_maskz_mov_epi16(lanes, load_units<kLittle>(in + 2 * at));
    const __m512i planes = _mm512_and_si512(units, _mm512_set1_epi16(static_cast<short>(0xF800)));
    const __mmask32 refused =
        _mm512_cmpeq_epi16_mask(planes, _mm512_set1_epi16(static_cast<short>(0xD800))) |
        _mm512_mask_cmplt_epu16_mask(lanes, units, _mm512_set1_epi16(' ')) |
        _mm512_cmpeq_epi16_mask(units, _mm512_set1_epi16('"')) |
        _mm512_cmpeq_epi16_mask(units, _mm512_set1_epi16('\\'));
    if (refused != 0) return nullptr;
    if (_mm512_cmpge_epu16_mask(units, _mm512_set1_epi16(0x80)) == 0) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_cvtepi16_epi8(units));
      out += size;
      continue;
    }
    out = put_units(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(units)),
                    std::min<std::size_t>(size, 16), out);
    if (size > 16)
      out = put_units(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(units, 1)), size - 16, out);
  }
  return out;
}

template <Cut kCut, bool kLittle>
COPYBRIDGE_AVX512 char* write_national(const Op& op, const std::uint8_t* in, char* out,
                                       Frame& frame) {
  const std::uint8_t* text = in;
  std::size_t count = op.size / 2;
  if (kCut == Cut::right || kCut == Cut::both) count = trimmed_units<kLittle>(text, count);
  if (kCut == Cut::left || kCut == Cut::both) {
    const std::size_t left = left_space_units<kLittle>(text, count);
    text += 2 * left;
    count -= left;
  }
  *out = '"';
  // Half a unit only where a short record ends within one.
  char* end = op.size % 2 == 0 ? put_utf16<kLittle>(text, count, out + 1) : nullptr;
  if (end == nullptr) [[unlikely]]
    return op.inner(op, in, out, frame);
  *end = '"';
  return end + 1;
}

template <bool kLittle>
Kernel national_kernel_here(Cut cut) {
  switch (cut) {
    case Cut::right:
      return write_national<Cut::right, kLittle>;
    case Cut::left:
      return write_national<Cut::left, kLittle>;
    case Cut::both:
      return write_national<Cut::both, kLittle>;
    case Cut::none:
      break;
  }
  return write_national<Cut::none, kLittle>;
}

}  // namespace
}  // namespace copybridge::plan
