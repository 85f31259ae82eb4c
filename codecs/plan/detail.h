// What the general field kernels need to know about one field: numbers without a kernel of
// their own, and fields with rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codecs/condition/field.h"
#include "codecs/plan/date.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/options.h"
#include "codecs/plan/tables.h"

namespace copybridge::plan {

/// A value that is printed as null: the field's exact bytes, or a number.
struct Empty {
  bool is_number = false;
  std::string bytes;
  condition::Decimal number;
};

/// How a text's length stands in front of it.
struct Varying {
  condition::Field length;
  std::uint32_t unit = 1;   ///< bytes that it counts one for
  std::uint16_t space = 0;  ///< two bytes of spaces, as they repeat
};

struct FieldDetail {
  condition::Field field;  ///< of a VARCHAR: its text
  Shape shape;
  KernelChoice plain;  ///< of a text field: the kernel that ignores the rules
  const TextTable* text = nullptr;
  bool as_text = false;
  std::optional<MaskRule> mask;
  std::optional<DatePlan> date;
  std::vector<Empty> empty;
  std::optional<Varying> varying;  ///< of a VARCHAR
};

/// Bytes of a VARCHAR's text as its length says; -1 where there is no room for so many among the
/// `room` bytes of both.
[[nodiscard]] std::int64_t varying_size(const FieldDetail& detail, const std::uint8_t* in,
                                        std::uint32_t room);
/// A VARCHAR's text of `size` bytes, filled up with spaces to its column's width, which rules are
/// written for; valid until the thread's next call.
[[nodiscard]] const std::uint8_t* filled_up(const FieldDetail& detail, const std::uint8_t* in,
                                            std::uint32_t size);

/// Readings of a number whose bytes are no value of its picture, for the few that need them.
struct Misfit {
  EmptyForms empty;                    ///< wholly such bytes are null
  std::uint16_t space = 0;             ///< two bytes of spaces, as they repeat
  const FieldDetail* loose = nullptr;  ///< the field with its leniency; null: none
};

/// The value of a misfit by one of its readings; null where there is none.
char* write_misfit(const Misfit& misfit, const Op& op, const std::uint8_t* in, char* out);

/// Most characters of a decimal number's text.
inline constexpr std::uint64_t kNumberTextMax = 2 * condition::kDigitsMax;

/// A decimal as a JSON number: exactly its scale's decimals, no leading zeros.
char* write_decimal(const condition::Decimal& value, char* out);
/// A float's shortest decimal: plain between 1e-7 and 1e17, with an exponent beyond.
char* write_float(const condition::Decimal& value, char* out);
/// A decimal float: plain where it has decimals and is no less than 1e-6, else with an exponent.
char* write_decimal_float(const condition::Decimal& value, char* out);
/// All digits of the picture, leading zeros kept.
char* write_all_digits(const condition::Decimal& value, const condition::Field& field, char* out);
/// The value of a numeric or floating field as text without quotes.
char* write_value(const condition::Decimal& value, const FieldDetail& detail, char* out);

/// Replaces characters of a JSON string's inside by `*`; returns its new end.
char* mask_text(const MaskRule& mask, char* begin, char* end);

/// The date of a field as text, without quotes, or why there is none.
DateFault write_date(const FieldDetail& detail, const std::uint8_t* in, char*& out);

}  // namespace copybridge::plan
