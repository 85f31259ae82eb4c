// Which sources and publishers are exactly once together, checked before anything is read.
#pragma once

#include "bridge/bridge_config.h"

namespace copybridge::bridge {

/// Reports what a publisher that is exactly once cannot keep with the sources that its routes lead
/// from, and positions that no publisher would store. `adapters`: their section of the bridge file.
void check_exactly_once(const BridgeConfig& config, const ConfigNode& adapters,
                        Diagnostics& diagnostics);

/// Whether the source leaves its position to the publisher.
[[nodiscard]] bool gives_positions(const AdapterConfig& adapter);

}  // namespace copybridge::bridge
