// The keys of a mapping file that say how its copybook is read and what shape the JSON has.
#pragma once

#include <filesystem>

#include "bridge/core/options.h"
#include "codecs/condition/condition.h"
#include "codecs/copybook/parser.h"
#include "codecs/mapping/load.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// How the copybook is parsed. Mistakes are reported at their place; libraries are relative to
/// `folder`.
[[nodiscard]] copybook::ParseOptions read_parse_options(const Options& options,
                                                        const std::filesystem::path& folder,
                                                        const Files& files,
                                                        const charset::LoadOptions& pages,
                                                        Diagnostics& diagnostics);

/// The shape of the JSON, without the rules of fields. An unknown code page is reported; the
/// default one then stands in, so that the rest can be checked.
[[nodiscard]] plan::PlanOptions read_shape(const Options& options,
                                           const charset::LoadOptions& pages,
                                           Diagnostics& diagnostics);

/// How code pages are loaded: tables lie relative to `folder`.
[[nodiscard]] charset::LoadOptions read_page_options(const Options& options,
                                                     const std::filesystem::path& folder);

}  // namespace copybridge::mapping
