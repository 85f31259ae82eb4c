// A code page as a table: 256 entries of UTF-8, made once from ICU.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"

namespace copybridge::charset {

/// A single-byte code page. Immutable after load; shared between plans and threads.
class CodePage {
 public:
  /// What one byte becomes: up to 4 bytes of UTF-8, little end first in `utf8`.
  struct Entry {
    std::array<char, 4> utf8;
    std::uint8_t size;        ///< 1..3; 3 for U+FFFD where the page has no such character
    std::uint16_t code_unit;  ///< UTF-16; every single-byte page stays inside the BMP
  };

  /// Loads a code page by ICU name ("IBM-1047", "cp037", "iso-8859-1") or CCSID number ("1047").
  /// A number without an ICU converter, or a page that is not single-byte, is ErrorKind::config.
  static Result<std::shared_ptr<const CodePage>> load(std::string_view name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Entry& entry(std::uint8_t byte) const { return entries_[byte]; }
  /// Byte of an ASCII character ('0', ' ', '-'); -1 where the page lacks it.
  [[nodiscard]] int byte_of(char ascii) const {
    return from_ascii_[static_cast<unsigned char>(ascii) & 0x7F];
  }
  /// UTF-8 of bytes, every one translated.
  [[nodiscard]] std::string to_utf8(ByteView bytes) const;
  /// Bytes of UTF-8 text; ErrorKind::bad_record naming the first character the page lacks.
  [[nodiscard]] Result<std::string> from_utf8(std::string_view text) const;

 private:
  std::string name_;
  std::array<Entry, 256> entries_{};
  std::array<std::int16_t, 128> from_ascii_{};
};

}  // namespace copybridge::charset
