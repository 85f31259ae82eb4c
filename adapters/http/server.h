// A listener for HTTP/1.1, with or without TLS: refuses what may not come in, hands on the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/access.h"
#include "adapters/http/message.h"
#include "bridge/core/clock.h"
#include "bridge/core/error.h"
#include "bridge/core/log.h"
#include "bridge/sockets/listener.h"

namespace copybridge::adapters::http {

struct ServerSettings {
  std::string name;  ///< of the adapter, for the log
  sockets::ListenAddress listen;
  std::vector<std::string> paths;
  sockets::TlsSettings tls;
  AccessSettings access;
  std::uint64_t body_bytes_max = 0;
  std::uint64_t waiting_bytes_max = 0;  ///< of the bodies of all requests that are not answered
  std::size_t connections_max = 0;
  Milliseconds idle{0};          ///< how long a request may take to come in, or to be awaited
  Milliseconds answer_limit{0};  ///< then it is answered 503
  std::int64_t retry_after_s = 0;
};

/// Everything happens on a thread of its own.
class Server {
 public:
  Server(ServerSettings settings, Handler& handler, const Clock& clock, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens. ErrorKind::config: files of TLS, secrets; source: the address cannot be had.
  Result<void> open();
  /// From now on requests are answered 503, on connections that end with it.
  void refuse_all();
  /// Takes no more connections, lets answers that were given leave, and ends within `limit`.
  /// Twice it does nothing.
  void close(Milliseconds limit);
  /// Bytes of bodies that wait for their answer. Any thread.
  [[nodiscard]] std::uint64_t waiting_bytes() const;

 private:
  class Listener;
  const ServerSettings settings_;
  Handler& handler_;
  const Clock& clock_;
  Log& log_;
  std::shared_ptr<Listener> listener_;
};

}  // namespace copybridge::adapters::http
