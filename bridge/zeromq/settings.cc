// Options, and the sockets they make.
#include "bridge/zeromq/settings.h"

#include <sys/socket.h>

#include <array>

#include "bridge/core/loopback.h"
#include "bridge/core/option_rules.h"
#include "bridge/sockets/egress.h"

namespace copybridge::zeromq {
namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::string_view kTcp = "tcp://";
constexpr int kHeartbeatMs = 5'000;
constexpr int kReconnectMs = 100;
constexpr int kReconnectMaxMs = 5'000;

bool is_key(const std::string& text) {
  std::array<std::uint8_t, 32> bytes{};
  return text.size() == kKeyCharacters && zmq_z85_decode(bytes.data(), text.c_str()) != nullptr;
}

bool is_end_point(const std::string& text) {
  constexpr std::string_view kIpc = "ipc://";
  if (text.starts_with(kIpc)) return text.size() > kIpc.size();
  const std::size_t colon = text.rfind(':');
  std::int64_t port = 0;
  return text.starts_with(kTcp) && colon > kTcp.size() && colon + 1 < text.size() &&
         (text.substr(colon + 1) == "*" ||
          (parse_integer(text.substr(colon + 1), port) && port >= 0 && port <= 65535));
}

bool is_reached_by_others(const std::string& end_point) {
  if (!end_point.starts_with(kTcp)) return false;
  std::string host = end_point.substr(kTcp.size(), end_point.rfind(':') - kTcp.size());
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return !is_loopback_host(host);
}

void check_end_points(const SocketSettings& settings, const Options& options,
                      Diagnostics& diagnostics) {
  if (options.is_given("bind") == options.is_given("connect")) {
    diagnostics.error(options.where("bind"),
                      "either 'bind' or 'connect' tells where the socket is");
    return;
  }
  if (options.is_given("bind") && !is_end_point(settings.bind))
    diagnostics.error(options.where("bind"), "'bind' is tcp://address:port or ipc:///path");
  for (const std::string& text : settings.connect) {
    if (is_end_point(text)) continue;
    diagnostics.error(options.where("connect"), "'connect' has tcp://host:port or ipc:///path");
  }
  check_needs(options, "interface", "connect", diagnostics);
  const bool is_open = !settings.curve.is_on() && !options.boolean("insecure");
  if (options.is_given("bind") && is_open && is_reached_by_others(settings.bind)) {
    diagnostics.error(options.where("bind"), "other machines reach this address, without CURVE",
                      "give 'curve_secret_key' and 'curve_client_keys', or 'insecure: yes'");
  }
}

void check_curve(const CurveSettings& curve, const Options& options, Diagnostics& diagnostics) {
  const bool binds = options.is_given("bind");
  const std::string_view other = binds ? "curve_client_keys" : "curve_server_key";
  check_needs(options, "curve_secret_key", other, diagnostics);
  check_needs(options, other, "curve_secret_key", diagnostics);
  check_excludes(options, binds ? "curve_server_key" : "curve_client_keys",
                 binds ? "bind" : "connect", diagnostics);
  std::vector<std::string> keys = curve.client_keys;
  if (!curve.server_key.empty()) keys.push_back(curve.server_key);
  for (const std::string& key : keys) {
    if (is_key(key)) continue;
    diagnostics.error(options.where(other),
                      "'" + std::string(other) + "': a public key has 40 characters of Z85");
  }
}

struct KeyPair {
  std::string secret_key;
  std::array<char, kKeyCharacters + 1> public_key{};
};

Result<KeyPair> key_pair(const SocketSettings& settings) {
  Result<std::string> secret = settings.curve.secret_key.resolve();
  if (!secret) return pass_on(secret);
  KeyPair pair{std::move(*secret), {}};
  if (!is_key(pair.secret_key) ||
      zmq_curve_public(pair.public_key.data(), pair.secret_key.c_str()) != 0) {
    return fail(ErrorKind::config, "zeromq: 'curve_secret_key' is not 40 characters of Z85");
  }
  return pair;
}

Result<void> set_curve(const SocketSettings& settings, zmq::socket_t& socket) {
  if (!settings.curve.is_on()) return {};
  const Result<KeyPair> pair = key_pair(settings);
  if (!pair) return pass_on(pair);
  socket.set(zmq::sockopt::curve_secretkey, pair->secret_key);
  socket.set(zmq::sockopt::curve_publickey, std::string(pair->public_key.data()));
  if (settings.bind.empty()) {
    socket.set(zmq::sockopt::curve_serverkey, settings.curve.server_key);
  } else {
    socket.set(zmq::sockopt::curve_server, 1);
    socket.set(zmq::sockopt::zap_domain, settings.name);
  }
  return {};
}

/// The end point with the address that connections to it go out from: `tcp://FROM:0;HOST:PORT`
/// (zmq_tcp(7)).
Result<std::string> from_interface(const std::string& interface, const std::string& end_point) {
  if (interface.empty() || !end_point.starts_with(kTcp)) return end_point;
  const std::string rest = end_point.substr(kTcp.size());
  const auto of_v4 =
      rest.starts_with('[') ? std::nullopt : sockets::local_address(interface, AF_INET);
  const auto own = of_v4 ? of_v4 : sockets::local_address(interface, AF_INET6);
  if (!own) {
    return fail(ErrorKind::source,
                "zeromq: '" + interface + "' is no interface or address of this machine");
  }
  const std::string text = own->to_string();
  return std::string(kTcp) + (own->is_v6() ? "[" + text + "]" : text) + ":0;" + rest;
}

void set_up(const SocketSettings& settings, zmq::socket_t& socket) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::ipv6, 1);
  socket.set(zmq::sockopt::rcvhwm, settings.high_water_mark);
  socket.set(zmq::sockopt::sndhwm, settings.high_water_mark);
  socket.set(zmq::sockopt::maxmsgsize, settings.message_bytes_max);
  // A peer that has gone without a word is found.
  socket.set(zmq::sockopt::heartbeat_ivl, kHeartbeatMs);
  socket.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
  socket.set(zmq::sockopt::reconnect_ivl_max, kReconnectMaxMs);
}

}  // namespace

