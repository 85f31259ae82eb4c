// Reading of literals.
#include "codecs/copybook/literals.h"

#include <algorithm>
#include <charconv>
#include <system_error>

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

/// H'1F' and B'101' of GnuCOBOL and Micro Focus are numbers, not bytes.
std::optional<Literal> number_in_base(const Token& token, Report& report) {
  const bool is_hex_number = token.prefix == LiteralPrefix::number_hex;
  std::uint64_t value = 0;
  const auto* const end = token.text.data() + token.text.size();
  const auto [last, fault] = std::from_chars(token.text.data(), end, value, is_hex_number ? 16 : 2);
  if (fault == std::errc() && last == end)
    return Literal{Literal::Kind::number, std::to_string(value)};
  report.error(token.place, is_hex_number ? "copybook: H'..' holds 1 to 16 hexadecimal digits"
                                          : "copybook: B'..' holds 1 to 64 digits 0 and 1");
  return {};
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
    case LiteralPrefix::number_hex:
    case LiteralPrefix::number_bits:
      return number_in_base(token, report);
    case LiteralPrefix::null_ended:
      // Z'..' is bytes up to a null, as programs in C read them.
      return Literal{Literal::Kind::text, std::string(token.text) + '\0'};
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

constexpr std::int64_t kOperandMax = std::int64_t{1} << 31;

/// The operator that stands here; a signed number is one with its plus or minus in front.
char operator_at(const TokenCursor& cursor) {
  const Token& token = cursor.peek();
  const char first = token.text.empty() ? '\0' : token.text.front();
  if (token.kind == TokenKind::number) return first == '+' || first == '-' ? '+' : '\0';
  const bool is_operator = (token.kind == TokenKind::word || token.kind == TokenKind::junk) &&
                           token.text.size() == 1 &&
                           std::string_view("+-*/").find(first) != std::string_view::npos;
  return is_operator ? first : '\0';
}

std::optional<std::int64_t> integer_value(const Literal& literal) {
  std::string_view text = literal.text;
  if (literal.kind != Literal::Kind::number || text.empty()) return {};
  const bool is_negative = text.front() == '-';
  if (is_negative || text.front() == '+') text.remove_prefix(1);
  const auto value = integer_of({TokenKind::number, LiteralPrefix::none, {}, text});
  if (!value || *value > kOperandMax) return {};
  return is_negative ? -std::int64_t{*value} : std::int64_t{*value};
}

/// Whole numbers, as GnuCOBOL and Micro Focus compute constants: a quotient has no decimals.
std::optional<std::int64_t> result_of(char operation, std::int64_t left, std::int64_t right) {
  if (operation == '/' && right == 0) return {};
  const std::int64_t result = operation == '+'   ? left + right
                              : operation == '-' ? left - right
                              : operation == '*' ? left * right
                                                 : left / right;
  if (result > kOperandMax || result < -kOperandMax) return {};
  return result;
}

constexpr unsigned kParenthesesMax = 50;

std::optional<Literal> take_expression(TokenCursor& cursor, const Constants& constants,
                                       Report& report, unsigned depth);

std::optional<Literal> take_operand(TokenCursor& cursor, const Constants& constants, Report& report,
                                    unsigned depth) {
  if (!cursor.is_kind(TokenKind::left_paren)) return take_literal(cursor, constants, report);
  const Place place = cursor.take().place;
  if (depth >= kParenthesesMax) {
    report.error(place, "copybook: parentheses nest too deep");
    return {};
  }
  auto value = take_expression(cursor, constants, report, depth + 1);
  if (value && !cursor.accept(TokenKind::right_paren)) {
    report.error(cursor.peek().place, "copybook: a closing parenthesis belongs here");
    return {};
  }
  return value;
}

/// From left to right, whatever the operators are.
std::optional<Literal> take_expression(TokenCursor& cursor, const Constants& constants,
                                       Report& report, unsigned depth) {
  auto value = take_operand(cursor, constants, report, depth);
  while (value && operator_at(cursor) != '\0') {
    const Place place = cursor.peek().place;
    const char operation = operator_at(cursor);
    if (!cursor.is_kind(TokenKind::number)) cursor.take();
    const auto more = take_operand(cursor, constants, report, depth);
    if (!more) return {};
    const auto left = integer_value(*value);
    const auto right = integer_value(*more);
    const auto result = left && right ? result_of(operation, *left, *right) : std::nullopt;
    if (!result) {
      report.error(place, "copybook: constants are computed of whole numbers up to 2147483648");
      return {};
    }
    value = Literal{Literal::Kind::number, std::to_string(*result)};
  }
  return value;
}

}  // namespace

std::optional<Literal> take_constant(TokenCursor& cursor, const Constants& constants,
                                     Report& report) {
  return take_expression(cursor, constants, report, 0);
}

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
