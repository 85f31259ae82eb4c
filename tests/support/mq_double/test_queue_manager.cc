// The program mq_double as a child of the test.
#include "tests/support/mq_double/test_queue_manager.h"

#include <cstdlib>
#include <stdexcept>

#include "tests/support/paths.h"

namespace copybridge::mq_double {

TestQueueManager::TestQueueManager(const std::string& definition) {
  folder_.write("queue_manager.yaml", definition);
  ::setenv("COPYBRIDGE_MQ_FOLDER", folder_.path().c_str(), 1);
  start();
}

void TestQueueManager::start() {
  process_ = std::make_unique<testing_support::ChildProcess>(
      std::vector<std::string>{support::build_path("bin/mq_double"), folder_.path().string()});
  const std::string line = process_->read_error_line();
  if (line != "started") throw std::runtime_error("the queue manager did not start: " + line);
}

void TestQueueManager::restart() {
  kill();
  start();
}

std::string client_library() { return support::build_path("mq_double_client/libmqm_r.so"); }

}  // namespace copybridge::mq_double
