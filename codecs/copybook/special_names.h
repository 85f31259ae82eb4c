// SPECIAL-NAMES of a program: what it says about the pictures of its DATA DIVISION.
#pragma once

#include <filesystem>
#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/source_text.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// `options` with DECIMAL-POINT IS COMMA and CURRENCY SIGN taken from the SPECIAL-NAMES paragraph
/// in `lines`, which are of the program's own file at `path`, or in a member that is copied in
/// front of its DATA DIVISION; unchanged where there is none. A program's word counts for more than
/// the options. `ebcdic`: the page that the text was read in; null where it is not EBCDIC.
[[nodiscard]] ParseOptions with_special_names(ParseOptions options,
                                              const std::filesystem::path& path,
                                              const std::vector<SourceLine>& lines,
                                              const charset::CodePage* ebcdic, Sources& sources,
                                              Report& report);

}  // namespace copybridge::copybook
