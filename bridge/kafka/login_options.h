// Options of the login by tokens, which stand in the table of every component of Kafka.
#pragma once

#include <filesystem>
#include <memory>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/kafka/client.h"
#include "bridge/kafka/login.h"
#include "bridge/publishers/aws/signature.h"

namespace copybridge::kafka {

inline constexpr OptionSpec kTokenOption{
    .name = "token",
    .type = OptionType::choice,
    .default_value = "none",
    .help =
        "Login by tokens (SASL/OAUTHBEARER), which are renewed before they end: oauth2 = "
        "client credentials at token_url; entra = client_id and client_secret at Microsoft "
        "Entra, workload-identity = AZURE_FEDERATED_TOKEN_FILE there, managed-identity = the "
        "machine's own, all three for Azure Event Hubs; msk-iam = Amazon MSK with keys of AWS.",
    .choices = "none|oauth2|entra|workload-identity|managed-identity|msk-iam"};

inline constexpr OptionSpec kTokenOptions[] = {
    kTokenOption,
    {.name = "token_url",
     .type = OptionType::text,
     .help = "Where OAuth2 tokens are given for client credentials (RFC 6749)."},
    {.name = "client_id",
     .type = OptionType::text,
     .help = "Client at the token_url; application at Microsoft Entra, without it AZURE_CLIENT_ID; "
             "or the user-assigned managed identity."},
    {.name = "client_secret",
     .type = OptionType::secret,
     .help = "Secret of the client or application."},
    {.name = "scope",
     .type = OptionType::text,
     .help = "Scopes of the tokens of token_url, blank separated."},
    {.name = "tenant_id",
     .type = OptionType::text,
     .help = "Tenant at Microsoft Entra; without it AZURE_TENANT_ID."},
    {.name = "authority",
     .type = OptionType::text,
     .default_value = "https://login.microsoftonline.com",
     .help = "Where Microsoft Entra is, for other clouds."},
    {.name = "sasl_extensions",
     .type = OptionType::text_map,
     .help = "What the brokers are told beside the token: logicalCluster and identityPoolId of "
             "Confluent Cloud."},
    {.name = "region", .type = OptionType::text, .help = "Region of the MSK, as eu-central-1."},
    {.name = "access_key_id",
     .type = OptionType::text,
     .help = "Id of static keys of AWS; without it the first of environment, web identity, "
             "profile, container and instance that is set up."},
    {.name = "secret_access_key",
     .type = OptionType::secret,
     .help = "Secret of static keys of AWS."},
    {.name = "session_token",
     .type = OptionType::secret,
     .help = "Session token of static keys that STS has given."},
    {.name = "profile",
     .type = OptionType::text,
     .help = "Profile of AWS's shared credentials file; without it AWS_PROFILE, or default."},
    {.name = "role_arn",
     .type = OptionType::text,
     .help = "Role that is taken with these keys (STS AssumeRole)."}};

/// The properties that a login by tokens stands for; none without one.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> token_properties(
    const Options& options);

/// The login that the options ask for, of which http::kConnectionOptions are those of its HTTP;
/// null: none. Mistakes go to `diagnostics`.
[[nodiscard]] std::shared_ptr<Login> make_login(const Options& options,
                                                const std::filesystem::path& directory,
                                                const Clock& clock, Diagnostics& diagnostics);

/// The token of Amazon MSK: a signed URL in Base64 that is good for `kMskTokenLifetime`.
[[nodiscard]] std::string msk_token(const std::string& region, const publishers::aws::Keys& keys,
                                    WallTime now);
inline constexpr std::chrono::seconds kMskTokenLifetime{900};

}  // namespace copybridge::kafka
