// How long a message takes from its put on a queue to its arrival at an HTTP endpoint.
//   latency_probe QUEUE PORT RATE COUNT   puts COUNT messages at RATE a second, with the time of
//   each
//       in it as 20 digits, takes the events on PORT, and prints percentiles in microseconds
// The queue manager is the double of IBM MQ that COPYBRIDGE_MQ_FOLDER says.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kMember = "\"SENT-AT\":\"";
constexpr std::size_t kDigits = 20;
constexpr std::chrono::seconds kPatience{60};

std::int64_t now_ns() { return Clock::now().time_since_epoch().count(); }

/// Of all events, by the listener's thread.
struct Arrivals {
  std::vector<std::int64_t> delays_ns;
  std::size_t wanted = 0;
};

/// One connection of the bridge; keeps itself alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Arrivals& arrivals, asio::io_context& context)
      : socket_(std::move(socket)), arrivals_(arrivals), context_(context) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(64 << 20);
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->take();
                     });
  }

 private:
  void take() {
    const std::int64_t now = now_ns();
    const std::string_view body = parser_->get().body();
    for (std::size_t at = body.find(kMember); at != std::string_view::npos;
         at = body.find(kMember, at)) {
      at += kMember.size();
      const std::string digits(body.substr(at, kDigits));
      arrivals_.delays_ns.push_back(now - std::strtoll(digits.c_str(), nullptr, 10));
    }
    answer_ = {http::status::ok, 11};
    answer_.keep_alive(true);
    answer_.prepare_payload();
    http::async_write(socket_, answer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->arrivals_.delays_ns.size() >= self->arrivals_.wanted) self->context_.stop();
      if (!error) self->read();
    });
  }

  tcp::socket socket_;
  Arrivals& arrivals_;
  asio::io_context& context_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::empty_body> answer_;
};

void accept_next(tcp::acceptor& acceptor, Arrivals& arrivals, asio::io_context& context) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay(true));
    std::make_shared<Connection>(std::move(socket), arrivals, context)->read();
    accept_next(acceptor, arrivals, context);
  });
}

/// Each message when it is due, however long the one before took.
void put_all(const std::string& queue, long rate, long count) {
  const mq_double::MqLibrary library(mq_double::client_library());
  mq_double::MqClient client(library);
  const mqi::Hobj hobj = client.open(queue, mqi::oo::kOutput);
  const Clock::time_point begin = Clock::now();
  for (long i = 0; i < count; ++i) {
    std::this_thread::sleep_until(begin + std::chrono::nanoseconds(1'000'000'000 / rate * i));
    char text[kDigits + 1];
    std::snprintf(text, sizeof text, "%020lld", static_cast<long long>(now_ns()));
    client.put(hobj, text, mqi::pmo::kNoSyncpoint | mqi::pmo::kNewMsgId);
  }
}

int run(const std::string& queue, std::uint16_t port, long rate, long count) {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
  Arrivals arrivals;
  arrivals.wanted = static_cast<std::size_t>(count);
  accept_next(acceptor, arrivals, context);
  std::thread sender([&] { put_all(queue, rate, count); });
  context.run_for(kPatience);
  sender.join();
  std::vector<std::int64_t>& delays = arrivals.delays_ns;
  if (delays.size() < arrivals.wanted) {
    std::cerr << delays.size() << " of " << count << " events came\n";
    return 1;
  }
  std::ranges::sort(delays);
  for (const double share : {0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1));
    std::cout << delays[at] / 1000 << ' ';
  }
  std::cout << '\n';
  return 0;
}

}  // namespace
}  // namespace copybridge

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: latency_probe QUEUE PORT RATE COUNT\n";
    return 2;
  }
  try {
    return copybridge::run(argv[1], static_cast<std::uint16_t>(std::stoul(argv[2])),
                           std::stol(argv[3]), std::stol(argv[4]));
  } catch (const std::exception& error) {
    std::cerr << "latency_probe: " << error.what() << '\n';
    return 1;
  }
}
