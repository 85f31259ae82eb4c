// A queue of a real broker as endpoint, by AMQP 0-9-1.
#include "tests/conformance/components/rig.h"
#include "tests/support/broker_queue.h"

namespace copybridge::publishers {
namespace {

/// Of the broker that the fixture of these tests has started; the client by AMQP 1.0, whose
/// receiver makes the queue.
class RabbitMqRig final : public Rig {
 public:
  RabbitMqRig() : queue_("amqp", "confirmed-" + folder_.path().filename().string()) {
    static_cast<void>(queue_.take(0));
  }
  std::string options() const override { return options_of(queue_.server()); }
  std::string options_when_away() const override { return options_of("amqp://127.0.0.1:1"); }
  std::size_t received() override { return taken_ += queue_.take(0).size(); }

 private:
  std::string options_of(const std::string& server) const {
    return "{servers: '" + server + "', routing_key: " + queue_.address() + "}";
  }
  support::BrokerQueue queue_;
  std::size_t taken_ = 0;
};

const RigRow kRigs[] = {{"rabbitmq", "rabbitmq", make_rig<RabbitMqRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
