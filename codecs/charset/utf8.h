// UTF-8, character by character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copybridge::charset {

/// Bytes of the UTF-8 character that begins here, 0 where none does: overlong forms, surrogates
/// and what lies beyond U+10FFFF are none (RFC 3629). `available` is at least 1.
[[nodiscard]] inline std::uint32_t utf8_size(const std::uint8_t* bytes, std::size_t available) {
  const std::uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  const std::uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || first > 0xF4 || size > available) return 0;
  for (std::uint32_t i = 1; i < size; ++i)
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const std::uint8_t second = bytes[1];
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return size;
}

/// One character of a text.
struct Utf8Character {
  std::uint32_t code_point = 0;
  std::uint32_t size = 0;  ///< in bytes; 0 where the text does not go on with UTF-8
};

/// The character at the front of a text that is not empty.
[[nodiscard]] inline Utf8Character first_of_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::uint32_t size = utf8_size(bytes, text.size());
  if (size <= 1) return {bytes[0], size};
  std::uint32_t code_point = bytes[0] & (0xFFU >> (size + 1));
  for (std::uint32_t i = 1; i < size; ++i) code_point = (code_point << 6U) | (bytes[i] & 0x3FU);
  return {code_point, size};
}

/// Writes a code point (not checked) as UTF-8 and returns its end: 1 to 4 bytes.
char* append_utf8(std::uint32_t code_point, char* out);

}  // namespace copybridge::charset
