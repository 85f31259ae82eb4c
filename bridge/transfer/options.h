// The options of a connection to a server of files, the same for sources and publishers.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "bridge/core/options.h"
#include "bridge/transfer/transfer.h"

namespace copybridge::transfer {

/// The rows.
[[nodiscard]] std::span<const OptionSpec> connection_options();

/// Rows behind each other, in one table.
[[nodiscard]] std::vector<OptionSpec> joined(
    std::initializer_list<std::span<const OptionSpec>> tables);

/// Where credentials come from; read for each use, so that a rotated secret counts.
struct Login {
  std::string user;
  Secret password;
  Secret key_password;
  /// ErrorKind::peer_refused: a secret that is not there.
  [[nodiscard]] Result<Credentials> credentials() const;
};

[[nodiscard]] Login read_login(const Options& options);
/// Everything but what only one protocol has. Relative paths start at `directory`.
[[nodiscard]] Settings read_connection(const std::filesystem::path& directory,
                                       const Options& options);
/// Relative to the bridge file's folder; empty stays empty.
[[nodiscard]] std::string file_from(const std::filesystem::path& directory,
                                    const std::string& name);

}  // namespace copybridge::transfer
