// Literals and figurative constants of VALUE clauses and level-88 names.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "codecs/copybook/layout.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {

/// Level-78 constants by name in upper case.
using Constants = std::map<std::string, Literal, std::less<>>;

/// Whether a literal, a figurative constant or a named constant stands here.
[[nodiscard]] bool at_literal(const TokenCursor& cursor, const Constants& constants);

/// Takes the literal that stands here, `ALL`, concatenations with `&` and constants included.
/// Nothing, with a report, where there is none.
[[nodiscard]] std::optional<Literal> take_literal(TokenCursor& cursor, const Constants& constants,
                                                  Report& report);

/// The value of a constant: a literal, or whole numbers and constants joined by + - * / from left
/// to right, with parentheses.
[[nodiscard]] std::optional<Literal> take_constant(TokenCursor& cursor, const Constants& constants,
                                                   Report& report);

}  // namespace copybridge::copybook
