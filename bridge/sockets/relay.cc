// Tunnels from loopback.
#include "bridge/sockets/relay.h"

#include <openssl/rand.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "bridge/core/bytes.h"
#include "bridge/core/digest.h"
#include "bridge/core/threads.h"

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;

constexpr broker::Protocol kTarget{"relay", "tcp", "tls", 0, 0};
constexpr std::uint32_t kHeadMax = 8'192;
constexpr std::size_t kPieceBytes = 65'536;

/// What a CONNECT asks for; nothing where it is none.
std::optional<broker::Server> target_of(const http::request<http::empty_body>& request) {
  if (request.method() != http::verb::connect) return std::nullopt;
  Result<broker::Server> server =
      broker::parse_server("tcp://" + std::string(request.target()), kTarget);
  if (!server || server->port == 0) return std::nullopt;
  return std::move(*server);
}

/// What is in `piece`, then what comes, until the one ends or the other does not take it.
asio::awaitable<void> copy(tcp::socket& from, tcp::socket& to, std::string& piece) {
  std::size_t size = piece.size();
  piece.resize(std::max(size, kPieceBytes));
  for (;;) {
    if (size > 0) {
      const auto [error, written] = co_await asio::async_write(to, asio::buffer(piece.data(), size),
                                                               asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
    }
    const auto [error, read] =
        co_await from.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    size = read;
  }
}

}  // namespace

Relay::Relay(Egress egress, Milliseconds connect_timeout)
    : egress_(std::move(egress)), connect_timeout_(connect_timeout) {}

Result<std::unique_ptr<Relay>> Relay::start(Egress egress, Milliseconds connect_timeout) {
  std::unique_ptr<Relay> relay(new Relay(std::move(egress), connect_timeout));
  std::array<std::uint8_t, 16> random{};
  error_code error;
  relay->acceptor_.open(tcp::v4(), error);
  if (!error) relay->acceptor_.bind({asio::ip::address_v4::loopback(), 0}, error);
  if (!error) relay->acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error || RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    return fail(ErrorKind::peer_away, "no relay on loopback: " + error.message());
  const std::string login = "bridge:" + to_hex(random);
  relay->authorization_ = "Basic " + base64(login);
  relay->place_ = login + "@127.0.0.1:" + std::to_string(relay->acceptor_.local_endpoint().port());
  asio::co_spawn(relay->context_, relay->take_connections(), asio::detached);
  relay->thread_ = std::thread([self = relay.get()] {
    block_signals_in_this_thread();
    self->context_.run();
  });
  return relay;
}

Relay::~Relay() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> Relay::take_failure() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(failure_, std::nullopt);
}

void Relay::note_failure(std::optional<Error> failure) {
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(failure);
}

asio::awaitable<void> Relay::take_connections() {
  for (;;) {
    auto [error, client] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    // Of too many files that are open; the next may have better luck.
    if (error) {
      asio::steady_timer pause(context_, Milliseconds(100));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    asio::co_spawn(context_, serve(std::move(client)), asio::detached);
  }
}

asio::awaitable<void> Relay::serve(Socket client) {
  try {
    co_await relay(client);
  } catch (const boost::system::system_error&) {
    // Who asked has gone.
  }
}

asio::awaitable<void> Relay::relay(Socket& client) {
  client.set_option(tcp::no_delay(true));
  beast::flat_buffer buffer;
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kHeadMax);
  const auto [error, size] =
      co_await http::async_read_header(client, buffer, parser, asio::as_tuple(asio::use_awaitable));
  const auto& request = parser.get();
  const auto server = error ? std::nullopt : target_of(request);
  const bool is_ours = error || request[http::field::proxy_authorization] == authorization_;
  // At once, before anything goes out: Paho waits for it with a lock that stops all its clients.
  const std::string_view answer = !is_ours  ? "HTTP/1.1 407 Not for you\r\n\r\n"
                                  : !server ? "HTTP/1.1 400 No target\r\n\r\n"
                                            : "HTTP/1.1 200 OK\r\n\r\n";
  co_await asio::async_write(client, asio::buffer(answer), asio::use_awaitable);
  if (!is_ours || !server) co_return;
  note_failure(std::nullopt);
  const auto out = std::make_shared<Socket>(context_);
  const Result<void> reached = co_await reach(client, out, *server);
  if (!reached) {
    note_failure(reached.error());
    co_return;
  }
  // As names of their own: g++ 12 destroys temporaries of a co_await twice.
  std::string sent = beast::buffers_to_string(buffer.data());
  std::string answered;
  co_await (copy(client, *out, sent) || copy(*out, client, answered));
}

asio::awaitable<Result<void>> Relay::reach(Socket& client, std::shared_ptr<Socket> out,
                                           const broker::Server& server) {
  enum class State : std::uint8_t { trying, late, over };
  const auto state = std::make_shared<State>(State::trying);
  asio::steady_timer timer(context_, connect_timeout_);
  timer.async_wait([&client, out, state](const error_code& error) {
    if (error || *state != State::trying) return;
    *state = State::late;
    // The name may take longer to be looked up: who asked need not wait for that.
    error_code ignored;
    client.close(ignored);
    out->close(ignored);
  });
  Result<void> reached = fail(ErrorKind::peer_away, "no connection in time");
  try {
    const auto found = co_await resolve(context_.get_executor(), egress_, server);
    if (!found) reached = pass_on(found);
    if (found && *state == State::trying) reached = co_await connect(*out, *found, egress_, server);
  } catch (const boost::system::system_error& lost) {
    reached = fail(ErrorKind::peer_away, lost.code().message());
  }
  *state = State::over;
  co_return reached;
}

}  // namespace copybridge::sockets
