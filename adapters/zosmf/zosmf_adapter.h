// The source that reads data sets, z/OS UNIX files and job output by z/OSMF.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// The row of the registry.
extern const AdapterKind kZosmfAdapter;

}  // namespace copybridge::adapters
