// A place in a run of tokens, for the parser of data description entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// Reads tokens one by one; stays on the closing `end`.
class TokenCursor {
 public:
  explicit TokenCursor(const std::vector<Token>& tokens) : tokens_(tokens) {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  /// Where the token stands that was taken last.
  [[nodiscard]] Place last_place() const { return tokens_[index_ == 0 ? 0 : index_ - 1].place; }
  [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::end; }
  [[nodiscard]] bool is_kind(TokenKind kind) const { return peek().kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const;
  /// Takes the next token where it is this word.
  bool accept(std::string_view word);
  bool accept(TokenKind kind);
  /// Whether a data description entry seems to begin here: a level number, first on its line,
  /// with something like a name or a clause behind it.
  [[nodiscard]] bool at_entry() const;

 private:
  [[nodiscard]] bool is_first_on_line() const;

  const std::vector<Token>& tokens_;
  std::size_t index_ = 0;
};

/// The value of a token of digits alone; 0xFFFFFFFF where it is larger; nothing for others.
[[nodiscard]] std::optional<std::uint32_t> integer_of(const Token& token);

}  // namespace copybridge::copybook
