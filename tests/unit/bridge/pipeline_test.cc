// A whole pipeline in process: what reaches the endpoints and what the source is told. Schedules of
// faults are in tests/faults.
#include "bridge/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/pipeline_world.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Pipeline, DeliversRecordsAndTellsTheSourceInReadOrder) {
  World world;
  world.source_.batches = {{good(), good()}, {good()}};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.endpoints_[0].accepted,
              ElementsAre("in/1/record", "in/2/record", "in/101/record"));
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::delivered),
                                               ElementsAre(Fate::delivered)));
}

TEST(Pipeline, SettlesWhatIsFiltered) {
  World world("only_if: REC-NO > 5\n");
  world.source_.batches = {{good("0001"), good("0006")}};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::filtered, Fate::delivered)));
  EXPECT_EQ(world.pipeline().totals().filtered, 1U);
}

TEST(Pipeline, KeepsABadRecordInTheDeadLettersAndEndsWith2) {
  World world;
  world.source_.batches = {{good(), bad(), good()}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates,
              ElementsAre(ElementsAre(Fate::delivered, Fate::dead_lettered, Fate::delivered)));
  const auto letters = world.dead_letters().find("in/2/record");
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ(letters->at(0).record, bad());
  EXPECT_EQ(letters->at(0).field.path, "REC-NO");
  EXPECT_EQ(letters->at(0).position, 7U);
  EXPECT_EQ(letters->at(0).destination, "endpoint0");
}

TEST(Pipeline, OwesARecordToEveryDestination) {
  World world("", 2);
  world.source_.batches = {{good()}};
  world.endpoints_[1].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
  EXPECT_EQ(world.dead_letters().find("in/1/record")->at(0).destination, "endpoint1");
  EXPECT_EQ(world.pipeline().totals().delivered, 1U);
}

TEST(Pipeline, DeadLettersWhatEveryDestinationRefused) {
  World world("", 2);
  world.source_.batches = {{good()}};
  for (EndpointScript& endpoint : world.endpoints_) {
    endpoint.outcome = [](const Event&) { return Outcome::permanent; };
  }
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::dead_lettered)));
  EXPECT_EQ(*world.dead_letters().count(), 2U);
}

TEST(Pipeline, DeliversANoticeWithoutCountingIt) {
  World world;
  world.source_.batches = {{R"({"read":7})"}};
  world.source_.notices = {0};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/1"));
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
  EXPECT_EQ(world.pipeline().totals().read, 0U);
}

TEST(Pipeline, SettlesNothingBeforeItIsConfirmed) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].outcome = [&](const Event&) {
    const std::scoped_lock lock(world.source_.mutex);
    EXPECT_THAT(world.source_.fates, IsEmpty());
    return Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 0);
}

TEST(Pipeline, EndsWithTheSourcesExitCode) {
  World world;
  world.source_.batches = {{bad()}};
  world.source_.exit_code = 3;
  EXPECT_EQ(world.run(), 3);
}

TEST(Pipeline, LogsTenDeadLettersAndCountsTheRest) {
  World world;
  world.settings_.bad_in_row_max = 0;
  world.source_.batches = {std::vector<std::string>(25, bad())};
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.count("dead_letter"), 10U);
  EXPECT_THAT(world.log_.last("dead_letters_more"), HasSubstr("source=accounts count=15"));
}

TEST(Pipeline, NeverLogsARecordsContents) {
  World world;
  world.source_.batches = {{record('A', "ZZ", "BADN")}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.last("dead_letter").find("BADN"), std::string::npos);
  EXPECT_EQ(world.log_.last("dead_letter").find("ZZ"), std::string::npos);
}

TEST(Pipeline, CountsWhatItReadByFate) {
  World world("only_if: REC-NO > 0\n");
  world.source_.batches = {{good(), bad(), good("0000")}, {good()}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("stopped"),
              HasSubstr("source=accounts read=4 delivered=2 filtered=1 dead_lettered=1 "
                        "handed_back=0 in_flight=0 retried=0 unmapped_characters=0 bad_fields=0 "
                        "exit_code=2"));
}

TEST(Pipeline, LogsHowManyCharactersAndFieldsItReplaced) {
  World world("codepage: 424\non_bad_field: 'null'\n");
  // Two bytes that are no characters of CCSID 424, and a number that is none.
  world.source_.batches = {{record('A', "B1", "BADN"), good(), "\xC1\x73\x73\xF0\xF0\xF0\xF1"}};
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(world.log_.count("values_replaced"), 1U);
  EXPECT_THAT(world.log_.last("values_replaced"),
              HasSubstr("source=accounts mapping=record unmapped_characters=2 bad_fields=1"));
  EXPECT_THAT(world.log_.last("stopped"), HasSubstr("unmapped_characters=2 bad_fields=1"));
}

TEST(Pipeline, PausesWhenEndpointsRefuseTooManyRecords) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = std::vector<std::vector<std::string>>(20, {good()});
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.count("bad_records_pause"), 1U);
  EXPECT_LT(world.source_.fates.size(), 20U) << "the rest stays at the source";
}

TEST(Pipeline, SaysWhyItPausesAlsoInTheFirstBatch) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = {std::vector<std::string>(5, bad())};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("bad_records_pause"), HasSubstr("REC-NO"));
}

TEST(Pipeline, SaysWhyItPausesForAnEndpointThatRefusesRecords) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = {std::vector<std::string>(5, good())};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("bad_records_pause"), HasSubstr("cloud: no"));
}

TEST(Pipeline, DoesNotWaitForAnswersWhereNothingIsSent) {
  World world("only_if: REC-NO > 5\n");
  world.settings_.window_batches = 1;
  world.source_.batches = std::vector<std::vector<std::string>>(1'000, {good("0001")});
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(world.source_.fates.size(), 1'000U);
}

TEST(Pipeline, DeliversInReadOrderWhatSeveralThreadsDecode) {
  World world;
  world.settings_.decode_threads = 4;
  world.settings_.window_batches = 16;
  // A long batch before short ones: the short ones are decoded first.
  std::vector<std::string> expected;
  for (std::size_t batch = 0; batch < 50; ++batch) {
    const std::size_t count = batch % 5 == 0 ? 90 : 1;
    world.source_.batches.emplace_back(count, good());
    for (std::size_t record = 1; record <= count; ++record) {
      expected.push_back("in/" + std::to_string(batch * 100 + record) + "/record");
    }
  }
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(world.endpoints_[0].accepted, expected);
}

}  // namespace
}  // namespace copybridge::tests
