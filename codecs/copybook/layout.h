// The layout of a record: every item of a copybook with offset, size, usage and picture. The
// copybook parser makes it; the plan compiler and the condition language read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge {

inline bool operator==(const Where& left, const Where& right) {
  return left.file == right.file && left.line == right.line && left.column == right.column;
}

}  // namespace copybridge

namespace copybridge::copybook {

/// Index of an item in Layout::items.
using ItemIndex = std::uint32_t;
inline constexpr ItemIndex kNoItem = 0xFFFFFFFF;

/// How an item's value is stored (the USAGE clause; synonyms are folded).
enum class Usage : std::uint8_t {
  group,             ///< no storage of its own
  display,           ///< one byte per character position
  binary,            ///< COMP, COMP-4, BINARY: big-endian two's complement
  native_binary,     ///< COMP-5, BINARY-SHORT …: machine's byte order, full range
  packed,            ///< COMP-3, PACKED-DECIMAL
  unsigned_packed,   ///< COMP-6: packed without a sign nibble
  float_single,      ///< COMP-1, 4 bytes
  float_double,      ///< COMP-2, 8 bytes
  decimal_double,    ///< FLOAT-DECIMAL-16, 8 bytes: IEEE 754 with a binary significand
  decimal_quad,      ///< FLOAT-DECIMAL-34, 16 bytes
  national,          ///< PIC N: UTF-16BE
  dbcs,              ///< PIC G, DISPLAY-1
  utf8,              ///< PIC U
  index,             ///< INDEX, 4 bytes
  pointer,           ///< POINTER, FUNCTION-POINTER
  procedure_pointer  ///< PROCEDURE-POINTER, 8 bytes
};

/// What kind of value an elementary item holds (Enterprise COBOL, "Classes and categories").
enum class Category : std::uint8_t {
  group,
  alphabetic,
  alphanumeric,
  alphanumeric_edited,
  numeric,
  numeric_edited,
  national,
  dbcs,
  utf8,
  floating,  ///< COMP-1, COMP-2, FLOAT-DECIMAL
  opaque     ///< INDEX and pointers: bytes without a value outside the program
};

/// Where the sign of a numeric DISPLAY item is.
enum class SignPlace : std::uint8_t {
  none,  ///< unsigned
  trailing,
  leading,
  trailing_separate,
  leading_separate
};

/// A literal or figurative constant of a VALUE clause or a condition.
struct Literal {
  enum class Kind : std::uint8_t {
    text,    ///< quoted; `text` holds the characters, quotes undone
    number,  ///< `text` holds sign, digits and a decimal POINT (never a comma)
    hex,     ///< X'..'; `text` holds the hexadecimal digits
    all_of,  ///< ALL literal; `text` holds the characters repeated
    spaces,
    zeros,
    quotes,
    low_values,
    high_values,
    nulls
  };
  Kind kind = Kind::text;
  std::string text;

  bool operator==(const Literal&) const = default;
};

/// One value or a THRU range of a level-88 condition name.
struct ValueRange {
  Literal from;
  std::optional<Literal> through;

  bool operator==(const ValueRange&) const = default;
};

/// A level-88 condition name of the item it stands under.
struct ConditionName {
  std::string name;
  std::vector<ValueRange> values;
  Where where;

  bool operator==(const ConditionName&) const = default;
};

/// What a CURRENCY SIGN clause says: the symbol in pictures, and the characters it stands for.
struct CurrencySign {
  std::string symbol = "$";  ///< one character, of which upper and lower case differ
  std::string text = "$";    ///< UTF-8, or hexadecimal digits of bytes in the record's code page
  bool is_hex = false;

  bool operator==(const CurrencySign&) const = default;
};

/// Level of RENAMES.
inline constexpr std::uint8_t kRenamesLevel = 66;

/// One item of a record, elementary or group.
struct Item {
  std::string name;  ///< as written; "FILLER" for FILLER and for unnamed items
  std::uint8_t level_number = 0;
  bool is_filler = false;

  Usage usage = Usage::group;
  Category category = Category::group;
  std::string picture;           ///< as written, upper case; empty where there is none
  std::uint16_t digits = 0;      ///< digits of a numeric value, P positions not counted
  std::int16_t scale = 0;        ///< digits right of the decimal point; negative: trailing P's.
                                 ///< PP9(3) has digits 3 and scale 5; 9(3)PP digits 3, scale -2
  std::uint32_t characters = 0;  ///< of PIC U: most characters; 0: what its bytes hold
                                 ///< (BYTE-LENGTH)
  bool is_signed = false;
  SignPlace sign = SignPlace::none;  ///< of numeric DISPLAY items only
  bool is_synchronized = false;
  bool is_justified = false;
  bool blank_when_zero = false;
  std::optional<CurrencySign> currency;  ///< the sign in an edited picture that has one
  std::optional<Literal> value;

