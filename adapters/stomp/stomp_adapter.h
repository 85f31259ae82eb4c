// The adapter stomp's row of the registry.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kStompAdapter;

}  // namespace copybridge::adapters
