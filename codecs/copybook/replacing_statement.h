// The statements that exchange words: the REPLACING phrase of COPY, and REPLACE.
#pragma once

#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/replacing.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {

/// Takes `==text== BY ==text== …` up to the period: pseudo-text, words, literals, and names with
/// qualifiers and subscripts. What is wrong is reported and ends the list.
[[nodiscard]] std::vector<Replacement> take_replacements(TokenCursor& cursor, Report& report);

/// Takes the period; where there is none, a report, and all text up to the next one.
void end_statement(TokenCursor& cursor, std::string_view statement, Report& report);

/// `tokens`, all members in place, with every REPLACE statement carried out and taken out. As in
/// Enterprise COBOL one holds up to the next, whichever member it stands in; with ALSO it adds to
/// those before it, and LAST OFF takes it back (ISO). `budget` is the text that may be added.
[[nodiscard]] std::vector<Token> apply_replace_statements(const std::vector<Token>& tokens,
                                                          const ParseOptions& options,
                                                          Sources& sources, Report& report,
                                                          std::size_t& budget);

}  // namespace copybridge::copybook
