// Where the keys of AWS come from, and the authorizer that signs with them.
#pragma once

#include <memory>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"
#include "bridge/publishers/aws/signature.h"

namespace copybridge::publishers::aws {

inline constexpr OptionSpec kAwsOptions[] = {
    {.name = "region", .type = OptionType::text, .help = "Region, as eu-central-1."},
    {.name = "endpoint",
     .type = OptionType::text,
     .help =
         "URL of the service where it is not the region's own: a VPC endpoint, a local server."},
    {.name = "credentials",
     .type = OptionType::choice,
     .default_value = "auto",
     .help =
         "Where the keys come from: static = the options below; environment = AWS_ACCESS_KEY_ID "
         "and so on; web-identity = AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN by STS; "
         "profile = the shared credentials file; container = the agent of ECS or "
         "EKS; instance = the metadata service of EC2; auto = the first of these, in this order, "
         "that is set up.",
     .choices = "auto|static|environment|web-identity|profile|container|instance"},
    {.name = "access_key_id", .type = OptionType::text, .help = "Id of static keys."},
    {.name = "secret_access_key", .type = OptionType::secret, .help = "Secret of static keys."},
    {.name = "session_token",
     .type = OptionType::secret,
     .help = "Session token of static keys that STS has given; read again when it is refused."},
    {.name = "profile",
     .type = OptionType::text,
     .help = "Profile of the shared credentials file; without it AWS_PROFILE, or default."},
    {.name = "role_arn",
     .type = OptionType::text,
     .help = "Role that is taken with these keys (STS AssumeRole)."}};

/// Signs with the keys that kAwsOptions name. Null, and why in `diagnostics`, where the options do
/// not go together.
[[nodiscard]] std::unique_ptr<http::Authorizer> make_authorizer(const Options& options, Scope scope,
                                                                const Clock& clock,
                                                                Diagnostics& diagnostics);

/// The region's own URL of a service, or the option `endpoint`.
[[nodiscard]] std::string endpoint_of(const Options& options, const std::string& region,
                                      std::string_view service);

}  // namespace copybridge::publishers::aws
