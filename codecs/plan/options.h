// How records become JSON: the shape of the text and the rules of single fields. Filled by the
// command line and by mapping files; compiled into the plan.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/charset/code_page.h"
#include "codecs/condition/condition.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/instruction_set.h"

namespace copybridge::plan {

enum class Names : std::uint8_t { as_is, snake, camel };
enum class Trim : std::uint8_t { right, both, none };
enum class Numbers : std::uint8_t { number, string, safe };  ///< safe: over 15 digits are strings
enum class OnBadField : std::uint8_t { reject, null, raw };  ///< raw: {"raw":"<hex>"}
enum class FloatFormat : std::uint8_t {
  ibm,         ///< hexadecimal
  ibm_little,  ///< the same with the low byte first, as after a transfer that swapped words
  ieee         ///< in the byte order of COMP-5
};
enum class ByteOrder : std::uint8_t { big, little };
/// pad, of short records: what a record lacks is read as spaces (files of lines lose them).
enum class Acceptance : std::uint8_t { reject, accept, pad };
/// Numeric-edited items (PIC ZZ9.99): their value, or the characters as they are.
enum class Edited : std::uint8_t { number, text };
/// Pairs of level 49, length and text, as DCLGEN writes a VARCHAR: a group of both, or one text
/// of as many characters as the length says.
enum class Varchar : std::uint8_t { group, string };
using condition::Leniency;
using condition::OdoRange;

/// What bytes are wholly made of, to be null instead of a value (a set of bits).
struct EmptyForms {
  bool spaces = false;
  bool low_values = false;
  bool high_values = false;
  [[nodiscard]] bool any() const { return spaces || low_values || high_values; }
};

/// How items are stored, for the fate of bad ones.
enum class FieldKind : std::uint8_t {
  zoned,
  packed,
  binary,
  floating,
  edited,
  text,      ///< PIC X and PIC A, alphanumeric-edited
  national,  ///< PIC N, numbers in national characters
  dbcs,
  utf8,
  pointer
};
inline constexpr std::size_t kFieldKinds = 10;
/// Where a record ends whose last items share storage. By COBOL's rule that storage is as large as
/// the largest of them, whichever is there.
enum class RecordEnd : std::uint8_t {
  automatic,   ///< so it is, but for an alternative that all records of the type have, or whose own
               ///< tables vary: the record ends with it
  storage,     ///< so it is
  alternative  ///< the record ends with the alternative that is chosen
};
enum class OdoStorage : std::uint8_t { moving, fixed };  ///< items after a table move up, or not

/// What makes a field's value null in JSON (`empty:`).
struct EmptyValue {
  enum class Kind : std::uint8_t { number, text, spaces, low_values, high_values };
  Kind kind = Kind::spaces;
  std::string text;  ///< number: digits as in COBOL; text: the characters
};

/// A date or time in a field, by its pattern: letters y (year), D (day of year), M, d, H, m, s,
/// S (fraction), C (century digit, 0 = 19xx), anything else literal: yyyyMMdd, yyDDD, CyyMMdd,
/// yyyy-MM-dd-HH.mm.ss.SSSSSS (a Db2 timestamp).
struct DateRule {
  std::string pattern;
  /// First year of the hundred that two-digit years fall in: 1970 reads 69 as 2069, 70 as 1970.
  std::uint16_t century_window = 1970;
  /// Offset to print behind a time ("Z", "+01:00") or an IANA zone; empty: local time, none.
  std::string time_zone;
};

struct MaskRule {
  enum class Kind : std::uint8_t { all, keep_first, keep_last };
  Kind kind = Kind::all;
  std::uint16_t keep = 0;
};

/// The rule of one item.
struct FieldRule {
  copybook::ItemIndex item = copybook::kNoItem;
  std::optional<std::string> name;  ///< the member's name in JSON
  bool drop = false;
  bool as_text = false;  ///< a number as a string of all digits of its picture, leading zeros kept
  std::optional<MaskRule> mask;
  std::optional<DateRule> date;
  std::vector<EmptyValue> empty;
  std::optional<OnBadField> on_bad_field;
  std::shared_ptr<const charset::CodePage> code_page;  ///< null: the record's
  Where where;
};

struct PlanOptions {
  std::shared_ptr<const charset::CodePage> code_page;  ///< required
  FloatFormat float_format = FloatFormat::ibm;
  ByteOrder native_order = ByteOrder::big;  ///< of COMP-5 and of IEEE floats
  ByteOrder binary_order = ByteOrder::big;  ///< of COMP and COMP-4
  std::optional<ByteOrder> float_order;     ///< of IEEE floats, where it is not COMP-5's
  Names names = Names::as_is;
  Trim trim = Trim::right;
  Numbers numbers = Numbers::number;
  bool keep_fillers = false;
  OnBadField on_bad_field = OnBadField::reject;
  std::array<std::optional<OnBadField>, kFieldKinds> on_bad_kind;  ///< by FieldKind: instead
  charset::Unmappable unmappable = charset::Unmappable::replace;   ///< by U+FFFD, and counted
  Leniency lenient;
  bool preferred_signs = false;  ///< NUMPROC(PFD): signs other than C, D and F are bad data
  /// Bad numbers that are null where they are wholly made of these; of binary and floating
  /// items, whose every bit pattern is a value, none is.
  EmptyForms empty_numbers;
  EmptyForms empty_text;  ///< text that is null where it is wholly made of these
  Edited edited = Edited::number;
  Varchar varchar = Varchar::group;
  ByteOrder national_order = ByteOrder::big;  ///< of UTF-16 in PIC N
  OdoRange odo_range = OdoRange::reject;
  Acceptance short_records = Acceptance::reject;
  Acceptance long_records = Acceptance::reject;
  OdoStorage odo = OdoStorage::moving;
  RecordEnd record_end = RecordEnd::automatic;
  bool renames = false;             ///< a member per level 66, behind all others
  bool conditions = false;          ///< a member per level-88 name that is true
  bool list_errors = false;         ///< an `_errors` member: paths of what was bad, if any
  bool keep_raw = false;            ///< a `_raw` member with the record's bytes
  std::vector<std::string> select;  ///< item names or paths; empty: all
  std::vector<FieldRule> rules;
  InstructionSet instruction_set = best_instruction_set();
};

/// Whether an item is one text in JSON though it is a group: a VARCHAR.
[[nodiscard]] inline bool is_varying_string(const copybook::Item& item,
                                            const PlanOptions& options) {
  return item.is_varying_text && options.varchar == Varchar::string;
}

/// Whether an item, or each of its occurrences, is an object in JSON.
[[nodiscard]] inline bool is_object(const copybook::Item& item, const PlanOptions& options) {
  return item.is_group() && !is_varying_string(item, options);
}

/// The item whose bytes are an item's value in JSON: of a VARCHAR its text, else itself.
[[nodiscard]] inline const copybook::Item& value_item(const copybook::Layout& layout,
                                                      const copybook::Item& item,
                                                      const PlanOptions& options) {
  return is_varying_string(item, options) ? layout.items[item.children.back()] : item;
}

/// How conditions and fields read bytes under these options; `page`: the code page of the item,
/// null: the record's.
[[nodiscard]] condition::Reading reading_of(
    const PlanOptions& options, const std::shared_ptr<const charset::CodePage>& page = nullptr);

/// What a dialect's files are where nothing else is said: IBM's are EBCDIC with hexadecimal
/// floating point, those of GnuCOBOL and Micro Focus (on Intel) Latin-1, IEEE 754, little-endian.
struct DialectDefaults {
  std::string_view code_page;
  FloatFormat float_format;
  ByteOrder native_order;
};
[[nodiscard]] DialectDefaults defaults_of(copybook::Dialect dialect);

}  // namespace copybridge::plan
