// A queue of a real broker as endpoint.
#include "tests/conformance/components/rig.h"
#include "tests/support/broker_queue.h"

/// Qpid Proton may not free all of a connection that is closed while the broker still talks;
/// nothing of ours is let off.
extern "C" const char* __lsan_default_suppressions() { return "leak:libqpid-proton\n"; }

namespace copybridge::publishers {
namespace {

/// Of the broker that the fixture of these tests has started.
class AmqpRig final : public Rig {
 public:
  AmqpRig() : queue_("amqp", "events-" + folder_.path().filename().string()) {}
  std::string options() const override { return options_of(queue_.server()); }
  std::string options_when_away() const override { return options_of("amqp://127.0.0.1:1"); }
  std::size_t received() override { return taken_ += queue_.take(0).size(); }

 private:
  std::string options_of(const std::string& server) const {
    return "{servers: '" + server + "', address: " + queue_.address() + "}";
  }
  support::BrokerQueue queue_;
  std::size_t taken_ = 0;
};

const RigRow kRigs[] = {{"amqp", "amqp", make_rig<AmqpRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
