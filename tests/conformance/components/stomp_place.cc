// Where the adapter stomp reads.
#include <gtest/gtest.h>

#include "tests/conformance/components/place.h"
#include "tests/support/broker_queue.h"

namespace copybridge::tests {
namespace {

/// A queue of the broker that the fixture of these tests has started.
class StompQueue final : public Place {
 public:
  explicit StompQueue(const std::filesystem::path& folder)
      : queue_("stomp", "/queue/accounts-" + folder.filename().string()) {
    // The broker makes it when a client first asks for it.
    EXPECT_TRUE(queue_.take(0).empty());
  }
  std::string options() const override {
    return "{servers: '" + queue_.server() + "', destination: " + queue_.address() +
           ", batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override { queue_.put(records); }

 private:
  support::BrokerQueue queue_;
};

const AdapterRig kRigs[] = {{"stomp", Behind::nothing, make_place<StompQueue>},
                            {"stomp", Behind::spool, make_place<StompQueue>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::tests
