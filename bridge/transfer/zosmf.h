// A z/OSMF server: its options, the paths of its resources, what its requests need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "bridge/transfer/options.h"

namespace copybridge::transfer {

struct ZosmfServer {
  std::string origin;  ///< `https://host:port`, with whatever path a gateway puts before /zosmf
  Settings settings;
  Login login;
  Secret token;
  std::string recall;      ///< of migrated data sets: wait, nowait or error
  bool is_record = false;  ///< X-IBM-Data-Type: record, otherwise binary

  /// Of a data set, a member `DSN(MEM)` or, from `/`, a z/OS UNIX file.
  [[nodiscard]] std::string resource_of(std::string_view name) const;
  /// X-IBM-Data-Type, and how a migrated data set is waited for.
  [[nodiscard]] std::vector<std::string> data_headers(std::string_view name) const;
  /// Puts in front of a path what all requests have: origin, CSRF header, token.
  [[nodiscard]] Result<void> complete(Call& call) const;
  [[nodiscard]] Result<Credentials> credentials() const;
};

[[nodiscard]] std::span<const OptionSpec> zosmf_options();
/// Mistakes go to `diagnostics`.
[[nodiscard]] ZosmfServer read_zosmf(const std::filesystem::path& directory, const Options& options,
                                     Diagnostics& diagnostics);

/// What z/OSMF says went wrong, of the JSON in an answer's body: `category 6: …`; empty where it
/// says nothing.
[[nodiscard]] std::string zosmf_reason(const Answer& answer);

}  // namespace copybridge::transfer
