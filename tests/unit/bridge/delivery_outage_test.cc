// An endpoint that is away or refuses: back-off, probes, and what the log says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace copybridge::tests
