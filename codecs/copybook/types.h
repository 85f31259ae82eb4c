// TYPEDEF, TYPE and SAME AS: items that are described like a type or an item in front of them.
#pragma once

#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// The entries without those of type definitions, and with those of its type under every item that
/// has one, or of the item that it is to be the same as (ISO/IEC 1989:2002, 13.16.48, 13.16.58 and
/// 13.16.59).
[[nodiscard]] std::vector<Entry> with_types(std::vector<Entry> entries, Report& report);

}  // namespace copybridge::copybook
