// The option rows of listeners, and the checks that a table cannot make.
#include "bridge/sockets/listener.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "bridge/core/option_rules.h"

namespace copybridge::sockets {
namespace {

bool parse_listen(const std::string& text, ListenAddress& listen) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::int64_t port = 0;
  if (!parse_integer(text.substr(colon + 1), port) || port < 0 || port > 65535) return false;
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  listen.address = host;
  listen.port = static_cast<std::uint16_t>(port);
  return !error;
}

}  // namespace

const std::string* TlsSettings::admitted(const std::vector<std::string>& names) const {
  const auto is_admitted = [this](const std::string& name) {
    return client_names.empty() || std::ranges::find(client_names, name) != client_names.end();
  };
  const auto found = std::ranges::find_if(names, is_admitted);
  return found == names.end() ? nullptr : &*found;
}

ListenAddress read_listen(const Options& options, Diagnostics& diagnostics) {
  ListenAddress listen;
  if (!parse_listen(options.text("listen"), listen)) {
    diagnostics.error(options.where("listen"),
                      "'listen' is an IP address and a port, 127.0.0.1:8080 or [::1]:8080");
    listen = {};
  }
  return listen;
}

TlsSettings read_server_tls(const std::filesystem::path& directory, const Options& options,
                            Diagnostics& diagnostics) {
  const auto file_of = [&](std::string_view name) {
    return options.is_given(name) ? (directory / options.text(name)).string() : std::string();
  };
  TlsSettings tls;
  tls.certificate = file_of("certificate");
  tls.private_key = file_of("private_key");
  tls.private_key_password = options.secret("private_key_password");
  tls.client_ca = file_of("client_ca");
  tls.client_names = options.list("client_names");
  check_needs(options, "certificate", "private_key", diagnostics);
  check_needs(options, "private_key", "certificate", diagnostics);
  check_needs(options, "private_key_password", "private_key", diagnostics);
  check_needs(options, "client_ca", "certificate", diagnostics);
  check_needs(options, "client_names", "client_ca", diagnostics);
  return tls;
}

void check_exposure(const ListenAddress& listen, const TlsSettings& tls, bool has_login,
                    std::string_view advice, const Options& options, Diagnostics& diagnostics) {
  if (options.boolean("insecure") || listen.address.empty()) return;
  boost::system::error_code error;
  if (boost::asio::ip::make_address(listen.address, error).is_loopback()) return;
  if (tls.is_on() && (has_login || !tls.client_ca.empty())) return;
  diagnostics.error(options.where("listen"),
                    "other machines reach this address, and " +
                        std::string(tls.is_on() ? "nothing says who they are" : "there is no TLS"),
                    std::string(advice));
}

}  // namespace copybridge::sockets
