// Readings that go beyond what the compiler's own programs write, each of them asked for by name.
#pragma once

#include <array>
#include <string_view>

namespace copybridge::condition {

/// What is accepted beside the valid forms of a field. All off: IBM's rules.
struct Leniency {
  /// Zoned: spaces and low-values before, behind and between digits are left out.
  bool blanks = false;
  /// Zoned, and edited where `edited` is on: one overpunched sign in any position, whatever the
  /// SIGN clause says.
  bool overpunch = false;
  /// Zoned: of several signs the last one counts.
  bool several_signs = false;
  /// Zoned: a number of spaces and low-values only is zero.
  bool blank_zero = false;
  /// Zoned: '+' or '-' as the first or last character, whatever the SIGN clause says.
  bool separate_sign = false;
  /// Zoned and packed: a minus sign in an unsigned item makes the value negative.
  bool unsigned_minus = false;
  /// Zoned: any zone nibble on a digit.
  bool zones = false;
  /// Packed: any sign nibble 0-9 is plus.
  bool packed_sign = false;
  /// Packed: of an even number of digits (COMP-6: an odd one) the nibble in front is a digit, too.
  bool packed_pad = false;
  /// Numeric-edited: a number in any place and form (`12.5`, `-3`, `4,000.00-`).
  bool edited = false;
  /// Text that is broken (SI alone, SO without SI, half a character, half a UTF-16 pair, no UTF-8)
  /// is read on, with U+FFFD for what is no character.
  bool text = false;

  [[nodiscard]] bool any() const {
    return blanks || blank_zero || overpunch || several_signs || separate_sign || unsigned_minus ||
           zones || packed_sign || packed_pad || edited || text;
  }
};

/// The words of options and their flags.
struct LeniencyWord {
  std::string_view word;
  bool Leniency::*flag;
};
inline constexpr std::array<LeniencyWord, 11> kLeniencyWords = {{
    {"blanks", &Leniency::blanks},
    {"blank-zero", &Leniency::blank_zero},
    {"overpunch", &Leniency::overpunch},
    {"several-signs", &Leniency::several_signs},
    {"separate-sign", &Leniency::separate_sign},
    {"unsigned-minus", &Leniency::unsigned_minus},
    {"zones", &Leniency::zones},
    {"packed-sign", &Leniency::packed_sign},
    {"packed-pad", &Leniency::packed_pad},
    {"edited", &Leniency::edited},
    {"text", &Leniency::text},
}};

}  // namespace copybridge::condition
