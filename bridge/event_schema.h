// The schema of the events that come to a publisher which tells it to its endpoint.
#pragma once

#include <string>

#include "bridge/bridge_config.h"

namespace copybridge::bridge {

/// Reports publishers that need all events to have one schema, and get events that have not.
void check_schemas(const BridgeConfig& config, Diagnostics& diagnostics);

/// That of the events that come to a publisher, which check_schemas has found good; empty where it
/// needs none.
[[nodiscard]] publishers::EventSchema event_schema_for(const BridgeConfig& config,
                                                       const PublisherConfig& publisher);

}  // namespace copybridge::bridge
