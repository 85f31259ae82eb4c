// The source that reads files: fixed, variable, line and length-prefixed records from files that
// are there, arrive or grow, each settled file moved, deleted or kept.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// The row of the registry.
extern const AdapterKind kFileAdapter;

}  // namespace copybridge::adapters
