// Editing, symbol by symbol.
#include "codecs/encode/edit.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace copybridge::encode {
namespace {

char upper(char character) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
}

/// Writes a picture out: X(3) as XXX.
std::string expand(std::string_view picture, bool point_is_comma, char currency) {
  std::string symbols;
  for (std::size_t at = 0; at < picture.size(); ++at) {
    const char raw = upper(picture[at]);
    const char next = at + 1 < picture.size() ? upper(picture[at + 1]) : '\0';
    char symbol = raw;
    if (raw == upper(currency)) {
      symbol = '$';
    } else if ((raw == 'C' && next == 'R') || (raw == 'D' && next == 'B')) {
      ++at;
    } else if (raw == '.' || raw == ',') {
      symbol = (raw == ',') == point_is_comma ? '.' : ',';
    }
    std::size_t count = 1;
    if (at + 1 < picture.size() && picture[at + 1] == '(') {
      count = 0;
      for (at += 2; at < picture.size() && picture[at] != ')'; ++at)
        count = 10 * count + static_cast<std::size_t>(picture[at] - '0');
    }
    symbols.append(count, symbol);
  }
  return symbols;
}

// The last `count` decimal digits of a number.
void write_digits(json::Uint128 value, std::size_t count, char* out) {
  for (std::size_t i = count; i-- > 0; value /= 10)
    out[i] = static_cast<char>('0' + static_cast<int>(value % 10));
}

bool is_sign(char symbol) { return symbol == '+' || symbol == '-'; }

char sign_character(char symbol, bool is_negative) {
  if (is_negative) return '-';
  return symbol == '+' ? '+' : ' ';
}

std::size_t digit_count(json::Uint128 value) {
  std::size_t count = 0;
  for (; value != 0; value /= 10) ++count;
  return count;
}

}  // namespace

EditPlan::EditPlan(const copybook::Item& item, bool decimal_point_is_comma, char currency_sign)
    : symbols_(expand(item.picture, decimal_point_is_comma, currency_sign)),
      digits_(item.digits),
      point_(decimal_point_is_comma ? ',' : '.'),
      comma_(decimal_point_is_comma ? '.' : ','),
      currency_(currency_sign),
      blank_when_zero_(item.blank_when_zero) {
  // S beside editing symbols takes no storage, and P never does.
  std::erase_if(symbols_, [](char symbol) { return symbol == 'S' || symbol == 'P'; });
  is_float_ = symbols_.find('E') != std::string::npos &&
              item.category == copybook::Category::numeric_edited;
  count_symbols();
}

void EditPlan::count_symbols() {
  for (const char symbol : symbols_) {
    if (symbol == 'V') continue;
    size_ += symbol == 'C' || symbol == 'D' ? 2 : 1;
  }
  for (const char symbol : {'+', '-', '$'})
    if (std::count(symbols_.begin(), symbols_.end(), symbol) > 1) floating_ = symbol;
  if (symbols_.find('*') != std::string::npos) fill_ = '*';
  suppresses_all_ = symbols_.find('9') == std::string::npos;
}

char EditPlan::insertion(char symbol) const {
  if (symbol == 'B') return ' ';
  return symbol == ',' ? comma_ : symbol;
}

// Zero, where every digit is suppressed: blanks, or asterisks around the decimal point.
void EditPlan::edit_zero(char* out) const {
  std::fill_n(out, size_, fill_);
  if (fill_ != '*') return;
  std::size_t at = 0;
  for (const char symbol : symbols_) {
    if (symbol == '.') out[at] = point_;
    if (symbol != 'V') at += symbol == 'C' || symbol == 'D' ? 2 : 1;
  }
}

