// Sizes of elementary items by usage, picture and dialect.
#include "codecs/copybook/elementary.h"

#include <algorithm>
#include <array>

#include "codecs/copybook/picture.h"

namespace copybridge::copybook {
namespace {

constexpr std::uint32_t kNativeBytesMax = 8;

// Largest number of digits that 1 to 16 bytes always hold.
constexpr std::array<std::uint16_t, 16> kSignedDigitsMax = {2,  4,  6,  9,  11, 14, 16, 18,
                                                            21, 23, 26, 28, 31, 33, 35, 38};
constexpr std::array<std::uint16_t, 16> kUnsignedDigitsMax = {2,  4,  7,  9,  12, 14, 16, 19,
                                                              21, 24, 26, 28, 31, 33, 36, 38};
// Decimal digits of the largest number in 0 to 8 bytes.
constexpr std::array<std::uint16_t, 9> kDigitsOfBytes = {0, 3, 5, 8, 10, 13, 15, 17, 20};

/// Bytes of binary items that take as few as their digits need; 0 where there is no such item.
std::uint32_t smallest_binary_size(std::uint16_t digits, bool is_signed, std::uint32_t bytes_max) {
  const auto& sizes = is_signed ? kSignedDigitsMax : kUnsignedDigitsMax;
  const auto* const found = std::find_if(sizes.begin(), sizes.end(),
                                         [digits](std::uint16_t most) { return digits <= most; });
  const auto bytes = static_cast<std::uint32_t>(found - sizes.begin()) + 1;
  return bytes <= bytes_max ? bytes : 0;
}

/// Bytes of COMP-X and COMP-N. GnuCOBOL has as many for signed ones as for unsigned ones.
std::uint32_t tight_binary_size(const Picture& picture, Dialect dialect) {
  if (dialect == Dialect::gnucobol) return smallest_binary_size(picture.digits, false, 16);
  return smallest_binary_size(picture.digits, picture.is_signed, kNativeBytesMax);
}

/// Bytes of BINARY and COMP-5; 0 where there is no such item.
std::uint32_t binary_size(const Picture& picture, Dialect dialect) {
  if (dialect == Dialect::micro_focus) {
    return smallest_binary_size(picture.digits, picture.is_signed, kNativeBytesMax);
  }
  if (dialect == Dialect::gnucobol && picture.digits <= 2) return 1;
  if (picture.digits <= 4) return 2;
  if (picture.digits <= 9) return 4;
  if (picture.digits <= 18) return 8;
  return dialect == Dialect::ibm ? 0 : 16;
}

/// Of a literal: without sign, leading zeros and decimals.
int whole_digits(std::string_view number) {
  number.remove_prefix(std::min(number.find_first_of("123456789."), number.size()));
  return static_cast<int>(std::min(number.find('.'), number.size()));
}

/// Of UTF-8.
std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Describer {
 public:
  Describer(const Entry& entry, const Inherited& inherited, const ParseOptions& options, Item& item,
            Report& report)
      : entry_(entry), inherited_(inherited), options_(options), item_(item), report_(report) {}

  void run() {
    usage_ = entry_.usage ? entry_.usage->usage : inherited_.usage.value_or(UsageWord::display);
    if (!entry_.picture) return without_picture();
    if (has_own_size(usage_)) {
      return wrong(entry_.picture->place, "this USAGE takes no PICTURE");
    }
    const PictureOutcome outcome = read_picture(
        entry_.picture->text, options_.decimal_point_is_comma, options_.currency_signs);
    if (!outcome.picture) return wrong_picture(outcome.error);
    picture_ = *outcome.picture;
    if (picture_.has_edited_s) {
      report_.warning(entry_.picture->place, "copybook: " + item_.name +
                                                 ": S does not go with editing symbols; it is "
                                                 "taken to need no byte, its sign to be on the "
                                                 "last digit");
    }
    with_picture();
    check_clauses();
  }

 private:
  void wrong(Place place, std::string message, std::string hint = {}) {
    item_.size = 0;
    report_.error(place, "copybook: " + item_.name + ": " + std::move(message), std::move(hint));
  }

  void wrong_picture(const PictureError& error) {
    Place place = entry_.picture->place;
    place.column += static_cast<std::uint32_t>(error.index);
    wrong(place, "PICTURE " + entry_.picture->text.substr(0, 40) + ": " + error.message);
  }

  // -- usages that need no picture

  void without_picture() {
    item_.category = Category::opaque;
    switch (usage_) {
      case UsageWord::comp_1:
        return set_float(Usage::float_single, 4);
      case UsageWord::comp_2:
        return set_float(Usage::float_double, 8);
      case UsageWord::float_decimal_16:
        return set_decimal_float(Usage::decimal_double, 8, 16);
      case UsageWord::float_decimal_34:
        return set_decimal_float(Usage::decimal_quad, 16, 34);
      case UsageWord::index:
        // An index of GnuCOBOL and Micro Focus is a number of four bytes everywhere.
        return set(Usage::index, options_.dialect == Dialect::ibm ? address_size(options_) : 4);
      case UsageWord::pointer:
      case UsageWord::function_pointer:
      case UsageWord::object_reference:
        return set(Usage::pointer, address_size(options_));
      case UsageWord::pointer_32:
      case UsageWord::handle:
        return set(Usage::pointer, 4);
      case UsageWord::procedure_pointer:
        return set(Usage::procedure_pointer,
                   options_.dialect == Dialect::ibm ? 8 : address_size(options_));
      case UsageWord::binary_char:
        return set_native(1);
      case UsageWord::binary_short:
        return set_native(2);
      case UsageWord::binary_long:
        return set_native(4);
      case UsageWord::binary_double:
        return set_native(8);
      case UsageWord::display:
      case UsageWord::binary:
      case UsageWord::comp_5:
      case UsageWord::comp_x:
      case UsageWord::comp_n:
      case UsageWord::packed:
      case UsageWord::comp_6:
      case UsageWord::national:
      case UsageWord::display_1:
      case UsageWord::utf8:
        return wrong(entry_.place, "it has neither a PICTURE nor items under it",
                     "items under a group have higher level numbers");
    }
  }

  void set(Usage usage, std::uint64_t size) {
    item_.usage = usage;
    item_.size = static_cast<std::uint32_t>(size);
  }

  void set_float(Usage usage, std::uint32_t size) {
    item_.category = Category::floating;
    item_.is_signed = true;
    set(usage, size);
  }

  void set_decimal_float(Usage usage, std::uint32_t size, std::uint16_t digits) {
    if (options_.dialect == Dialect::ibm) {
      return wrong(entry_.usage ? entry_.usage->place : entry_.place,
                   "z/OS COBOL has no decimal floating point", "GnuCOBOL has: --dialect gnucobol");
    }
    item_.digits = digits;
    set_float(usage, size);
  }

  void set_native(std::uint32_t size) {
    item_.category = Category::numeric;
    item_.is_signed = !inherited_.is_unsigned;
    item_.digits = kDigitsOfBytes[size];
    // The largest signed number of eight bytes has one digit less than the unsigned one.
    if (size == kNativeBytesMax && item_.is_signed) --item_.digits;
    set(Usage::native_binary, size);
  }

  // -- pictures

  void with_picture() {
    item_.picture = picture_.text;
    item_.category = picture_.category;
    item_.digits = picture_.digits;
    item_.scale = picture_.scale;
    item_.is_signed = picture_.is_signed;
    item_.currency = picture_.currency;
    if (item_.category == Category::numeric) return numeric();
    if (usage_ == UsageWord::comp_x || usage_ == UsageWord::comp_5 || usage_ == UsageWord::comp_n) {
      return binary_of_bytes();
    }
    characters();
  }

  /// PIC X(n) COMP-X: an unsigned number of n bytes.
  void binary_of_bytes() {
    const bool is_known = usage_ != UsageWord::comp_5 || options_.dialect != Dialect::ibm;
    if (item_.category != Category::alphanumeric || !is_known) return wrong_usage();
    if (picture_.characters > kNativeBytesMax) {
      return wrong(entry_.picture->place, "a binary number has at most 8 bytes");
    }
    auto bytes = static_cast<std::uint32_t>(picture_.characters);
    if (usage_ == UsageWord::comp_5 && options_.dialect != Dialect::micro_focus) {
      while ((bytes & (bytes - 1)) != 0) ++bytes;
    }
    item_.category = Category::numeric;
    item_.digits = kDigitsOfBytes[bytes];
    set(usage_ == UsageWord::comp_x ? Usage::binary : Usage::native_binary, bytes);
  }

  void characters() {
    switch (item_.category) {
      case Category::national:
        if (usage_ == UsageWord::display_1 || is_n_of_dbcs()) return dbcs();
        if (!is_display_or(UsageWord::national)) return wrong_usage();
        return set(Usage::national, 2 * picture_.characters);
      case Category::dbcs:
        if (!is_display_or(UsageWord::display_1)) return wrong_usage();
        return dbcs();
      case Category::utf8:
        if (!is_display_or(UsageWord::utf8)) return wrong_usage();
        return utf8();
      case Category::numeric_edited:
      case Category::alphanumeric:
      case Category::alphabetic:
      case Category::alphanumeric_edited:
        return single_bytes();
      case Category::group:
      case Category::numeric:
      case Category::floating:
      case Category::opaque:
        return;
    }
  }

  void single_bytes() {
    if (usage_ == UsageWord::national && item_.category == Category::numeric_edited) {
      return set(Usage::national, 2 * picture_.characters);
    }
    // Under a national group, PIC X is a mistake just as COMP-3 is.
    if (usage_ != UsageWord::display) return wrong_usage();
    set(Usage::display, picture_.characters);
  }

  void dbcs() {
    item_.category = Category::dbcs;
    set(Usage::dbcs, 2 * picture_.characters);
  }

  void utf8() {
    const std::uint32_t bytes = entry_.picture->byte_length;
    if (bytes == 0) item_.characters = static_cast<std::uint32_t>(picture_.characters);
    set(Usage::utf8, bytes > 0 ? bytes : 4 * picture_.characters);
  }

  /// PIC N says NATIONAL itself, unless NSYMBOL(DBCS) has it say DISPLAY-1.
  [[nodiscard]] bool is_n_of_dbcs() const {
    return options_.n_symbol == NSymbol::dbcs && usage_ == UsageWord::display;
  }

  [[nodiscard]] bool is_display_or(UsageWord usage) const {
    return usage_ == UsageWord::display || usage_ == usage;
  }

  void wrong_usage() {
    wrong(entry_.usage ? entry_.usage->place : entry_.picture->place,
          "PICTURE " + item_.picture.substr(0, 40) + " does not go with its USAGE");
  }

  // -- numbers

  void numeric() {
    switch (usage_) {
      case UsageWord::display:
        return zoned(1, Usage::display);
      case UsageWord::national:
        return zoned(2, Usage::national);
      case UsageWord::binary:
        return binary(Usage::binary, binary_size(picture_, options_.dialect));
      case UsageWord::comp_5:
        return binary(Usage::native_binary, binary_size(picture_, options_.dialect));
      case UsageWord::comp_x:
        return binary(Usage::binary, tight_binary_size(picture_, options_.dialect));
      case UsageWord::comp_n:
        return binary(Usage::native_binary, tight_binary_size(picture_, options_.dialect));
      case UsageWord::packed:
        return set(Usage::packed, picture_.digits / 2U + 1U);
      case UsageWord::comp_6:
        return comp_6();
      case UsageWord::display_1:
      case UsageWord::utf8:
      case UsageWord::comp_1:
      case UsageWord::comp_2:
      case UsageWord::float_decimal_16:
      case UsageWord::float_decimal_34:
      case UsageWord::handle:
      case UsageWord::index:
      case UsageWord::pointer:
      case UsageWord::pointer_32:
      case UsageWord::function_pointer:
      case UsageWord::procedure_pointer:
      case UsageWord::object_reference:
      case UsageWord::binary_char:
      case UsageWord::binary_short:
      case UsageWord::binary_long:
      case UsageWord::binary_double:
        return wrong_usage();
    }
  }

  void comp_6() {
    if (!picture_.is_signed) return set(Usage::unsigned_packed, (picture_.digits + 1U) / 2U);
    report_.warning(entry_.picture->place,
                    "copybook: " + item_.name + ": COMP-6 has no sign; it is stored as COMP-3");
    set(Usage::packed, picture_.digits / 2U + 1U);
  }

  void binary(Usage usage, std::uint32_t size) {
    if (size == 0) {
      return wrong(entry_.picture->place, "a binary number has at most 18 digits",
                   options_.dialect == Dialect::ibm ? "GnuCOBOL has more: --dialect gnucobol" : "");
    }
    set(usage, size);
  }

  void zoned(std::uint32_t width, Usage usage) {
    const SignClause clause = entry_.sign ? *entry_.sign : inherited_.sign.value_or(SignClause{});
    const bool separate = picture_.is_signed && clause.separate;
    if (picture_.is_signed) {
      item_.sign = clause.leading ? (separate ? SignPlace::leading_separate : SignPlace::leading)
                                  : (separate ? SignPlace::trailing_separate : SignPlace::trailing);
    }
    set(usage, width * (picture_.characters + (separate ? 1U : 0U)));
  }

  // -- clauses that only some items may have

  void check_clauses() {
    if (item_.size == 0) return;
    const bool is_number = item_.category == Category::numeric;
    const bool is_zoned =
        is_number && (usage_ == UsageWord::display || usage_ == UsageWord::national);
    if (entry_.sign && !(is_zoned && item_.is_signed)) {
      return wrong(entry_.sign->place, "SIGN needs a numeric DISPLAY item with S in its PICTURE");
    }
    const bool is_edited = item_.category == Category::numeric_edited;
    if (entry_.justified && (is_number || is_edited)) {
      return wrong(*entry_.justified, "JUSTIFIED is for text");
    }
    if (entry_.blank_when_zero && !is_zoned && !is_edited) {
      return wrong(*entry_.blank_when_zero, "BLANK WHEN ZERO is for numeric DISPLAY items");
    }
    item_.is_justified = entry_.justified.has_value();
    item_.blank_when_zero = entry_.blank_when_zero.has_value();
    check_value(is_zoned || item_.usage == Usage::packed);
  }

  /// A longer VALUE moves nothing: IBM's compiler refuses it, others cut it off.
  void check_value(bool is_decimal) {
    if (!item_.value) return;
    const Literal& value = *item_.value;
    bool fits = true;
    if (is_decimal && value.kind == Literal::Kind::number) {
      fits = whole_digits(value.text) <= std::max(item_.digits - item_.scale, 0);
    } else if (usage_ == UsageWord::display && item_.category == Category::alphanumeric &&
               value.kind == Literal::Kind::text) {
      fits = character_count(value.text) <= item_.size;
    }
    if (fits) return;
    report_.warning(entry_.picture->place, "copybook: " + item_.name + ": its VALUE '" +
                                               value.text.substr(0, 40) + "' is too long for " +
                                               entry_.picture->text.substr(0, 40));
  }

  const Entry& entry_;
  const Inherited& inherited_;
  const ParseOptions& options_;
  Item& item_;
  Report& report_;
  UsageWord usage_ = UsageWord::display;
  Picture picture_;
};

}  // namespace

void describe(const Entry& entry, const Inherited& inherited, const ParseOptions& options,
              Item& item, Report& report) {
  Describer(entry, inherited, options, item, report).run();
}

bool has_own_size(UsageWord usage) {
  switch (usage) {
    case UsageWord::comp_1:
    case UsageWord::comp_2:
    case UsageWord::float_decimal_16:
    case UsageWord::float_decimal_34:
    case UsageWord::handle:
    case UsageWord::index:
    case UsageWord::binary_char:
    case UsageWord::binary_short:
    case UsageWord::binary_long:
    case UsageWord::binary_double:
    case UsageWord::pointer:
    case UsageWord::pointer_32:
    case UsageWord::function_pointer:
    case UsageWord::procedure_pointer:
    case UsageWord::object_reference:
      return true;
    case UsageWord::display:
    case UsageWord::binary:
    case UsageWord::comp_5:
    case UsageWord::comp_x:
    case UsageWord::comp_n:
    case UsageWord::packed:
    case UsageWord::comp_6:
    case UsageWord::national:
    case UsageWord::display_1:
    case UsageWord::utf8:
      return false;
  }
  return false;
}

std::uint32_t address_size(const ParseOptions& options) {
  switch (options.address_size) {
    case AddressSize::lp_32:
      return 4;
    case AddressSize::lp_64:
      return 8;
    case AddressSize::by_dialect:
      break;
  }
  return options.dialect == Dialect::ibm ? 4 : 8;
}

std::uint32_t alignment_of(const Item& item, const ParseOptions& options) {
  // Micro Focus takes SYNCHRONIZED as a comment, unless IBMCOMP is set.
  if (!item.is_synchronized || options.dialect == Dialect::micro_focus) return 1;
  // z/OS aligns doublewords of BINARY and procedure pointers on words, but under LP(64).
  const bool has_words = options.dialect == Dialect::ibm && address_size(options) == 4;
  switch (item.usage) {
    case Usage::binary:
    case Usage::native_binary:
      if (item.size == 2 || item.size == 4) return item.size;
      return item.size == 8 ? (has_words ? 4 : 8) : 1;
    case Usage::float_single:
      return 4;
    case Usage::float_double:
    case Usage::decimal_double:
      return 8;
    case Usage::decimal_quad:
      return 16;
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      return has_words || item.size == 4 ? 4 : 8;
    case Usage::group:
    case Usage::display:
    case Usage::packed:
    case Usage::unsigned_packed:
    case Usage::national:
    case Usage::dbcs:
    case Usage::utf8:
      return 1;
  }
  return 1;
}

}  // namespace copybridge::copybook
