// The options of framing: one table, which adapters, the command line and the reference read.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bridge/core/options.h"
#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// The rows. Adapters put them among their own with with_framing().
[[nodiscard]] std::span<const OptionSpec> framing_options();

/// An option's flag on the command line: `--skip-header` of `skip_header_bytes`.
[[nodiscard]] std::string flag_of(const OptionSpec& option);

/// The bytes that end lines, where the options leave it to the code page.
enum class LineEnds : std::uint8_t { ebcdic, ascii };

/// Reads what the table has given. FramingOptions::measure is left to those who know the copybook:
/// with `length_field` or recfm copybook the format is Recfm::measured. Options that exclude each
/// other are reported.
[[nodiscard]] FramingOptions read_framing(const Options& options, LineEnds line_ends,
                                          Diagnostics& diagnostics);

/// The rows of framing with those of a component behind the first of its own.
[[nodiscard]] std::vector<OptionSpec> with_framing(std::span<const OptionSpec> component);

}  // namespace copybridge::framing
