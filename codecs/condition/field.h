// How one elementary item's bytes are read as a value: the exact, slow and scalar way that
// conditions, counters and messages take. The plan's kernels must agree with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "codecs/charset/code_page.h"
#include "codecs/condition/condition.h"
#include "codecs/condition/decimal.h"
#include "codecs/condition/edited.h"
#include "codecs/copybook/layout.h"

namespace copybridge::condition {

/// All that is needed to read a field's bytes.
struct Field {
  copybook::Usage usage = copybook::Usage::display;
  copybook::Category category = copybook::Category::alphanumeric;
  copybook::SignPlace sign = copybook::SignPlace::none;
  bool is_signed = false;
  bool blank_when_zero = false;
  bool is_ascii = false;       ///< zoned digits are 0x30..0x39
  bool little_endian = false;  ///< binary, native_binary, decimal floating point
  bool national_little_endian = false;
  bool rejects_unmappable = false;
  bool preferred_signs = false;  ///< zoned, packed: C and D, of unsigned items F, no other sign
  bool ieee_float = false;
  bool float_little_endian = false;
  std::uint16_t digits = 0;
  std::int16_t scale = 0;
  std::uint32_t size = 0;
  std::uint32_t characters = 0;  ///< as Item::characters
  std::uint8_t space = 0x40;
  std::uint8_t plus = 0x4E;
  std::uint8_t minus = 0x60;

  Leniency leniency;
  std::shared_ptr<const charset::CodePage> page;  ///< of text
  /// Of a numeric-edited item that is to be read as a number. Conditions never have it: to them
  /// such an item is text, as in COBOL.
  std::shared_ptr<const EditedPicture> edited;

  [[nodiscard]] bool is_numeric() const {
    return category == copybook::Category::numeric || category == copybook::Category::floating ||
           edited != nullptr;
  }
  /// Packed: whether the first nibble is no digit of the picture.
  [[nodiscard]] bool has_pad_nibble() const {
    const bool is_packed = usage == copybook::Usage::packed;
    const bool is_unsigned_packed = usage == copybook::Usage::unsigned_packed;
    return (is_packed && digits % 2 == 0) || (is_unsigned_packed && digits % 2 == 1);
  }
  /// Whether that must be zero, as NUMCHECK(PAC) has it.
  [[nodiscard]] bool checks_pad_nibble() const { return has_pad_nibble() && !leniency.packed_pad; }
  /// Which of the page's characters its bytes are.
  [[nodiscard]] charset::Form form() const {
    return usage == copybook::Usage::dbcs ? charset::Form::graphic : charset::Form::text;
  }
};

/// The field of an elementary item under a code page.
[[nodiscard]] Field make_field(const copybook::Item& item, const Reading& reading);

/// Why bytes are no value of their picture.
enum class FaultKind : std::uint8_t {
  none,
  digit_byte,      ///< zoned: a byte that is no digit
  sign_byte,       ///< zoned: a byte that holds no sign
  digit_nibble,    ///< packed
  sign_nibble,     ///< packed
  pad_nibble,      ///< packed: one in front of the picture's digits that is not zero
  minus_unsigned,  ///< a minus sign in an unsigned item
  other_sign,      ///< a valid sign, but not the preferred one
  not_finite,      ///< IEEE NaN or infinity
  surrogate,       ///< UTF-16 half without its other half
  utf8,            ///< not UTF-8
  characters,      ///< more of them than the picture has
  edited,          ///< characters that no editing makes
  shift,           ///< SI without SO, SO within two-byte characters
  half,            ///< one byte of a two-byte character
  unterminated,    ///< SO without SI
  unmappable       ///< no character of the code page
};

struct Fault {
  FaultKind kind = FaultKind::none;
  std::uint32_t byte = 0;   ///< within the field
  std::uint16_t value = 0;  ///< the nibble, byte or code unit
};

/// What a byte of a zoned number's sign position holds: digit 0..9 in the low nibble, kSignMinus
/// where it is negative; kNoSign where it is no digit with a sign.
inline constexpr std::uint8_t kSignMinus = 0x10;
inline constexpr std::uint8_t kNoSign = 0xFF;
[[nodiscard]] std::uint8_t zoned_sign(std::uint8_t byte, bool is_ascii);

/// Reads a numeric or floating field; its `size` bytes must be readable. Floats are read as
/// the shortest decimal that reads back to the same value in the item's own format.
[[nodiscard]] Fault read_number(const Field& field, const std::uint8_t* bytes, Decimal& value);

/// Counters of tables above it are none.
inline constexpr std::int64_t kCountMax = 0xFFFFFFFF;

/// A count: of occurrences, of characters. -1 where the bytes are no whole number of 0 to
/// 4294967295.
[[nodiscard]] std::int64_t read_count(const Field& field, const std::uint8_t* bytes);

/// Whether text fields' bytes are text; single-byte pages always are.
[[nodiscard]] Fault check_text(const Field& field, const std::uint8_t* bytes);

/// `packed`, `zoned`, `binary`, …: the component that begins a message.
[[nodiscard]] const char* component_of(const Field& field);
/// `nibble 0xB is not a digit`.
[[nodiscard]] std::string describe(const Fault& fault);
/// `a digit 0-9 in each nibble`.
[[nodiscard]] std::string expectation(const Fault& fault);

}  // namespace copybridge::condition
