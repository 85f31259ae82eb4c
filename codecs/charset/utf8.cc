// UTF-8 after RFC 3629.
#include "codecs/charset/utf8.h"

namespace copybridge::charset {

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
