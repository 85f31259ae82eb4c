// Who may at Google Cloud.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"

namespace copybridge::publishers::gcp {

inline constexpr OptionSpec kIdentityOptions[] = {
    {.name = "credentials",
     .type = OptionType::choice,
     .default_value = "file",
     .help = "file = the JSON file of a service account, or of a workload identity federation; "
             "metadata = the machine's own, by its metadata service; none = for an emulator.",
     .choices = "file|metadata|none"},
    {.name = "credentials_file",
     .type = OptionType::text,
     .help = "The file, relative to the bridge file; without it GOOGLE_APPLICATION_CREDENTIALS. It "
             "is read again for every token."}};

/// Tokens for `scope` (`https://www.googleapis.com/auth/pubsub`). Null, and why in `diagnostics`,
/// where the options do not go together.
[[nodiscard]] std::unique_ptr<http::Authorizer> make_authorizer(
    const Options& options, const std::filesystem::path& directory, const std::string& scope,
    const Clock& clock, Diagnostics& diagnostics);

}  // namespace copybridge::publishers::gcp
