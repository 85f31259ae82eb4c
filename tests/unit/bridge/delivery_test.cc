// Requests to one destination: limits, order per key, and whose fate is known when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Delivery, SendsEventsInTheOrderTheyCame) {
  Endpoint endpoint(single(), {"", "", ""});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "3"));
}

TEST(Delivery, HasNoMoreRequestsOutThanTheEndpointTakes) {
  Endpoint endpoint(single(2), {"", "", ""});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2"));
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "3"));
}

TEST(Delivery, FillsARequestUpToItsEvents) {
  Endpoint endpoint(batches(2), {"", "", ""});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "3"));
}

TEST(Delivery, FillsARequestUpToItsBytes) {
  Limits limits = batches(10);
  limits.bytes_per_request = 2 * (50 + 1);  // body and id
  Endpoint endpoint(limits, {"", "", ""}, std::string(50, 'x'));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "3"));
}

TEST(Delivery, SendsAnEventAloneThatIsLargerThanARequest) {
  Limits limits = batches(10);
  limits.bytes_per_request = 10;
  Endpoint endpoint(limits, {"", ""}, std::string(50, 'x'));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2"));
}

TEST(Delivery, RefusesAnEventLargerThanTheEndpointTakesAndSendsTheOthers) {
  Limits limits = single();
  limits.event_bytes_max = 51;
  Endpoint endpoint(limits, {"", "a long key", ""}, std::string(50, 'x'));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3"));
  EXPECT_THAT(endpoint.fates(), ElementsAre("2 refused"));
  EXPECT_THAT(endpoint.done_[0].reason, HasSubstr("the event has 61 bytes"));
}

/// An endpoint that collects, with a batch of two events under way and two batches behind it.
struct Collecting {
  explicit Collecting(std::size_t bytes_per_request)
      : endpoint(limits(bytes_per_request), {"", ""}, kBody) {
    for (Batch* const batch : {&second, &third}) {
      for (std::uint32_t event : {0U, 1U}) endpoint.delivery_.enqueue(batch->passage(), event);
    }
    endpoint.pass(Milliseconds(0));
  }
  static Limits limits(std::size_t bytes_per_request) {
    Limits limits = ordered(batches(100));
    limits.bytes_per_request = bytes_per_request;
    limits.collects_bytes = 1;
    return limits;
  }

  static inline const std::string kBody = std::string(50, 'x');
  static constexpr std::size_t kBatchBytes = 2 * (50 + 1);
  Batch second{{"", ""}, kBody};
  Batch third{{"", ""}, kBody};
  Endpoint endpoint;
};

TEST(Delivery, EndsARequestWithABatchWhereObjectsAreCollected) {
  Collecting collecting(16 * Collecting::kBatchBytes);
  EXPECT_THAT(collecting.endpoint.requests(), ElementsAre("1 2", "1 2", "1 2"));
}

TEST(Delivery, PutsSmallBatchesIntoOneRequestWhereObjectsAreCollected) {
  Collecting collecting(1000 * Collecting::kBatchBytes);
  EXPECT_THAT(collecting.endpoint.requests(), ElementsAre("1 2", "1 2 1 2"));
}

TEST(Delivery, BringsAnObjectAgainWithOneRequest) {
  Collecting collecting(16 * Collecting::kBatchBytes);
  for (const std::size_t request : {0U, 1U, 2U}) {
    collecting.endpoint.answer(request, {Outcome::retry});
  }
  collecting.endpoint.pass(kPolicy.max);
  EXPECT_EQ(collecting.endpoint.requests().back(), "1 2 1 2 1 2");
}

