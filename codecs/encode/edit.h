// Numeric-edited pictures: a number to its characters, as MOVE makes them (Enterprise COBOL
// Language Reference, "PICTURE clause editing").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/copybook/layout.h"
#include "codecs/json/token.h"

namespace copybridge::encode {

/// Characters of an edited number at most; IBM's pictures end at 249.
inline constexpr std::size_t kEditedMax = 256;

/// Stands for the first character of a currency sign; further ones follow.
inline constexpr unsigned kCurrency = 0x80;

/// A picture with its symbols written out. Also of external floating point, `+9(2).9(4)E+99`.
class EditPlan {
 public:
  /// The item must have a picture of category numeric_edited or alphanumeric_edited that
  /// copybook::read_picture has taken.
  EditPlan(const copybook::Item& item, bool decimal_point_is_comma);

  /// Characters it makes.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_float() const { return is_float_; }

  /// What kCurrency + i in edited characters stands for: the i-th character of the currency sign,
  /// a byte of the code page where the sign is given in hexadecimal.
  [[nodiscard]] const std::vector<std::uint32_t>& currency() const { return currency_; }
  [[nodiscard]] bool has_currency_bytes() const { return has_currency_bytes_; }

  /// The characters of a number, ASCII and those of the currency sign; `magnitude` in units of the
  /// item's last decimal and of no more digits than the item has. `out` has size() bytes.
  void edit(json::Uint128 magnitude, bool is_negative, char* out) const;

  /// External floating point: false where the number has more digits than the mantissa, or its
  /// exponent more than two.
  [[nodiscard]] bool edit_float(const json::Number& number, char* out) const;

  /// What MOVE SPACES makes of an alphanumeric-edited item.
  [[nodiscard]] std::string blank() const;

  /// Brings text to the characters that edit() makes, where it is what edit() makes of some number;
  /// false where no number makes it. `text` may lack spaces at its end.
  [[nodiscard]] bool read_back(const std::vector<std::uint32_t>& text, char* out) const;

 private:
  void count_symbols();
  void read_currency(const copybook::CurrencySign& sign);
  [[nodiscard]] std::size_t width_of(char symbol) const;
  void edit_zero(char* out) const;
  [[nodiscard]] char insertion(char symbol) const;

  std::string symbols_;  ///< one a character position; CR is 'C', DB 'D', currency '$'
  std::size_t size_ = 0;
  std::uint16_t digits_ = 0;
  char point_ = '.';
  char comma_ = ',';
  std::vector<std::uint32_t> currency_;
  bool has_currency_bytes_ = false;
  char floating_ = 0;  ///< '+', '-' or '$', where it stands more than once
  char fill_ = ' ';
  bool suppresses_all_ = false;  ///< no 9: zero leaves nothing
  bool blank_when_zero_ = false;
  bool is_float_ = false;
};

}  // namespace copybridge::encode
