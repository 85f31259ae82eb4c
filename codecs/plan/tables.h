// Lookup tables of a code page for the kernels: what one byte becomes in JSON text, and what a
// byte of a zoned number's sign position holds.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "codecs/charset/code_page.h"

namespace copybridge::plan {

/// One byte as JSON text: escaped where JSON wants it, at most 6 characters.
struct JsonCharacter {
  std::array<char, 7> text;
  std::uint8_t size;
};

/// Bit of TextTable::plain that marks characters that are not one plain ASCII character.
inline constexpr std::uint8_t kNotPlain = 0x80;

/// What decides how text of a code page is read.
struct TextRules {
  std::shared_ptr<const charset::CodePage> page;
  charset::Form form = charset::Form::text;
  charset::Unmappable unmappable = charset::Unmappable::replace;
  bool accepts_broken = false;  ///< stray shifts and half characters are read on
};

struct TextTable {
  explicit TextTable(const TextRules& text_rules);

  std::array<std::uint8_t, 256> plain{};  ///< the ASCII character, or kNotPlain
  std::array<JsonCharacter, 256> json{};
  /// First, second and third character of `json`, 0 where it has fewer; the first is 0 also where
  /// there are more than three.
  std::array<std::array<std::uint8_t, 256>, 3> part{};
  std::uint8_t space = 0;
  bool has_unmapped = false;  ///< some bytes have no character
  TextRules rules;            ///< keeps the page, whose pairs are read from there
};

/// By byte: digit in the low nibble, condition::kSignMinus, or condition::kNoSign.
struct SignTable {
  /// Overpunched signs.
  explicit SignTable(bool is_ascii);
  /// Separate sign characters.
  SignTable(std::uint8_t plus, std::uint8_t minus);

  std::array<std::uint8_t, 256> entry{};
};

/// JSON text of one ASCII character, escaped where it must be.
[[nodiscard]] JsonCharacter json_of_ascii(char character);

}  // namespace copybridge::plan
