// Data description entries to layouts.
#pragma once

#include <string>
#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/layout.h"
#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// Puts entries into their hierarchy and gives every item its place. Items before the first 01
/// or 77 go under an implied 01 of this name.
[[nodiscard]] Copybook build(std::vector<Entry> entries, const std::string& implied_name,
                             const ParseOptions& options, Report& report);

}  // namespace copybridge::copybook
