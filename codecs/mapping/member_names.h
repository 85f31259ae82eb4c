// Names that would occur twice in one JSON object.
#pragma once

#include "codecs/mapping/context.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// Warns, at its place in the copybook, of every item whose member gets a number behind its name
/// (`-2`) because another member of the object has it already.
void warn_of_equal_names(const plan::PlanOptions& options, const Context& context);

}  // namespace copybridge::mapping
