// The adapter zeromq's row of the registry.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kZeromqAdapter;

}  // namespace copybridge::adapters
