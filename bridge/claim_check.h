// Which publishers keep bodies for which, checked before anything is read.
#pragma once

#include <set>
#include <string>

#include "bridge/bridge_config.h"

namespace copybridge::bridge {

/// What stands under a publisher's `claim_check`; empty: nothing.
[[nodiscard]] std::string claim_check_of(const ConfigNode& publisher);
/// The publishers that others name so.
[[nodiscard]] std::set<std::string> body_stores(const ConfigNode& publishers);

/// Reports where a `claim_check` would not work. `publishers`: their section of the bridge file.
void check_claim_checks(const BridgeConfig& config, const ConfigNode& publishers,
                        Diagnostics& diagnostics);

}  // namespace copybridge::bridge
