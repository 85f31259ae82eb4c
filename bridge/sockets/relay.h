// A proxy of the bridge's own, on loopback: for libraries that make their connections themselves
// and can be told a proxy, but neither an interface nor one that wants more than they know.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "bridge/core/clock.h"
#include "bridge/sockets/egress.h"

namespace copybridge::sockets {

/// What is asked of it by CONNECT goes out as an Egress says. It lets in who shows its login, which
/// nobody else on the machine knows. Thread-safe.
class Relay {
 public:
  /// Listens and serves on a thread of its own. `connect_timeout`: for one connection that goes
  /// out. Errors: peer_away.
  [[nodiscard]] static Result<std::unique_ptr<Relay>> start(Egress egress,
                                                            Milliseconds connect_timeout);
  /// Cuts every connection.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// `USER:PASSWORD@127.0.0.1:PORT`.
  [[nodiscard]] const std::string& place() const { return place_; }
  /// Why the last connection that was asked for could not be made; once.
  [[nodiscard]] std::optional<Error> take_failure();

 private:
  using Socket = boost::asio::ip::tcp::socket;

  Relay(Egress egress, Milliseconds connect_timeout);

  boost::asio::awaitable<void> take_connections();
  boost::asio::awaitable<void> serve(Socket client);
  boost::asio::awaitable<void> relay(Socket& client);
  boost::asio::awaitable<Result<void>> reach(Socket& client, std::shared_ptr<Socket> out,
                                             const broker::Server& server);
  void note_failure(std::optional<Error> failure);

  const Egress egress_;
  const Milliseconds connect_timeout_;
  std::string authorization_;  ///< the value of Proxy-Authorization that is let in
  std::string place_;
  std::mutex mutex_;
  std::optional<Error> failure_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_{context_};
  std::thread thread_;
};

}  // namespace copybridge::sockets
