// What every client of a message broker is told: servers to try in turn, login, TLS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::broker {

/// The rows of a client's TLS, to stand in a component's table.
inline constexpr OptionSpec kClientTlsOptions[] = {
    {.name = "ca_bundle",
     .help = "PEM file with the certificate authorities to trust instead of the system's, relative "
             "to the bridge file."},
    {.name = "client_certificate",
     .help = "PEM file with the bridge's own certificate for mutual TLS."},
    {.name = "client_key", .help = "PEM file with its key."},
    {.name = "client_key_password", .type = OptionType::secret, .help = "Password of the key."},
};
inline constexpr OptionSpec kConnectTimeoutOption{
    .name = "connect_timeout_ms",
    .type = OptionType::integer,
    .default_value = "10000",
    .help = "Longest time to connect to one server, TLS and login included.",
    .min = 1,
    .max = 3'600'000};

/// The URL schemes of a protocol and the ports they stand for.
struct Protocol {
  std::string_view name;  ///< of its components, for messages
  std::string_view scheme;
  std::string_view tls_scheme;
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
};

struct Server {
  std::string host;  ///< of IPv6 without brackets
  std::uint16_t port = 0;
  bool has_tls = false;

  /// `host:port`, for messages.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] bool is_loopback() const;
};

/// Reads `scheme://host` or `scheme://host:port`. The error says what is wrong.
[[nodiscard]] Result<Server> parse_server(std::string_view url, const Protocol& protocol);

struct Access {
  std::vector<Server> servers;  ///< tried in their order, from the one that worked last
  std::string user;
  Secret password;
  std::string ca_bundle;  ///< empty: the system's
  std::string client_certificate;
  std::string client_key;
  Secret client_key_password;
  bool is_insecure = false;  ///< certificates are not verified
  Milliseconds connect_timeout{0};
};

/// The rows of all of it, to stand in a component's table.
[[nodiscard]] std::span<const OptionSpec> access_options();
/// A component's own rows and those.
[[nodiscard]] std::vector<OptionSpec> with_access(std::span<const OptionSpec> own);

/// Reads `servers`, the rows of kClientTlsOptions, `insecure` and `connect_timeout_ms`, for
/// components that have no login.
[[nodiscard]] Access read_connection(const std::filesystem::path& directory, const Options& options,
                                     const Protocol& protocol, Diagnostics& diagnostics);

/// Reads all rows; paths start at `directory`. Mistakes go to `diagnostics`.
[[nodiscard]] Access read_access(const std::filesystem::path& directory, const Options& options,
                                 const Protocol& protocol, Diagnostics& diagnostics);

/// A secret of the component's own, the option `name`, is not sent in the clear either.
void check_secret(const Access& access, std::string_view name, const Options& options,
                  Diagnostics& diagnostics);

}  // namespace copybridge::broker
