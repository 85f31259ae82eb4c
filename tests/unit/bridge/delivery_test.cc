// Requests to one destination: limits, order per key, back-off, and whose fate is known when.
#include "bridge/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/bridge/support.h"

namespace copybridge::tests {
namespace {

using bridge::Delivered;
using bridge::Delivery;
using bridge::RetryPolicy;
using publishers::Limits;
using publishers::Outcome;
using publishers::Request;
using publishers::Response;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr RetryPolicy kPolicy{Milliseconds(100), Milliseconds(30'000), Milliseconds(20'000)};

/// A destination with its events, whose requests the test answers by hand.
class Endpoint {
 public:
  Endpoint(const Limits& limits, const std::vector<std::string>& keys,
           const std::string& body = "{}")
      : batch_(keys, body),
        delivery_("cloud", std::make_unique<NotingPublisher>(limits, sent_), kPolicy, clock_,
                  log_) {
    for (std::uint32_t event = 0; event < keys.size(); ++event) {
      delivery_.enqueue(batch_.passage(), event);
    }
    delivery_.pump(done_);
  }

  /// The ids of each request so far, in their order: "1 2".
  [[nodiscard]] std::vector<std::string> requests() const {
    std::vector<std::string> all;
    for (const Request& request : sent_) {
      std::string ids;
      for (const publishers::Event* event : request.events) {
        ids += (ids.empty() ? "" : " ") + std::string(event->id);
      }
      all.push_back(ids);
    }
    return all;
  }
  /// What became final, in order: "1 accepted".
  [[nodiscard]] std::vector<std::string> fates() {
    std::vector<std::string> all;
    for (const Delivered& delivered : done_) {
      all.push_back(std::string(batch_.passage().events[delivered.event].id) +
                    (delivered.is_accepted ? " accepted" : " refused"));
    }
    return all;
  }
  /// Answers the `index`th request and lets the delivery go on.
  void answer(std::size_t index, const std::vector<Outcome>& outcomes,
              Milliseconds retry_after = Milliseconds(0)) {
    Response response;
    response.number = sent_[index].number;
    response.outcomes = outcomes;
    response.retry_after = retry_after;
    response.reason = "503 Service Unavailable";
    delivery_.apply(response, done_);
    delivery_.pump(done_);
  }
  /// Lets time pass and the delivery go on.
  void pass(Milliseconds time) {
    clock_.advance(time);
    delivery_.pump(done_);
  }
  /// Fails the newest request and waits until it is sent again.
  void fail_and_wait(Outcome outcome = Outcome::retry) {
    answer(sent_.size() - 1, {outcome});
    pass(Milliseconds(30'000));
  }
  [[nodiscard]] Milliseconds wait() const {
    return std::chrono::ceil<Milliseconds>(delivery_.resume_at() - clock_.now());
  }

  ManualClock clock_;
  KeptLog log_{clock_};
  std::vector<Request> sent_;
  std::vector<Delivered> done_;
  Batch batch_;
  Delivery delivery_;
};

Limits single(std::size_t in_flight = 10) {
  Limits limits;
  limits.requests_in_flight = in_flight;
  return limits;
}

Limits batches(std::size_t events, std::size_t in_flight = 10) {
  Limits limits = single(in_flight);
  limits.events_per_request = events;
  return limits;
}

Limits split(Limits limits) {
  limits.splits_outcomes = true;
  return limits;
}

Limits ordered(Limits limits) {
  limits.keeps_order = true;
  return limits;
}

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

TEST(Delivery, SendsAFailedEventBeforeLaterOnesOfItsKey) {
  Endpoint endpoint(split(batches(3)), {"a", "b", "a", "b"});
  endpoint.answer(0, {Outcome::retry, Outcome::accepted});
  endpoint.pass(kPolicy.max);
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 2", "1 4"));
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

TEST(Delivery, WaitsAtMostADoublingCeilingAfterEachFailure) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 12; ++failure) {
    endpoint.answer(endpoint.sent_.size() - 1, {Outcome::retry});
    EXPECT_LE(endpoint.wait(), std::min(kPolicy.max, kPolicy.initial * (1 << failure)));
    endpoint.pass(kPolicy.max);
  }
}

TEST(Delivery, SendsNothingBeforeTheWaitIsOver) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer(0, {Outcome::retry}, Milliseconds(5'000));
  endpoint.pass(Milliseconds(4'999));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1"));
  endpoint.pass(Milliseconds(1));
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "1"));
}

TEST(Delivery, WaitsAsLongAsTheEndpointAsks) {
  Endpoint endpoint(single(1), {""});
  endpoint.answer(0, {Outcome::retry}, Milliseconds(60'000));
  EXPECT_EQ(endpoint.wait(), Milliseconds(60'000));
}

TEST(Delivery, ProbesWithOneRequestAfterAFailure) {
  Endpoint endpoint(single(3), {"", "", "", ""});
  for (std::size_t request = 0; request < 3; ++request) endpoint.answer(request, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  EXPECT_EQ(endpoint.sent_.size(), 4U);
  endpoint.answer(3, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "3", "1", "2", "3", "4"));
}

TEST(Delivery, ProbesOnlyWhenNothingIsUnderWay) {
  Endpoint endpoint(single(2), {"", "", ""});
  endpoint.answer(0, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  EXPECT_EQ(endpoint.sent_.size(), 2U);
  endpoint.answer(1, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  EXPECT_EQ(endpoint.sent_.size(), 3U);
}

TEST(Delivery, WaitsLongAfterARefusal) {
  Endpoint endpoint(single(1), {""});
  endpoint.answer(0, {Outcome::refused});
  EXPECT_GE(endpoint.wait(), kPolicy.refused / 2);
  EXPECT_LE(endpoint.wait(), kPolicy.refused);
  EXPECT_TRUE(endpoint.delivery_.is_refused());
}

TEST(Delivery, NeverReportsARefusalOfTheEndpointAsAnEventsOwn) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 5; ++failure) endpoint.fail_and_wait(Outcome::refused);
  EXPECT_THAT(endpoint.fates(), IsEmpty());
}

TEST(Delivery, LogsALostEndpointOnce) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 5; ++failure) endpoint.fail_and_wait();
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 1U);
  EXPECT_THAT(endpoint.log_.last("endpoint_lost"),
              HasSubstr(R"(endpoint=cloud reason="503 Service Unavailable")"));
}

TEST(Delivery, LogsARefusalOnce) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 5; ++failure) endpoint.fail_and_wait(Outcome::refused);
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 1U);
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 0U);
}

TEST(Delivery, LogsARefusalThatFollowsALoss) {
  Endpoint endpoint(single(1), {""});
  endpoint.fail_and_wait();
  endpoint.fail_and_wait(Outcome::refused);
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 1U);
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 1U);
}

