// Queues behind the double of mqweb.
#include "tests/conformance/components/place.h"
#include "tests/support/mqweb_double.h"

namespace copybridge::tests {
namespace {

class RestQueue final : public Place {
 public:
  explicit RestQueue(const std::filesystem::path& folder) : server_(folder / "mq") {}
  std::string options() const override {
    return "{" + server_.options("IN") + ", batch_records_max: 4, poll_interval_ms: 20}";
  }
  void feed(const std::vector<std::string>& records) override { server_.put("IN", records); }

 private:
  testing_support::MqwebDouble server_;
};

constexpr AdapterRig kRigs[] = {{"ibm-mq-rest", Behind::nothing, make_place<RestQueue>},
                                {"ibm-mq-rest", Behind::spool, make_place<RestQueue>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
