// Takes connections on an address, as every listener does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string_view>

#include "bridge/core/error.h"
#include "bridge/sockets/listener.h"

namespace copybridge::sockets {

/// Of the context's thread, but for open(). Lives until the context runs no more.
class Acceptor {
 public:
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;
  Acceptor(boost::asio::io_context& context, Take take)
      : acceptor_(context), timer_(context), take_(std::move(take)) {}

  /// Listens; connections are taken once the context runs. ErrorKind::source; `component` begins
  /// the message.
  [[nodiscard]] Result<void> open(const ListenAddress& listen, std::string_view component);
  /// The one that it listens on, where the settings say 0.
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void close();

 private:
  void accept_next();
  void accept_later();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  const Take take_;
};

}  // namespace copybridge::sockets
