// Listening and accepting.
#include "bridge/sockets/acceptor.h"

#include <string>
#include <utility>

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptAgain{100};

}  // namespace

Result<void> Acceptor::open(const ListenAddress& listen, std::string_view component) {
  error_code error;
  const auto address = asio::ip::make_address(listen.address, error);
  const tcp::endpoint endpoint(address, listen.port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorKind::source, std::string(component) + ": cannot listen on " + listen.address +
                                       " port " + std::to_string(listen.port) + ": " +
                                       error.message());
  }
  accept_next();
  return {};
}

void Acceptor::close() {
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
}

void Acceptor::accept_next() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (error) return accept_later();
    take_(std::move(socket));
    accept_next();
  });
}

/// There are no more file descriptors: trying at once would find none either.
void Acceptor::accept_later() {
  timer_.expires_after(kAcceptAgain);
  timer_.async_wait([this](error_code error) {
    if (!error && acceptor_.is_open()) accept_next();
  });
}

}  // namespace copybridge::sockets
