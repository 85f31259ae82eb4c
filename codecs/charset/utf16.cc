// UTF-8 to UTF-16BE.
#include "codecs/charset/utf16.h"

#include "codecs/charset/utf8.h"

namespace copybridge::charset {
namespace {

void put(std::uint32_t unit, std::span<std::uint8_t> target, std::size_t& size) {
  if (size + 1 < target.size()) {
    target[size] = static_cast<std::uint8_t>(unit >> 8U);
    target[size + 1] = static_cast<std::uint8_t>(unit & 0xFFU);
  }
  size += 2;
}

}  // namespace

Encoded encode_utf16(std::string_view text, std::span<std::uint8_t> target) {
  Encoded result;
  while (result.at < text.size()) {
    const Utf8Character character = first_of_utf8(text.substr(result.at));
    result.code_point = character.code_point;
    if (character.size == 0) {
      result.fault = Encoded::Fault::not_utf8;
      return result;
    }
    if (character.code_point >= 0x10000) {
      put(0xD800 + ((character.code_point - 0x10000) >> 10U), target, result.size);
      put(0xDC00 + ((character.code_point - 0x10000) & 0x3FFU), target, result.size);
    } else {
      put(character.code_point, target, result.size);
    }
    result.at += character.size;
  }
  return result;
}

}  // namespace copybridge::charset
