// What both kinds of schema need to know of an elementary item.
#pragma once

#include <string>
#include <string_view>

#include "codecs/json/token.h"
#include "codecs/plan/outline.h"
#include "codecs/schema/schema.h"

namespace copybridge::schema {

/// What decoding prints for an item.
struct Facts {
  enum class Kind : std::uint8_t {
    text,
    hexadecimal,  ///< bytes that are no text: pointers
    number,
    floating,
    date
  };
  Kind kind = Kind::text;
  bool is_quoted = false;       ///< a number in a string
  bool has_all_digits = false;  ///< leading zeros are kept
  bool is_masked = false;       ///< some characters are `*`
  bool may_be_null = false;
  bool may_be_raw = false;          ///< {"raw":"…"}
  std::uint32_t size = 0;           ///< bytes
  std::uint32_t characters = 0;     ///< most characters of a text
  bool has_all_characters = false;  ///< exactly so many
  unsigned digits = 0;              ///< of a number
  int scale = 0;
  json::Uint128 most = 0;   ///< in units of the last decimal
  json::Uint128 least = 0;  ///< magnitude of the lowest value; 0: unsigned
  bool is_single = false;   ///< what a float of IEEE 754 holds
  bool is_decimal = false;  ///< FLOAT-DECIMAL: exact, the decimals vary
  std::string date_form;    ///< `yyyy-MM-dd`, `T`, `HH:mm:ss` as regular expression
  std::string date_format;  ///< JSON Schema's word, or empty
};

[[nodiscard]] Facts facts_of(const copybook::Layout& layout, copybook::ItemIndex item,
                             const plan::FieldRule* rule, const plan::PlanOptions& options,
                             const SchemaOptions& schema);

/// A magnitude in units of the last decimal as a JSON number.
[[nodiscard]] std::string scaled(json::Uint128 magnitude, int scale, bool is_negative);

/// `PIC S9(4) COMP; ACTIVE: 'A'`: what a reader wants to know of an item.
[[nodiscard]] std::string description_of(const copybook::Layout& layout, copybook::ItemIndex item,
                                         const plan::PlanOptions& options);

}  // namespace copybridge::schema
