// Numeric-edited pictures (PIC -ZZ,ZZ9.99, $$$9.99CR, +9.99E+99): characters to the number they
// show, and a number to the characters that a MOVE to the item makes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/charset/code_page.h"
#include "codecs/condition/decimal.h"
#include "codecs/condition/leniency.h"
#include "codecs/copybook/layout.h"

namespace copybridge::condition {

/// One character position, as a Unicode code point.
using Position = char32_t;

/// Most characters of a numeric-edited item that is read as a number.
inline constexpr std::size_t kEditedMax = 256;

/// Why a number has no form in a picture.
enum class EditFault : std::uint8_t {
  none,
  too_large,    ///< more digits before the point than the picture has
  too_precise,  ///< digits behind the point that the picture lacks
  negative      ///< a minus, and no symbol to show it
};

/// A compiled picture. Immutable.
class EditedPicture {
 public:
  /// Of a numeric-edited item; null where its picture is too long, or its currency sign is not in
  /// the page.
  static std::shared_ptr<const EditedPicture> compile(const copybook::Item& item,
                                                      bool decimal_point_is_comma,
                                                      const charset::CodePage& page);

  /// Character positions in storage.
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The currency sign, where one is edited in; its bytes where it is given in hexadecimal.
  [[nodiscard]] const std::u32string& currency() const { return currency_; }
  [[nodiscard]] const std::vector<std::uint8_t>& currency_bytes() const { return currency_bytes_; }

  /// External floating point: +9.99E+99.
  [[nodiscard]] bool is_floating_point() const { return is_floating_point_; }

  /// The number that the positions show, with the scale of the picture. False where no number has
  /// this form; with `leniency.edited` any form of a number is read.
  [[nodiscard]] bool read(std::span<const Position> text, const Leniency& leniency,
                          Decimal& value) const;

  /// The positions that show a number, exactly; size() of them are written. A zero keeps its sign.
  [[nodiscard]] EditFault edit(const Decimal& value, Position* out) const;

 private:
  using DigitPositions = std::array<std::uint8_t, kDigitsMax>;
  class Editor;
  /// '9' 'Z' '*' digits; '+' '-' '$' fixed; 'p' 'm' 'c' the same floating, 'f' the first of them;
  /// '.' 'V' point; ',' 'B' '0' '/' insertions; 'C' 'D' CR and DB; 'P' scaling.
  struct Symbol {
    char kind = '9';
    std::uint32_t positions = 1;

    [[nodiscard]] bool is_digit() const {
      return kind == '9' || kind == 'Z' || kind == '*' || kind == 'p' || kind == 'm' || kind == 'c';
    }
  };

  /// How often each character stands in a picture.
  using SymbolCounts = std::array<std::uint32_t, 256>;
  /// What stood in the picture so far.
  struct Progress {
    bool is_behind_point = false;
    bool has_float = false;
    bool has_currency = false;
  };

  /// Digits with a sign on them. A picture with S beside editing symbols, which no compiler takes,
  /// has its sign so.
  class Overpunch {
   public:
    Overpunch() = default;
    explicit Overpunch(const charset::CodePage& page);
    /// The digit, with kSignMinus where it is negative; kNoSign where the position shows none.
    [[nodiscard]] std::uint8_t read(Position position) const;
    /// What shows a digit and its sign; anything but a digit stays as it is.
    [[nodiscard]] Position write(Position digit, bool is_negative) const;

   private:
    std::array<Position, 10> plus_{};
    std::array<Position, 10> minus_{};
    bool is_ascii_ = false;
  };

  void set_properties(const copybook::Item& item, const SymbolCounts& counts);
  [[nodiscard]] Symbol next_symbol(char character, Progress& progress) const;
  [[nodiscard]] bool add(const Symbol& symbol, bool is_behind_point);
  [[nodiscard]] bool read_form(std::span<const Position> text, Decimal& value) const;
  [[nodiscard]] bool read_floating(std::span<const Position> text, Decimal& value) const;
  [[nodiscard]] bool read_freely(std::span<const Position> text, bool may_overpunch,
                                 Decimal& value) const;
  [[nodiscard]] std::uint8_t digit_at(std::size_t at, Position position) const;
  [[nodiscard]] bool is_filling(Position position) const;
  void set_decimals(bool has_point, Decimal& value) const;
  [[nodiscard]] EditFault scale_floating(const Decimal& value, Decimal& mantissa,
                                         Decimal& exponent) const;
  [[nodiscard]] EditFault edit_floating(const Decimal& value, Position* out) const;
  [[nodiscard]] bool align(const Decimal& value, DigitPositions& digits, EditFault& fault) const;

  std::vector<Symbol> symbols_;
  std::u32string currency_;
  std::vector<std::uint8_t> currency_bytes_;
  Position point_ = U'.';
  Position comma_ = U',';
  char float_sign_ = 0;  ///< '+', '-' or '$'; 0: nothing floats
  std::size_t size_ = 0;
  std::uint32_t digits_before_ = 0;  ///< digit positions before the point
  std::uint32_t digits_behind_ = 0;
  std::int32_t scale_ = 0;
  bool is_floating_point_ = false;  ///< +9.9E+99
  bool all_suppressed_ = false;     ///< no '9': zero is blank
  bool stars_ = false;
  bool blank_when_zero_ = false;
  bool shows_minus_ = false;
  bool is_overpunched_ = false;  ///< S
  std::size_t last_digit_ = 0;   ///< position of the last one
  Overpunch overpunch_;
};

/// Whether the page has the characters of an item's currency sign, where it has one.
[[nodiscard]] bool has_currency_sign(const charset::CodePage& page, const copybook::Item& item);

/// What MOVE SPACES makes of an alphanumeric-edited item: spaces with what is edited in.
[[nodiscard]] std::string moved_spaces(const copybook::Item& item);

}  // namespace copybridge::condition
