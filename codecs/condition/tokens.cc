// Splits a condition into tokens.
#include "codecs/condition/tokens.h"

#include <cctype>

namespace copybridge::condition {
namespace {

bool is_word_character(char character) {
  const auto code = static_cast<unsigned char>(character);
  return std::isalnum(code) != 0 || character == '-' || character == '_' || character == '.';
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_quote(char character) { return character == '\'' || character == '"'; }

class Splitter {
 public:
  Splitter(std::string_view text, const Where& where, Diagnostics& diagnostics)
      : text_(text), where_(where), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
      Token token = next();
      token.shown = text_.substr(token.position, at_ - token.position);
      tokens_.push_back(std::move(token));
      if (tokens_.back().kind == Token::Kind::end) return std::move(tokens_);
    }
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Token next() {
    Token token;
    token.position = at_;
    if (at_ >= text_.size()) return token;
    const char first = text_[at_];
    const bool is_prefixed =
        is_quote(peek(1)) && std::string_view("XxNn").find(first) != std::string_view::npos;
    if (is_quote(first) || is_prefixed) return literal(token, is_prefixed);
    const bool is_sign = (first == '-' || first == '+') && (is_digit(peek(1)) || peek(1) == '.');
    if (is_sign || is_word_character(first)) return word(token);
    token.kind = Token::Kind::symbol;
    for (const std::string_view symbol : {">=", "<=", "<>", "=", ">", "<", "(", ")", ","}) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      token.text = symbol;
      at_ += symbol.size();
      return token;
    }
    return stop(token, std::string("'") + first + "' has no place in a condition");
  }

  Token stop(Token token, const std::string& message) {
    diagnostics_.error(place_of(text_, where_, token.position), "condition: " + message);
    at_ = text_.size();
    token.kind = Token::Kind::end;
    return token;
  }

  Token literal(Token token, bool is_prefixed) {
    const bool is_hex = is_prefixed && std::toupper(static_cast<unsigned char>(text_[at_])) == 'X';
    token.kind = is_hex ? Token::Kind::hex : Token::Kind::text;
    if (is_prefixed) ++at_;
    const char quote = text_[at_++];
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (peek(1) != quote) {
          ++at_;
          return token;
        }
        ++at_;
      }
      token.text += text_[at_];
    }
    return stop(token, "the literal has no closing quote");
  }

  Token word(Token token) {
    const std::size_t begin = at_;
    bool has_letter = false;
    if (text_[at_] == '-' || text_[at_] == '+') ++at_;
    for (; at_ < text_.size() && is_word_character(text_[at_]); ++at_)
      has_letter = has_letter || std::isalpha(static_cast<unsigned char>(text_[at_])) != 0;
    token.kind = has_letter ? Token::Kind::word : Token::Kind::number;
    for (const char character : text_.substr(begin, at_ - begin))
      token.text += static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    return token;
  }

  std::string_view text_;
  const Where& where_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Where place_of(std::string_view text, const Where& where, std::size_t position) {
  Where place = where;
  for (const char character : text.substr(0, position)) {
    if (character == '\n') {
      ++place.line;
      place.column = 1;
    } else if (place.column != 0) {
      ++place.column;
    }
  }
  return place;
}

std::vector<Token> tokenize(std::string_view text, const Where& where, Diagnostics& diagnostics) {
  return Splitter(text, where, diagnostics).run();
}

}  // namespace copybridge::condition
