// A real MQTT broker as endpoint.
#include "tests/conformance/components/rig.h"
#include "tests/support/mqtt_topic.h"

namespace copybridge::publishers {
namespace {

class MqttRig final : public Rig {
 public:
  MqttRig() : topic_(folder_.path().string()) {}
  std::string options() const override { return options_of(topic_.address()); }
  std::string options_when_away() const override { return options_of("127.0.0.1:1"); }
  std::size_t received() override { return topic_.received().size(); }

 private:
  static std::string options_of(const std::string& address) {
    return "{servers: 'mqtt://" + address + "', topic: accounts}";
  }

  testing_support::MqttTopic topic_;
};

const RigRow kRigs[] = {{"mqtt", "mqtt", make_rig<MqttRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
