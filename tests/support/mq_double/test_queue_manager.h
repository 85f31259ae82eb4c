// A queue manager of the double that a test starts, kills and starts again.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::mq_double {

class TestQueueManager {
 public:
  /// Starts it with a text for queue_manager.yaml, in a folder that goes with the object. This
  /// process and those it starts then find it: COPYBRIDGE_MQ_FOLDER is set.
  explicit TestQueueManager(const std::string& definition);

  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  void kill() { process_.reset(); }
  void start();
  /// Kills it and starts it on what it had written.
  void restart();

 private:
  tests::TemporaryDirectory folder_;
  std::unique_ptr<testing_support::ChildProcess> process_;
};

/// The double's libmqm_r.so.
std::string client_library();

}  // namespace copybridge::mq_double
