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

/// A picture with its symbols written out. Also of external floating point, `+9(2).9(4)E+99`.
class EditPlan {
 public:
  /// The item must have a picture of category numeric_edited or alphanumeric_edited that
  /// copybook::read_picture has taken.
  EditPlan(const copybook::Item& item, bool decimal_point_is_comma, char currency_sign);

  /// Characters it makes.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_float() const { return is_float_; }

  /// The characters of a number, `magnitude` in units of the item's last decimal and of no more
  /// digits than the item has. `out` has size() bytes.
  void edit(json::Uint128 magnitude, bool is_negative, char* out) const;

  /// External floating point: false where the number has more digits than the mantissa, or its
  /// exponent more than two.
  [[nodiscard]] bool edit_float(const json::Number& number, char* out) const;

  /// What MOVE SPACES makes of an alphanumeric-edited item.
  [[nodiscard]] std::string blank() const;

  /// Reads edited characters back to the number that they show; false where no number makes them.
  /// `text` may lack spaces at its end.
  [[nodiscard]] bool read_back(std::string_view text, json::Uint128& magnitude,
                               bool& is_negative) const;

 private:
  void count_symbols();
  void edit_zero(char* out) const;
  [[nodiscard]] char insertion(char symbol) const;

  std::string symbols_;  ///< one a character position; CR is 'C', DB 'D', currency '$'
  std::size_t size_ = 0;
  std::uint16_t digits_ = 0;
  char point_ = '.';
  char comma_ = ',';
  char currency_ = '$';
  char floating_ = 0;  ///< '+', '-' or '$', where it stands more than once
  char fill_ = ' ';
  bool suppresses_all_ = false;  ///< no 9: zero leaves nothing
  bool blank_when_zero_ = false;
  bool is_float_ = false;
};

}  // namespace copybridge::encode
