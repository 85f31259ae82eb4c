// Offsets and sizes of the items of one record.
#pragma once

#include <vector>

#include "codecs/copybook/layout.h"
#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// Sets offset and size of all items from the sizes of the elementary ones, with slack bytes
/// for SYNCHRONIZED, and the record's smallest and largest size. `places` are the items' places
/// in the text. Unbounded tables get their largest number of occurrences. A record beyond
/// kRecordMax is reported.
void place_items(Layout& layout, const std::vector<Place>& places, const ParseOptions& options,
                 Report& report);

}  // namespace copybridge::copybook
