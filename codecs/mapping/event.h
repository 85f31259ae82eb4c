// `event:` of a mapping file: type, subject and key of the event around the JSON.
#pragma once

#include "bridge/core/config.h"
#include "codecs/mapping/context.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {

/// Reads the event into the mapping, whose options hold the fields' rules already (keys and
/// subjects see masked values). Mistakes are reported at their own column.
void read_event(const ConfigNode& event, const Context& context, Mapping& mapping);

}  // namespace copybridge::mapping
