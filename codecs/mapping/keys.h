// The option tables of mapping files: every key that may stand in one. They read the file, report
// what they do not know, and are held against docs/mapping.md by a test.
#pragma once

#include <span>

#include "bridge/core/options.h"

namespace copybridge::mapping {

/// The keys at the top of a mapping file.
[[nodiscard]] std::span<const OptionSpec> mapping_keys();
/// The keys of one entry of `fields:`.
[[nodiscard]] std::span<const OptionSpec> field_keys();
/// The keys of one entry of `redefines:`.
[[nodiscard]] std::span<const OptionSpec> redefines_keys();
/// The keys of one entry of `children:`.
[[nodiscard]] std::span<const OptionSpec> child_keys();
/// The keys of `event:`.
[[nodiscard]] std::span<const OptionSpec> event_keys();
/// The keys of one entry of `examples:`.
[[nodiscard]] std::span<const OptionSpec> example_keys();

}  // namespace copybridge::mapping