void EditPlan::edit(json::Uint128 magnitude, bool is_negative, char* out) const {
  if (magnitude == 0 && blank_when_zero_) {
    std::fill_n(out, size_, ' ');
    return;
  }
  if (magnitude == 0 && suppresses_all_) return edit_zero(out);
  std::array<char, json::kDigitsMax> digits{};
  write_digits(magnitude, digits_, digits.data());
  const char* digit = digits.data();
  const char shown_float = floating_ == '$' ? currency_ : sign_character(floating_, is_negative);
  bool suppressing = true;
  bool in_string = false;  // of symbols that suppress
  char* at = out;
  // What stands left of the first character that is shown takes the floating symbol.
  const auto stop_suppressing = [&] {
    if (suppressing && in_string && floating_ != 0) at[-1] = shown_float;
    suppressing = false;
  };
  for (const char symbol : symbols_) {
    const bool floats = floating_ != 0 && symbol == floating_;
    if (floats && !in_string) {
      in_string = true;
      *at++ = ' ';
    } else if (floats || symbol == 'Z' || symbol == '*') {
      in_string = true;
      if (*digit != '0') stop_suppressing();
      *at++ = suppressing ? fill_ : *digit;
      ++digit;
    } else if (symbol == '9') {
      stop_suppressing();
      *at++ = *digit++;
    } else if (symbol == '.' || symbol == 'V') {
      stop_suppressing();
      if (symbol == '.') *at++ = point_;
    } else if (symbol == '$') {
      *at++ = currency_;
    } else if (is_sign(symbol)) {
      *at++ = sign_character(symbol, is_negative);
    } else if (symbol == 'C' || symbol == 'D') {
      *at++ = is_negative ? symbol : ' ';
      *at++ = !is_negative ? ' ' : symbol == 'C' ? 'R' : 'B';
    } else {
      *at++ = suppressing && in_string ? fill_ : insertion(symbol);
    }
  }
}

bool EditPlan::edit_float(const json::Number& number, char* out) const {
  json::Uint128 magnitude = number.magnitude;
  if (number.is_inexact) return false;
  // The mantissa's first digit is not zero; the item's scale says where its point is.
  std::int64_t exponent = -std::int64_t{number.scale};
  std::size_t count = digit_count(magnitude);
  for (; count > digits_; --count, ++exponent) {
    if (magnitude % 10 != 0) return false;
    magnitude /= 10;
  }
  for (; magnitude != 0 && count < digits_; ++count, --exponent) magnitude *= 10;
  std::array<char, json::kDigitsMax> digits{};
  write_digits(magnitude, digits_, digits.data());
  const std::size_t point = symbols_.find_first_of(".V");
  const std::size_t e = symbols_.find('E');
  std::size_t behind = 0;
  for (std::size_t i = point; i < e; ++i)
    if (symbols_[i] == '9') ++behind;
  exponent += static_cast<std::int64_t>(behind);
  if (magnitude == 0) exponent = 0;
  if (exponent < -99 || exponent > 99) return false;
  const char* digit = digits.data();
  for (std::size_t i = 0; i < e; ++i) {
    const char symbol = symbols_[i];
    if (symbol == 'V') continue;
    if (is_sign(symbol)) *out++ = sign_character(symbol, number.is_negative && magnitude != 0);
    if (symbol == '.') *out++ = point_;
    if (symbol == '9') *out++ = *digit++;
  }
  *out++ = 'E';
  *out++ = sign_character(symbols_[e + 1], exponent < 0);
  write_digits(static_cast<json::Uint128>(exponent < 0 ? -exponent : exponent), 2, out);
  return true;
}

std::string EditPlan::blank() const {
  std::string text;
  for (const char symbol : symbols_) {
    const bool is_inserted = symbol == '0' || symbol == '/';
    text += is_inserted ? symbol : ' ';
  }
  return text;
}

bool EditPlan::read_back(std::string_view text, json::Uint128& magnitude, bool& is_negative) const {
  if (text.size() > size_ || is_float_) return false;
  std::string padded(text);
  padded.resize(size_, ' ');
  magnitude = 0;
  is_negative = padded.find('-') != std::string::npos || padded.find("CR") != std::string::npos ||
                padded.find("DB") != std::string::npos;
  // Digits stand where the picture has digit positions; zeros that it inserts are none.
  std::size_t at = 0;
  bool first_floating = true;
  for (const char symbol : symbols_) {
    if (symbol == 'V') continue;
    const bool floats = floating_ != 0 && symbol == floating_;
    bool is_position = symbol == '9' || symbol == 'Z' || symbol == '*' || floats;
    if (floats && first_floating) is_position = first_floating = false;
    const char character = padded[at];
    if (is_position && character >= '0' && character <= '9') {
      magnitude = 10 * magnitude + static_cast<unsigned>(character - '0');
    } else if (is_position) {
      magnitude = 10 * magnitude;
    }
    at += symbol == 'C' || symbol == 'D' ? 2 : 1;
  }
  std::string again(size_, ' ');
  edit(magnitude, is_negative && magnitude != 0, again.data());
  return again == padded;
}

}  // namespace copybridge::encode
