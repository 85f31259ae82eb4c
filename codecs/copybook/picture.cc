// Runs of picture symbols, and the rules that tell categories apart.
#include "codecs/copybook/picture.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "codecs/charset/utf8.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {
namespace {

constexpr std::size_t kTextMax = 255;
constexpr std::uint64_t kCharactersMax = std::uint64_t{1} << 28;
constexpr std::uint64_t kEditedMax = 32767;
constexpr std::uint64_t kDigitsMax = 38;

/// A symbol with its count. CR is 'C', DB 'D', the currency sign '$', the decimal point '.' and
/// the grouping character ',' whatever the text uses for them.
struct Run {
  char symbol;
  std::uint64_t count;
  std::size_t index;
};

class Reader {
 public:
  Reader(std::string_view text, bool decimal_point_is_comma,
         const std::vector<CurrencySign>& currency_signs)
      : text_(text),
        decimal_point_is_comma_(decimal_point_is_comma),
        currency_signs_(currency_signs) {}

  PictureOutcome read() {
    if (text_.empty()) return refuse("the picture is empty", 0);
    if (text_.size() > kTextMax) return refuse("the picture is longer than 255 characters", 0);
    while (index_ < text_.size()) {
      if (!read_run()) return outcome_;
    }
    return classify();
  }

 private:
  PictureOutcome refuse(std::string message, std::size_t index) {
    outcome_ = {std::nullopt, {std::move(message), index}};
    return outcome_;
  }
  bool refused(std::string message, std::size_t index) {
    refuse(std::move(message), index);
    return false;
  }

  // -- runs

  bool read_run() {
    const std::size_t start = index_;
    const char symbol = read_symbol();
    if (symbol == '\0') {
      const auto size = std::max(charset::first_of_utf8(text_.substr(start)).size, 1U);
      return refused("'" + std::string(text_.substr(start, size)) + "' is no picture symbol",
                     start);
    }
    const std::string_view written = text_.substr(start, index_ - start);
    text_in_upper_case_ += symbol == '$' ? std::string(written) : upper(written);
    std::uint64_t count = 1;
    const std::size_t behind = index_;
    if (index_ < text_.size() && text_[index_] == '(' && !read_count(count)) return false;
    text_in_upper_case_ += text_.substr(behind, index_ - behind);
    if (!runs_.empty() && runs_.back().symbol == symbol) {
      runs_.back().count += count;
    } else {
      runs_.push_back({symbol, count, start});
    }
    total_[static_cast<unsigned char>(symbol)] += count;
    return true;
  }

  char read_symbol() {
    const char raw = text_[index_];
    const char symbol = upper(raw);
    const char next = index_ + 1 < text_.size() ? upper(text_[index_ + 1]) : '\0';
    if (takes_currency()) return '$';
    ++index_;
    if ((symbol == 'C' && next == 'R') || (symbol == 'D' && next == 'B')) {
      ++index_;
      return symbol;
    }
    if (raw == '.' || raw == ',') return (raw == ',') == decimal_point_is_comma_ ? '.' : ',';
    return std::string_view("XA9SVPNGUZ*+-B/0E").find(symbol) == std::string_view::npos ? '\0'
                                                                                        : symbol;
  }

  /// Of several signs a picture has one: another one in it is no symbol.
  bool takes_currency() {
    const std::string_view rest = text_.substr(index_);
    for (const CurrencySign& sign : currency_signs_) {
      if (currency_ == nullptr && rest.starts_with(sign.symbol)) currency_ = &sign;
    }
    if (currency_ == nullptr || !rest.starts_with(currency_->symbol)) return false;
    index_ += currency_->symbol.size();
    return true;
  }

