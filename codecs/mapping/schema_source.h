// What the schema of a mapping's JSON is made of.
#pragma once

#include "codecs/mapping/mapping.h"
#include "codecs/schema/schema.h"

namespace copybridge::mapping {

/// Of a record's type; with `hierarchy`, of the documents whose root it is. All must outlive the
/// result.
[[nodiscard]] schema::Source schema_source(const copybook::Layout& layout,
                                           const plan::PlanOptions& options,
                                           const std::vector<plan::Alternative>& alternatives,
                                           const Hierarchy* hierarchy);

}  // namespace copybridge::mapping
