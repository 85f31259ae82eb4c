// Replay: dead letters of one source as a source of their own. They take the same way through
// the same pipeline, only to the destinations they are owed to, and keep their ids.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/bridge_config.h"
#include "bridge/dead_letters.h"

namespace copybridge::bridge {

/// Which dead letters to send again.
struct ReplaySelection {
  std::vector<std::string> ids;  ///< empty: all
};

struct ReplayTotals {
  std::uint64_t delivered = 0;  ///< gone from the dead letters
  std::uint64_t filtered = 0;   ///< not wanted any more, gone from the dead letters
  std::uint64_t still_bad = 0;  ///< again dead letters, with the new reason
  std::uint64_t kept = 0;       ///< not sent: the endpoint is away
};

/// Replays through the bridge file's routes. The bridge must not run (the state directory is
/// locked). ErrorKind::storage, config; returns what became of them.
[[nodiscard]] Result<ReplayTotals> replay(const BridgeConfig& config,
                                          const ReplaySelection& selection,
                                          Milliseconds give_up_after, const Clock& clock, Log& log);

}  // namespace copybridge::bridge
