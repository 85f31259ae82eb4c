// Editing, symbol by symbol.
#include "codecs/encode/edit.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "bridge/core/bytes.h"

namespace copybridge::encode {
namespace {

char upper(char character) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
}

/// Writes a picture out: X(3) as XXX.
std::string expand(std::string_view picture, bool point_is_comma, char currency) {  // '\0': none
  std::string symbols;
  for (std::size_t at = 0; at < picture.size(); ++at) {
    const char raw = upper(picture[at]);
    const char next = at + 1 < picture.size() ? upper(picture[at + 1]) : '\0';
    char symbol = raw;
    if (currency != '\0' && (picture[at] == currency || raw == upper(currency))) {
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

EditPlan::EditPlan(const copybook::Item& item, bool decimal_point_is_comma)
    : symbols_(expand(item.picture, decimal_point_is_comma,
                      item.currency ? item.currency->symbol : '\0')),
      digits_(item.digits),
      point_(decimal_point_is_comma ? ',' : '.'),
      comma_(decimal_point_is_comma ? '.' : ','),
      blank_when_zero_(item.blank_when_zero) {
  // S beside editing symbols takes no storage, and P never does.
  std::erase_if(symbols_, [](char symbol) { return symbol == 'S' || symbol == 'P'; });
  is_float_ = symbols_.find('E') != std::string::npos &&
              item.category == copybook::Category::numeric_edited;
  if (item.currency) read_currency(*item.currency);
  count_symbols();
}

void EditPlan::read_currency(const copybook::CurrencySign& sign) {
  has_currency_bytes_ = sign.is_hex;
  if (sign.is_hex) {
    ByteBuffer bytes;
    if (from_hex(sign.text, bytes)) currency_.assign(bytes.data(), bytes.data() + bytes.size());
  } else {
    const std::string quoted = sign.text + '"';
    for (const char* at = quoted.data(); at < quoted.data() + sign.text.size();) {
      const std::uint32_t code =
          *at == '\\' ? static_cast<unsigned char>(*at++) : json::next_character(at);
      if (code >= json::kBadCharacter) break;
      currency_.push_back(code);
    }
  }
}

// Characters of a symbol; those of a floating string have one each behind the first.
std::size_t EditPlan::width_of(char symbol) const {
  if (symbol == 'V') return 0;
  if (symbol == 'C' || symbol == 'D') return 2;
  return symbol == '$' && !currency_.empty() ? currency_.size() : 1;
}

void EditPlan::count_symbols() {
  bool has_sign = false;
  for (const char symbol : symbols_) {
    size_ += symbol == '$' && has_sign ? 1 : width_of(symbol);
    has_sign = has_sign || symbol == '$';
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
    at += width_of(symbol);
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
  const auto put_currency = [&](char* end) {
    for (std::size_t i = currency_.size(); i-- > 0;)
      *--end = static_cast<char>(kCurrency + static_cast<unsigned>(i));
  };
  bool suppressing = true;
  bool in_string = false;  // of symbols that suppress
  char* at = out;
  // What stands left of the first character that is shown takes the floating symbol.
  const auto stop_suppressing = [&] {
    if (suppressing && in_string && floating_ == '$') {
      put_currency(at);
    } else if (suppressing && in_string && floating_ != 0) {
      at[-1] = sign_character(floating_, is_negative);
    }
    suppressing = false;
  };
  for (const char symbol : symbols_) {
    const bool floats = floating_ != 0 && symbol == floating_;
    if (floats && !in_string) {
      in_string = true;
      at = std::fill_n(at, width_of(symbol), ' ');
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
      at += width_of(symbol);
      put_currency(at);
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

bool EditPlan::read_back(const std::vector<std::uint32_t>& text, char* out) const {
  if (text.size() > size_ || is_float_) return false;
  const auto character = [&](std::size_t at) { return at < text.size() ? text[at] : ' '; };
  bool is_negative = false;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::uint32_t next = character(i + 1);
    is_negative = is_negative || character(i) == '-' || (character(i) == 'C' && next == 'R') ||
                  (character(i) == 'D' && next == 'B');
  }
  // Digits stand where the picture has digit positions; zeros that it inserts are none.
  json::Uint128 magnitude = 0;
  std::size_t at = 0;
  bool first_floating = true;
  for (const char symbol : symbols_) {
    const bool floats = floating_ != 0 && symbol == floating_;
    bool is_position = symbol == '9' || symbol == 'Z' || symbol == '*' || floats;
    if (floats && first_floating) is_position = first_floating = false;
    const std::uint32_t code = character(at);
    if (is_position) magnitude = 10 * magnitude + (code >= '0' && code <= '9' ? code - '0' : 0);
    at += is_position ? 1 : width_of(symbol);
  }
  edit(magnitude, is_negative && magnitude != 0, out);
  for (std::size_t i = 0; i < size_; ++i) {
    const unsigned edited = static_cast<unsigned char>(out[i]);
    const std::uint32_t shown = edited < kCurrency ? edited : currency_[edited - kCurrency];
    if (shown != character(i)) return false;
  }
  return true;
}

}  // namespace copybridge::encode
