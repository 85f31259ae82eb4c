// Answers that are kept.
#include "codecs/mapping/remembered_files.h"

namespace copybridge::mapping {

bool RememberedFiles::is_folder(const std::filesystem::path& path) const {
  const auto known = folders_.find(path);
  if (known != folders_.end()) return known->second;
  return folders_[path] = files_ != nullptr && files_->is_folder(path);
}

std::optional<copybook::ParseOutcome> RememberedFiles::load_copybook(
    const std::filesystem::path& path, const copybook::ParseOptions& options) const {
  // All of a mapping are parsed with the same options.
  const auto known = copybooks_.find(path);
  if (known != copybooks_.end()) return known->second;
  if (files_ == nullptr) return std::nullopt;
  return copybooks_[path] = files_->load_copybook(path, options);
}

}  // namespace copybridge::mapping
