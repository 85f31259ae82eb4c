// Lines of COBOL text to tokens.
#pragma once

#include <vector>

#include "codecs/copybook/report.h"
#include "codecs/copybook/source_text.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// The tokens of `lines`, closed by one of kind `end`. Separators (blanks, commas, semicolons)
/// and `*>` comments leave nothing behind; what follows PICTURE is one token of kind `picture`.
/// A literal without its closing quote and characters of no COBOL word are reported.
/// `after_picture` says that the text stands behind the word PICTURE (text of a REPLACING).
[[nodiscard]] std::vector<Token> tokenize(const std::vector<SourceLine>& lines, std::uint16_t file,
                                          const ParseOptions& options, Sources& sources,
                                          Report& report, bool after_picture = false);

/// The tokens of replacing text; all of them stand at `place`.
[[nodiscard]] std::vector<Token> tokenize_at(std::string_view text, Place place,
                                             const ParseOptions& options, Sources& sources,
                                             Report& report, bool after_picture);

}  // namespace copybridge::copybook
