// Local addresses, exceptions from the proxy, and CONNECT.
#include "bridge/sockets/egress.h"

#include <fmt/format.h>
#include <ifaddrs.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstring>
#include <memory>

#include "bridge/core/digest.h"
#include "bridge/core/environment.h"
#include "bridge/core/http_status.h"
#include "bridge/core/letters.h"
#include "bridge/core/option_rules.h"
#include "bridge/core/percent.h"

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// As libcurl has them, which reads the same options for HTTP.
constexpr broker::Protocol kProxy{"proxy", "http", "https", 1080, 443};
constexpr std::size_t kHeadMax = 65'536;

/// Whether a word of no_proxy stands for the host, which has small letters.
bool stands_for(std::string_view word, const std::string& host) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error) {
    if (word == host) return true;
    error_code bad;
    if (address.is_v4()) {
      const asio::ip::network_v4 network = asio::ip::make_network_v4(std::string(word), bad);
      const asio::ip::network_v4 own(address.to_v4(), network.prefix_length());
      return !bad && own.canonical() == network.canonical();
    }
    const asio::ip::network_v6 network = asio::ip::make_network_v6(std::string(word), bad);
    const asio::ip::network_v6 own(address.to_v6(), network.prefix_length());
    return !bad && own.canonical() == network.canonical();
  }
  while (word.starts_with('.')) word.remove_prefix(1);
  if (word.empty() || !host.ends_with(word)) return false;
  return host.size() == word.size() || host[host.size() - word.size() - 1] == '.';
}

struct FreeAddresses {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

/// To the first address that answers.
asio::awaitable<error_code> connect_to_one(tcp::socket& socket,
                                           const tcp::resolver::results_type& found,
                                           const std::string& interface) {
  error_code last = asio::error::host_not_found;
  for (const auto& entry : found) {
    const tcp::endpoint endpoint = entry.endpoint();
    error_code ignored;
    socket.close(ignored);
    socket.open(endpoint.protocol(), last);
    if (last) continue;
    if (!interface.empty()) {
      last = error_code(bind_to(socket.native_handle(), endpoint.protocol().family(), interface),
                        boost::system::system_category());
      if (last) continue;
    }
    std::tie(last) = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
    // Closed meanwhile: nobody wants it any more.
    if (!last || last == asio::error::operation_aborted || !socket.is_open()) break;
  }
  co_return last;
}

tl::unexpected<Error> away(const Egress& egress, bool is_through, const error_code& error) {
  return fail(ErrorKind::peer_away,
              (is_through ? "the proxy " + egress.proxy.address() + ": " : "") + error.message());
}

Result<std::string> request_of(const Egress& egress, const broker::Server& server) {
  std::string head = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", server.address());
  if (!egress.proxy_user.empty()) {
    const Result<std::string> password = egress.proxy_password.resolve();
    if (!password) return fail(ErrorKind::peer_refused, password.error().message);
    head += "Proxy-Authorization: Basic " + base64(egress.proxy_user + ":" + *password) + "\r\n";
  }
  return head + "\r\n";
}

/// The status of `HTTP/1.1 200 …`; 0: it is none.
int status_of(std::string_view head) {
  constexpr std::size_t kStart = 9;
  int status = 0;
  if (head.starts_with("HTTP/1.") && head.size() > kStart + 3)
    std::from_chars(head.data() + kStart, head.data() + kStart + 3, status);
  return status;
}

asio::awaitable<Result<void>> ask_for_tunnel(tcp::socket& socket, const Egress& egress,
                                             const broker::Server& server) {
  const Result<std::string> request = request_of(egress, server);
  if (!request) co_return pass_on(request);
  co_await asio::async_write(socket, asio::buffer(*request), asio::use_awaitable);
  std::string head;
  const std::size_t size = co_await asio::async_read_until(
      socket, asio::dynamic_buffer(head, kHeadMax), "\r\n\r\n", asio::use_awaitable);
  const int status = status_of(head);
  const std::string answered =
      fmt::format("the proxy {} answered {} to CONNECT", egress.proxy.address(), status);
  if (status / 100 == 2) {
    // Whoever is asked speaks first in no protocol that goes through here.
    if (size == head.size()) co_return Result<void>();
    co_return fail(ErrorKind::peer_away, answered + " and said more");
  }
  co_return fail(is_refusal_status(status) ? ErrorKind::peer_refused : ErrorKind::peer_away,
                 answered);
}

void read_proxy(const std::string& url, const Where& where, Egress& egress,
                Diagnostics& diagnostics) {
  Result<broker::Server> proxy = broker::parse_server(url, kProxy);
  if (proxy && !proxy->has_tls) {
    egress.proxy = std::move(*proxy);
  } else {
    diagnostics.error(where, "the proxy cannot be used", "it is written http://host:port");
  }
}

std::string variable_of(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (std::string value = variable(name); !value.empty()) return value;
  }
  return {};
}

