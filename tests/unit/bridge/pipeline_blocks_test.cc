// on_dead_letter: block-key in a whole pipeline: which records wait, for how long, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/pipeline_world.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BlockingWorld : public World {
 public:
  explicit BlockingWorld(std::size_t endpoints = 1) : World("", endpoints) { blocks_keys_ = true; }
};

std::string of_key(std::string_view key, std::string_view number = "0001") {
  return record('A', key, number);
}

TEST(PipelineBlocks, RecordsBehindABadOneOfTheirKeyStayAtTheSource) {
  BlockingWorld world;
  world.source_.batches = {{of_key("K1"), of_key("K1", "BADN"), of_key("K2"), of_key("K1")}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/1/record", "in/3/record"));
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::dead_lettered,
                                                           Fate::delivered, Fate::retry)));
  EXPECT_THAT(world.log_.last("key_blocked"), ::testing::HasSubstr("id=in/2/record"));
}

TEST(PipelineBlocks, ABadRecordIsADeadLetterOnlyBehindEarlierOnesOfItsKey) {
  BlockingWorld world;
  world.source_.batches = {{of_key("K1"), of_key("K1", "BADN")}};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::retry; };
  world.settings_.give_up_after = Milliseconds(50);
  world.settings_.drain_limit = Milliseconds(50);
  EXPECT_EQ(world.run(), 4);
  EXPECT_EQ(*world.dead_letters().count(), 0U) << "a replay would overtake the first";
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry, Fate::retry)));
}

TEST(PipelineBlocks, ADestinationBlocksForItself) {
  BlockingWorld world(2);
  world.source_.batches = {{of_key("K1"), of_key("K1")}};
  world.endpoints_[1].outcome = [](const Event& event) {
    return event.id == "in/1/record" ? Outcome::permanent : Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/1/record", "in/2/record"));
  EXPECT_THAT(world.endpoints_[1].accepted, IsEmpty());
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::retry)));
}

TEST(PipelineBlocks, ABadRecordIsOneLetterPerDestination) {
  BlockingWorld world(2);
  world.source_.batches = {{of_key("K1", "BADN")}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::dead_lettered)));
  const auto letters = world.dead_letters().find("in/1/record");
  ASSERT_EQ(letters->size(), 2U);
  EXPECT_EQ(letters->at(0).field.path, "REC-NO");
  EXPECT_EQ(letters->at(0).key, "K1");
}

TEST(PipelineBlocks, AnEmptyKeyBlocksNothing) {
  BlockingWorld world;
  world.source_.batches = {{of_key("  ", "BADN"), of_key("  ")}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/2/record"));
}

TEST(PipelineBlocks, WhatWaitsGoesOnWhenTheLetterIsDropped) {
  BlockingWorld world;
  world.settings_.until_idle = false;
  world.source_.batches = {{of_key("K1", "BADN"), of_key("K1", "0007"), of_key("K1", "0008")}};
  Pipeline& running = world.pipeline();
  std::future<int> code = std::async(std::launch::async, [&running] { return running.run(); });
  ASSERT_TRUE(world.log_.wait_for("key_blocked"));
  ASSERT_TRUE(world.log_.wait_for("dead_letter"));
  ASSERT_TRUE(world.dead_letters().remove("in/1/record", "endpoint0"));
  EXPECT_TRUE(world.log_.wait_for("key_released"));
  EXPECT_TRUE(world.source_.wait([&] { return !world.source_.fates.empty(); }));
  running.stop();
  EXPECT_EQ(code.get(), 2);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/2/record", "in/3/record"));
  EXPECT_THAT(world.source_.fates,
              ElementsAre(ElementsAre(Fate::dead_lettered, Fate::delivered, Fate::delivered)));
}

TEST(PipelineBlocks, TheWindowBoundsWhatWaits) {
  BlockingWorld world;
  world.settings_.window_batches = 3;
  world.source_.batches = std::vector<std::vector<std::string>>(50, {of_key("K1")});
  world.source_.batches[0] = {of_key("K1", "BADN")};
  EXPECT_EQ(world.run(), 2);
  EXPECT_LE(world.pipeline().totals().read, 4U);
  EXPECT_THAT(world.endpoints_[0].accepted, IsEmpty());
}

}  // namespace
}  // namespace copybridge::tests
