// The source that records are posted to over HTTP.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// The row of the registry.
extern const AdapterKind kHttpAdapter;

}  // namespace copybridge::adapters
