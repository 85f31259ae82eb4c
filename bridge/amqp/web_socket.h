// AMQP 1.0 in a WebSocket (OASIS, "AMQP WebSocket Binding 1.0"), for where only the ports of HTTP
// are open: its bytes travel in binary messages.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/core/error.h"
#include "bridge/core/http_status.h"

namespace copybridge::amqp {

/// Reads and writes as the stream below it does, which stays its owner's.
template <typename Next>
class WebSocket {
 public:
  using executor_type = typename boost::beast::websocket::stream<Next&>::executor_type;

  explicit WebSocket(Next& next) : stream_(next) {
    stream_.binary(true);
    // A piece is a message: as large as the connection writes it.
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(kBufferBytes);
  }
  executor_type get_executor() { return stream_.get_executor(); }

  /// Errors: peer_refused where the server has nothing of the kind there, or wants something else;
  /// peer_away.
  [[nodiscard]] boost::asio::awaitable<Result<void>> shake_hands(const std::string& host,
                                                                 const std::string& path) {
    namespace websocket = boost::beast::websocket;
    constexpr auto kField = boost::beast::http::field::sec_websocket_protocol;
    stream_.set_option(websocket::stream_base::decorator(
        [](websocket::request_type& request) { request.set(kField, kSubprotocol); }));
    websocket::response_type response;
    const auto [error] = co_await stream_.async_handshake(
        response, host, path, boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error == websocket::error::upgrade_declined) {
      const unsigned status = response.result_int();
      co_return fail(is_refusal_status(status) ? ErrorKind::peer_refused : ErrorKind::peer_away,
                     "answered " + std::to_string(status) + " to the WebSocket's handshake");
    }
    if (error)
      co_return fail(ErrorKind::peer_away, "the WebSocket's handshake: " + error.message());
    if (response[kField] == kSubprotocol) co_return Result<void>();
    co_return fail(ErrorKind::peer_refused, "the WebSocket does not speak AMQP 1.0");
  }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return stream_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return stream_.async_write_some(true, buffers, std::forward<Token>(token));
  }

 private:
  static constexpr std::size_t kBufferBytes = 65'536;
  static constexpr std::string_view kSubprotocol = "amqp";

  boost::beast::websocket::stream<Next&> stream_;
};

}  // namespace copybridge::amqp
