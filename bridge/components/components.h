// The registry: every adapter and publisher there is, one line each.
#pragma once

#include <span>

#include "adapters/adapter.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::components {

[[nodiscard]] std::span<const adapters::AdapterKind* const> adapter_kinds();
[[nodiscard]] std::span<const publishers::PublisherKind* const> publisher_kinds();

}  // namespace copybridge::components
