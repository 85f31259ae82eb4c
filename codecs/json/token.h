// Single tokens of JSON text: numbers read exactly, never through a double, and the characters of
// strings one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copybridge::json {

__extension__ using Uint128 = unsigned __int128;

/// A token without the blanks behind it.
[[nodiscard]] std::string_view without_blanks(std::string_view token);

/// A number as it is written: ±magnitude * 10^-scale.
struct Number {
  Uint128 magnitude = 0;
  std::int32_t scale = 0;
  bool is_negative = false;  ///< also of -0
  bool is_inexact = false;   ///< more than 38 significant digits: the magnitude is cut off
  bool is_plain = false;     ///< at most 18 characters, and no exponent
};

/// Digits a Number always holds exactly.
inline constexpr unsigned kDigitsMax = 38;

/// 10^exponent, exponent 0..38.
[[nodiscard]] Uint128 power_of_ten(unsigned exponent);

/// Reads a number: sign, digits, fraction, exponent. Also what JSON does not allow: leading zeros
/// and a plus sign, as numbers in strings have them. False where the text is no number.
[[nodiscard]] bool read_number(std::string_view text, Number& number);

/// Whether the text is a number as JSON (RFC 8259, section 6) writes it.
[[nodiscard]] bool is_json_number(std::string_view text);

/// A number brought to `scale` decimals. False where that would lose digits, or it has more than
/// 38 of them.
enum class Aligned : std::uint8_t { exact, loses_decimals, too_large };
[[nodiscard]] Aligned align(const Number& number, std::int32_t scale, Uint128& magnitude);
/// The same of a number that loses decimals: without them, rounded half away from zero or not.
[[nodiscard]] Aligned align_shortened(const Number& number, std::int32_t scale, bool rounds,
                                      Uint128& magnitude);

/// The end of a string's text: no character.
inline constexpr std::uint32_t kStringEnd = 0xFFFFFFFF;
/// A broken escape or half of a UTF-16 pair.
inline constexpr std::uint32_t kBadCharacter = 0xFFFFFFFE;

/// The next character of a string, `at` behind its opening quote; moves on behind it, or stays at
/// the closing quote. The text must be UTF-8 and end with a quote, as simdjson has checked.
[[nodiscard]] std::uint32_t next_character(const char*& at);

/// Appends a code point as UTF-8.
void append_utf8(std::string& text, std::uint32_t code);

/// Appends a member's name to a JSON Pointer (RFC 6901).
void append_pointer_step(std::string& path, std::string_view name);

/// The characters of a string token with its quotes: a part of the token, or in `buffer` where it
/// has escapes. Nothing where it is no string or an escape is broken.
[[nodiscard]] std::optional<std::string_view> unescape(std::string_view token, std::string& buffer);

}  // namespace copybridge::json
