// Dates of fields: whether pattern, time zone and item fit each other.
#pragma once

#include "bridge/core/options.h"
#include "codecs/copybook/layout.h"
#include "codecs/mapping/context.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// Reports mistakes of a date rule, those of the pattern at their own column. `item` is null where
/// it is not known. `options` are those of the field's entry.
void check_date(const Options& options, const plan::DateRule& date, const copybook::Item* item,
                const Context& context);

}  // namespace copybridge::mapping
