// UTF-8 after RFC 3629.
#include "codecs/charset/utf8.h"

namespace copybridge::charset {

std::uint32_t utf8_size(const std::uint8_t* bytes, std::size_t available) {
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

Utf8Character first_of_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::uint32_t size = utf8_size(bytes, text.size());
  if (size <= 1) return {bytes[0], size};
  std::uint32_t code_point = bytes[0] & (0xFFU >> (size + 1));
  for (std::uint32_t i = 1; i < size; ++i) code_point = (code_point << 6U) | (bytes[i] & 0x3FU);
  return {code_point, size};
}

char* append_utf8(std::uint32_t code_point, char* out) {
  const auto follow = [](std::uint32_t bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (code_point < 0x80) {
    *out++ = static_cast<char>(code_point);
    return out;
  }
  if (code_point < 0x800) {
    *out++ = static_cast<char>(0xC0U | (code_point >> 6U));
  } else if (code_point < 0x10000) {
    *out++ = static_cast<char>(0xE0U | (code_point >> 12U));
    *out++ = follow(code_point >> 6U);
  } else {
    *out++ = static_cast<char>(0xF0U | (code_point >> 18U));
    *out++ = follow(code_point >> 12U);
    *out++ = follow(code_point >> 6U);
  }
  *out++ = follow(code_point);
  return out;
}

}  // namespace copybridge::charset
