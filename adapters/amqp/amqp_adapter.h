// The adapter amqp's row of the registry.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kAmqpAdapter;

}  // namespace copybridge::adapters
