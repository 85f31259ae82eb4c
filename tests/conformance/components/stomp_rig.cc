// A queue of a real broker as endpoint, by STOMP.
#include "tests/conformance/components/rig.h"
#include "tests/support/broker_queue.h"

namespace copybridge::publishers {
namespace {

/// Of the broker that the fixture of these tests has started.
class StompRig final : public Rig {
 public:
  StompRig() : queue_("stomp", "/queue/events-" + folder_.path().filename().string()) {}
  std::string options() const override { return options_of(queue_.server()); }
  std::string options_when_away() const override { return options_of("stomp://127.0.0.1:1"); }
  std::size_t received() override { return taken_ += queue_.take(0).size(); }

 private:
  std::string options_of(const std::string& server) const {
    return "{servers: '" + server + "', destination: " + queue_.address() + "}";
  }
  support::BrokerQueue queue_;
  std::size_t taken_ = 0;
};

const RigRow kRigs[] = {{"stomp", "stomp", make_rig<StompRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
