// The clauses of one data description entry.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/literals.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {

/// What entries in front of one have defined.
struct Definitions {
  Constants constants;
  std::set<std::string> types;  ///< names of TYPEDEFs, in upper case
};

/// Whether this word begins a clause, and so is not an item's name.
[[nodiscard]] bool is_clause_word(std::string_view word);

/// Reads the clause that begins here into `entry`. False, with a report, where the text is
/// wrong; the cursor then stands at or behind the mistake.
[[nodiscard]] bool take_clause(TokenCursor& cursor, const Definitions& defined, Entry& entry,
                               Report& report);

/// `A OF B IN C`; nothing, with a report, where no name stands here.
[[nodiscard]] std::optional<Reference> take_reference(TokenCursor& cursor, Report& report);

}  // namespace copybridge::copybook
