// Tokens of copybook text, and where each stood: what the lexer hands to COPY and to the parser.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::copybook {

/// A place in one of the files that make up a copybook; `file` indexes Sources::names.
struct Place {
  std::uint16_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// What a token is. `junk` is a character that no COBOL word may hold.
enum class TokenKind : std::uint8_t {
  word,
  number,
  literal,
  picture,
  period,
  left_paren,
  right_paren,
  ampersand,
  pseudo_delimiter,
  junk,
  end
};

/// What stands before a literal's opening quote.
enum class LiteralPrefix : std::uint8_t {
  none,
  hex,
  national,
  national_hex,
  null_ended,
  dbcs,
  number_hex,  ///< H'1F', a number
  number_bits  ///< B'101', a number
};

/// One token. `text` lives in the file's text or in the sources' arena, so a token is small and
/// costs no allocation. Of a literal it is the characters between the quotes, doubled quotes
/// undone.
struct Token {
  TokenKind kind = TokenKind::end;
  LiteralPrefix prefix = LiteralPrefix::none;
  Place place;
  std::string_view text;
  bool is_glued = false;  ///< no blank between it and the token before it
};

/// The texts of a copybook and its COPY members, and what tokens point into. Addresses are
/// stable for its lifetime.
struct Sources {
  std::vector<std::string> names;  ///< for messages, by Place::file
  std::deque<std::string> texts;
  std::deque<std::string> arena;  ///< texts that stand nowhere in one piece

  std::string_view keep(std::string text) { return arena.emplace_back(std::move(text)); }
};

/// Upper case of ASCII letters, everything else unchanged.
[[nodiscard]] char upper(char character);
[[nodiscard]] std::string upper(std::string_view text);
/// Equality without regard to the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view left, std::string_view right);

}  // namespace copybridge::copybook
