// How connections leave the machine: the address they go out from, and the HTTP proxy that they go
// through by CONNECT (RFC 9110, section 9.3.6).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/broker/access.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::sockets {

struct Egress {
  broker::Server proxy;    ///< its host is empty where there is none
  std::string proxy_user;  ///< empty: no login
  Secret proxy_password;   ///< read again for every connection
  /// Hosts reached without the proxy, separated by commas: names with everything below them,
  /// addresses, networks as 10.0.0.0/8; `*` is every host.
  std::string no_proxy;
  std::string interface;  ///< network interface or local address; empty: any

  [[nodiscard]] bool has_proxy_for(const std::string& host) const;
};

/// The rows of it, to stand in a component's table. Variables of the environment do not count.
inline constexpr OptionSpec kEgressOptions[] = {
    {.name = "proxy",
     .help = "HTTP proxy, http://host:port, that the server is reached through by CONNECT."},
    {.name = "proxy_user", .help = "User name at the proxy."},
    {.name = "proxy_password",
     .type = OptionType::secret,
     .help = "Password at the proxy; read again for every connection."},
    {.name = "no_proxy",
     .help =
         "Hosts that are reached without the proxy, comma separated: names with all below them, "
         "addresses, networks."},
    {.name = "interface",
     .help = "Network interface or local address that connections go out from."},
};

/// Reads those rows, or those of the same names that HTTP's clients have. Mistakes are reported.
[[nodiscard]] Egress read_egress(const Options& options, Diagnostics& diagnostics);

/// Likewise, and where `proxy` or `no_proxy` is not given the environment's (https_proxy,
/// all_proxy, no_proxy, in small or capital letters) counts, as for HTTP's clients.
[[nodiscard]] Egress read_egress_or_environment(const Options& options, Diagnostics& diagnostics);

/// An address of `interface`, a name or an address, that has that family (AF_INET, AF_INET6).
[[nodiscard]] std::optional<boost::asio::ip::address> local_address(const std::string& interface,
                                                                    int family);

/// Binds a socket that is not connected yet to such an address. 0, or errno.
[[nodiscard]] int bind_to(int socket, int family, const std::string& interface);

/// The addresses to connect to: the server's, or its proxy's. Errors: peer_away.
[[nodiscard]] boost::asio::awaitable<Result<boost::asio::ip::tcp::resolver::results_type>> resolve(
    const boost::asio::any_io_executor& executor, const Egress& egress,
    const broker::Server& server);

/// Connects the socket to the server; to `found`, and through the proxy from there. Errors:
/// peer_refused where the proxy wants another login or lets nobody through to the server, peer_away
/// where nothing answers. While the proxy is spoken with it throws boost::system::system_error
/// where the connection is lost, or the socket is closed.
[[nodiscard]] boost::asio::awaitable<Result<void>> connect(
    boost::asio::ip::tcp::socket& socket, const boost::asio::ip::tcp::resolver::results_type& found,
    const Egress& egress, const broker::Server& server);

}  // namespace copybridge::sockets
