// Where the adapter zeromq takes records of the acknowledged protocol.
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "bridge/zeromq/port.h"
#include "bridge/zeromq/protocol.h"
#include "tests/conformance/components/place.h"
#include "tests/support/http_post.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;
using zeromq::Message;
using zeromq::MessageKind;

/// A sender that keeps records until they are safe.
class Collector : public Place {
 public:
  explicit Collector(std::string answer) : answer_(std::move(answer)) {}
  ~Collector() override {
    is_ending_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::string options() const override {
    return "{socket: router, bind: '" + address_ + "', answer: " + answer_ +
           ", batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    {
      const std::scoped_lock lock(mutex_);
      records_.insert(records_.end(), records.begin(), records.end());
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { send_all(); });
  }

 private:
  void send_all() {
    zeromq::SocketSettings settings;
    settings.connect = {address_};
    settings.message_bytes_max = 1 << 20;
    settings.high_water_mark = 1000;
    zeromq::Port port;
    if (!port.open(zmq::socket_type::dealer, settings)) return;
    // Asked for often, what the receiver has not read when it closes would cut off its last words.
    constexpr std::chrono::milliseconds kAskAfter{300};
    auto ask_at = std::chrono::steady_clock::now();
    while (!is_ending_) {
      std::vector<zmq::message_t> frames;
      while (port.receive(frames)) {
        const Result<Message> message = zeromq::parse(frames[0].to_string_view());
        if (!message || message->session != session_) continue;
        const bool is_over = hear(*message);
        ask_at = std::chrono::steady_clock::now();
        if (!is_over) ask_at += kAskAfter;
      }
      if (std::chrono::steady_clock::now() >= ask_at) {
        say_open(port);
        ask_at = std::chrono::steady_clock::now() + kAskAfter;
      }
      send_some(port);
      port.wait(Milliseconds(20));
    }
  }
  /// True: the session has to be opened.
  bool hear(const Message& message) {
    if (message.kind == MessageKind::unknown) return true;
    if (message.kind == MessageKind::returned) {
      // What is not safe is sent in a session of its own, with the names of before.
      session_ = zeromq::new_session();
      base_ += settled_;
      settled_ = next_ = limit_ = 0;
      return true;
    }
    // What knows less than is safe is the answer to an open of before a restart.
    if (message.kind != MessageKind::state || message.received < settled_) return false;
    settled_ = message.settled;
    limit_ = message.limit;
    if (message.misses) next_ = message.received;
    return false;
  }
  void say_open(zeromq::Port& port) {
    static_cast<void>(port.send(
        {zeromq::encode({.kind = MessageKind::open, .session = session_, .first = settled_ + 1})}));
  }
  void send_some(zeromq::Port& port) {
    const std::scoped_lock lock(mutex_);
    for (; base_ + next_ < records_.size() && next_ < limit_; ++next_) {
      const std::string id = std::to_string(base_ + next_);
      if (!port.send({zeromq::encode({.kind = MessageKind::record,
                                      .session = session_,
                                      .number = next_ + 1,
                                      .fields = {{"id", id}, {"source", "/collector"}}}),
                      records_[base_ + next_]}))
        return;
    }
  }

  const std::string answer_;
  const std::string address_ = "tcp://127.0.0.1:" + std::to_string(support::free_port());
  std::atomic<bool> is_ending_ = false;
  std::mutex mutex_;
  std::vector<std::string> records_;
  // The thread's own.
  zeromq::Session session_ = zeromq::new_session();
  std::uint64_t base_ = 0;  ///< records that are safe since earlier sessions
  std::uint64_t settled_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t limit_ = 0;
  std::thread thread_;
};

struct CollectorOfStored final : Collector {
  explicit CollectorOfStored(const fs::path&) : Collector("stored") {}
};
/// By option it holds records as long as their senders wait.
struct CollectorOfDelivered final : Collector {
  explicit CollectorOfDelivered(const fs::path&) : Collector("delivered") {}
};

constexpr std::array kRigs = {
    AdapterRig{"zeromq", Behind::nothing, make_place<CollectorOfDelivered>},
    AdapterRig{"zeromq", Behind::spool, make_place<CollectorOfStored>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
