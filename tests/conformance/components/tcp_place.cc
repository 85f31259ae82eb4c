// Where the adapter tcp listens.
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/conformance/components/place.h"
#include "tests/support/http_post.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using asio::ip::tcp;

/// A sender that keeps records until each has its acknowledgement: what a connection took without
/// one goes over the next.
class Sender final : public Place {
 public:
  explicit Sender(const fs::path&) {}
  ~Sender() override {
    {
      const std::scoped_lock lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  std::string options() const override {
    return "{listen: '127.0.0.1:" + std::to_string(port_) +
           "', recfm: length-prefixed, length_bytes: 2, acknowledgement_hex: '06', "
           "batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    {
      const std::scoped_lock lock(mutex_);
      for (const std::string& record : records)
        waiting_.push_back(std::string{'\0', static_cast<char>(record.size())} + record);
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { send_all(); });
    changed_.notify_all();
  }

 private:
  void send_all() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
      if (is_ending_) return;
      const std::deque<std::string> records = waiting_;
      lock.unlock();
      const std::size_t safe = send(records);
      lock.lock();
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(safe));
      lock.unlock();
      if (safe == 0) std::this_thread::yield();
    }
  }
  /// How many were acknowledged.
  std::size_t send(const std::deque<std::string>& records) const {
    asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code error;
    socket.connect({asio::ip::address_v4::loopback(), port_}, error);
    for (const std::string& record : records)
      if (!error) asio::write(socket, asio::buffer(record), error);
    if (!error) socket.shutdown(tcp::socket::shutdown_send, error);
    std::string answer;
    if (!error) asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer.size();
  }

  const std::uint16_t port_ = support::free_port();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_ending_ = false;
  std::deque<std::string> waiting_;
  std::thread thread_;
};

// What it has sent is nowhere else: it is read by way of a spool only.
constexpr std::array kRigs = {AdapterRig{"tcp", Behind::spool, make_place<Sender>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
