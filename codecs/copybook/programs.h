// Programs as copybooks: where each begins and ends, and which of their lines describe data.
#pragma once

#include <string>
#include <vector>

#include "codecs/copybook/source_text.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {

/// `lines` without what no data description stands in, free text that need not even be COBOL among
/// it: the comment-entries of IDENTIFICATION DIVISIONs, and PROCEDURE DIVISIONs. Headers stay.
[[nodiscard]] std::vector<SourceLine> without_other_divisions(std::vector<SourceLine> lines);

/// The outermost programs of a text, each with those that it contains; one part where the text is
/// no program. Parts share no REPLACE, no SPECIAL-NAMES and no constants.
[[nodiscard]] std::vector<std::vector<SourceLine>> split_programs(std::vector<SourceLine> lines);

[[nodiscard]] bool begins_program(std::string_view line);
/// Whether a line begins with the header of a DATA DIVISION or of a section of it.
[[nodiscard]] bool begins_data(std::string_view line);
/// Whether only another program or its options can follow a line.
[[nodiscard]] bool ends_program(std::string_view line);

/// Whether IDENTIFICATION DIVISION, or PROGRAM-ID without it, stands at a cursor.
[[nodiscard]] bool at_program(const TokenCursor& cursor);
/// Whether END PROGRAM or the like stands at a cursor.
[[nodiscard]] bool at_program_end(const TokenCursor& cursor);
/// Whether DATA DIVISION, or a section of it, begins at a cursor.
[[nodiscard]] bool at_data(const TokenCursor& cursor);
/// Whether PROGRAM-ID or the like stands at a cursor, with its period.
[[nodiscard]] bool at_program_name(const TokenCursor& cursor);

}  // namespace copybridge::copybook
