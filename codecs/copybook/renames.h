// Level 66: other names for the storage of a record's items.
#pragma once

#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/layout.h"
#include "codecs/copybook/names.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// Adds the items of level 66 behind all others, once these have their places. `names` knows the
/// layout without them.
void add_renames(std::vector<Entry>& entries, const NameIndex& names, Layout& layout,
                 Report& report);

}  // namespace copybridge::copybook
