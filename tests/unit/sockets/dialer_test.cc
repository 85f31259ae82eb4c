// Connections that are made: server after server, through a proxy, from an address of their own.
#include "bridge/sockets/dialer.h"

#include <gmock/gmock.h>

#include "tests/support/connect_proxy.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::sockets {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing_support::ConnectProxy;

class DialerTest : public testing::Test {
 protected:
  DialerTest() : listener_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
    access_.connect_timeout = Milliseconds(5000);
    add_server(listener_.local_endpoint().port());
  }

  void add_server(int port) {
    access_.servers.push_back(
        {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port), .has_tls = false});
  }
  void go_through(const ConnectProxy& proxy) {
    egress_.proxy = {
        .host = "127.0.0.1", .port = static_cast<std::uint16_t>(proxy.port()), .has_tls = false};
  }
  /// Where the connection comes from, as the server sees it; or what the dialer says.
  std::string dial(std::size_t first = 0) {
    failure_.reset();
    tcp::socket taken(context_);
    listener_.async_accept(taken, [](const boost::system::error_code&) {});
    const auto dialer = std::make_shared<Dialer>(
        context_, access_, egress_, [&](Result<std::unique_ptr<TlsStream>> made, bool) {
          if (made) {
            stream_ = std::move(*made);
          } else {
            failure_ = made.error();
            listener_.cancel();
          }
        });
    dialer->start(first);
    context_.restart();
    context_.run();
    server_ = dialer->server();
    return failure_ ? failure_->message : taken.remote_endpoint().address().to_string();
  }

  tests::TemporaryDirectory folder_;
  asio::io_context context_{1};
  tcp::acceptor listener_;
  broker::Access access_;
  Egress egress_;
  std::unique_ptr<TlsStream> stream_;
  std::optional<Error> failure_;
  std::size_t server_ = 0;
};

TEST_F(DialerTest, TriesTheNextServerWhereOneIsAway) {
  access_.servers.insert(access_.servers.begin(), {.host = "127.0.0.1", .port = 1});
  EXPECT_EQ(dial(), "127.0.0.1");
  EXPECT_EQ(server_, 1U);
}

TEST_F(DialerTest, SaysWhichServerWasTheLastToFail) {
  access_.servers = {{.host = "127.0.0.1", .port = 1}, {.host = "127.0.0.1", .port = 2}};
  EXPECT_EQ(dial(1), "tcp: 127.0.0.1:1: Connection refused");
  EXPECT_EQ(failure_->kind, ErrorKind::source);
}

TEST_F(DialerTest, GoesOutFromTheInterface) {
  egress_.interface = "127.0.0.2";
  EXPECT_EQ(dial(), "127.0.0.2");
  egress_.interface = "lo";
  EXPECT_EQ(dial(), "127.0.0.1");
  egress_.interface = "none0";
  EXPECT_THAT(dial(), HasSubstr("No such device"));
}

TEST_F(DialerTest, GoesThroughTheProxyFromThere) {
  const ConnectProxy proxy(folder_.path() / "tunnels");
  go_through(proxy);
  egress_.interface = "127.0.0.2";
  EXPECT_EQ(dial(), "127.0.0.1") << "the proxy's own";
  ASSERT_EQ(proxy.tunnels().size(), 1U);
  EXPECT_THAT(proxy.tunnels()[0], HasSubstr("\"status\": 200, \"from\": \"127.0.0.2\""));
}

TEST_F(DialerTest, ProxyThatLetsNobodyThroughIsARefusal) {
  const ConnectProxy proxy(folder_.path() / "tunnels", {"--status", "403"});
  go_through(proxy);
  EXPECT_THAT(dial(), HasSubstr("answered 403 to CONNECT"));
  EXPECT_EQ(failure_->kind, ErrorKind::peer_refused);
}

TEST_F(DialerTest, ProxyThatSaysNothingIsGivenUpInTime) {
  // A server that takes connections and never answers.
  tcp::acceptor silent(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  egress_.proxy = {.host = "127.0.0.1", .port = silent.local_endpoint().port(), .has_tls = false};
  access_.connect_timeout = Milliseconds(200);
  EXPECT_THAT(dial(), HasSubstr("tcp: 127.0.0.1:"));
  EXPECT_EQ(failure_->kind, ErrorKind::source);
}

TEST_F(DialerTest, CancelledItCallsNobody) {
  bool is_called = false;
  const auto dialer =
      std::make_shared<Dialer>(context_, access_, egress_,
                               [&](Result<std::unique_ptr<TlsStream>>, bool) { is_called = true; });
  dialer->start(0);
  dialer->cancel();
  context_.run();
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace copybridge::sockets
