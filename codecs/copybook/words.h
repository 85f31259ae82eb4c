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
  float_decimal_16,
  float_decimal_34,
  national,
  display_1,
  utf8,
  index,
  pointer,
  pointer_32,
  function_pointer,
  procedure_pointer,
  object_reference,
  handle,
  binary_char,
  binary_short,
  binary_long,
  binary_double
};

/// A usage of another compiler than IBM's.
struct ForeignUsage {
  UsageWord usage = UsageWord::display;
  bool is_unsigned = false;
};

/// The usage that a word names (`COMPUTATIONAL-3`), upper or lower case.
[[nodiscard]] std::optional<UsageWord> find_usage(std::string_view word);

/// The usage that a word names behind an item's name, where z/OS COBOL has no such usage and the
/// word may be an item's name as well (`FLOAT`, `SIGNED-INT`).
[[nodiscard]] std::optional<ForeignUsage> find_foreign_usage(std::string_view word);

/// The figurative constant that a word names (`ZEROES`), upper or lower case.
[[nodiscard]] std::optional<Literal::Kind> find_figurative(std::string_view word);

/// `did you mean OCCURS?`, or an empty text where no known word is near.
/// Why a word of other compilers has no meaning here; empty for others.
[[nodiscard]] std::string hint_of_unsupported(std::string_view word);
[[nodiscard]] std::string nearest_word(std::string_view word);

}  // namespace copybridge::copybook
