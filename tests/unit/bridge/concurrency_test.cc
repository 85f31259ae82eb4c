// How many requests a destination may have under way.
#include "bridge/concurrency.h"

#include <gtest/gtest.h>

namespace copybridge::tests {
namespace {

using bridge::Concurrency;
using std::chrono::milliseconds;

/// Answers as many requests as one limit lets out, some rounds long.
void answer_rounds(Concurrency& concurrency, int rounds, milliseconds latency) {
  for (int round = 0; round < rounds; ++round) {
    const std::size_t limit = concurrency.limit();
    for (std::size_t i = 0; i < limit; ++i) concurrency.note_success(latency, true);
  }
}

TEST(Concurrency, BeginsWithWhatIsUsualAndNeverAboveTheCeiling) {
  EXPECT_EQ(Concurrency(4).limit(), 4U);
  EXPECT_EQ(Concurrency(1000).limit(), 16U);
}

TEST(Concurrency, GrowsByOnePerRoundWhileLatencyHolds) {
  Concurrency concurrency(1000);
  answer_rounds(concurrency, 4, milliseconds(20));
  EXPECT_GE(concurrency.limit(), 18U);
  EXPECT_LE(concurrency.limit(), 20U);
}

TEST(Concurrency, GrowsToItsCeilingAndNoFurther) {
  Concurrency concurrency(30);
  answer_rounds(concurrency, 100, milliseconds(20));
  EXPECT_EQ(concurrency.limit(), 30U);
}

TEST(Concurrency, StopsGrowingWhenLatencyDoubles) {
  Concurrency concurrency(1000);
  answer_rounds(concurrency, 2, milliseconds(20));
  const std::size_t before = concurrency.limit();
  answer_rounds(concurrency, 1, milliseconds(100));
  EXPECT_EQ(concurrency.limit(), before);
}

TEST(Concurrency, TakesALongerLatencyForTheEndpointsOwnAfterAWhile) {
  Concurrency concurrency(1000);
  answer_rounds(concurrency, 2, milliseconds(20));
  const std::size_t before = concurrency.limit();
  answer_rounds(concurrency, 20, milliseconds(100));
  EXPECT_GT(concurrency.limit(), before);
}

TEST(Concurrency, DoesNotGrowWhereTheLimitIsNotReached) {
  Concurrency concurrency(1000);
  for (int i = 0; i < 1000; ++i) concurrency.note_success(milliseconds(20), false);
  EXPECT_EQ(concurrency.limit(), 16U);
}

TEST(Concurrency, HalvesWhenTheEndpointThrottlesAndKeepsOne) {
  Concurrency concurrency(8);
  concurrency.note_throttled();
  EXPECT_EQ(concurrency.limit(), 4U);
  for (int i = 0; i < 5; ++i) concurrency.note_throttled();
  EXPECT_EQ(concurrency.limit(), 1U);
}

}  // namespace
}  // namespace copybridge::tests
