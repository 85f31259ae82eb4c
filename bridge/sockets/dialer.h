// Connects to the first server that can be reached. For the one thread of its context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "bridge/broker/access.h"
#include "bridge/core/error.h"
#include "bridge/sockets/client_tls.h"
#include "bridge/sockets/egress.h"

namespace copybridge::sockets {

class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  /// The stream's socket is connected; where the server has TLS the handshake is done.
  using Done = std::function<void(Result<std::unique_ptr<TlsStream>> stream, bool has_tls)>;

  /// `access` and `egress` outlive it.
  Dialer(boost::asio::io_context& context, const broker::Access& access, const Egress& egress,
         Done done)
      : context_(context),
        access_(access),
        egress_(egress),
        done_(std::move(done)),
        timer_(context) {}

  /// Tries one server after the other, and calls `done` once, later.
  void start(std::size_t first);
  /// `done` is not called any more.
  void cancel();
  /// Which server it was, to begin with it the next time.
  [[nodiscard]] std::size_t server() const { return at_; }

 private:
  void try_one();
  static boost::asio::awaitable<void> reach(std::shared_ptr<Dialer> self);
  boost::asio::awaitable<Result<void>> connect();
  void shake_hands();
  void try_next(const Error& error);
  void finish(Result<std::unique_ptr<TlsStream>> result);
  [[nodiscard]] const broker::Server& now() const { return access_.servers[at_]; }

  boost::asio::io_context& context_;
  const broker::Access& access_;
  const Egress& egress_;
  Done done_;
  boost::asio::steady_timer timer_;
  std::optional<boost::asio::ssl::context> tls_;
  std::unique_ptr<TlsStream> stream_;
  bool is_late_ = false;  ///< connect_timeout is over
  std::size_t at_ = 0;
  std::size_t tried_ = 0;
};

}  // namespace copybridge::sockets
