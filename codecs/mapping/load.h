// Loading of mapping files from text, so that tests and the fuzzer need no disk.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "codecs/copybook/parser.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {

/// Where a mapping finds what it names.
class Files {
 public:
  virtual ~Files() = default;
  /// Whether a COPY library is there.
  [[nodiscard]] virtual bool is_folder(const std::filesystem::path& path) const = 0;
  /// The parsed copybook; none where the file cannot be read.
  [[nodiscard]] virtual std::optional<copybook::ParseOutcome> load_copybook(
      const std::filesystem::path& path, const copybook::ParseOptions& options) const = 0;
};

/// As load(), from text; `path` is used in positions and to find relative paths. Mistakes of the
/// mapping file come first, by line and column, then those of its copybook.
[[nodiscard]] std::unique_ptr<const Mapping> load_text(std::string_view text,
                                                       const std::filesystem::path& path,
                                                       const Files& files,
                                                       Diagnostics& diagnostics);

/// As load_text(), from a map that was parsed of `text` already.
[[nodiscard]] std::unique_ptr<const Mapping> load_node(const ConfigNode& root,
                                                       std::string_view text,
                                                       const std::filesystem::path& path,
                                                       const Files& files,
                                                       Diagnostics& diagnostics);

}  // namespace copybridge::mapping
