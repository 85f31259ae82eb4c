// Servers' URLs and the option rows of access.
#include "bridge/broker/access.h"

#include <algorithm>
#include <charconv>

#include "bridge/core/loopback.h"

namespace copybridge::broker {
namespace {

constexpr OptionSpec kLoginOptions[] = {
    {.name = "servers",
     .type = OptionType::text_list,
     .required = true,
     .help = "Where the broker is, as scheme://host:port, one or a list that is tried in turn; the "
             "scheme says whether TLS is spoken."},
    {.name = "user", .help = "The user's name."},
    {.name = "password",
     .type = OptionType::secret,
     .help = "The user's password; read again for every connection."},
};
constexpr OptionSpec kLastOptions[] = {
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the broker's certificate and allow a password without TLS; for "
             "trials only."},
    kConnectTimeoutOption,
};
constexpr auto kOptions = join_options(kLoginOptions, kClientTlsOptions, kLastOptions);

bool is_host_character(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_';
}

/// Takes the host off the front of `rest`; empty where there is none.
std::string take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return {};
    const std::string host(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    const bool is_ipv6 = host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
    return is_ipv6 ? host : std::string();
  }
  const std::string host(rest.substr(0, rest.find(':')));
  rest.remove_prefix(host.size());
  return std::ranges::all_of(host, is_host_character) ? host : std::string();
}

void check_login(const Access& access, const Options& options, Diagnostics& diagnostics) {
  if (access.user.empty() != access.password.is_empty()) {
    diagnostics.error(options.where(access.user.empty() ? "password" : "user"),
                      "'user' and 'password' go together");
  }
  if (!access.user.empty()) check_secret(access, "password", options, diagnostics);
}

void check_tls(const Access& access, const Options& options, Diagnostics& diagnostics) {
  if (access.client_certificate.empty() != access.client_key.empty()) {
    diagnostics.error(
        options.where(access.client_key.empty() ? "client_certificate" : "client_key"),
        "'client_certificate' and 'client_key' go together");
  }
  const bool has_tls = std::ranges::any_of(access.servers, &Server::has_tls);
  for (const std::string_view name : {"ca_bundle", "client_certificate"}) {
    if (has_tls || !options.is_given(name) || access.servers.empty()) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' says nothing without TLS",
                      "no server's scheme has it");
  }
}

}  // namespace

std::string Server::address() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Server::is_loopback() const { return is_loopback_host(host); }

Result<Server> parse_server(std::string_view url, const Protocol& protocol) {
  const std::string wanted = "it is written " + std::string(protocol.scheme) + "://host:port or " +
                             std::string(protocol.tls_scheme) + "://host:port";
  const std::size_t colon = url.find("://");
  const std::string_view scheme = url.substr(0, std::min(colon, url.size()));
  if (colon == std::string_view::npos ||
      (scheme != protocol.scheme && scheme != protocol.tls_scheme)) {
    return fail(ErrorKind::config, wanted);
  }
  Server server;
  server.has_tls = scheme == protocol.tls_scheme;
  server.port = server.has_tls ? protocol.tls_port : protocol.port;
  std::string_view rest = url.substr(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  server.host = take_host(rest);
  if (server.host.empty()) return fail(ErrorKind::config, wanted);
  if (rest.empty()) return server;
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), server.port);
  const bool is_port = error == std::errc() && end == rest.data() + rest.size() && server.port > 0;
  if (!is_port) return fail(ErrorKind::config, wanted);
  return server;
}

std::span<const OptionSpec> access_options() { return kOptions; }

std::vector<OptionSpec> with_access(std::span<const OptionSpec> own) {
  std::vector<OptionSpec> all(own.begin(), own.end());
  all.insert(all.end(), kOptions.begin(), kOptions.end());
  return all;
}

void check_secret(const Access& access, std::string_view name, const Options& options,
                  Diagnostics& diagnostics) {
  const auto is_open = [](const Server& server) {
    return !server.has_tls && !server.is_loopback();
  };
  if (access.is_insecure || std::ranges::none_of(access.servers, is_open)) return;
  diagnostics.error(options.where("servers"),
                    "'" + std::string(name) + "' would be sent without TLS to another machine",
                    "use the scheme with TLS, or 'insecure: yes' for trials");
}

Access read_connection(const std::filesystem::path& directory, const Options& options,
                       const Protocol& protocol, Diagnostics& diagnostics) {
  Access access;
  for (const std::string& url : options.list("servers")) {
    Result<Server> server = parse_server(url, protocol);
    if (server) {
      access.servers.push_back(std::move(*server));
    } else {
      diagnostics.error(options.where("servers"), "'servers': a URL is not one that is known",
                        server.error().message);
    }
  }
  if (options.is_given("servers") && options.list("servers").empty()) {
    diagnostics.error(options.where("servers"), "'servers' names no server");
  }
  const auto path = [&](std::string_view name) {
    const std::string& text = options.text(name);
    return text.empty() ? std::string() : (directory / text).string();
  };
  access.ca_bundle = path("ca_bundle");
  access.client_certificate = path("client_certificate");
  access.client_key = path("client_key");
  access.client_key_password = options.secret("client_key_password");
  access.is_insecure = options.boolean("insecure");
  access.connect_timeout = Milliseconds(options.integer("connect_timeout_ms"));
  check_tls(access, options, diagnostics);
  return access;
}

Access read_access(const std::filesystem::path& directory, const Options& options,
                   const Protocol& protocol, Diagnostics& diagnostics) {
  Access access = read_connection(directory, options, protocol, diagnostics);
  access.user = options.text("user");
  access.password = options.secret("password");
  check_login(access, options, diagnostics);
  return access;
}

}  // namespace copybridge::broker
