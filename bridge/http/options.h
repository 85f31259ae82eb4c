// The rows of an option table that everything that speaks HTTP as a client has in common.
#pragma once

#include <filesystem>

#include "bridge/core/options.h"
#include "bridge/http/client.h"

namespace copybridge::http {

inline constexpr std::int64_t kTimeoutMaxMs = 3'600'000;

inline constexpr OptionSpec kConnectionOptions[] = {
    {.name = "client_certificate",
     .type = OptionType::text,
     .help = "PEM file with the client's certificate for mutual TLS, relative to the bridge file."},
    {.name = "client_key",
     .type = OptionType::text,
     .help = "PEM file with the client's key; left out where client_certificate holds it."},
    {.name = "client_key_password",
     .type = OptionType::secret,
     .help = "Password of the client's key."},
    {.name = "ca_bundle",
     .type = OptionType::text,
     .help = "PEM file with the certificate authorities to trust instead of the system's."},
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the endpoint's certificate and allow credentials without TLS; "
             "for trials only."},
    {.name = "http2",
     .type = OptionType::choice,
     .default_value = "negotiate",
     .help = "HTTP/2: negotiate = where TLS agrees on it, no = HTTP/1.1 only, prior-knowledge = at "
             "once, also without TLS.",
     .choices = "negotiate|no|prior-knowledge"},
    {.name = "proxy",
     .type = OptionType::text,
     .help = "HTTP proxy, http://host:port; TLS goes through it by CONNECT. Without it the "
             "variables HTTPS_PROXY and http_proxy count."},
    {.name = "proxy_user", .type = OptionType::text, .help = "User name at the proxy."},
    {.name = "proxy_password",
     .type = OptionType::secret,
     .help = "Password at the proxy; read again where the proxy refuses it."},
    {.name = "no_proxy",
     .type = OptionType::text,
     .help = "Hosts that are reached without the proxy, comma separated; without it the variable "
             "NO_PROXY counts."},
    {.name = "interface",
     .type = OptionType::text,
     .help = "Network interface or local address that connections go out from."},
    {.name = "connect_timeout_ms",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Longest time to connect, TLS included, in milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "first_byte_timeout_ms",
     .type = OptionType::integer,
     .default_value = "30000",
     .help = "Longest time from the start of a request to the first byte of its answer, in "
             "milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "total_timeout_ms",
     .type = OptionType::integer,
     .default_value = "60000",
     .help = "Longest time of a whole request in milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "response_bytes_max",
     .type = OptionType::integer,
     .default_value = "65536",
     .help = "Most bytes read of an answer's body; the connection is closed beyond.",
     .max = 1'000'000'000},
    {.name = "user_agent",
     .type = OptionType::text,
     .default_value = "copybridge",
     .help = "Value of the header User-Agent."}};

/// Of the publishers that send several requests at the same time.
inline constexpr OptionSpec kRequestsInFlightOption{
    .name = "requests_in_flight",
    .type = OptionType::integer,
    .default_value = "4",
    .help =
        "Requests, and connections, at the same time; events with the same key never "
        "overtake each other.",
    .min = 1,
    .max = 1000};

/// A URL that credentials are sent to: mistakes go to `diagnostics`, as CredentialSource has them.
void check_endpoint(const Options& options, std::string_view name, Diagnostics& diagnostics);

/// The settings as the rows say, paths relative to the bridge file's folder; what excludes or
/// needs each other goes to `diagnostics`. Secrets stay references: Client::start resolves them.
[[nodiscard]] ClientSettings read_connection(const Options& options,
                                             const std::filesystem::path& directory,
                                             Diagnostics& diagnostics);

}  // namespace copybridge::http
