// Where the adapter ibm-mq reads: a queue of the double.
#include "tests/conformance/components/place.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

class Queue final : public Place {
 public:
  explicit Queue(const fs::path&) : server_("{name: QM, queues: [{name: IN}]}") {}
  std::string options() const override {
    return "{queue: IN, batch_records_max: 4, library: '" + mq_double::client_library() + "'}";
  }
  void feed(const std::vector<std::string>& records) override {
    const mq_double::MqLibrary library(mq_double::client_library());
    mq_double::MqClient client(library);
    const mqi::Hobj queue = client.open("IN", mqi::oo::kOutput);
    for (const std::string& record : records) client.put(queue, record, mqi::pmo::kSyncpoint);
    client.commit();
  }

 private:
  mq_double::TestQueueManager server_;
};

const AdapterRig kRigs[] = {{"ibm-mq", Behind::nothing, make_place<Queue>},
                            {"ibm-mq", Behind::spool, make_place<Queue>}};
const RegisteredRigs kRegistered{kRigs};
}  // namespace
}  // namespace copybridge::tests