TEST(Delivery, LogsTheRecoveryWithAttemptsAndTime) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 3; ++failure) endpoint.fail_and_wait();
  endpoint.answer(3, {Outcome::accepted});
  EXPECT_THAT(endpoint.log_.last("endpoint_recovered"),
              HasSubstr("endpoint=cloud attempts=3 away_ms=90000"));
}

TEST(Delivery, LogsNoRecoveryWhereNothingWasLost) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer(0, {Outcome::accepted});
  endpoint.answer(1, {Outcome::permanent});
  EXPECT_EQ(endpoint.log_.count("endpoint_recovered"), 0U);
}

TEST(Delivery, StartsWithShortWaitsAgainAfterARecovery) {
  Endpoint endpoint(single(1), {"", ""});
  for (int failure = 0; failure < 8; ++failure) endpoint.fail_and_wait();
  endpoint.answer(8, {Outcome::accepted});
  endpoint.answer(9, {Outcome::retry});
  EXPECT_LE(endpoint.wait(), kPolicy.initial);
}

TEST(Delivery, FailsSinceTheFirstFailure) {
  Endpoint endpoint(single(1), {""});
  const SteadyTime start = endpoint.clock_.now();
  for (int failure = 0; failure < 3; ++failure) endpoint.fail_and_wait();
  EXPECT_EQ(endpoint.delivery_.failing_since(), start);
}

