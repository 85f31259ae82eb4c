// Records over TCP, one connection or many.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kTcpAdapter;

}  // namespace copybridge::adapters
