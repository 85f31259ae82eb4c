// The option `described_by`: mappings that tell an adapter how records lie in what it reads.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bridge/core/options.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::adapters {

/// The mappings that the option names; none where one cannot be used. A mapping's own mistakes are
/// reported where a route names it; here only the first, so that it is never lost.
[[nodiscard]] std::vector<std::shared_ptr<const mapping::Mapping>> load_described(
    const std::filesystem::path& directory, const Options& options, Diagnostics& diagnostics);

/// Has them complete `framing`.
void describe(const std::filesystem::path& directory, const Options& options,
              framing::FramingOptions& framing, Diagnostics& diagnostics);

/// Of adapters whose messages hold one record or several: how several lie in one, where the option
/// `switch_name` is `framed`; nothing where a message is one record. Mistakes are reported.
[[nodiscard]] std::optional<framing::FramingOptions> read_message_framing(
    const std::filesystem::path& directory, const Options& options, std::string_view switch_name,
    Diagnostics& diagnostics);

/// Reports framing options that cannot work together.
void check_framing(const framing::FramingOptions& framing, const Options& options,
                   Diagnostics& diagnostics);

}  // namespace copybridge::adapters
