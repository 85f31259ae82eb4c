// The other ends of the publisher zeromq.
#include <atomic>
#include <thread>

#include "adapters/zeromq/sessions.h"
#include "bridge/zeromq/port.h"
#include "tests/conformance/components/rig.h"
#include "tests/support/http_post.h"

namespace copybridge::publishers {
namespace {

zeromq::SocketSettings bound_to(const std::string& address) {
  zeromq::SocketSettings settings;
  settings.bind = address;
  settings.message_bytes_max = 1 << 20;
  settings.high_water_mark = 1000;
  return settings;
}

class ZeromqRig : public Rig {
 public:
  explicit ZeromqRig(zmq::socket_type type) : type_(type), thread_([this] { take(); }) {}
  ~ZeromqRig() override {
    is_ending_ = true;
    thread_.join();
  }
  std::size_t received() override { return received_; }

 protected:
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  void take() {
    zeromq::Port port;
    adapters::zeromq::Sessions sessions(100, 100);
    if (!port.open(type_, bound_to(address_))) return;
    std::vector<zmq::message_t> frames;
    while (!is_ending_) {
      while (port.receive(frames)) {
        if (type_ == zmq::socket_type::pull) ++received_;
        if (type_ == zmq::socket_type::router) take(frames, sessions);
      }
      for (const auto& answer : sessions.answers())
        static_cast<void>(port.send({answer.peer, answer.frame}));
      port.wait(Milliseconds(10));
    }
  }
  void take(std::vector<zmq::message_t>& frames, adapters::zeromq::Sessions& sessions) {
    const auto message = zeromq::parse(frames.at(1).to_string_view());
    if (!message) return;
    const std::string peer = frames[0].to_string();
    if (message->kind == zeromq::MessageKind::open) return sessions.open(peer, *message);
    std::string id;
    for (const auto& [name, value] : message->fields)
      if (name == "id") id = value;
    const auto item = sessions.take(peer, *message, id);
    if (item == nullptr) return;
    ++received_;
    sessions.settle(item, true);
  }

  const zmq::socket_type type_;
  const std::string address_ = "tcp://127.0.0.1:" + std::to_string(support::free_port());
  std::atomic<std::size_t> received_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

class RouterRig final : public ZeromqRig {
 public:
  RouterRig() : ZeromqRig(zmq::socket_type::router) {}
  std::string options() const override { return options_of(address()); }
  std::string options_when_away() const override { return options_of("tcp://127.0.0.1:1"); }

 private:
  static std::string options_of(const std::string& address) {
    return "{socket: dealer, connect: '" + address + "', answer_timeout_ms: 2000}";
  }
};

const RigRow kRigs[] = {{"zeromq", "zeromq", make_rig<RouterRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
