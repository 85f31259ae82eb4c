// TYPEDEF and TYPE: items that are described like a type defined before them.
#pragma once

#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// The entries without those of type definitions, and with those of its type under every item that
/// has one (ISO/IEC 1989:2002, 13.16.58 and 13.16.59).
[[nodiscard]] std::vector<Entry> with_types(std::vector<Entry> entries, Report& report);

}  // namespace copybridge::copybook
