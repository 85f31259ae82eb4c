// A queue of the double as endpoint.
#include "tests/conformance/components/rig.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge::publishers {
namespace {

class MqRig final : public Rig {
 public:
  std::string options() const override { return options_of("qm(1414)"); }
  std::string options_when_away() const override { return options_of("nowhere(1414)"); }
  std::size_t received() override {
    return static_cast<std::size_t>(mq_double::MqClient(library_).depth("OUT"));
  }

 private:
  static std::string options_of(const std::string& connection) {
    return "{queue: OUT, channel: C, connection: '" + connection + "', library: '" +
           mq_double::client_library() + "'}";
  }
  mq_double::TestQueueManager queue_manager_{
      "{name: QM, listener: 'qm(1414)', channel: C, queues: [{name: OUT}]}"};
  const mq_double::MqLibrary library_{mq_double::client_library()};
};

const RigRow kRigs[] = {{"ibm-mq", "ibm_mq", make_rig<MqRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
