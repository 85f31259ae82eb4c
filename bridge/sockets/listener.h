// What every listener is told: where it listens, and who it lets in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "bridge/core/options.h"

namespace copybridge::sockets {

struct ListenAddress {
  std::string address;  ///< of IPv6 without brackets
  std::uint16_t port = 0;
};

struct TlsSettings {
  std::string certificate;  ///< file with the chain; empty: no TLS
  std::string private_key;
  Secret private_key_password;
  std::string client_ca;                  ///< file; empty: no client certificates
  std::vector<std::string> client_names;  ///< of certificates that are let in; empty: all
  [[nodiscard]] bool is_on() const { return !certificate.empty(); }
  /// The first of the names in a client's certificate for which it is let in; null: none.
  [[nodiscard]] const std::string* admitted(const std::vector<std::string>& names) const;
};

/// The rows of TlsSettings, to stand in a component's table.
inline constexpr OptionSpec kServerTlsOptions[] = {
    {.name = "certificate",
     .help = "File with the listener's certificate and its chain (PEM): connections are then TLS "
             "1.2 or later. It is read again when it changes."},
    {.name = "private_key", .help = "File with its key (PEM)."},
    {.name = "private_key_password", .type = OptionType::secret, .help = "Password of the key."},
    {.name = "client_ca",
     .help = "File with the authorities (PEM) of which clients must show a certificate."},
    {.name = "client_names",
     .type = OptionType::text_list,
     .help = "Common or DNS names in certificates of clients that are let in; without it all that "
             "client_ca vouches for."},
};

/// Reads the option `listen`, `HOST:PORT` or `[HOST]:PORT`. A mistake is reported.
[[nodiscard]] ListenAddress read_listen(const Options& options, Diagnostics& diagnostics);

/// Reads the rows of kServerTlsOptions; paths start at `directory`. Mistakes are reported.
[[nodiscard]] TlsSettings read_server_tls(const std::filesystem::path& directory,
                                          const Options& options, Diagnostics& diagnostics);

/// Reports an address that other machines reach without TLS, or without anything that says who
/// they are, unless the option `insecure` allows it. `has_login`: something beside certificates
/// says it; `advice`: what could.
void check_exposure(const ListenAddress& listen, const TlsSettings& tls, bool has_login,
                    std::string_view advice, const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::sockets
