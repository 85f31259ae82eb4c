// Answers like 400, which may be meant for one event or for everything: never dead letters because
// of a wrong address, never a queue that stands still because of one event.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DeliveryDoubt, BlamesTheEventWhereTheEndpointTookAnother) {
  Endpoint endpoint(single(1), {"", "", ""});
  endpoint.answer_newest(Outcome::accepted);
  endpoint.answer_newest(Outcome::doubtful);
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted", "2 refused"));
  EXPECT_FALSE(endpoint.delivery_.is_refused());
}

TEST(DeliveryDoubt, WaitsForAnotherEventBeforeItBlamesTheFirst) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer_newest(Outcome::doubtful);
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  endpoint.answer_newest(Outcome::accepted);
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "1")) << "a second hearing";
  endpoint.answer_newest(Outcome::doubtful);
  EXPECT_THAT(endpoint.fates(), ElementsAre("2 accepted", "1 refused"));
}

TEST(DeliveryDoubt, DeliversADoubtedEventThatTheEndpointTakesTheSecondTime) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer_newest(Outcome::doubtful);
  endpoint.answer_newest(Outcome::accepted);
  endpoint.answer_newest(Outcome::accepted);
  EXPECT_THAT(endpoint.fates(), ElementsAre("2 accepted", "1 accepted"));
}

TEST(DeliveryDoubt, PausesTheRouteWhereEveryEventIsDoubtedAndNoneWasEverTaken) {
  Endpoint endpoint(single(1), {"", "", ""});
  for (int i = 0; i < 3; ++i) endpoint.answer_newest(Outcome::doubtful);
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_GE(endpoint.wait(), kPolicy.refused / 2);
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 1U);
  EXPECT_THAT(endpoint.log_.last("endpoint_refused"), HasSubstr("to every event"));
}

TEST(DeliveryDoubt, NeverDeadLettersHoweverOftenAWrongAddressIsTried) {
  Endpoint endpoint(single(4), std::vector<std::string>(20));
  for (int round = 0; round < 200; ++round) {
    for (std::size_t i = 0; i < endpoint.sent_.size(); ++i)
      endpoint.answer_open(i, Outcome::doubtful);
    endpoint.pass(kPolicy.refused);
  }
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 1U);
}

TEST(DeliveryDoubt, DeliversEverythingWhenTheAddressIsCorrected) {
  Endpoint endpoint(single(1), {"a", "a", "b"});
  while (!endpoint.delivery_.is_refused()) endpoint.answer_newest(Outcome::doubtful);
  for (int i = 0; i < 5; ++i) {
    endpoint.pass(kPolicy.refused);
    endpoint.answer_open(endpoint.sent_.size() - 1, Outcome::accepted);
  }
  EXPECT_EQ(endpoint.done_.size(), 3U);
  EXPECT_THAT(endpoint.accepted_of_key("a"), ElementsAre("1", "2"));
  EXPECT_EQ(endpoint.log_.count("endpoint_recovered"), 1U);
}

TEST(DeliveryDoubt, PausesWhereAnEndpointThatTookEventsDoubtsAllThatFollow) {
  Endpoint endpoint(single(1), std::vector<std::string>(10));
  endpoint.answer_newest(Outcome::accepted);
  for (int i = 0; i < 9; ++i) endpoint.answer_newest(Outcome::doubtful);
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_EQ(endpoint.fates().size(), 4U) << "three are taken at their word";
}

TEST(DeliveryDoubt, GoesOnWhereBadEventsFollowEachOtherAmongGoodOnes) {
  Endpoint endpoint(single(1), std::vector<std::string>(12));
  for (int turn = 0; turn < 40 && endpoint.done_.size() < 12; ++turn) {
    const bool is_bad = std::stoi(endpoint.requests().back()) % 6 != 1;
    endpoint.answer_newest(is_bad ? Outcome::doubtful : Outcome::accepted);
    if (endpoint.delivery_.is_refused()) break;
  }
  // 1 and 7 are taken; of the five before and the five after 7 the last two wait for a third.
  EXPECT_EQ(std::ranges::count_if(endpoint.done_, &Delivered::is_accepted), 2);
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_EQ(endpoint.done_.size(), 2U + 3U + 3U);
}

TEST(DeliveryDoubt, FindsTheBadEventOfABatch) {
  Endpoint endpoint(batches(3), {"", "", ""});
  endpoint.answer(0, {Outcome::doubtful});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3", "1", "2", "3"));
  endpoint.answer(1, {Outcome::accepted});
  endpoint.answer(2, {Outcome::doubtful});
  endpoint.answer(3, {Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted", "2 refused", "3 accepted"));
}

TEST(DeliveryDoubt, TakesAnAnswerPerEventAtItsWordWhereOthersOfTheRequestAreTaken) {
  Endpoint endpoint(split(batches(2)), {"", ""});
  endpoint.answer(0, {Outcome::doubtful, Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 refused", "2 accepted"));
}

TEST(DeliveryDoubt, KeepsLaterEventsOfItsKeyBehindADoubtedOne) {
  Endpoint endpoint(single(4), {"a", "a", "b"});
  endpoint.answer(0, {Outcome::doubtful});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3"));
  endpoint.answer(1, {Outcome::accepted});
  endpoint.answer(2, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3", "1", "2"));
}

TEST(DeliveryDoubt, TriesOneEventAfterTheOtherWhileTheRouteWaits) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer_newest(Outcome::doubtful);
  endpoint.answer_newest(Outcome::doubtful);
  for (int i = 0; i < 4; ++i) {
    endpoint.pass(kPolicy.refused);
    endpoint.answer_newest(Outcome::doubtful);
  }
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "1", "2", "1", "2"));
}

TEST(DeliveryDoubt, IsARefusalWhereTheOrderOfEverythingIsKept) {
  Endpoint endpoint(ordered(single(1)), {"", ""});
  endpoint.answer_newest(Outcome::doubtful);
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_THAT(endpoint.fates(), IsEmpty());
}

TEST(DeliveryDoubt, KnowsAfterARestartThatTheEndpointTookEvents) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.delivery_.remember(true, [](bool) { return Result<void>(); });
  endpoint.answer_newest(Outcome::doubtful);
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 refused"));
}

TEST(DeliveryDoubt, KeepsWhatItFindsOutAndTriesAgainWhereThatFails) {
  Endpoint endpoint(single(1), {"", "", "", ""});
  std::vector<bool> stored;
  bool is_full = true;
  endpoint.delivery_.remember(false, [&](bool is_proven) -> Result<void> {
    if (is_full) return fail(ErrorKind::storage, "state: the disk is full");
    stored.push_back(is_proven);
    return {};
  });
  endpoint.answer_newest(Outcome::accepted);
  is_full = false;
  endpoint.pass(Milliseconds(2000));
  endpoint.answer_newest(Outcome::accepted);
  endpoint.answer_newest(Outcome::accepted);
  EXPECT_THAT(stored, ElementsAre(true)) << "once";
}

}  // namespace
}  // namespace copybridge::tests