  bool read_count(std::uint64_t& count) {
    const std::size_t open = index_++;
    count = 0;
    while (index_ < text_.size() && text_[index_] >= '0' && text_[index_] <= '9') {
      count = std::min(count * 10 + static_cast<std::uint64_t>(text_[index_++] - '0'),
                       kCharactersMax + 1);
    }
    if (index_ >= text_.size() || text_[index_] != ')' || index_ == open + 1) {
      return refused("a repetition count is written as digits in parentheses", open);
    }
    ++index_;
    if (count == 0) return refused("a repetition count of 0", open);
    if (count > kCharactersMax) return refused("the repetition count is too large", open);
    return true;
  }

  [[nodiscard]] std::uint64_t total(char symbol) const {
    return total_[static_cast<unsigned char>(symbol)];
  }
  [[nodiscard]] bool has(char symbol) const { return total(symbol) > 0; }
  [[nodiscard]] bool has_any(std::string_view symbols) const {
    return std::any_of(symbols.begin(), symbols.end(), [this](char c) { return has(c); });
  }
  [[nodiscard]] const Run* first_not_of(std::string_view symbols) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [symbols](const Run& run) {
      return symbols.find(run.symbol) == std::string_view::npos;
    });
    return found == runs_.end() ? nullptr : &*found;
  }

  // -- categories

  PictureOutcome classify() {
    if (has('U')) return text_only("U", Category::utf8);
    if (has('N')) return text_only("NB0/", Category::national);
    if (has('G')) return text_only("GB", Category::dbcs);
    if (has_any("XA")) return alphanumeric();
    if (has('E')) return external_float();
    if (first_not_of("9SVP") == nullptr) return numeric(Category::numeric);
    return numeric_edited();
  }

  PictureOutcome text_only(std::string_view allowed, Category category) {
    if (const Run* run = first_not_of(allowed)) return misplaced(*run);
    Picture picture;
    picture.category = category;
    return finish(picture);
  }

  PictureOutcome alphanumeric() {
    if (const Run* run = first_not_of("XA9B0/")) return misplaced(*run);
    Picture picture;
    if (has_any("B0/")) {
      picture.category = Category::alphanumeric_edited;
    } else if (!has_any("X9")) {
      picture.category = Category::alphabetic;
    }
    return finish(picture);
  }

  PictureOutcome misplaced(const Run& run) {
    return refuse("the symbol '" + std::string(1, text_[run.index]) +
                      "' does not go with the others of this picture",
                  run.index);
  }

  /// `+9(2).9(4)E+99`: sign, mantissa with a point, E, sign and two digits.
  PictureOutcome external_float() {
    const auto e =
        std::find_if(runs_.begin(), runs_.end(), [](const Run& run) { return run.symbol == 'E'; });
    const auto is_sign = [](char symbol) { return symbol == '+' || symbol == '-'; };
    const bool has_exponent = runs_.end() - e == 3 && e->count == 1 && is_sign((e + 1)->symbol) &&
                              (e + 1)->count == 1 && (e + 2)->symbol == '9' && (e + 2)->count == 2;
    const bool has_mantissa = is_sign(runs_.front().symbol) && runs_.front().count == 1 &&
                              std::all_of(runs_.begin() + 1, e, [](const Run& run) {
                                return run.symbol == '9' || run.symbol == '.' || run.symbol == 'V';
                              });
    if (!has_exponent || !has_mantissa || total('.') + total('V') != 1) {
      return refuse("floating point is written as +9(2).9(4)E+99", e->index);
    }
    // The exponent's four characters count for the size alone.
    --total_['E'];
    --total_[static_cast<unsigned char>((e + 1)->symbol)];
    total_['9'] -= 2;
    runs_.erase(e, runs_.end());
    Picture picture;
    picture.category = Category::numeric_edited;
    picture.is_signed = true;
    if (!place_digits(picture)) return outcome_;
    return finish(picture, 4);
  }

  PictureOutcome numeric(Category category) {
    Picture picture;
    picture.category = category;
    picture.is_signed = has('S');
    if (!check_s() || !place_digits(picture)) return outcome_;
    return finish(picture);
  }

  bool check_s() {
    if (!has('S') || (runs_.front().symbol == 'S' && total('S') == 1)) return true;
    return refused("S stands once, at the front", run_of('S').index);
  }

  PictureOutcome numeric_edited() {
    if (!check_s() || !check_signs() || !check_suppression()) return outcome_;
    Picture picture;
    picture.category = Category::numeric_edited;
    picture.is_signed = has_any("S+-CD");
    picture.has_edited_s = has('S');
    if (!place_digits(picture)) return outcome_;
    return finish(picture);
  }

  [[nodiscard]] const Run& run_of(char symbol) const {
    return *std::find_if(runs_.begin(), runs_.end(),
                         [symbol](const Run& run) { return run.symbol == symbol; });
  }

  bool check_signs() {
    for (const char symbol : {'C', 'D'}) {
      if (!has(symbol)) continue;
      if (total(symbol) > 1 || runs_.back().symbol != symbol) {
        return refused("CR and DB stand once, at the end", run_of(symbol).index);
      }
    }
    const int kinds = static_cast<int>(has('+')) + static_cast<int>(has('-')) +
                      static_cast<int>(has('C')) + static_cast<int>(has('D'));
    if (kinds > 1) return refused("a picture has one kind of sign", 0);
    return check_fixed('+') && check_fixed('-') && check_fixed('$');
  }

  /// A symbol that does not float stands before all digits or behind them.
  bool check_fixed(char symbol) {
    if (total(symbol) != 1) return true;
    const auto is_digit_run = [this](const Run& run) { return is_digit_position(run.symbol); };
    const auto at = std::find_if(runs_.begin(), runs_.end(),
                                 [symbol](const Run& run) { return run.symbol == symbol; });
    if (std::any_of(runs_.begin(), at, is_digit_run) &&
        std::any_of(at, runs_.end(), is_digit_run)) {
      return refused("this symbol stands between digits", at->index);
    }
    return true;
  }

  [[nodiscard]] bool floats(char symbol) const {
    return std::string_view("+-$").find(symbol) != std::string_view::npos && total(symbol) > 1;
  }
  [[nodiscard]] bool is_digit_position(char symbol) const {
    return symbol == '9' || symbol == 'Z' || symbol == '*' || floats(symbol);
  }

  /// Z, * and a floating symbol replace leading zeros: one kind, and none behind a 9.
  bool check_suppression() {
    char kind = '\0';
    bool seen_nine = false;
    for (const Run& run : runs_) {
      if (run.symbol == '9') seen_nine = true;
      if (run.symbol == '9' || !is_digit_position(run.symbol)) continue;
      if (seen_nine) return refused("zero suppression behind a 9", run.index);
      if (kind != '\0' && kind != run.symbol) {
        return refused("two kinds of zero suppression or floating symbols", run.index);
      }
      kind = run.symbol;
    }
    return true;
  }

  // -- digits and scale

  struct Digits {
    std::uint64_t before_point = 0;
    std::uint64_t behind_point = 0;
    std::uint64_t leading_p = 0;
    std::uint64_t trailing_p = 0;
    bool has_point = false;
    std::uint64_t points = 0;
  };

  bool place_digits(Picture& picture) {
    Digits digits;
    bool first_floating = true;
    for (const Run& run : runs_) {
      std::uint64_t count = is_digit_position(run.symbol) ? run.count : 0;
      // The first symbol of a floating string is never a digit.
      if (floats(run.symbol) && std::exchange(first_floating, false)) --count;
      if (!add_run(run, count, digits)) return false;
    }
    return set_digits(digits, picture);
  }

  bool add_run(const Run& run, std::uint64_t count, Digits& digits) {
    const std::uint64_t so_far = digits.before_point + digits.behind_point;
    if (run.symbol == 'V' || run.symbol == '.') {
      digits.points += run.count;
      digits.has_point = true;
      if (digits.points > 1) return refused("a second decimal point", run.index);
      if (so_far > 0 && digits.leading_p > 0) {
        return refused("a decimal point behind P and digits", run.index);
      }
    } else if (run.symbol == 'P') {
      if (digits.leading_p + digits.trailing_p > 0) {
        return refused("P stands before all digits or behind them, in one place", run.index);
      }
      (so_far == 0 ? digits.leading_p : digits.trailing_p) = run.count;
      if (so_far > 0 && digits.has_point) {
        return refused("P behind digits that follow the decimal point", run.index);
      }
      if (run.count > kDigitsMax) return refused("too many P", run.index);
    } else if (count > 0 && digits.trailing_p > 0) {
      return refused("digits behind a trailing P", run.index);
    } else {
      (digits.has_point ? digits.behind_point : digits.before_point) += count;
    }
    return true;
  }

  bool set_digits(const Digits& digits, Picture& picture) {
    const std::uint64_t all = digits.before_point + digits.behind_point;
    if (all == 0) return refused("the picture has no digit", 0);
    if (all > kDigitsMax) return refused("the picture has more than 38 digits", 0);
    picture.digits = static_cast<std::uint16_t>(all);
    if (digits.leading_p > 0) {
      picture.scale = static_cast<std::int16_t>(all + digits.leading_p);
    } else if (digits.trailing_p > 0) {
      picture.scale = static_cast<std::int16_t>(-static_cast<int>(digits.trailing_p));
    } else {
      picture.scale = static_cast<std::int16_t>(digits.behind_point);
    }
    return true;
  }

  /// `extra` characters stand in runs that were taken out.
  PictureOutcome finish(Picture& picture, std::uint64_t extra = 0) {
    picture.text = text_in_upper_case_;
    picture.characters = extra;
    for (std::size_t symbol = 0; symbol < total_.size(); ++symbol) {
      const auto character = static_cast<char>(symbol);
      if (character == 'S' || character == 'V' || character == 'P') continue;
      const bool is_double = character == 'C' || character == 'D';
      picture.characters += total_[symbol] * (is_double ? 2 : 1);
    }
    if (currency_ != nullptr) {
      // The first symbol stands for the whole sign, others for one character each.
      picture.currency = *currency_;
      picture.characters += characters_of(*currency_) - 1;
    }
    const bool edited = picture.category == Category::numeric_edited ||
                        picture.category == Category::alphanumeric_edited;
    if (picture.characters > (edited ? kEditedMax : kCharactersMax)) {
      return refuse("the picture has too many characters", 0);
    }
    return {picture, {}};
  }

  std::string_view text_;
  bool decimal_point_is_comma_;
  const std::vector<CurrencySign>& currency_signs_;
  const CurrencySign* currency_ = nullptr;  ///< the one this picture has
  std::size_t index_ = 0;
  std::string text_in_upper_case_;  ///< but for currency symbols
  std::vector<Run> runs_;
  std::array<std::uint64_t, 256> total_{};
  PictureOutcome outcome_;
};

}  // namespace

PictureOutcome read_picture(std::string_view text, bool decimal_point_is_comma,
                            const std::vector<CurrencySign>& currency_signs) {
  return Reader(text, decimal_point_is_comma, currency_signs).read();
}

std::uint64_t characters_of(const CurrencySign& sign) {
  if (sign.is_hex) return std::max<std::uint64_t>(sign.text.size() / 2, 1);
  const auto count = std::count_if(sign.text.begin(), sign.text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(count, 1));
}

bool is_currency_symbol(std::string_view text) {
  if (text.empty()) return false;
  const charset::Utf8Character first = charset::first_of_utf8(text);
  if (first.size != text.size()) return false;
  // Behind ASCII begin controls, and the no-break space.
  if (first.size > 1) return first.code_point > 0xA0;
  return first.code_point > ' ' && first.code_point < 0x7F &&
         std::string_view("0123456789ABCDEGNPRSVXZabcdegnprsvxz*+-,.;()\"'/=").find(text.front()) ==
             std::string_view::npos;
}

}  // namespace copybridge::copybook
