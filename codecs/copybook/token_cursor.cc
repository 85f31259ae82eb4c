// Looking at and taking tokens.
#include "codecs/copybook/token_cursor.h"

#include <algorithm>
#include <array>

namespace copybridge::copybook {
namespace {

constexpr std::array<std::string_view, 4> kBehindNumbers = {"TIMES", "TO", "THRU", "THROUGH"};

}  // namespace

const Token& TokenCursor::peek(std::size_t ahead) const {
  return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
}

const Token& TokenCursor::take() {
  const Token& token = peek();
  if (index_ + 1 < tokens_.size()) ++index_;
  return token;
}

bool TokenCursor::is_word(std::string_view word, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::word && same_word(peek(ahead).text, word);
}

bool TokenCursor::accept(std::string_view word) {
  if (!is_word(word)) return false;
  take();
  return true;
}

bool TokenCursor::accept(TokenKind kind) {
  if (!is_kind(kind)) return false;
  take();
  return true;
}

bool TokenCursor::is_first_on_line() const {
  if (index_ == 0) return true;
  const Place& before = tokens_[index_ - 1].place;
  return before.line != peek().place.line || before.file != peek().place.file;
}

bool TokenCursor::at_entry() const {
  const auto level = integer_of(peek());
  const bool is_level =
      level && *level >= 1 &&
      (*level <= 49 || *level == 66 || *level == 77 || *level == 78 || *level == 88);
  if (!is_level || peek().text.size() > 2 || !is_first_on_line()) return false;
  if (peek(1).kind != TokenKind::word) return false;
  return std::none_of(kBehindNumbers.begin(), kBehindNumbers.end(),
                      [this](std::string_view word) { return is_word(word, 1); });
}

std::optional<std::uint32_t> integer_of(const Token& token) {
  if (token.kind != TokenKind::number || token.text.empty()) return {};
  std::uint64_t value = 0;
  for (const char digit : token.text) {
    if (digit < '0' || digit > '9') return {};
    value =
        std::min<std::uint64_t>(value * 10 + static_cast<std::uint64_t>(digit - '0'), 0xFFFFFFFF);
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace copybridge::copybook
