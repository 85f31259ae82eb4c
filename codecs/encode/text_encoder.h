// Characters to the bytes of a code page.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "codecs/charset/code_page.h"

namespace copybridge::encode {

/// A single-byte code page, from character to byte. Where several bytes are one character, the
/// lowest byte stands for it.
class TextEncoder {
 public:
  explicit TextEncoder(const charset::CodePage& page);

  /// By the bytes of JSON text: what an ASCII character becomes; kSlow for what ends or escapes
  /// text, for characters of more than one byte, and for those the page lacks.
  static constexpr std::uint16_t kSlow = 0x100;
  [[nodiscard]] const std::array<std::uint16_t, 256>& fast() const { return fast_; }
  /// -1 where the page lacks the character.
  [[nodiscard]] int byte_of(std::uint32_t code_point) const;
  [[nodiscard]] std::uint8_t space() const { return space_; }

 private:
  std::array<std::uint16_t, 256> fast_{};
  std::array<std::int16_t, 128> ascii_{};
  std::vector<std::pair<std::uint32_t, std::uint8_t>> others_;  ///< sorted by character
  std::uint8_t space_ = 0;
};

}  // namespace copybridge::encode
