// Copybooks as they were when a mapping was loaded.
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "codecs/mapping/load.h"

namespace copybridge::mapping {

/// Asks for each file once, and gives the same answer whenever it is asked for again, so that a
/// mapping means the same until the bridge is started anew. For one thread at a time.
class RememberedFiles : public Files {
 public:
  explicit RememberedFiles(const Files& files) : files_(&files) {}

  /// From now on what was not asked for is not there.
  void forget_files() { files_ = nullptr; }

  [[nodiscard]] bool is_folder(const std::filesystem::path& path) const override;
  [[nodiscard]] std::optional<copybook::ParseOutcome> load_copybook(
      const std::filesystem::path& path, const copybook::ParseOptions& options) const override;

 private:
  const Files* files_;
  mutable std::map<std::filesystem::path, bool> folders_;
  mutable std::map<std::filesystem::path, std::optional<copybook::ParseOutcome>> copybooks_;
};

}  // namespace copybridge::mapping
