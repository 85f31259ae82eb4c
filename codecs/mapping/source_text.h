// The text of a mapping file, to find the place of a character inside a scalar: a mistake in a
// condition is reported where it stands, quotes, escapes and folded lines counted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bridge/core/config.h"

namespace copybridge::mapping {

/// Owns the text, without its byte order mark. Immutable; usable from any thread.
class SourceText {
 public:
  explicit SourceText(std::string_view text);

  /// The place of the byte `offset` of a scalar's value. Of block scalars, tagged and anchored
  /// ones the place of their start.
  [[nodiscard]] Where place(const ConfigNode& scalar, std::size_t offset) const;

 private:
  /// The position in the text of a line and column; npos where there is no such place.
  [[nodiscard]] std::size_t position_of(const Where& where) const;

  std::string text_;
};

}  // namespace copybridge::mapping
