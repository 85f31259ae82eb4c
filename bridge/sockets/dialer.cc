// One attempt for each server.
#include "bridge/sockets/dialer.h"

#include <boost/asio/connect.hpp>
#include <utility>

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

}  // namespace

void Dialer::start(std::size_t first) {
  at_ = first % access_.servers.size();
  try_one();
}

void Dialer::cancel() {
  done_ = nullptr;
  resolver_.cancel();
  timer_.cancel();
  error_code ignored;
  if (stream_ != nullptr) stream_->lowest_layer().close(ignored);
}

void Dialer::try_one() {
  // Files are read again each time: a new certificate counts.
  tls_.emplace(asio::ssl::context::tls_client);
  if (now().has_tls) {
    const Result<void> ready = set_up_context("tcp", access_, *tls_);
    if (!ready) return try_next(ready.error().message);
  }
  stream_ = std::make_unique<TlsStream>(context_, *tls_);
  timer_.expires_after(access_.connect_timeout);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    error_code ignored;
    if (error || self->stream_ == nullptr) return;
    self->resolver_.cancel();
    self->stream_->lowest_layer().close(ignored);
  });
  resolver_.async_resolve(now().host, std::to_string(now().port),
                          [self = shared_from_this()](const error_code& error,
                                                      const tcp::resolver::results_type& found) {
                            if (self->done_ == nullptr) return;
                            error ? self->try_next(error.message()) : self->connect(found);
                          });
}

void Dialer::connect(const tcp::resolver::results_type& found) {
  asio::async_connect(stream_->next_layer(), found,
                      [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                        if (self->done_ == nullptr) return;
                        error ? self->try_next(error.message()) : self->shake_hands();
                      });
}

void Dialer::shake_hands() {
  if (!now().has_tls) return finish(std::move(stream_));
  set_up_stream(access_, now(), *stream_);
  stream_->async_handshake(asio::ssl::stream_base::client,
                           [self = shared_from_this()](const error_code& error) {
                             if (self->done_ == nullptr) return;
                             if (error) return self->try_next("TLS: " + error.message());
                             self->finish(std::move(self->stream_));
                           });
}

void Dialer::try_next(const std::string& reason) {
  timer_.cancel();
  const std::string message = "tcp: " + now().address() + ": " + reason;
  if (++tried_ == access_.servers.size()) return finish(fail(ErrorKind::source, message));
  at_ = (at_ + 1) % access_.servers.size();
  try_one();
}

void Dialer::finish(Result<std::unique_ptr<TlsStream>> result) {
  timer_.cancel();
  const Done done = std::exchange(done_, nullptr);
  if (done != nullptr) done(std::move(result), now().has_tls);
}

}  // namespace copybridge::sockets
