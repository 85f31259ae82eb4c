// HTTP/1.1 by Boost.Beast, faults on demand.
#include "tools/copybridge/listen_server.h"

#include <sys/socket.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <unordered_set>

#include "tools/copybridge/listen_events.h"

namespace copybridge::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t kBodyMax = 256'000'000;

enum class Fault : std::uint8_t { none, failure, reset_before_storing, reset_after_storing };

/// What every connection shares.
class Endpoint {
 public:
  Endpoint(const ListenSettings& settings, const StoreLines& store, asio::io_context& context)
      : settings_(settings), store_(store), context_(context) {}

  Fault next_fault();
  /// Stores a request's events and returns the status of the answer.
  unsigned take(const Headers& headers, std::string_view body);
  /// Called after an answer has left; ends everything when `count` is reached.
  void answered() {
    if (is_complete_ || error_) context_.stop();
  }
  void note_failed() { ++totals_.failed; }

  const ListenSettings& settings() const { return settings_; }
  Result<ListenTotals> result() const {
    if (error_) return tl::make_unexpected(*error_);
    return totals_;
  }

 private:
  const ListenSettings& settings_;
  const StoreLines& store_;
  asio::io_context& context_;
  ListenTotals totals_;
  std::unordered_set<std::string> ids_;  ///< filled only where `count` asks
  bool is_complete_ = false;
  std::optional<Error> error_;
};

Fault Endpoint::next_fault() {
  const std::uint64_t number = ++totals_.requests;
  if (settings_.reset_every > 0 && number % settings_.reset_every == 0) {
    // By turns, so that both happen: an event that is not there, and one that comes twice.
    return ++totals_.reset % 2 == 1 ? Fault::reset_before_storing : Fault::reset_after_storing;
  }
  const bool fails = settings_.fail_every > 0 && number % settings_.fail_every == 0;
  return fails ? Fault::failure : Fault::none;
}

unsigned Endpoint::take(const Headers& headers, std::string_view body) {
  if (settings_.respond / 100 != 2) return settings_.respond;
  const Result<std::vector<ReceivedEvent>> events = read_events(headers, body);
  if (!events) return 400;
  std::string lines;
  for (const ReceivedEvent& event : *events) lines += event.line + "\n";
  if (const Result<void> stored = store_(lines); !stored) {
    error_ = stored.error();
    return 500;
  }
  totals_.events += events->size();
  if (settings_.count == 0) return settings_.respond;
  for (const ReceivedEvent& event : *events) {
    ids_.insert(event.id.empty() ? "unnamed " + std::to_string(ids_.size()) : event.id);
  }
  is_complete_ = ids_.size() >= settings_.count;
  return settings_.respond;
}

/// One connection; keeps itself alive while an operation is under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Endpoint& endpoint)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), endpoint_(endpoint) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(kBodyMax);
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->handle();
                     });
  }

 private:
  void handle();
  void after_delay(void (Connection::*next)());
  void reset();
  void write();

  tcp::socket socket_;
  asio::steady_timer timer_;
  Endpoint& endpoint_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> answer_;
};

Headers headers_of(const http::request<http::string_body>& request) {
  Headers headers;
  for (const auto& field : request) {
    std::string name(field.name_string());
    for (char& letter : name) letter = beast::detail::ascii_tolower(letter);
    headers[name] = std::string(field.value());
  }
  return headers;
}

void Connection::handle() {
  const http::request<http::string_body>& request = parser_->get();
  const Fault fault = endpoint_.next_fault();
  unsigned status = endpoint_.settings().fail_status;
  if (fault == Fault::none || fault == Fault::reset_after_storing) {
    status = endpoint_.take(headers_of(request), request.body());
  }
  if (fault == Fault::reset_before_storing || fault == Fault::reset_after_storing) {
    return after_delay(&Connection::reset);
  }
  if (status / 100 != 2) endpoint_.note_failed();
  answer_ = {http::int_to_status(status), 11};
  answer_.result(status);
  answer_.set(http::field::server, "copybridge listen");
  if (fault == Fault::failure && endpoint_.settings().retry_after_s > 0) {
    answer_.set(http::field::retry_after, std::to_string(endpoint_.settings().retry_after_s));
  }
  answer_.keep_alive(request.keep_alive());
  answer_.prepare_payload();
  after_delay(&Connection::write);
}

void Connection::after_delay(void (Connection::*next)()) {
  if (endpoint_.settings().delay_ms == 0) return (this->*next)();
  timer_.expires_after(std::chrono::milliseconds(endpoint_.settings().delay_ms));
  timer_.async_wait([self = shared_from_this(), next](error_code error) {
    if (!error) (self.get()->*next)();
  });
}

void Connection::reset() {
  error_code ignored;
  // Closing with a linger of zero sends RST instead of FIN.
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  endpoint_.answered();
}

void Connection::write() {
  http::async_write(socket_, answer_, [self = shared_from_this()](error_code error, std::size_t) {
    self->endpoint_.answered();
    if (error) return;
    if (self->answer_.keep_alive()) return self->read();
    error_code ignored;
    self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
  });
}

void accept_next(tcp::acceptor& acceptor, Endpoint& endpoint) {
  acceptor.async_accept([&acceptor, &endpoint](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<Connection>(std::move(socket), endpoint)->read();
    }
    accept_next(acceptor, endpoint);
  });
}

tl::unexpected<Error> cannot_listen(const ListenSettings& settings, const std::string& reason) {
  return fail(ErrorKind::peer_refused, "listen: cannot listen on " + settings.host + ":" +
                                           std::to_string(settings.port) + ": " + reason);
}

}  // namespace

Result<ListenTotals> serve(const ListenSettings& settings, const StoreLines& store,
                           const std::function<void(std::uint16_t)>& listening) {
  try {
    asio::io_context context(1);
    Endpoint endpoint(settings, store, context);
    tcp::acceptor acceptor(context, {asio::ip::make_address(settings.host), settings.port});
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&context](error_code error, int) {
      if (!error) context.stop();
    });
    listening(acceptor.local_endpoint().port());
    accept_next(acceptor, endpoint);
    context.run();
    return endpoint.result();
  } catch (const boost::system::system_error& error) {
    return cannot_listen(settings, error.code().message());
  }
}

}  // namespace copybridge::cli
