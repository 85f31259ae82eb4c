// Which files there are: the patterns expanded, folders to watch, and what was left out.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "adapters/file/identity.h"
#include "adapters/file/settings.h"
#include "adapters/file/store.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::file {

/// How a file is called while it is being moved or deleted: `.copybridge-7-NAME` beside it, cut
/// where it would be too long for a file name.
[[nodiscard]] std::filesystem::path private_path(const std::filesystem::path& path,
                                                 std::uint64_t arrival);

/// Lists the files of the patterns. Trigger files, private names and what lies in the folders that
/// files are moved to are left out; so is everything but regular files, unless a pattern names it
/// without wildcards. ErrorKind::source where a folder named without wildcards cannot be listed.
[[nodiscard]] Result<Listing> list_files(const Settings& settings);

/// Gives private names back to files that no arrival knows (their state was lost), so that they
/// are read again. `known`: private paths of arrivals that are being finished.
void restore_unknown_private_files(const Settings& settings,
                                   const std::set<std::filesystem::path>& known);

}  // namespace copybridge::adapters::file
