// Reading of literals.
#include "codecs/copybook/literals.h"

#include <algorithm>

#include "codecs/copybook/words.h"

namespace copybridge::copybook {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (upper(c) >= 'A' && upper(c) <= 'F');
  });
}

Literal number_literal(std::string_view text) {
  Literal literal{Literal::Kind::number, std::string(text)};
  std::replace(literal.text.begin(), literal.text.end(), ',', '.');
  return literal;
}

std::optional<Literal> quoted_literal(const Token& token, Report& report) {
  switch (token.prefix) {
    case LiteralPrefix::hex:
    case LiteralPrefix::national_hex: {
      const std::size_t unit = token.prefix == LiteralPrefix::hex ? 2 : 4;
      if (!is_hex(token.text) || token.text.size() % unit != 0) {
        report.error(token.place, "copybook: a hexadecimal literal needs whole " +
                                      std::string(unit == 2 ? "bytes" : "UTF-16 units") +
                                      " of digits 0-9 and A-F");
        return {};
      }
      return Literal{Literal::Kind::hex, upper(token.text)};
    }
    case LiteralPrefix::null_ended:
    case LiteralPrefix::none:
    case LiteralPrefix::national:
    case LiteralPrefix::dbcs:
      break;
  }
  return Literal{Literal::Kind::text, std::string(token.text)};
}

std::optional<Literal> take_simple(TokenCursor& cursor, const Constants& constants,
                                   Report& report) {
  const Token& token = cursor.peek();
  if (token.kind == TokenKind::number) return number_literal(cursor.take().text);
  if (token.kind == TokenKind::literal) return quoted_literal(cursor.take(), report);
  if (token.kind == TokenKind::word) {
    if (const auto figurative = find_figurative(token.text)) {
      cursor.take();
      return Literal{*figurative, {}};
    }
    if (const auto constant = constants.find(upper(token.text)); constant != constants.end()) {
      cursor.take();
      return constant->second;
    }
  }
  report.error(token.place, "copybook: a literal belongs here, not '" +
                                std::string(token.text.substr(0, 40)) + "'");
  return {};
}

/// `ALL "x"`; ALL before a figurative constant changes nothing.
std::optional<Literal> take_all(TokenCursor& cursor, const Constants& constants, Report& report) {
  auto literal = take_simple(cursor, constants, report);
  if (literal && literal->kind == Literal::Kind::text) literal->kind = Literal::Kind::all_of;
  return literal;
}

}  // namespace

bool at_literal(const TokenCursor& cursor, const Constants& constants) {
  const Token& token = cursor.peek();
  if (token.kind == TokenKind::number || token.kind == TokenKind::literal) return true;
  if (token.kind != TokenKind::word) return false;
  return same_word(token.text, "ALL") || find_figurative(token.text).has_value() ||
         constants.count(upper(token.text)) > 0;
}

std::optional<Literal> take_literal(TokenCursor& cursor, const Constants& constants,
                                    Report& report) {
  if (cursor.accept("ALL")) return take_all(cursor, constants, report);
  auto literal = take_simple(cursor, constants, report);
  while (literal && cursor.is_kind(TokenKind::ampersand)) {
    const Place place = cursor.take().place;
    const auto more = take_simple(cursor, constants, report);
    if (!more) return {};
    if (more->kind != literal->kind ||
        (more->kind != Literal::Kind::text && more->kind != Literal::Kind::hex)) {
      report.error(place, "copybook: & joins two quoted literals of the same kind");
      return {};
    }
    literal->text += more->text;
  }
  return literal;
}

}  // namespace copybridge::copybook
