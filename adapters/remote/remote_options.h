// The options of files on servers beside those of all files, and the settings they make.
#pragma once

#include <span>

#include "adapters/file/settings.h"

namespace copybridge::adapters::remote {

/// path, after, on_error.
[[nodiscard]] std::span<const OptionSpec> remote_options();

/// All of arrival_options(), framing and remote_options(). Mistakes go to `diagnostics`.
[[nodiscard]] file::Settings read_remote_settings(const AdapterContext& context,
                                                  const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::adapters::remote