/// Of a variable: `http://user:password@host:port`, all but the host may be left out.
void read_variable(std::string url, const Where& where, Egress& egress, Diagnostics& diagnostics) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  if (const std::size_t at = url.rfind('@'); at != std::string::npos && at >= start) {
    const std::string login = url.substr(start, at - start);
    const std::size_t colon = std::min(login.find(':'), login.size());
    egress.proxy_user = percent_decode(login.substr(0, colon));
    egress.proxy_password = Secret(percent_decode(login.substr(std::min(colon + 1, login.size()))));
    url.erase(start, at + 1 - start);
  }
  read_proxy(scheme == std::string::npos ? "http://" + url : url, where, egress, diagnostics);
}

}  // namespace

bool Egress::has_proxy_for(const std::string& host) const {
  if (proxy.host.empty()) return false;
  std::string small = in_small_letters(host);
  if (small.ends_with('.')) small.pop_back();
  std::string_view rest = no_proxy;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    const std::string word = in_small_letters(std::string(rest.substr(0, end)));
    if (word == "*" || (!word.empty() && stands_for(word, small))) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

Egress read_egress(const Options& options, Diagnostics& diagnostics) {
  check_needs(options, "proxy_password", "proxy_user", diagnostics);
  check_needs(options, "proxy_user", "proxy", diagnostics);
  Egress egress;
  egress.proxy_user = options.text("proxy_user");
  egress.proxy_password = options.secret("proxy_password");
  egress.no_proxy = options.text("no_proxy");
  egress.interface = options.text("interface");
  if (!options.text("proxy").empty())
    read_proxy(options.text("proxy"), options.where("proxy"), egress, diagnostics);
  return egress;
}

Egress read_egress_or_environment(const Options& options, Diagnostics& diagnostics) {
  Egress egress = read_egress(options, diagnostics);
  if (!options.is_given("no_proxy")) egress.no_proxy = variable_of({"no_proxy", "NO_PROXY"});
  if (options.is_given("proxy")) return egress;
  std::string url = variable_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (!url.empty()) read_variable(std::move(url), options.where("proxy"), egress, diagnostics);
  return egress;
}

std::optional<asio::ip::address> local_address(const std::string& interface, int family) {
  error_code error;
  const asio::ip::address given = asio::ip::make_address(interface, error);
  if (!error) return given.is_v6() == (family == AF_INET6) ? std::optional(given) : std::nullopt;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, FreeAddresses> owner(list);
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != family ||
        interface != one->ifa_name) {
      continue;
    }
    tcp::endpoint endpoint;
    std::memcpy(endpoint.data(), one->ifa_addr,
                family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    return endpoint.address();
  }
  return std::nullopt;
}

int bind_to(int socket, int family, const std::string& interface) {
  const auto own = local_address(interface, family);
  if (!own) return ENODEV;
  const tcp::endpoint endpoint(*own, 0);
  const auto size = static_cast<socklen_t>(endpoint.size());
  return ::bind(socket, endpoint.data(), size) == 0 ? 0 : errno;
}

asio::awaitable<Result<tcp::resolver::results_type>> resolve(const asio::any_io_executor& executor,
                                                             const Egress& egress,
                                                             const broker::Server& server) {
  const bool is_through = egress.has_proxy_for(server.host);
  const broker::Server& next = is_through ? egress.proxy : server;
  tcp::resolver resolver(executor);
  auto [error, found] = co_await resolver.async_resolve(next.host, std::to_string(next.port),
                                                        asio::as_tuple(asio::use_awaitable));
  if (error) co_return away(egress, is_through, error);
  co_return std::move(found);
}

asio::awaitable<Result<void>> connect(tcp::socket& socket, const tcp::resolver::results_type& found,
                                      const Egress& egress, const broker::Server& server) {
  const bool is_through = egress.has_proxy_for(server.host);
  const error_code error = co_await connect_to_one(socket, found, egress.interface);
  if (error) co_return away(egress, is_through, error);
  socket.set_option(tcp::no_delay(true));
  if (!is_through) co_return Result<void>();
  co_return co_await ask_for_tunnel(socket, egress, server);
}

}  // namespace copybridge::sockets
