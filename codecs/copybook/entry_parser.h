// Tokens to data description entries.
#pragma once

#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// Reads all entries. After a mistake it goes on behind the next period, so that all mistakes
/// of a copybook are found at once. Level 78
/// constants stand for numbers in OCCURS and literals in VALUE.
/// Of a whole program only the records of the DATA DIVISION are read.
[[nodiscard]] std::vector<Entry> parse_entries(const std::vector<Token>& tokens, Report& report);

}  // namespace copybridge::copybook
