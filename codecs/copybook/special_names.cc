// Finding of SPECIAL-NAMES, and currency signs in programs and options.
#include "codecs/copybook/special_names.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "codecs/copybook/lexer.h"
#include "codecs/copybook/picture.h"
#include "codecs/copybook/source_text.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {
namespace {

// A sign of more characters is no currency's.
constexpr std::size_t kSignMax = 20;

bool mentions(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return upper(a) == b; }) != text.end();
}

bool is_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (upper(c) >= 'A' && upper(c) <= 'F');
  });
}

/// What is wrong with a sign; empty where it is one.
std::string fault_of(const CurrencySign& sign) {
  if (!is_currency_symbol(sign.symbol)) {
    return "a currency symbol is one character that is no picture symbol";
  }
  if (sign.text.empty() || sign.text.size() > kSignMax || (sign.is_hex && !is_hex(sign.text))) {
    return "a currency sign is 1 to 20 characters, or X'..' with whole bytes";
  }
  return {};
}

/// `CURRENCY SIGN IS 'EUR' WITH PICTURE SYMBOL 'U'`; the cursor stands behind CURRENCY.
std::optional<CurrencySign> take_currency(TokenCursor& cursor, Report& report) {
  cursor.accept("SIGN");
  cursor.accept("IS");
  const Token sign = cursor.take();
  CurrencySign result;
  result.is_hex = sign.prefix == LiteralPrefix::hex;
  result.text = sign.text;
  result.symbol = result.text.size() == 1 ? result.text.front() : '\0';
  cursor.accept("WITH");
  if (cursor.accept("PICTURE") || cursor.accept("PIC")) {
    cursor.take();  // SYMBOL, which the lexer takes for a picture
    const Token symbol = cursor.take();
    const bool is_literal = symbol.kind == TokenKind::literal && symbol.text.size() == 1;
    result.symbol = is_literal ? symbol.text.front() : '\0';
  }
  const std::string fault =
      sign.kind == TokenKind::literal ? fault_of(result) : "CURRENCY SIGN is a literal";
  if (fault.empty()) return result;
  report.error(sign.place, "copybook: " + fault);
  return {};
}

void take_special_names(TokenCursor& cursor, ParseOptions& options, Report& report) {
  std::vector<CurrencySign> signs;
  const auto at_end = [&] {
    return cursor.at_end() || cursor.is_word("DIVISION", 1) || cursor.is_word("SECTION", 1);
  };
  while (!at_end()) {
    if (cursor.accept("DECIMAL-POINT")) {
      options.decimal_point_is_comma = true;
    } else if (cursor.accept("CURRENCY")) {
      if (auto sign = take_currency(cursor, report)) signs.push_back(std::move(*sign));
    } else {
      cursor.take();
    }
  }
  if (!signs.empty()) options.currency_signs = std::move(signs);
}

}  // namespace

ParseOptions with_special_names(ParseOptions options, std::string_view text, const Sources& sources,
                                Report& report) {
  if (!mentions(text, "SPECIAL-NAMES")) return options;
  Sources scratch_sources;
  scratch_sources.names = sources.names;
  Report scratch(scratch_sources);  // what is wrong with the text is told when it is read
  const std::vector<SourceLine> lines = split_lines(text, 0, options.source_format, scratch);
  const std::vector<Token> tokens = tokenize(lines, 0, options, scratch_sources, scratch);
  TokenCursor cursor(tokens);
  while (!cursor.at_end() && !(cursor.is_word("DATA") && cursor.is_word("DIVISION", 1))) {
    if (cursor.accept("SPECIAL-NAMES")) {
      take_special_names(cursor, options, report);
    } else {
      cursor.take();
    }
  }
  return options;
}

Result<CurrencySign> parse_currency_sign(std::string_view text) {
  CurrencySign sign;
  const bool has_symbol = text.size() > 2 && text[1] == '=';
  sign.text = has_symbol ? text.substr(2) : text;
  const bool is_quoted = sign.text.size() > 3 && upper(sign.text[0]) == 'X' &&
                         sign.text[1] == '\'' && sign.text.back() == '\'';
  if (is_quoted) {
    sign.is_hex = true;
    sign.text = sign.text.substr(2, sign.text.size() - 3);
  }
  sign.symbol = has_symbol || text.size() == 1 ? text.front() : '\0';
  const std::string fault = fault_of(sign);
  if (fault.empty()) return sign;
  return fail(ErrorKind::config, fault);
}

}  // namespace copybridge::copybook
