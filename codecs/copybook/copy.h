// COPY, INCLUDE and REPLACE: the tokens of a copybook with all its members in place.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"
#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/source_text.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// Bytes that a copybook and its members may have together.
inline constexpr std::size_t kTextMax = std::size_t{8} << 20;

/// Reads a text file of at most `size_max` bytes; only regular files are opened.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path,
                                            std::size_t size_max);

/// What the texts of all parts of a copybook may become together, so that a small text cannot
/// become a large one.
struct ExpansionBudget {
  std::size_t replaced_text = kTextMax;
  std::size_t tokens = 1'000'000;
};

/// The tokens of `lines`, which are of sources.texts[0] (named sources.names[0]), members that
/// COPY,
/// `++INCLUDE`, `-INC` and EXEC SQL INCLUDE name in their places; other EXEC is left out. Members
/// come only from options.libraries; they are added to `sources`. `path` is the copybook's own file
/// where it has one, so that a COPY of itself is seen.
[[nodiscard]] std::vector<Token> expand(const std::filesystem::path& path,
                                        const std::vector<SourceLine>& lines,
                                        const ParseOptions& options, ExpansionBudget& budget,
                                        Sources& sources, Report& report);

}  // namespace copybridge::copybook