TEST(Delivery, NeverHasAKeyInTwoRequestsAtOnce) {
  Endpoint endpoint(single(), {"a", "a", "b"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3"));
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3", "2"));
}

TEST(Delivery, LooksPastBlockedKeysForFreeOnes) {
  Endpoint endpoint(batches(2), {"a", "a", "a", "b", "c"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "4 5"));
}

TEST(Delivery, PutsAKeyTwiceIntoARequestWithOneOutcome) {
  Endpoint endpoint(batches(3), {"a", "b", "a"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3"));
}

TEST(Delivery, PutsAKeyOnceIntoARequestWhoseOutcomesDiffer) {
  Endpoint endpoint(split(batches(3)), {"a", "a", "b"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 3"));
}

TEST(Delivery, PutsEventsOfOneKeyOnlyIntoARequestThatCarriesIt) {
  Limits limits = batches(3);
  limits.has_one_key = true;
  Endpoint endpoint(limits, {"a", "b", "a", "", "b", "", "a", "a"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 3 7", "2 5", "4 6"));
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 3 7", "2 5", "4 6", "8"));
}

TEST(Delivery, SendsAFailedEventBeforeLaterOnesOfItsKey) {
  Endpoint endpoint(split(batches(3)), {"a", "b", "a", "b"});
  endpoint.answer(0, {Outcome::retry, Outcome::accepted});
  endpoint.pass(kPolicy.max);
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "4", "1"));
}

TEST(Delivery, LeavesOrderToAnEndpointThatKeepsIt) {
  Endpoint endpoint(ordered(single(2)), {"a", "a"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2"));
}

TEST(Delivery, LeavesOrderWithinARequestToAnEndpointThatKeepsIt) {
  Endpoint endpoint(ordered(split(batches(3))), {"a", "a", "a"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3"));
}

TEST(Delivery, SendsAgainInTheFirstOrderWhereTheEndpointKeepsOrder) {
  Endpoint endpoint(ordered(single(2)), {"a", "a", "a"});
  endpoint.answer(1, {Outcome::retry});
  endpoint.answer(0, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  endpoint.answer(2, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "1", "2", "3"));
}

TEST(Delivery, KeepsThePlaceOfEventsSentAgain) {
  Endpoint endpoint(single(3), {"", "", "", ""});
  endpoint.answer(2, {Outcome::retry});
  endpoint.answer(0, {Outcome::retry});
  endpoint.answer(1, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  endpoint.answer(3, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "3", "1", "2", "3", "4"));
}

TEST(Delivery, HasNoOrderForEventsWithoutKey) {
  Endpoint endpoint(split(batches(3)), {"", "", ""});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3"));
}

TEST(Delivery, ReportsEachEventOfARequestWithOneOutcome) {
  Endpoint endpoint(batches(2), {"", ""});
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted", "2 accepted"));
}

TEST(Delivery, ReportsEachOutcomeOfARequest) {
  Endpoint endpoint(split(batches(3)), {"", "", ""});
  endpoint.answer(0, {Outcome::permanent, Outcome::retry, Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 refused", "3 accepted"));
  EXPECT_EQ(endpoint.done_[0].reason, "503 Service Unavailable");
}

TEST(Delivery, SendsAgainWhatAResponseLeavesOut) {
  Endpoint endpoint(split(batches(3)), {"", "", ""});
  endpoint.answer(0, {Outcome::accepted, Outcome::accepted});
  endpoint.pass(kPolicy.max);
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted", "2 accepted"));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3", "3"));
}

TEST(Delivery, TakesAnEmptyResponseAsUnconfirmed) {
  Endpoint endpoint(single(), {""});
  endpoint.answer(0, {});
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  EXPECT_EQ(endpoint.delivery_.retried(), 1U);
}

TEST(Delivery, CountsEventsSentAgain) {
  Endpoint endpoint(batches(3), {"", "", ""});
  endpoint.answer(0, {Outcome::retry});
  EXPECT_EQ(endpoint.delivery_.retried(), 3U);
}

TEST(Delivery, ForgetsWhatIsNotOutWhenAbandoned) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.delivery_.abandon();
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1"));
  EXPECT_EQ(endpoint.delivery_.in_flight(), 0U);
}

#ifdef NDEBUG
TEST(Delivery, IgnoresAnAnswerToNoRequest) {
  Endpoint endpoint(single(1), {""});
  endpoint.answer(0, {Outcome::accepted});
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted"));
}
#else
TEST(DeliveryDeathTest, TakesAnAnswerToNoRequestForABug) {
  Endpoint endpoint(single(1), {""});
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_DEATH(endpoint.answer(0, {Outcome::accepted}), "answered a request twice");
}
#endif

TEST(Delivery, FindsTheEventThatSpoilsARequest) {
  Endpoint endpoint(batches(3), {"", "", ""});
  endpoint.answer(0, {Outcome::permanent});
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2 3", "1", "2", "3"));
  endpoint.answer(1, {Outcome::accepted});
  endpoint.answer(2, {Outcome::permanent});
  endpoint.answer(3, {Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted", "2 refused", "3 accepted"));
}

TEST(Delivery, FillsRequestsAgainAfterTheEventsThatGoAlone) {
  Endpoint endpoint(batches(2, 1), {"", "", "", ""});
  endpoint.answer(0, {Outcome::permanent});
  endpoint.answer(1, {Outcome::permanent});
  endpoint.answer(2, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "1", "2", "3 4"));
}

TEST(Delivery, KeepsOrderOfAKeyWhoseRequestIsTakenApart) {
  Endpoint endpoint(batches(2), {"a", "a", "a"});
  endpoint.answer(0, {Outcome::permanent});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "1"));
  endpoint.answer(1, {Outcome::permanent});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "1", "2"));
}

TEST(Delivery, TellsADestinationThatRemembersIdsWhatItsSourceHasSettled) {
  Limits limits = single(1);
  limits.remembers_ids = true;
  Endpoint endpoint(limits, {"", "", ""});
  endpoint.delivery_.note_settling(1, endpoint.batch_.passage());
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.sent_[1].settled_ids, IsEmpty());
  endpoint.delivery_.note_settled(1);
  endpoint.answer(1, {Outcome::accepted});
  EXPECT_THAT(endpoint.sent_[2].settled_ids, ElementsAre("1", "2", "3"));
}

TEST(Delivery, TellsNoIdsOfASettlementThatItsSourceMayNotHave) {
  Limits limits = single(1);
  limits.remembers_ids = true;
  Endpoint endpoint(limits, {"", "", ""});
  endpoint.delivery_.note_settling(1, endpoint.batch_.passage());
  endpoint.delivery_.note_doubtful(1);
  endpoint.delivery_.note_settled(1);
  endpoint.answer(0, {Outcome::accepted});
  EXPECT_THAT(endpoint.sent_[1].settled_ids, IsEmpty());
}

}  // namespace
}  // namespace copybridge::tests