  std::uint32_t offset = 0;  ///< bytes from the record's start, of the first occurrence, with
                             ///< every table before it at its largest
  std::uint32_t size = 0;    ///< bytes of one occurrence, tables within it at their largest;
                             ///< also the stride of its table, slack bytes included

  bool is_table = false;  ///< has an OCCURS clause
  std::uint32_t occurs_min = 1;
  std::uint32_t occurs_max = 1;
  bool is_unbounded = false;         ///< OCCURS UNBOUNDED: occurs_max is what its counter can
                                     ///< hold, and a record of kRecordMax bytes
  ItemIndex depending_on = kNoItem;  ///< counter of OCCURS DEPENDING ON
  ItemIndex redefines = kNoItem;     ///< the first of the items that share the storage
  bool has_variable_size = false;    ///< a table with DEPENDING ON lies within it
  bool is_varying_text = false;      ///< two items of level 49, length and text, and no other
                                     ///< bytes: a VARCHAR of DCLGEN. The length counts
                                     ///< characters of the text, and no table

  ItemIndex renames = kNoItem;          ///< of level 66: the first item that it renames
  ItemIndex renames_through = kNoItem;  ///< the last one; `renames` where there is no THRU

  ItemIndex parent = kNoItem;
  std::vector<ItemIndex> children;  ///< in copybook order, empty for elementary items
  std::vector<ConditionName> conditions;
  Where where;  ///< of the item's name, or of its level number where it has none

  [[nodiscard]] bool is_group() const { return category == Category::group; }
  bool operator==(const Item&) const = default;
};

/// Whose compiler decides sizes and what its files look like. gnucobol_ibm: GnuCOBOL under
/// -std=ibm, mvs or bs2000: binary items of 2, 4 and 8 bytes as IBM's, all else as GnuCOBOL's (its
/// configuration binary-size: 2-4-8).
enum class Dialect : std::uint8_t { ibm, gnucobol, micro_focus, gnucobol_ibm };

/// Bytes that a record may have.
inline constexpr std::uint32_t kRecordMax = std::uint32_t{1} << 28;

/// One 01 (or 77, or the items of a copybook that begins at another level, under an implied
/// 01 named after the file). Items are in copybook order; items[0] is the record itself. Level 66
/// is behind all others: elementary, and no child of the group that it lies in.
struct Layout {
  std::vector<Item> items;
  std::uint32_t size_min = 0;           ///< bytes with every DEPENDING ON table at its smallest
  std::uint32_t size_max = 0;           ///< bytes with every table at its largest
  bool decimal_point_is_comma = false;  ///< how pictures are to be read
  Dialect dialect = Dialect::ibm;       ///< that the sizes are of
  std::vector<std::string> within;      ///< names of the file (FD) and the programs that the
                                        ///< record stands in, innermost first

  [[nodiscard]] const std::string& name() const { return items.front().name; }
};

/// A parsed copybook: its records, which in an FD share one storage.
struct Copybook {
  std::vector<Layout> records;
};

/// The records that a name can mean, in copybook order; all of them where it is empty. Names are
/// qualified by a file (FD) or program as items are by groups: `RECORD OF PROGRAM`,
/// `PROGRAM.RECORD`. Of records that are alike, as those of a member that several programs copy,
/// one is enough: only the first is given.
[[nodiscard]] std::vector<std::size_t> find_records(const Copybook& copybook,
                                                    std::string_view name);
/// The names of all records, for messages; qualified where several have the same.
[[nodiscard]] std::vector<std::string> names_of_records(const Copybook& copybook);

/// `GROUP.ITEM`: names from below the record down to the item, for messages and `layout --json`.
[[nodiscard]] std::string path_of(const Layout& layout, ItemIndex item);

/// Finds an item by name, or by qualified name (`ITEM OF GROUP`, `ITEM IN GROUP`, `GROUP.ITEM`);
/// upper and lower case are the same. kNoItem where there is none or more than one; `candidates`
/// then holds how many there were.
[[nodiscard]] ItemIndex find_item(const Layout& layout, std::string_view name,
                                  std::size_t* candidates = nullptr);

}  // namespace copybridge::copybook
