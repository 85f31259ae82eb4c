// PICTURE character strings: category, digits, scale and size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"
#include "codecs/copybook/layout.h"

namespace copybridge::copybook {

/// What a PICTURE says by itself, before USAGE is known.
struct Picture {
  std::string text;  ///< upper case, but for currency symbols
  Category category = Category::alphanumeric;
  std::uint16_t digits = 0;              ///< as Item::digits; of numeric and numeric-edited
  std::int16_t scale = 0;                ///< as Item::scale
  bool is_signed = false;                ///< S, or a sign symbol of an edited picture
  bool has_edited_s = false;             ///< S beside editing symbols: no compiler knows it, people
                                         ///< write it; it takes no storage
  std::optional<CurrencySign> currency;  ///< the sign it has, of those that are known
  std::uint64_t characters = 0;          ///< character positions in storage: without S, V and P
};

/// Where a picture is wrong: `index` counts its characters from 0.
struct PictureError {
  std::string message;
  std::size_t index = 0;
};

struct PictureOutcome {
  std::optional<Picture> picture;
  PictureError error;  ///< only where there is no picture
};

/// Reads a picture in bounded time, whatever its repetition counts. At most 38 digits.
[[nodiscard]] PictureOutcome read_picture(std::string_view text, bool decimal_point_is_comma,
                                          const std::vector<CurrencySign>& currency_signs);

/// Character positions that the sign's text takes in storage.
[[nodiscard]] std::uint64_t characters_of(const CurrencySign& sign);

/// Whether a text is one character that may stand for a currency sign in pictures.
[[nodiscard]] bool is_currency_symbol(std::string_view text);

}  // namespace copybridge::copybook
