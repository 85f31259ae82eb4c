// Refusals with renewed credentials, throttling, answers that are taken in part, and the breaker's
// lines in the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DeliveryRefusal, TriesRenewedCredentialsAtOnceAndSaysNothing) {
  Endpoint endpoint(single(1), {""});
  endpoint.renewal_.answer = true;
  endpoint.answer(0, {Outcome::refused});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "1"));
  endpoint.answer(1, {Outcome::accepted});
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 accepted"));
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 0U);
}

TEST(DeliveryRefusal, PausesWhereRenewedCredentialsAreRefusedToo) {
  Endpoint endpoint(single(1), {""});
  endpoint.renewal_.answer = true;
  endpoint.answer(0, {Outcome::refused});
  endpoint.answer(1, {Outcome::refused});
  EXPECT_TRUE(endpoint.delivery_.is_refused());
  EXPECT_GE(endpoint.wait(), kPolicy.refused / 2);
  EXPECT_EQ(endpoint.log_.count("endpoint_refused"), 1U);
  EXPECT_THAT(endpoint.fates(), IsEmpty());
}

TEST(DeliveryRefusal, RenewsOnceForAllRequestsThatWereUnderWay) {
  Endpoint endpoint(single(3), {"", "", ""});
  endpoint.renewal_.answer = true;
  for (std::size_t request = 0; request < 3; ++request) {
    endpoint.answer(request, {Outcome::refused});
  }
  EXPECT_EQ(endpoint.renewal_.asked, 1);
  EXPECT_FALSE(endpoint.delivery_.is_refused());
}

TEST(DeliveryRefusal, AsksForOtherCredentialsBeforeEveryLaterAttempt) {
  Endpoint endpoint(single(1), {""});
  for (int i = 0; i < 3; ++i) endpoint.fail_and_wait(Outcome::refused);
  EXPECT_EQ(endpoint.renewal_.asked, 4);
}

TEST(DeliveryRefusal, RenewsAgainAfterTheEndpointTookSomething) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.renewal_.answer = true;
  endpoint.answer(0, {Outcome::refused});
  endpoint.answer(1, {Outcome::accepted});
  endpoint.answer(2, {Outcome::refused});
  EXPECT_EQ(endpoint.renewal_.asked, 2);
  EXPECT_FALSE(endpoint.delivery_.is_refused());
}

TEST(DeliveryRefusal, SaysWhyCredentialsCannotBeRead) {
  Endpoint endpoint(single(1), {""});
  endpoint.renewal_.answer = fail(ErrorKind::config, "the file token cannot be read");
  endpoint.answer(0, {Outcome::refused});
  EXPECT_THAT(endpoint.log_.last("endpoint_refused"),
              HasSubstr("503 Service Unavailable; the file token cannot be read"));
}

TEST(DeliveryThrottling, HalvesTheRequestsUnderWay) {
  Endpoint endpoint(single(8), std::vector<std::string>(40));
  for (std::size_t request = 0; request < 8; ++request) {
    endpoint.answer(request, {Outcome::throttled});
  }
  endpoint.pass(kPolicy.max);
  EXPECT_EQ(endpoint.sent_.size(), 12U) << "four after eight";
}

TEST(DeliveryThrottling, WaitsAsLongAsTheEndpointAsks) {
  Endpoint endpoint(single(1), {"", ""});
  endpoint.answer(0, {Outcome::throttled}, Milliseconds(7'000));
  EXPECT_EQ(endpoint.wait(), Milliseconds(7'000));
  EXPECT_EQ(endpoint.log_.count("endpoint_lost"), 1U);
}

TEST(DeliveryThrottling, WaitsLongerEachTimeWhereTheEndpointDoesNotSay) {
  Endpoint endpoint(single(1), {""});
  Milliseconds longest(0);
  for (int failure = 0; failure < 12; ++failure) {
    endpoint.answer_newest(Outcome::throttled);
    EXPECT_LE(endpoint.wait(), std::min(kPolicy.max, kPolicy.initial * (1 << failure)));
    longest = std::max(longest, endpoint.wait());
    endpoint.pass(kPolicy.max);
  }
  EXPECT_GT(longest, kPolicy.initial);
}

TEST(DeliveryInPart, SendsOthersAtOnceWhileTheFailedEventWaits) {
  Endpoint endpoint(split(batches(2, 1)), {"", "", "", ""});
  endpoint.answer(0, {Outcome::retry, Outcome::accepted});
  ASSERT_EQ(endpoint.sent_.size(), 2U) << "no back-off for the others";
  EXPECT_THAT(endpoint.requests()[1], ::testing::AnyOf("3 4", "1 3"));
}

TEST(DeliveryInPart, KeepsLaterEventsOfTheKeyBehindOneThatWaits) {
  Endpoint endpoint(split(batches(2, 1)), {"a", "b", "a", "c"});
  endpoint.answer(0, {Outcome::retry, Outcome::accepted});
  endpoint.answer(1, {Outcome::accepted});
  endpoint.pass(kPolicy.max);
  for (std::size_t i = 2; i < endpoint.sent_.size(); ++i) endpoint.answer(i, {Outcome::accepted});
  EXPECT_THAT(endpoint.accepted_of_key("a"), ElementsAre("1", "3"));
  EXPECT_EQ(endpoint.done_.size(), 4U);
}

TEST(Breaker, LogsEachOfItsStatesOnce) {
  Endpoint endpoint(single(1), {""});
  for (int failure = 0; failure < 5; ++failure) endpoint.fail_and_wait();
  endpoint.answer_newest(Outcome::accepted);
  for (const char* event : {"endpoint_lost", "endpoint_probed", "endpoint_recovered"}) {
    EXPECT_EQ(endpoint.log_.count(event), 1U) << event;
  }
}

TEST(Breaker, IsHalfOpenUntilTheProbeIsAnswered) {
  Endpoint endpoint(single(4), std::vector<std::string>(8));
  for (std::size_t request = 0; request < 4; ++request) endpoint.answer(request, {Outcome::retry});
  endpoint.pass(kPolicy.max);
  endpoint.pass(kPolicy.max);
  EXPECT_EQ(endpoint.sent_.size(), 5U) << "one probe";
  endpoint.answer(4, {Outcome::accepted});
  EXPECT_EQ(endpoint.sent_.size(), 9U) << "closed: as many as before";
}

}  // namespace
}  // namespace copybridge::tests
