// What the files of AVX-512 readers share. Included by them alone.
#pragma once

#include "codecs/encode/straight.h"

namespace copybridge::encode {

/// Readers of text; none where the field's text has none of its own.
[[nodiscard]] ReaderChoice choose_avx512_pairs_reader(const Field& field);

}  // namespace copybridge::encode

#if defined(__x86_64__)
#include <immintrin.h>

#include "codecs/plan/avx512.h"

namespace copybridge::encode {
namespace {

/// Whether the constant text stands at `in`, and a value can follow.
COPYBRIDGE_AVX512 inline bool is_text_next(const Step& step, const char* in, const Run& run) {
  if (run.end - in <= static_cast<std::ptrdiff_t>(step.text_size)) return false;
  const char* text = run.pool + step.text_offset;
  std::uint32_t rest = step.text_size;
  if (rest <= 32) {
    const __m256i found = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    const __m256i wanted = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
    return _mm256_mask_cmpneq_epi8_mask(_bzhi_u32(~0U, rest), found, wanted) == 0;
  }
  for (; rest > 64; rest -= 64, in += 64, text += 64) {
    if (_mm512_cmpneq_epi8_mask(_mm512_loadu_si512(in), _mm512_loadu_si512(text)) != 0)
      return false;
  }
  return _mm512_mask_cmpneq_epi8_mask(_bzhi_u64(~std::uint64_t{0}, rest), _mm512_loadu_si512(in),
                                      _mm512_loadu_si512(text)) == 0;
}

/// The row reader of a reader that is compiled in the same file, so that it is inlined.
template <Reader kReader>
COPYBRIDGE_AVX512 const char* read_row(const Step* step, const Step* last, const char* in,
                                       Run& run) {
  std::uint8_t* const record = run.record + run.displacement;
  for (; step != last; ++step) {
    if (!is_text_next(*step, in, run)) return nullptr;
    in = kReader(*step, in + step->text_size, record + step->address, run);
    if (in == nullptr) [[unlikely]]
      return nullptr;
  }
  return in;
}

}  // namespace
}  // namespace copybridge::encode
#endif
