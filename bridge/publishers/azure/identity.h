// Who may at Azure: tokens of Microsoft Entra, and the signatures of services by their keys.
#pragma once

#include <memory>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"
#include "bridge/http/key_authorizer.h"
#include "bridge/http/oauth2.h"
#include "bridge/http/token_source.h"

namespace copybridge::publishers::azure {

inline constexpr OptionSpec kIdentityOptions[] = {
    {.name = "credentials",
     .type = OptionType::choice,
     .default_value = "key",
     .help = "key = the service's own key; entra = client_id and client_secret at Microsoft Entra; "
             "workload-identity = AZURE_FEDERATED_TOKEN_FILE there; managed-identity = the "
             "machine's own, by its metadata service.",
     .choices = "key|entra|workload-identity|managed-identity"},
    {.name = "key", .type = OptionType::secret, .help = "Key of the service, or of its policy."},
    {.name = "tenant_id",
     .type = OptionType::text,
     .help = "Tenant at Microsoft Entra; without it AZURE_TENANT_ID."},
    {.name = "client_id",
     .type = OptionType::text,
     .help = "Application at Microsoft Entra, without it AZURE_CLIENT_ID; or the user-assigned "
             "managed identity."},
    {.name = "client_secret", .type = OptionType::secret, .help = "Secret of the application."},
    {.name = "authority",
     .type = OptionType::text,
     .default_value = "https://login.microsoftonline.com",
     .help = "Where Microsoft Entra is, for other clouds."}};

/// The call for a token of Microsoft Entra, by one of its words: entra, workload-identity,
/// managed-identity. The option `name` holds it; those of kIdentityOptions from tenant_id on say
/// who. What is missing goes to `diagnostics`.
[[nodiscard]] http::TokenCall entra_token_call(const Options& options, std::string_view name,
                                               const std::string& resource,
                                               Diagnostics& diagnostics);

/// By kIdentityOptions: `use_key` where the service's key is used, else tokens for `resource`
/// (`https://servicebus.azure.net`), which `use_token` puts on a call, as bearers where it is left
/// out. Null, and why in `diagnostics`, where the options do not go together.
[[nodiscard]] std::unique_ptr<http::Authorizer> make_authorizer(
    const Options& options, const std::string& resource, http::ReadKey read_key,
    http::UseKey use_key, const Clock& clock, Diagnostics& diagnostics,
    http::UseKey use_token = {});

/// Likewise for Service Bus and Event Hubs over AMQP: signatures for `uri` by the key of `policy`,
/// or tokens for `resource`.
struct Claims {
  std::unique_ptr<http::TokenSource> tokens;
  std::string type;  ///< as a put-token operation names it
};
[[nodiscard]] Claims make_claims(const Options& options, const std::string& resource,
                                 const std::string& uri, const Clock& clock,
                                 Diagnostics& diagnostics);

/// `SharedAccessSignature sr=…` of Service Bus and Event Hubs for one hour; the key is used as its
/// characters (Service Bus documentation, "Shared access signatures").
[[nodiscard]] std::string service_bus_signature(const std::string& uri, const std::string& policy,
                                                const std::string& key, WallTime now);

/// `r=…&e=…&s=…` of Event Grid for one hour; `key` is decoded (Event Grid documentation,
/// "Authenticate with shared access signatures").
[[nodiscard]] std::string event_grid_signature(const std::string& resource, const std::string& key,
                                               WallTime now);

/// Of a request to Cosmos DB, percent-encoded as its header has it; `method` in lower case, `date`
/// as http_date() has it, `key` decoded ("Access control on Azure Cosmos DB resources").
[[nodiscard]] std::string cosmos_signature(std::string_view method, std::string_view resource_type,
                                           std::string_view resource, const std::string& date,
                                           const std::string& key);

/// Adds x-ms-date, x-ms-version and Authorization of Shared Key to a complete call to Blob or Queue
/// storage; `key` is decoded (Storage documentation, "Authorize with Shared Key").
void sign_shared_key(http::Call& call, const std::string& account, const std::string& key,
                     WallTime now);

/// Adds x-ms-version, which a signature brings and a token does not.
[[nodiscard]] std::unique_ptr<http::Authorizer> make_storage_version(const Clock& clock);

/// `Wed, 31 Dec 2025 00:00:00 GMT` (RFC 9110, IMF-fixdate).
[[nodiscard]] std::string http_date(WallTime time);

}  // namespace copybridge::publishers::azure
