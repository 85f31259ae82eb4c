// A queue behind the double of mqweb as endpoint of its publisher.
#include "tests/conformance/components/rig.h"
#include "tests/support/mqweb_double.h"

namespace copybridge::publishers {
namespace {

class RestRig final : public Rig {
 public:
  RestRig() : server_(folder_.path() / "mq") {}
  std::string options() const override { return "{" + server_.options("OUT") + "}"; }
  std::string options_when_away() const override {
    return "{" + testing_support::MqwebDouble::options_at(1, "OUT") + "}";
  }
  std::size_t received() override { return server_.depth("OUT"); }

 private:
  testing_support::MqwebDouble server_;
};

const RigRow kRigs[] = {{"ibm-mq-rest", "ibm_mq_rest", make_rig<RestRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
