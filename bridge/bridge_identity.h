// What tells a bridge from all others, the same in every run: a random number kept in `state`.
#pragma once

#include <string>

#include "bridge/core/state.h"

namespace copybridge::bridge {

/// Made when it is first asked for. ErrorKind::storage.
[[nodiscard]] Result<std::string> bridge_identity(const StateDirectory& state);

}  // namespace copybridge::bridge
