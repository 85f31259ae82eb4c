// Text for AVX-512: 64 characters are translated at once, and what UTF-8 has several bytes for is
// closed up in registers. Part of straight_avx512.cc.
#pragma once

#include "codecs/encode/straight_avx512_chunk.h"
#include "codecs/encode/straight_run.h"

#if defined(__x86_64__)
#include <algorithm>

namespace copybridge::encode {

namespace {

/// Translates a chunk's characters to as many bytes, spaces behind them; false where one is not
/// among the page's frequent ones, or the text is not UTF-8.
COPYBRIDGE_AVX512 inline bool translate(const Chunk& chunk, const TextEncoder& page,
                                        const Registers& registers, __m512i& bytes,
                                        std::size_t& count) {
  std::uint64_t kept = plain_ascii(chunk);
  std::uint64_t known = kept;
  const std::uint64_t last_bytes = continuations(chunk);
  __m512i text = _mm512_permutex2var_epi8(registers.low, chunk.bytes, registers.high);
  for (const TextEncoder::Prefix& prefix : page.prefixes()) {
    std::uint64_t lead = equal(chunk, prefix.bytes[prefix.size - 1U]);
    if (prefix.size == 2) lead &= equal(chunk, prefix.bytes[0]) << 1U;
    const std::uint64_t last = (lead << 1U) & last_bytes;
    const __m512i found =
        _mm512_maskz_permutexvar_epi8(last, chunk.bytes, _mm512_loadu_si512(prefix.last.data()));
    // No character has the byte 0 but U+0000.
    const std::uint64_t mapped = _mm512_test_epi8_mask(found, found);
    text = _mm512_mask_mov_epi8(text, mapped, found);
    kept |= mapped;
    known |= mapped | mapped >> 1U | (prefix.size == 2 ? mapped >> 2U : 0);
  }
  if (known != chunk.lanes) return false;
  bytes = _mm512_mask_compress_epi8(registers.space, kept, text);
  count = static_cast<std::size_t>(_mm_popcnt_u64(kept));
  return true;
}

// Text with characters outside ASCII.
COPYBRIDGE_AVX512_INLINE const char* read_chunks(const Step& step, const Registers& registers,
                                                 const char* in, std::uint8_t* out, Run& run) {
  const TextEncoder& page = *step.field->text;
  if (*in != '"') [[unlikely]]
    return read_any(step, in, out, run);
  std::size_t room = step.size;
  const char* at = in + 1;
  for (bool is_last = false; !is_last;) {
    if (at >= run.end) return nullptr;
    const Chunk chunk = load_chunk(at);
    __m512i bytes = registers.space;
    std::size_t count = 0;
    if (!translate(chunk, page, registers, bytes, count) || count > room)
      return read_any(step, in, out + room - step.size, run);
    const std::size_t stored = chunk.is_last ? std::min(room, kChunk) : count;
    _mm512_mask_storeu_epi8(out, lanes_below(stored), bytes);
    out += stored;
    room -= stored;
    at += chunk.size;
    is_last = chunk.is_last;
  }
  if (room > 0) [[unlikely]]
    fill(registers.space, out, room);
  return at + 1;
}

COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_wide_text(const Step& step, const char* in,
                                                               std::uint8_t* out, Run& run) {
  return read_chunks(step, load_page(*step.field->text), in, out, run);
}

// Text of ASCII; null where it is any other. The quote is what the next value waits for.
COPYBRIDGE_AVX512_INLINE const char* read_ascii_text(const Step& step, const Registers& registers,
                                                     const char* in, std::uint8_t* out,
                                                     const Run& run) {
  if (*in != '"') [[unlikely]]
    return nullptr;
  std::size_t room = step.size;
  std::uint8_t* to = out;
  for (const char* at = in + 1; at <= run.end; at += kChunk) {
    const __m512i text = _mm512_loadu_si512(at);
    const std::uint64_t quotes = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('"'));
    const std::size_t size = _tzcnt_u64(quotes);
    const std::uint64_t lanes = lanes_below(size);
    const std::uint64_t others = _mm512_mask_cmplt_epi8_mask(lanes, text, _mm512_set1_epi8(0x20)) |
                                 _mm512_mask_cmpeq_epi8_mask(lanes, text, _mm512_set1_epi8('\\'));
    if (others != 0 || size > room) [[unlikely]]
      return nullptr;
    const __m512i bytes = _mm512_permutex2var_epi8(registers.low, text, registers.high);
    const __m512i filled = _mm512_mask_mov_epi8(registers.space, lanes, bytes);
    _mm512_mask_storeu_epi8(to, lanes_below(room), filled);
    to += std::min(room, kChunk);
    room -= std::min(room, kChunk);
    if (quotes == 0) continue;
    if (room > 0) [[unlikely]]
      fill(registers.space, to, room);
    return at + size + 1;
  }
  return nullptr;
}

COPYBRIDGE_AVX512_INLINE const char* read_page_text(const Step& step, const Registers& registers,
                                                    const char* in, std::uint8_t* out, Run& run) {
  const char* const end = read_ascii_text(step, registers, in, out, run);
  return end != nullptr ? end : read_wide_text(step, in, out, run);
}

COPYBRIDGE_AVX512 inline const char* read_text(const Step& step, const char* in, std::uint8_t* out,
                                               Run& run) {
  return read_page_text(step, load_page(*step.field->text), in, out, run);
}

/// A row's page, which stays in registers from field to field.
struct RowPage {
  const TextEncoder* page = nullptr;
  Registers registers;
};

COPYBRIDGE_AVX512_INLINE void turn_to(const Step& step, RowPage& row) {
  if (step.field->text == row.page) return;
  row.page = step.field->text;
  row.registers = load_page(*row.page);
}

// Where one text has characters outside ASCII the others are likely to have some, too.
COPYBRIDGE_AVX512 [[gnu::noinline]] const char* read_wide_texts(const Step* step, const Step* last,
                                                                const char* in, Run& run) {
  std::uint8_t* const record = run.record + run.displacement;
  RowPage page;  // NOLINT: filled by the first text
  for (; step != last; ++step) {
    turn_to(*step, page);
    if (!is_text_next(*step, in, run)) return nullptr;
    in = read_chunks(*step, page.registers, in + step->text_size, record + step->address, run);
    if (in == nullptr) [[unlikely]]
      return nullptr;
  }
  return in;
}

COPYBRIDGE_AVX512 inline const char* read_texts(const Step* step, const Step* last, const char* in,
                                                Run& run) {
  std::uint8_t* const record = run.record + run.displacement;
  RowPage page;  // NOLINT: filled by the first text
  for (; step != last; ++step) {
    turn_to(*step, page);
    if (!is_text_next(*step, in, run)) return nullptr;
    const char* const end =
        read_ascii_text(*step, page.registers, in + step->text_size, record + step->address, run);
    if (end == nullptr) [[unlikely]]
      return read_wide_texts(step, last, in, run);
    in = end;
  }
  return in;
}

}  // namespace
}  // namespace copybridge::encode
#endif
