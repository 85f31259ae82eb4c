// The http adapter's option table and the values it gives.
#pragma once

#include <span>

#include "adapters/adapter.h"
#include "adapters/http/http_source.h"

namespace copybridge::adapters::http {

[[nodiscard]] std::span<const OptionSpec> source_options();

/// Whether requests are answered when their records are delivered.
[[nodiscard]] bool answers_when_delivered(const Options& options);

/// Reads the options; mistakes go to `diagnostics`, and the settings are then not to be used.
[[nodiscard]] SourceSettings read_source(const AdapterContext& context, const Options& options,
                                         Diagnostics& diagnostics);

}  // namespace copybridge::adapters::http
