// USAGE SQL TYPE IS: host variables of Db2, which its precompiler and coprocessor make items of.
#pragma once

#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {

/// Whether `SQL TYPE`, or USAGE with it, stands at a cursor.
[[nodiscard]] bool at_sql_type(const TokenCursor& cursor);

/// Reads `[USAGE IS] SQL TYPE IS type` into the entry: its picture and usage, or into `parts` the
/// entries under it. False, with a report, where it is no such type.
[[nodiscard]] bool take_sql_type(TokenCursor& cursor, Entry& entry, std::vector<Entry>& parts,
                                 Report& report);

}  // namespace copybridge::copybook
