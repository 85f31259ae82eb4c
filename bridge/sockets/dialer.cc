// One attempt for each server.
#include "bridge/sockets/dialer.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

void Dialer::start(std::size_t first) {
  at_ = first % access_.servers.size();
  try_one();
}

void Dialer::cancel() {
  done_ = nullptr;
  timer_.cancel();
  error_code ignored;
  if (stream_ != nullptr) stream_->lowest_layer().close(ignored);
}

void Dialer::try_one() {
  // Files are read again each time: a new certificate counts.
  tls_.emplace(asio::ssl::context::tls_client);
  if (now().has_tls) {
    const Result<void> ready = set_up_context("tcp", access_, *tls_);
    if (!ready) return try_next(ready.error());
  }
  stream_ = std::make_unique<TlsStream>(context_, *tls_);
  is_late_ = false;
  timer_.expires_after(access_.connect_timeout);
  timer_.async_wait([self = shared_from_this(), attempt = tried_](const error_code& error) {
    error_code ignored;
    if (error || self->tried_ != attempt || self->stream_ == nullptr) return;
    self->is_late_ = true;
    self->stream_->lowest_layer().close(ignored);
  });
  asio::co_spawn(context_, reach(shared_from_this()), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

asio::awaitable<void> Dialer::reach(std::shared_ptr<Dialer> self) {
  const Result<void> reached = co_await self->connect();
  if (self->done_ == nullptr) co_return;
  reached ? self->shake_hands() : self->try_next(reached.error());
}

asio::awaitable<Result<void>> Dialer::connect() {
  const auto found = co_await resolve(context_.get_executor(), egress_, now());
  if (!found) co_return pass_on(found);
  if (is_late_ || done_ == nullptr) co_return fail(ErrorKind::peer_away, "no address in time");
  try {
    co_return co_await sockets::connect(stream_->next_layer(), *found, egress_, now());
  } catch (const boost::system::system_error& lost) {
    co_return fail(ErrorKind::peer_away, lost.code().message());
  }
}

void Dialer::shake_hands() {
  if (!now().has_tls) return finish(std::move(stream_));
  set_up_stream(access_, now(), *stream_);
  stream_->async_handshake(
      asio::ssl::stream_base::client, [self = shared_from_this()](const error_code& error) {
        if (self->done_ == nullptr) return;
        if (error) return self->try_next({ErrorKind::peer_away, "TLS: " + error.message(), {}});
        self->finish(std::move(self->stream_));
      });
}

void Dialer::try_next(const Error& error) {
  timer_.cancel();
  const std::string message = "tcp: " + now().address() + ": " + error.message;
  const bool is_refused = error.kind == ErrorKind::peer_refused;
  if (++tried_ == access_.servers.size())
    return finish(fail(is_refused ? ErrorKind::peer_refused : ErrorKind::source, message));
  at_ = (at_ + 1) % access_.servers.size();
  try_one();
}

void Dialer::finish(Result<std::unique_ptr<TlsStream>> result) {
  timer_.cancel();
  const Done done = std::exchange(done_, nullptr);
  if (done != nullptr) done(std::move(result), now().has_tls);
}

}  // namespace copybridge::sockets
