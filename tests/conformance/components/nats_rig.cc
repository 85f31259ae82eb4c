// A real NATS server as endpoint.
#include "tests/conformance/components/rig.h"
#include "tests/support/nats_stream.h"

namespace copybridge::publishers {
namespace {

class NatsRig final : public Rig {
 public:
  NatsRig() : stream_(folder_.path().string()) { stream_.make(); }
  std::string options() const override { return options_of(stream_.address()); }
  std::string options_when_away() const override { return options_of("127.0.0.1:1"); }
  std::size_t received() override { return stream_.messages(); }

 private:
  static std::string options_of(const std::string& address) {
    return "{servers: 'nats://" + address + "', subject: accounts}";
  }

  testing_support::NatsStream stream_;
};

const RigRow kRigs[] = {{"nats", "nats", make_rig<NatsRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
