// The source that reads IBM MQ queues through the user's own client library.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// The row of the registry.
extern const AdapterKind kIbmMqAdapter;

}  // namespace copybridge::adapters
