// Finding of SPECIAL-NAMES, and currency signs in programs and options.
#include "codecs/copybook/special_names.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "codecs/charset/utf8.h"
#include "codecs/copybook/copy.h"
#include "codecs/copybook/file_text.h"
#include "codecs/copybook/picture.h"
#include "codecs/copybook/programs.h"
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

/// The character in front of a text; what is no UTF-8 is characters of one byte.
std::string first_character(std::string_view text) {
  if (text.empty()) return {};
  return std::string(text.substr(0, std::max(charset::first_of_utf8(text).size, 1U)));
}

/// What is wrong with a sign; empty where it is one.
std::string fault_of(const CurrencySign& sign) {
  if (!is_currency_symbol(sign.symbol)) {
    return "a currency symbol is one character that is no picture symbol";
  }
  const bool is_symbol_too = sign.text == sign.symbol;
  if (!sign.is_hex && !is_symbol_too &&
      sign.text.find_first_of("0123456789+-.,") != std::string::npos) {
    return "a currency sign has no digits, plus, minus, period or comma";
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
  result.symbol = result.text;
  cursor.accept("WITH");
  if (cursor.accept("PICTURE") || cursor.accept("PIC")) {
    cursor.take();  // SYMBOL, which the lexer takes for a picture
    const Token symbol = cursor.take();
    result.symbol = symbol.kind == TokenKind::literal ? symbol.text : std::string_view();
  }
  const std::string fault =
      sign.kind == TokenKind::literal ? fault_of(result) : "CURRENCY SIGN is a literal";
  if (fault.empty()) return result;
  report.error(sign.place, "copybook: " + fault);
  return {};
}

/// Pictures are read in the characters that COBOL's own bytes are in every EBCDIC page, literals in
/// the page's: X'5B' is `$` in a picture and, under IBM-285, a pound sign in the literal that makes
/// it the symbol.
void as_in_pictures(CurrencySign& sign, const charset::CodePage* ebcdic) {
  if (ebcdic != nullptr) sign.symbol = outside_of_literals(sign.symbol, *ebcdic);
}

void take_special_names(TokenCursor& cursor, ParseOptions& options, const charset::CodePage* ebcdic,
                        Report& report) {
  std::vector<CurrencySign> signs;
  const auto at_end = [&] {
    return cursor.at_end() || cursor.is_word("DIVISION", 1) || cursor.is_word("SECTION", 1);
  };
  while (!at_end()) {
    if (cursor.accept("DECIMAL-POINT")) {
      options.decimal_point_is_comma = true;
    } else if (cursor.accept("CURRENCY")) {
      auto sign = take_currency(cursor, report);
      if (!sign) continue;
      as_in_pictures(*sign, ebcdic);
      signs.push_back(std::move(*sign));
    } else {
      cursor.take();
    }
  }
  if (!signs.empty()) options.currency_signs = std::move(signs);
}

/// Whether the paragraph stands in the text, or in a member that a program may copy.
bool may_have_names(const std::vector<SourceLine>& lines) {
  bool is_program = false;
  return std::any_of(lines.begin(), lines.end(), [&](const SourceLine& line) {
    is_program = is_program || begins_program(line.text);
    if (mentions(line.text, "SPECIAL-NAMES")) return true;
    return is_program && (mentions(line.text, "COPY") || mentions(line.text, "INCLUDE") ||
                          mentions(line.text, "-INC"));
  });
}

/// The lines up to that of the DATA DIVISION, which may stand behind other words of its line.
std::vector<SourceLine> in_front_of_data(const std::vector<SourceLine>& lines) {
  const auto data = std::find_if(lines.begin(), lines.end(),
                                 [](const SourceLine& line) { return begins_data(line.text); });
  return {lines.begin(), data};
}

}  // namespace

ParseOptions with_special_names(ParseOptions options, const std::filesystem::path& path,
                                const std::vector<SourceLine>& lines,
                                const charset::CodePage* ebcdic, Sources& sources, Report& report) {
  for (CurrencySign& sign : options.currency_signs) as_in_pictures(sign, ebcdic);
  if (!may_have_names(lines)) return options;
  Report scratch(sources);  // what is wrong with the text is told when it is read
  ExpansionBudget budget;
  const std::vector<Token> tokens =
      expand(path, in_front_of_data(lines), options, budget, sources, scratch);
  TokenCursor cursor(tokens);
  while (!cursor.at_end() && !at_data(cursor)) {
    if (cursor.accept("SPECIAL-NAMES")) {
      take_special_names(cursor, options, ebcdic, report);
    } else {
      cursor.take();
    }
  }
  return options;
}

Result<CurrencySign> parse_currency_sign(std::string_view text) {
  CurrencySign sign;
  const std::string first = first_character(text);
  const bool has_symbol = text.size() > first.size() + 1 && text[first.size()] == '=';
  sign.text = has_symbol ? text.substr(first.size() + 1) : text;
  const bool is_quoted = sign.text.size() > 3 && upper(sign.text[0]) == 'X' &&
                         sign.text[1] == '\'' && sign.text.back() == '\'';
  if (is_quoted) {
    sign.is_hex = true;
    sign.text = sign.text.substr(2, sign.text.size() - 3);
  }
  sign.symbol = has_symbol ? first : std::string(text);
  const std::string fault = fault_of(sign);
  if (fault.empty()) return sign;
  return fail(ErrorKind::config, fault);
}

}  // namespace copybridge::copybook
