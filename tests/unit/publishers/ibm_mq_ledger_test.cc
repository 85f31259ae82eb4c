// The ibm-mq publisher with a state queue: each event once, whatever becomes of a commit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/publishers/ibm_mq_publisher.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using mq_double::MqClient;
using mq_double::MqLibrary;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class MqOnce : public testing::Test {
 protected:
  MqOnce() { script_faults(""); }
  ~MqOnce() override { script_faults(""); }

  static void script_faults(const char* script) { ::setenv("COPYBRIDGE_MQ_FAULTS", script, 1); }
  /// A bridge that starts.
  static std::unique_ptr<Harness> start() {
    auto harness =
        std::make_unique<Harness>(kIbmMqPublisher, "{queue: OUT, state_queue: STATE, library: '" +
                                                       mq_double::client_library() + "'}");
    EXPECT_EQ(harness->mistakes(), "");
    EXPECT_TRUE(harness->open());
    return harness;
  }
  mqi::Long depth(const std::string& queue) const { return MqClient(library_).depth(queue); }

  mq_double::TestQueueManager queue_manager_{
      "{name: QM, queues: [{name: OUT, max_message_length: 1000}, {name: STATE}]}"};
  const MqLibrary library_{mq_double::client_library()};
  EventStore events_;
};

TEST_F(MqOnce, PutsNothingThatAnEarlierRunHasPut) {
  const auto events = events_.add_many(3);
  auto harness = start();
  harness->publish_and_wait({events[0], events[1]});
  harness = nullptr;
  harness = start();
  EXPECT_THAT(harness->publish_and_wait(events).outcomes, Each(Outcome::accepted));
  EXPECT_EQ(depth("OUT"), 3);
}

TEST_F(MqOnce, LearnsWhatBecameOfACommitThatWasNotAnswered) {
  mqi::Long expected = 0;
  for (const char* script : {"MQCMIT:2009:1", "MQCMIT:2009:1:after", "MQCMIT:2003:1"}) {
    const auto harness = start();
    script_faults(script);
    const auto events = events_.add_many(2, script);
    EXPECT_THAT(harness->publish_and_wait(events).outcomes, Each(Outcome::retry)) << script;
    EXPECT_THAT(harness->publish_and_wait(events).outcomes, Each(Outcome::accepted)) << script;
    expected += 2;
    EXPECT_EQ(depth("OUT"), expected) << script;
  }
}

TEST_F(MqOnce, ForgetsWhatTheSourceHasSettled) {
  const auto harness = start();
  for (int i = 0; i < 5; ++i) {
    const std::string id = "event-" + std::to_string(i);
    harness->publish_and_wait({events_.add(id)});
    harness->note_settled({id});
  }
  EXPECT_EQ(depth("STATE"), 1);
  EXPECT_EQ(depth("OUT"), 5);
}

TEST_F(MqOnce, DoesNotRememberWhatWasRefused) {
  const auto harness = start();
  const Event* const large = events_.add_body("large", std::string(2000, 'x'));
  const std::vector<const Event*> events = {large, events_.add("small")};
  EXPECT_THAT(harness->publish_and_wait(events).outcomes,
              ElementsAre(Outcome::permanent, Outcome::accepted));
  EXPECT_THAT(harness->publish_and_wait(events).outcomes,
              ElementsAre(Outcome::permanent, Outcome::accepted));
  EXPECT_EQ(depth("OUT"), 1);
}

TEST_F(MqOnce, WaitsForAnotherThatHasTheStateQueue) {
  auto first = start();
  first->publish_and_wait({events_.add("one")});
  const auto second = start();
  const Event* const two = events_.add("two");
  const Response refused = second->publish_and_wait({two});
  EXPECT_THAT(refused.outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(refused.reason, HasSubstr("2042"));
  first = nullptr;
  EXPECT_THAT(second->publish_and_wait({two}).outcomes, ElementsAre(Outcome::accepted));
}

TEST_F(MqOnce, RefusesAQueueThatOthersUse) {
  MqClient client(library_);
  client.put(client.open("STATE", mqi::oo::kOutput), "hello", mqi::pmo::kNoSyncpoint);
  const auto harness = start();
  const Response refused = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(refused.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(refused.reason, HasSubstr("holds messages of others"));
  EXPECT_EQ(depth("OUT"), 0);
}

}  // namespace
}  // namespace copybridge::publishers
