// What the adapter and the publisher zeromq share: where a socket is, and CURVE.
#pragma once

#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "bridge/core/clock.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::zeromq {

struct CurveSettings {
  Secret secret_key;                     ///< its own; empty: no CURVE
  std::string server_key;                ///< of who connects: the public key of the other side
  std::vector<std::string> client_keys;  ///< of who binds: the public keys that are let in
  [[nodiscard]] bool is_on() const { return !secret_key.is_empty(); }
};

struct SocketSettings {
  std::string name;  ///< of the component, for the log
  std::string bind;  ///< empty: it connects
  std::vector<std::string> connect;
  std::string interface;  ///< that connections go out from, a name or an address; empty: any
  CurveSettings curve;
  std::int64_t message_bytes_max = 0;
  int high_water_mark = 0;  ///< messages
};

inline constexpr OptionSpec kSocketOptions[] = {
    {.name = "bind",
     .help = "Where it can be connected to, `tcp://127.0.0.1:5555`, `tcp://[::1]:5555` or "
             "`ipc:///path`."},
    {.name = "connect",
     .type = OptionType::text_list,
     .help = "Or where it connects to, `tcp://host:5555` or `ipc:///path`, one or a list."},
    {.name = "interface",
     .help = "Network interface or local address that connections of `connect` go out from; of a "
             "name the address counts that it has when the bridge starts."},
    {.name = "curve_secret_key",
     .type = OptionType::secret,
     .help = "Its own secret key, 40 characters of Z85 (`curve_keygen` makes a pair): connections "
             "are then encrypted, and both sides know each other. With `bind` it needs "
             "curve_client_keys, with `connect` curve_server_key."},
    {.name = "curve_server_key", .help = "The public key of the side that binds."},
    {.name = "curve_client_keys",
     .type = OptionType::text_list,
     .help = "The public keys of those who may connect."},
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "Allows an address to bind to that other machines reach without CURVE."},
    {.name = "high_water_mark",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Messages that the library may hold for each connection.",
     .min = 1,
     .max = 10'000'000},
};

/// Reads the rows of kSocketOptions and `message_bytes_max`. Mistakes are reported.
[[nodiscard]] SocketSettings read_socket(const std::string& name, const Options& options,
                                         Diagnostics& diagnostics);

/// Whether a socket of these settings could be made: the secret is there and a key.
/// ErrorKind::config.
[[nodiscard]] Result<void> check_keys(const SocketSettings& settings);

/// Makes a socket, and binds or connects it. ErrorKind::config: keys; source: the address cannot be
/// had.
[[nodiscard]] Result<zmq::socket_t> open_socket(zmq::context_t& context, zmq::socket_type type,
                                                const SocketSettings& settings);

}  // namespace copybridge::zeromq
