// Log events of sources that take connections, beside those of log_events.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/core/log.h"

namespace copybridge {

/// Connections that were not taken, or were ended because of a limit or because they broke off;
/// `count` since the last such line, `reason` of the last of them.
void log_connections_refused(Log& log, std::string_view source, std::uint64_t count,
                             std::string_view reason);
/// What came over connections is not framed as it should be; likewise.
void log_connections_broken(Log& log, std::string_view source, std::uint64_t count,
                            std::string_view reason);

}  // namespace copybridge
