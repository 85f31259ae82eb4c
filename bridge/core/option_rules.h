// What options of one component mean for each other, said alike by all.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "bridge/core/diagnostics.h"
#include "bridge/core/options.h"

namespace copybridge {

/// Reports an option that is given without another one.
inline void check_needs(const Options& options, std::string_view name, std::string_view other,
                        Diagnostics& diagnostics) {
  if (!options.is_given(name) || options.is_given(other)) return;
  diagnostics.error(options.where(name), fmt::format("'{}' needs '{}' as well", name, other));
}

/// Reports two options that are both given.
inline void check_excludes(const Options& options, std::string_view name, std::string_view other,
                           Diagnostics& diagnostics) {
  if (!options.is_given(name) || !options.is_given(other)) return;
  diagnostics.error(options.where(name),
                    fmt::format("'{}' and '{}' exclude each other", name, other));
}

}  // namespace copybridge