TEST(Delivery, DoesNotFailWhileTheEndpointTakes) {
  Endpoint endpoint(single(1), {""});
  endpoint.clock_.advance(Milliseconds(1'000));
  EXPECT_EQ(endpoint.delivery_.failing_since(), endpoint.clock_.now());
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

TEST(Delivery, CountsRequestsThatFailTogetherAsOneFailure) {
  Endpoint endpoint(single(10), std::vector<std::string>(10));
  for (std::size_t request = 0; request < 10; ++request) endpoint.answer(request, {Outcome::retry});
  EXPECT_LE(endpoint.wait(), kPolicy.initial);
}

TEST(Delivery, HonoursTheLongestWaitOfRequestsThatFailTogether) {
  Endpoint endpoint(single(2), {"", ""});
  endpoint.answer(0, {Outcome::retry});
  endpoint.answer(1, {Outcome::retry}, Milliseconds(60'000));
  EXPECT_EQ(endpoint.wait(), Milliseconds(60'000));
}

TEST(Delivery, WaitsOnWhenAnEarlierRequestSucceeds) {
  Endpoint endpoint(single(2), {"", "", ""});
  endpoint.answer(0, {Outcome::retry}, Milliseconds(60'000));
  endpoint.answer(1, {Outcome::accepted});
  EXPECT_EQ(endpoint.wait(), Milliseconds(60'000));
  EXPECT_EQ(endpoint.log_.count("endpoint_recovered"), 0U);
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2"));
}

TEST(Delivery, TakesARefusalOfAnEarlierRequestForOne) {
  Endpoint endpoint(single(2), {"", ""});
  endpoint.answer(0, {Outcome::retry});
  endpoint.answer(1, {Outcome::refused});
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_GE(endpoint.wait(), kPolicy.refused / 2);
}

TEST(Delivery, DoesNotRecoverByAResponseThatTakesAFewEvents) {
  Endpoint endpoint(split(batches(2)), std::vector<std::string>(20));
  for (std::size_t request = 0; request < 8; ++request) {
    endpoint.answer(request, {Outcome::accepted, Outcome::retry});
    endpoint.pass(kPolicy.max);
  }
  EXPECT_EQ(endpoint.log_.count("endpoint_recovered"), 0U);
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 1U);
}

TEST(Delivery, KeepsWaitsShortWhileTheEndpointTakesAFewEvents) {
  Endpoint endpoint(split(batches(2, 1)), std::vector<std::string>(20));
  for (std::size_t request = 0; request < 8; ++request) {
    endpoint.answer(request, {Outcome::accepted, Outcome::retry});
    EXPECT_LE(endpoint.wait(), kPolicy.initial);
    endpoint.pass(kPolicy.max);
  }
}

TEST(Delivery, DoesNotCountAsFailingWhileTheEndpointTakesAFewEvents) {
  Endpoint endpoint(split(batches(2, 1)), std::vector<std::string>(20));
  for (std::size_t request = 0; request < 8; ++request) {
    endpoint.pass(kPolicy.max);
    endpoint.answer(request, {Outcome::accepted, Outcome::retry});
  }
  EXPECT_EQ(endpoint.delivery_.failing_since(), endpoint.clock_.now());
}

TEST(Delivery, DoesNotFloodTheLogWhereAnEndpointFailsNowAndThen) {
  Endpoint endpoint(single(1), std::vector<std::string>(200));
  for (int round = 0; round < 100; ++round) {
    endpoint.answer(endpoint.sent_.size() - 1, {Outcome::retry});
    endpoint.pass(kPolicy.initial);
    endpoint.answer(endpoint.sent_.size() - 1, {Outcome::accepted});
  }
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 1U);
  EXPECT_EQ(endpoint.log_.count("endpoint_recovered"), 1U);
}

TEST(Delivery, LogsALossThatLastsSoonAfterARecovery) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.fail_and_wait();
  endpoint.answer(1, {Outcome::accepted});
  endpoint.fail_and_wait();
  endpoint.answer(endpoint.sent_.size() - 1, {Outcome::retry});
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 2U);
}

TEST(Delivery, WaitsAnHourAtMostHoweverLongTheEndpointAsks) {
  Endpoint endpoint(single(1), {""});
  endpoint.answer(0, {Outcome::retry}, Milliseconds::max());
  EXPECT_EQ(endpoint.wait(), Milliseconds(3'600'000));
}

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

// FIXES

}  // namespace
}  // namespace copybridge::tests
