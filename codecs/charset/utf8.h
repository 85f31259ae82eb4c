// UTF-8, character by character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copybridge::charset {

/// Bytes of the UTF-8 character that begins here, 0 where none does: overlong forms, surrogates
/// and what lies beyond U+10FFFF are none (RFC 3629). `available` is at least 1.
[[nodiscard]] std::uint32_t utf8_size(const std::uint8_t* bytes, std::size_t available);

/// One character of a text.
struct Utf8Character {
  std::uint32_t code_point = 0;
  std::uint32_t size = 0;  ///< in bytes; 0 where the text does not go on with UTF-8
};

/// The character at the front of a text that is not empty.
[[nodiscard]] Utf8Character first_of_utf8(std::string_view text);

/// Writes a code point (not checked) as UTF-8 and returns its end: 1 to 4 bytes.
char* append_utf8(std::uint32_t code_point, char* out);

}  // namespace copybridge::charset
