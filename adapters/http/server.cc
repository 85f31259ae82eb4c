// The listener's socket and thread.
#include "adapters/http/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "adapters/http/connection.h"
#include "bridge/core/log_events.h"
#include "bridge/sockets/acceptor.h"
#include "bridge/sockets/server_tls.h"

namespace copybridge::adapters::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kLookForEnd{10};

}  // namespace

class Server::Listener {
 public:
  Listener(const ServerSettings& settings, Handler& handler, const Clock& clock, Log& log)
      : shared_(std::make_shared<Shared>(settings, handler, clock, log)),
        acceptor_(*shared_->context, [this](tcp::socket socket) { serve(std::move(socket)); }),
        timer_(*shared_->context),
        tls_("http", settings.tls) {}
  ~Listener() { close(Milliseconds(0)); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<void> open() {
    // What a request would meet is met now.
    const Result<std::optional<std::string>> secrets = shared_->access.check({});
    if (!secrets) return pass_on(secrets);
    if (shared_->settings.tls.is_on()) {
      Result<void> loaded = tls_.load();
      if (!loaded) return loaded;
    }
    Result<void> opened = acceptor_.open(shared_->settings.listen, "http");
    if (!opened) return opened;
    log_listening(shared_->log, shared_->settings.name, shared_->settings.listen.address,
                  acceptor_.port(), shared_->settings.tls.is_on());
    thread_ = std::thread([this] { shared_->context->run(); });
    return {};
  }

  void refuse_all() {
    asio::post(*shared_->context, [this] { shared_->refuses_all = true; });
  }

  void close(Milliseconds limit) {
    if (!thread_.joinable()) return;
    asio::post(*shared_->context, [this, until = std::chrono::steady_clock::now() + limit] {
      acceptor_.close();
      shared_->refuses_all = true;
      shared_->log_refused();
      shared_->end_all(false);
      end_when_empty(until);
    });
    thread_.join();
  }

  [[nodiscard]] std::uint64_t waiting_bytes() const { return *shared_->waiting_bytes; }

 private:
  void serve(tcp::socket socket) {
    const std::size_t most = shared_->settings.connections_max;
    const std::size_t count = shared_->count();
    if (count >= 2 * most) return shared_->note_refused(503, "too many connections");
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (!shared_->settings.tls.is_on())
      return serve_plain(std::move(socket), shared_, count >= most);
    if (const Result<void> fresh = tls_.refresh(); !fresh)
      log_source_detail(shared_->log, shared_->settings.name, fresh.error().message);
    serve_tls(std::move(socket), tls_.context(), shared_, count >= most);
  }

  /// The thread ends when nothing is under way any more.
  void end_when_empty(std::chrono::steady_clock::time_point until) {
    if (shared_->count() == 0) return;
    if (std::chrono::steady_clock::now() >= until) return shared_->end_all(true);
    timer_.expires_after(kLookForEnd);
    timer_.async_wait([this, until](error_code) { end_when_empty(until); });
  }

  const std::shared_ptr<Shared> shared_;
  sockets::Acceptor acceptor_;
  asio::steady_timer timer_;
  sockets::TlsContext tls_;
  std::thread thread_;
};

Server::Server(ServerSettings settings, Handler& handler, const Clock& clock, Log& log)
    : settings_(std::move(settings)), handler_(handler), clock_(clock), log_(log) {}

Server::~Server() { close(Milliseconds(0)); }

Result<void> Server::open() {
  close(Milliseconds(0));
  auto listener = std::make_shared<Listener>(settings_, handler_, clock_, log_);
  Result<void> opened = listener->open();
  if (opened) listener_ = std::move(listener);
  return opened;
}

void Server::refuse_all() {
  if (listener_ != nullptr) listener_->refuse_all();
}

void Server::close(Milliseconds limit) {
  if (listener_ == nullptr) return;
  listener_->close(limit);
  listener_.reset();
}

std::uint64_t Server::waiting_bytes() const {
  return listener_ == nullptr ? 0 : listener_->waiting_bytes();
}

}  // namespace copybridge::adapters::http
