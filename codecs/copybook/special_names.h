// SPECIAL-NAMES of a program: what it says about the pictures of its DATA DIVISION.
#pragma once

#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// `options` with DECIMAL-POINT IS COMMA and CURRENCY SIGN taken from the SPECIAL-NAMES paragraph
/// in `text`, which is the program's own file; unchanged where there is none. A program's word
/// counts for more than the options.
[[nodiscard]] ParseOptions with_special_names(ParseOptions options, std::string_view text,
                                              const Sources& sources, Report& report);

}  // namespace copybridge::copybook
