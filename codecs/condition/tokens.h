// The words, literals and symbols of a condition, each with its place in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"

namespace copybridge::condition {

struct Token {
  enum class Kind { end, word, number, text, hex, symbol };
  Kind kind = Kind::end;
  std::string text;   ///< words in upper case; literals without quotes
  std::string shown;  ///< as written
  std::size_t position = 0;
};

/// Splits a condition. A character that begins nothing, or an open literal, is reported.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, const Where& where,
                                          Diagnostics& diagnostics);

/// The place of a position behind the text's first character.
[[nodiscard]] Where place_of(std::string_view text, const Where& where, std::size_t position);

}  // namespace copybridge::condition
