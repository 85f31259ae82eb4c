// What rows of steps have in common.
#pragma once

#include <cstring>

#include "codecs/encode/straight.h"

namespace copybridge::encode {

/// Whether the constant text stands at `in`, and a value can follow.
inline bool is_next(const char* text, std::uint32_t size, const char* in, const Run& run) {
  return run.end - in > static_cast<std::ptrdiff_t>(size) && std::memcmp(in, text, size) == 0;
}

/// Reads text of a mixed page.
[[nodiscard]] const char* read_mixed(const Step& step, const char* in, std::uint8_t* out, Run& run);
[[nodiscard]] bool is_mixed_text(const Field& field);
/// Reads a table's array, occurrence by occurrence.
[[nodiscard]] const char* read_table(const Step& step, const char* in, std::uint8_t* out, Run& run);
/// No value: puts the step's initial bytes where they have moved to.
[[nodiscard]] const char* fill_piece(const Step& step, const char* in, std::uint8_t* out, Run& run);
/// No value: notes where a counter's bytes are.
[[nodiscard]] const char* note_counter(const Step& step, const char* in, std::uint8_t* out,
                                       Run& run);

}  // namespace copybridge::encode
