// Dates of fields: whether pattern, time zone and item fit each other.
#pragma once

#include "bridge/core/options.h"
#include "codecs/copybook/layout.h"
#include "codecs/mapping/context.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// Reports mistakes of a date rule at the place of its pattern or time zone. `item` is null where
/// it is not known. `options` are those of the field's entry.
void check_date(const Options& options, const plan::DateRule& rule, const copybook::Item* item,
                const Context& context);

}  // namespace copybridge::mapping
