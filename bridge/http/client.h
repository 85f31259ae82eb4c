// HTTP requests by libcurl, many at a time on one thread: what every endpoint that speaks HTTP is
// built on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::http {

enum class Version : std::uint8_t {
  http1,      ///< HTTP/1.1 only
  negotiate,  ///< HTTP/2 where TLS agrees on it (ALPN), else HTTP/1.1
  http2       ///< HTTP/2 at once, also without TLS (h2c with prior knowledge)
};

/// What all requests of a client have in common. Redirects are not followed.
struct ClientSettings {
  bool verify = true;  ///< certificate and host name
  Version version = Version::negotiate;
  std::string ca_bundle;           ///< PEM file; empty: the system's
  std::string client_certificate;  ///< PEM file; empty: none
  std::string client_key;          ///< PEM file; empty: in client_certificate
  Secret client_key_password;
  std::string proxy;  ///< `http://host:port`; empty: as the environment says
  std::string proxy_user;
  Secret proxy_password;
  std::string no_proxy;       ///< hosts reached without it, comma separated
  bool has_no_proxy = false;  ///< false: as the environment says
  std::string interface;      ///< name or address to go out from; empty: any
  std::string user_agent;
  Milliseconds connect_timeout{10'000};
  Milliseconds first_byte_timeout{30'000};  ///< from the start to the first byte of the answer
  Milliseconds total_timeout{60'000};
  std::size_t response_bytes_max = 65'536;  ///< of the body; what comes beyond ends the transfer
  std::size_t connections_max = 4;
};

struct Call {
  std::string method = "POST";
  std::string url;
  std::string label;                 ///< of the endpoint, for messages: no query, no secret
  std::vector<std::string> headers;  ///< `Name: value`; without CR, LF or NUL
  bool is_local = false;             ///< never through a proxy: a metadata service
  /// Sent once: libcurl repeats a call by itself where a connection that was used before breaks.
  bool is_sent_once = false;
  std::string user;  ///< of basic authentication; empty: none
  std::string password;
  std::string body;
  /// Sent instead of `body` where it is not null; must stay valid until the answer.
  std::string_view outside_body;
};

/// What is sent of the two.
[[nodiscard]] inline std::string_view body_of(const Call& call) {
  return call.outside_body.data() == nullptr ? std::string_view(call.body) : call.outside_body;
}

enum class Failure : std::uint8_t {
  none,     ///< there is a status
  away,     ///< connection, time-out or protocol: trying again can help
  refused,  ///< the certificate does not hold, ours is not taken, or the address cannot be
  stopped   ///< stop() came first
};

struct Answer {
  Failure failure = Failure::none;
  int status = 0;
  Milliseconds retry_after{0};  ///< of Retry-After, seconds or date; 0: none
  std::string body;             ///< up to response_bytes_max
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< names in lower case
  std::string message = {};  ///< of a failure; names no URL beyond the host, no secret
};

/// Called once per request, on the client's thread, or in stop() on its caller's.
using Done = std::function<void(Answer)>;

/// start and stop are called by one thread; send by the same, and by `done` on the client's own.
class Client {
 public:
  Client();
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// ErrorKind::config: a file or secret that the settings name cannot be read.
  [[nodiscard]] Result<void> start(ClientSettings settings);
  /// Takes a request and returns at once.
  void send(Call call, Done done);
  /// Waits up to `limit` for what is under way, answers `stopped` for the rest, closes all
  /// connections. Called again it does nothing.
  void stop(Milliseconds limit);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

/// Parts of an absolute http or https URL.
struct Url {
  std::string scheme;
  std::string host;
  std::string origin;  ///< `https://host:port`, for messages
  std::string path;
  std::string query;
  bool has_user = false;
  [[nodiscard]] bool is_loopback() const;
};

/// ErrorKind::config: no absolute http or https URL. The message does not repeat it.
[[nodiscard]] Result<Url> parse_url(const std::string& url);

}  // namespace copybridge::http
