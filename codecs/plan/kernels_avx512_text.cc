// Text for AVX-512: a code page lies in four registers, 64 characters are translated at once.
#include "codecs/plan/kernels.h"
#include "codecs/plan/run_kernels.h"
#include "codecs/plan/tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/plan/avx512.h"

namespace copybridge::plan {
namespace {

/// A table of 256 bytes in registers.
struct Registers {
  __m512i quarter[4];
};

COPYBRIDGE_AVX512 inline Registers load_table(const std::uint8_t* table) {
  Registers registers;
  for (unsigned i = 0; i < 4; ++i) registers.quarter[i] = _mm512_loadu_si512(table + 64 * i);
  return registers;
}

COPYBRIDGE_AVX512 inline __m512i look_up(const Registers& table, __m512i bytes) {
  const __m512i low = _mm512_permutex2var_epi8(table.quarter[0], bytes, table.quarter[1]);
  const __m512i high = _mm512_permutex2var_epi8(table.quarter[2], bytes, table.quarter[3]);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
}

// Characters that are not one plain ASCII character each: up to three bytes of UTF-8 or an escape
// of two, sixteen characters at a time; longer escapes one by one.
COPYBRIDGE_AVX512 [[gnu::noinline]] char* translate_expanding(const TextTable& table,
                                                              const std::uint8_t* in,
                                                              std::size_t size, char* out) {
  const Registers first = load_table(table.part[0].data());
  const Registers second = load_table(table.part[1].data());
  const Registers third = load_table(table.part[2].data());
  for (std::size_t at = 0; at < size; at += 64) {
    const __m512i bytes = _mm512_loadu_si512(in + at);
    alignas(64) std::array<std::array<std::uint8_t, 64>, 3> parts;  // NOLINT: stored next
    _mm512_store_si512(parts[0].data(), look_up(first, bytes));
    _mm512_store_si512(parts[1].data(), look_up(second, bytes));
    _mm512_store_si512(parts[2].data(), look_up(third, bytes));
    const std::size_t chunk_size = std::min<std::size_t>(size - at, 64);
    for (std::size_t i = 0; i < chunk_size; i += 16) {
      const auto count = static_cast<unsigned>(std::min<std::size_t>(chunk_size - i, 16));
      const auto load = [&](unsigned part) __attribute__((always_inline, target("avx512f"))) {
        return _mm512_cvtepu8_epi32(
            _mm_load_si128(reinterpret_cast<const __m128i*>(parts[part].data() + i)));
      };
      const __m512i one = load(0);
      const auto wanted = static_cast<__mmask16>(_bzhi_u32(~0U, count));
      if (_mm512_mask_testn_epi32_mask(wanted, one, one) != 0) [[unlikely]] {
        for (unsigned character = 0; character < count; ++character) {
          const JsonCharacter& json = table.json[in[at + i + character]];
          std::memcpy(out, &json, sizeof json);
          out += json.size;
        }
        continue;
      }
      const __m512i all = _mm512_maskz_mov_epi32(
          wanted, _mm512_or_si512(_mm512_or_si512(one, _mm512_slli_epi32(load(1), 8)),
                                  _mm512_slli_epi32(load(2), 16)));
      const __mmask64 kept = _mm512_test_epi8_mask(all, all);
      _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, all));
      out += _mm_popcnt_u64(kept);
    }
  }
  return out;
}

COPYBRIDGE_AVX512 inline std::uint64_t lanes_of(std::size_t size) {
  return _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(size));
}

/// The bytes up to the last that is no space; 0 where all are spaces.
COPYBRIDGE_AVX512 inline std::size_t trimmed_size(const std::uint8_t* in, std::size_t size,
                                                  std::uint8_t space) {
  const __m512i spaces = _mm512_set1_epi8(static_cast<char>(space));
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
                                                       std::uint8_t space) {
  const __m512i spaces = _mm512_set1_epi8(static_cast<char>(space));
  for (std::size_t at = 0; at < size; at += 64) {
    const std::uint64_t kept = _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(in + at), spaces);
    if (kept != 0) return std::min<std::size_t>(at + _tzcnt_u64(kept), size);
  }
  return size;
}

/// Translates; the caller has room for a register behind the text.
COPYBRIDGE_AVX512 inline char* translate(const Registers& registers, const TextTable& table,
                                         const std::uint8_t* in, std::size_t size, char* out) {
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < size; at += 64) {
    const __m512i text = look_up(registers, _mm512_loadu_si512(in + at));
    seen |= _mm512_movepi8_mask(text) & lanes_of(std::min<std::size_t>(size - at, 64));
    _mm512_storeu_si512(out + at, text);
  }
  if (seen != 0) [[unlikely]]
    return translate_expanding(table, in, size, out);
  return out + size;
}

template <Cut kCut>
COPYBRIDGE_AVX512 inline char* put_text(const Op& op, const Registers& registers,
                                        const std::uint8_t* in, char* out) {
  const TextTable& table = *op.detail.text;
  std::size_t size = op.size;
  if (kCut == Cut::right || kCut == Cut::both) size = trimmed_size(in, size, table.space);
  if (kCut == Cut::left || kCut == Cut::both) {
    const std::size_t left = count_left_spaces(in, size, table.space);
    in += left;
    size -= left;
  }
  *out++ = '"';
  out = translate(registers, table, in, size, out);
  *out++ = '"';
  return out;
}

template <Cut kCut>
COPYBRIDGE_AVX512 char* write_text(const Op& op, const std::uint8_t* in, char* out,
                                   Frame& /*frame*/) {
  return put_text<kCut>(op, load_table(op.detail.text->plain.data()), in, out);
}

// The table stays in registers from field to field.
template <Cut kCut>
COPYBRIDGE_AVX512 char* write_texts(const Op* op, const Op* last, char* out, Frame& frame) {
  const std::uint8_t* const record = frame.record + frame.displacement;
  const char* const pool = frame.pool;
  const TextTable* table = op->detail.text;
  Registers registers = load_table(table->plain.data());
  for (; op != last; ++op) {
    if (op->detail.text != table) {
      table = op->detail.text;
      registers = load_table(table->plain.data());
    }
    out = copy_text(out, pool + op->text_offset, op->text_size);
    out = put_text<kCut>(*op, registers, record + op->offset, out);
  }
  return out;
}

}  // namespace

KernelChoice choose_avx512_text(Cut cut) {
  switch (cut) {
    case Cut::right:
      return {write_text<Cut::right>, write_texts<Cut::right>, DetailKind::text};
    case Cut::left:
      return {write_text<Cut::left>, write_texts<Cut::left>, DetailKind::text};
    case Cut::both:
      return {write_text<Cut::both>, write_texts<Cut::both>, DetailKind::text};
    case Cut::none:
      break;
  }
  return {write_text<Cut::none>, write_texts<Cut::none>, DetailKind::text};
}

}  // namespace copybridge::plan

#endif
