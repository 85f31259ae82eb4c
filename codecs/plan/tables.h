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
/// Beside kNotPlain: the byte is no character by itself, or none at all.
inline constexpr std::uint8_t kNotAlone = 0x01;

/// What decides how text of a code page is read.
struct TextRules {
  std::shared_ptr<const charset::CodePage> page;
  charset::Form form = charset::Form::text;
  charset::Unmappable unmappable = charset::Unmappable::replace;
  bool accepts_broken = false;  ///< stray shifts and half characters are read on
};

struct TextTable {
  explicit TextTable(const TextRules& text_rules);

  std::array<std::uint8_t, 256> plain{};  ///< the ASCII character, or kNotPlain with kNotAlone
  /// `plain` by high nibble, each block as its difference to the one before in the same half of the
  /// page: how shuffles of sixteen bytes want it.
  std::array<std::array<std::uint8_t, 16>, 16> blocks{};
  std::array<JsonCharacter, 256> json{};
  /// First, second and third character of `json`, 0 where it has fewer; the first is 0 also where
  /// there are more than three.
  std::array<std::array<std::uint8_t, 256>, 3> part{};
  std::uint8_t space = 0;
  bool has_wide = false;      ///< some bytes have three characters in `part`
  bool has_unmapped = false;  ///< some bytes have no character
  bool is_plain_page = true;  ///< every byte is a character by itself
  TextRules rules;            ///< keeps the page, whose pairs are read from there
};

/// What each byte of a number's sign position holds.
struct SignTable {
  static SignTable overpunched(bool is_ascii, bool is_signed);
  static SignTable separate(std::uint8_t plus, std::uint8_t minus);
  /// The low nibble of a packed number's last byte.
  static SignTable nibbles(bool is_signed);
  /// Every byte is a plus: the field holds digits only.
  static SignTable none() { return {}; }

  static constexpr std::int8_t kPlus = 0;
  static constexpr std::int8_t kMinus = 1;
  static constexpr std::int8_t kRefused = -1;

  /// Digit in the low nibble, condition::kSignMinus, or condition::kNoSign.
  std::array<std::uint8_t, 256> entry{};
  /// kPlus, kMinus, or kRefused: no sign, or one that the field may not have.
  std::array<std::int8_t, 256> flag{};
};

/// JSON text of one ASCII character, escaped where it must be.
[[nodiscard]] JsonCharacter json_of_ascii(char character);

}  // namespace copybridge::plan
