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

  /// The ASCII characters' bytes; 0 for those the page lacks.
  [[nodiscard]] const std::array<std::uint8_t, 128>& ascii() const { return ascii_bytes_; }
  /// Whether the page has every printable character of ASCII.
  [[nodiscard]] bool is_complete() const { return is_complete_; }

  /// The characters whose UTF-8 begins with the same one or two bytes, by the low six bits of the
  /// byte that follows; 0 where the page has none, or its byte is 0.
  struct Prefix {
    std::array<std::uint8_t, 2> bytes{};
    std::uint8_t size = 0;
    std::array<std::uint8_t, 64> last{};
  };
  static constexpr std::size_t kPrefixesMax = 8;
  /// Those with the most characters first, at most kPrefixesMax.
  [[nodiscard]] const std::vector<Prefix>& prefixes() const { return prefixes_; }

  /// The bytes of the pairs of a page's two-byte characters as they stand in a record, by UTF-16
  /// unit; 0 where a unit on its own does not say which. That of the space for U+0000, which no
  /// text has. Empty: the page has no pairs.
  [[nodiscard]] const std::vector<std::uint16_t>& pairs() const { return pairs_; }

  /// The same of a page with SO and SI where no single byte is the character; 0 for U+0000.
  [[nodiscard]] const std::vector<std::uint16_t>& pairs_beside_singles() const {
    return pairs_beside_singles_;
  }

  /// -1 where the page lacks the character.
  [[nodiscard]] int byte_of(std::uint32_t code_point) const;
  [[nodiscard]] std::uint8_t space() const { return space_; }

 private:
  void add_prefixes();
  void add_pairs(const charset::CodePage& page);
  void add_shifted(const charset::CodePage& page);

  std::array<std::uint16_t, 256> fast_{};
  alignas(64) std::array<std::uint8_t, 128> ascii_bytes_{};
  bool is_complete_ = true;
  std::vector<Prefix> prefixes_;
  std::array<std::int16_t, 128> ascii_{};
  std::vector<std::pair<std::uint32_t, std::uint8_t>> others_;  ///< sorted by character
  std::uint8_t space_ = 0;
  std::vector<std::uint16_t> pairs_;
  std::vector<std::uint16_t> pairs_beside_singles_;
};

}  // namespace copybridge::encode
