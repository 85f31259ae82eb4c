// Times that a source says, which may be any number.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/core/clock.h"

namespace copybridge {

/// `2026-11-23T04:05:06.789Z` of milliseconds since 1970; empty where RFC 3339 cannot write the
/// year (0 to 9999).
[[nodiscard]] std::string source_time_text(std::int64_t since_1970_ms);

}  // namespace copybridge
