// How a pipeline ends, waits and goes on: stops, endpoints and storage that are away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/pipeline_world.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Pipeline, GivesUpOnAnEndpointThatIsAwayAndHandsBack) {
  World world;
  world.source_.batches = {{good()}};
  world.settings_.give_up_after = Milliseconds(20);
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::retry; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
  EXPECT_EQ(world.pipeline().totals().handed_back, 1U);
  EXPECT_EQ(*world.dead_letters().count(), 0U);
}

TEST(Pipeline, GivesUpAtOnceOnAnEndpointThatRefuses) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::refused; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
}

TEST(Pipeline, HandsBackWhatIsNotConfirmedWhenItIsStopped) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = Milliseconds(20);
  world.source_.batches = {{good("0001"), good("0002")}};
  Pipeline& pipeline = world.pipeline();
  world.endpoints_[0].outcome = [&](const Event& event) {
    if (event.id == "in/1/record") return Outcome::accepted;
    pipeline.stop();
    return Outcome::retry;
  };
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::retry)));
}

TEST(Pipeline, WaitsForRecordsUnderWayWhenItIsStopped) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = kPatience;
  world.source_.batches = {{good()}};
  Pipeline& pipeline = world.pipeline();
  int attempts = 0;
  world.endpoints_[0].outcome = [&](const Event&) {
    if (++attempts == 1) pipeline.stop();
    return attempts < 4 ? Outcome::retry : Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
}

TEST(Pipeline, KeepsARecordAtTheSourceWhileTheDeadLettersCannotBeWritten) {
  World world;
  world.source_.batches = {{bad()}};
  world.settings_.give_up_after = Milliseconds(20);
  static_cast<void>(world.pipeline());
  world.execute("DROP TABLE dead_letters");
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
  EXPECT_EQ(world.log_.count("storage_lost"), 1U);
  EXPECT_EQ(world.log_.count("dead_letter"), 0U);
}

TEST(Pipeline, GoesOnByItselfWhenTheDeadLettersCanBeWrittenAgain) {
  World world;
  world.source_.batches = {{bad()}};
  static_cast<void>(world.pipeline());
  world.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON dead_letters"
      " BEGIN SELECT RAISE(ABORT, 'no room'); END");
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.log_.wait_for("storage_lost"));
  world.execute("DROP TRIGGER refuse");
  EXPECT_EQ(code.get(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::dead_lettered)));
  EXPECT_EQ(world.log_.count("storage_recovered"), 1U);
}

TEST(Pipeline, GivesUpOnAnEndpointAlsoWhileItIsPaused) {
  World world;
  world.settings_.bad_in_row_max = 1;
  world.settings_.give_up_after = Milliseconds(20);
  world.source_.batches = {{good(), bad()}};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::retry; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry, Fate::dead_lettered)));
}

TEST(Pipeline, SaysThatItDoesNotRunWhereAnEndpointCannotBeOpened) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].open_error = Error{ErrorKind::config, "cloud: no such certificate", {}};
  EXPECT_EQ(world.run(), 1);
  EXPECT_THAT(world.log_.last("not_started"),
              HasSubstr(R"(source=accounts reason="cloud: no such certificate")"));
  EXPECT_EQ(world.log_.count("source_lost"), 0U);
  EXPECT_THAT(world.source_.fates, IsEmpty());
}

TEST(Pipeline, EndsSoonAfterASecondStopWhereTheSourceTakesNothing) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = 10 * kPatience;
  world.source_.batches = {{good()}};
  world.source_.settles = false;
  Pipeline& pipeline = world.pipeline();
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 0; }));
  pipeline.stop();
  pipeline.stop();
  EXPECT_EQ(code.get(), 4);
}

TEST(Pipeline, EndsSoonAfterASecondStopThatComesWhileTheSourceSettles) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = 10 * kPatience;
  world.source_.batches = {{good()}};
  world.source_.settles = false;
  Pipeline& pipeline = world.pipeline();
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 0; }));
  pipeline.stop();
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 5; }));
  pipeline.stop();
  EXPECT_EQ(code.get(), 4);
}

TEST(Pipeline, LetsTheOthersGoOnUpToTheWindowWhileOneEndpointHangs) {
  World world("", 2);
  world.settings_.until_idle = false;
  world.settings_.window_batches = 3;
  world.source_.batches = std::vector<std::vector<std::string>>(20, {good()});
  world.endpoints_[0].answers = false;
  Pipeline& pipeline = world.pipeline();
  std::atomic<std::size_t> taken{0};
  world.endpoints_[1].outcome = [&](const Event&) {
    if (++taken < 3) return Outcome::accepted;
    pipeline.stop();
    pipeline.stop();
    return Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(taken, 3U) << "the window's worth, and no more";
  EXPECT_THAT(world.source_.fates, ::testing::Each(ElementsAre(Fate::retry)));
}

}  // namespace
}  // namespace copybridge::tests