SocketSettings read_socket(const std::string& name, const Options& options,
                           Diagnostics& diagnostics) {
  SocketSettings settings;
  settings.name = name;
  settings.bind = options.text("bind");
  settings.connect = options.list("connect");
  settings.interface = options.text("interface");
  settings.curve = {options.secret("curve_secret_key"), options.text("curve_server_key"),
                    options.list("curve_client_keys")};
  settings.message_bytes_max = options.integer("message_bytes_max");
  settings.high_water_mark = static_cast<int>(options.integer("high_water_mark"));
  check_end_points(settings, options, diagnostics);
  check_curve(settings.curve, options, diagnostics);
  return settings;
}

Result<void> check_keys(const SocketSettings& settings) {
  if (!settings.curve.is_on()) return {};
  const Result<KeyPair> pair = key_pair(settings);
  if (!pair) return pass_on(pair);
  return {};
}

Result<zmq::socket_t> open_socket(zmq::context_t& context, zmq::socket_type type,
                                  const SocketSettings& settings) {
  try {
    zmq::socket_t socket(context, type);
    set_up(settings, socket);
    // Only to whom is there: others would take messages that nobody reads.
    if (type == zmq::socket_type::push || type == zmq::socket_type::dealer)
      socket.set(zmq::sockopt::immediate, 1);
    if (const Result<void> keys = set_curve(settings, socket); !keys) return pass_on(keys);
    if (!settings.bind.empty()) socket.bind(settings.bind);
    for (const std::string& end_point : settings.connect) {
      const Result<std::string> from = from_interface(settings.interface, end_point);
      if (!from) return pass_on(from);
      socket.connect(*from);
    }
    return socket;
  } catch (const zmq::error_t& error) {
    const std::string& where = settings.bind.empty() ? settings.connect.front() : settings.bind;
    return fail(ErrorKind::source, "zeromq: " + where + ": " + error.what());
  }
}

}  // namespace copybridge::zeromq
