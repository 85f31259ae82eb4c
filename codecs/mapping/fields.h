// `fields:` of a mapping file: the rules of single items.
#pragma once

#include <vector>

#include "bridge/core/config.h"
#include "codecs/mapping/context.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// Reads the rules of fields that are printed in a shape. Mistakes are reported at their place; a
/// rule that has one is left out.
[[nodiscard]] std::vector<plan::FieldRule> read_field_rules(const ConfigNode& fields,
                                                            const plan::PlanOptions& shape,
                                                            const Context& context);

/// The value of an `on_bad_field` key: reject, null or raw.
[[nodiscard]] plan::OnBadField on_bad_field_of(std::string_view word);

}  // namespace copybridge::mapping
