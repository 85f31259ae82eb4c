// The words of data description entries: usages with their synonyms, and hints for misspelt ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codecs/copybook/layout.h"

namespace copybridge::copybook {

/// A USAGE as the text names it; finer than Usage, which says how the bytes are read.
enum class UsageWord : std::uint8_t {
  display,
  binary,
  comp_5,
  comp_x,
  comp_n,
  packed,
  comp_6,
  comp_1,
  comp_2,
  national,
  display_1,
  utf8,
  index,
  pointer,
  function_pointer,
  procedure_pointer,
  object_reference,
  binary_char,
  binary_short,
  binary_long,
  binary_double
};

/// The usage that a word names (`COMPUTATIONAL-3`), upper or lower case.
[[nodiscard]] std::optional<UsageWord> find_usage(std::string_view word);

/// The figurative constant that a word names (`ZEROES`), upper or lower case.
[[nodiscard]] std::optional<Literal::Kind> find_figurative(std::string_view word);

/// `did you mean OCCURS?`, or an empty text where no known word is near.
[[nodiscard]] std::string nearest_word(std::string_view word);

}  // namespace copybridge::copybook
