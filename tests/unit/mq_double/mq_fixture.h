// A queue manager for tests of verbs: the double, or a real one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge::mq_double {

/// The queues of the tests. A real queue manager needs those of docs/ibm-mq-testing.md.
inline constexpr const char* kDefinition = R"(
name: QM1
max_uncommitted: 20
queues:
  - {name: COPYBRIDGE.IN, backout_threshold: 3, backout_queue: COPYBRIDGE.BACKOUT}
  - {name: COPYBRIDGE.BACKOUT}
  - {name: COPYBRIDGE.SMALL, max_depth: 2, max_message_length: 100}
)";

inline constexpr const char* kQueue = "COPYBRIDGE.IN";
inline constexpr const char* kBackoutQueue = "COPYBRIDGE.BACKOUT";
inline constexpr const char* kSmallQueue = "COPYBRIDGE.SMALL";

inline std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// Each test finds its queues empty.
class MqTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (from_environment("COPYBRIDGE_MQ_LIBRARY").empty())
      queue_manager_ = std::make_unique<TestQueueManager>(kDefinition);
    for (const char* queue : {kQueue, kBackoutQueue, kSmallQueue}) client().empty(queue);
  }

  static const MqLibrary& library() {
    static const MqLibrary library(from_environment("COPYBRIDGE_MQ_LIBRARY").empty()
                                       ? client_library()
                                       : from_environment("COPYBRIDGE_MQ_LIBRARY"));
    return library;
  }
  static std::unique_ptr<MqClient> connect(mqi::Long share = mqi::cno::kHandleShareNoBlock) {
    return std::make_unique<MqClient>(library(), from_environment("COPYBRIDGE_MQ_QUEUE_MANAGER"),
                                      share);
  }
  MqClient& client() {
    if (!client_) client_ = connect();
    return *client_;
  }
  TestQueueManager& queue_manager() { return *queue_manager_; }

  /// The reason of the verb that fails, 0 where none does.
  template <class Verbs>
  static mqi::Long reason_of(const Verbs& verbs) {
    try {
      verbs();
    } catch (const MqError& error) {
      return error.reason;
    }
    return mqi::rc::kNone;
  }

 private:
  std::unique_ptr<TestQueueManager> queue_manager_;
  std::unique_ptr<MqClient> client_;
};

/// Tests that every queue manager must pass.
class MqSemantics : public MqTest {};

/// Tests of the double's own means.
class MqDouble : public MqTest {};

}  // namespace copybridge::mq_double
