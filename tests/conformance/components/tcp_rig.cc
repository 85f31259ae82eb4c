// A server that acknowledges lines as endpoint.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "tests/conformance/components/rig.h"

namespace copybridge::publishers {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// One connection at a time, as the publisher has one.
class TcpRig final : public Rig {
 public:
  TcpRig()
      : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { serve(); }) {}
  ~TcpRig() override {
    is_ending_ = true;
    // The server is woken by a connection that says nothing.
    error_code ignored;
    tcp::socket last(context_);
    last.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return received_; }

 private:
  static std::string options_of(std::uint16_t port) {
    return "{servers: 'tcp://127.0.0.1:" + std::to_string(port) + "', acknowledgement_hex: '06'}";
  }
  void serve() {
    while (!is_ending_) {
      error_code error;
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      std::string input;
      while (!error && !is_ending_) {
        const std::size_t size = asio::read_until(socket, asio::dynamic_buffer(input), '\n', error);
        if (error) break;
        input.erase(0, size);
        ++received_;
        asio::write(socket, asio::buffer("\x06", 1), error);
      }
    }
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  const std::uint16_t port_;
  std::atomic<std::size_t> received_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

const RigRow kRigs[] = {{"tcp", "tcp", make_rig<TcpRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
