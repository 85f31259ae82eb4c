// A loop that threads share: everything once, in order, in bounded memory.
#include "bridge/core/ordered_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <set>

namespace copybridge {
namespace {

/// A number, and how many like it there are at once.
struct Number {
  Number() { most = std::max(most.load(), ++alive); }
  ~Number() { --alive; }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  [[nodiscard]] static std::size_t bytes_held() { return 100; }

  static std::atomic<std::size_t> alive;
  static std::atomic<std::size_t> most;
  std::uint64_t value = 0;
  std::uint64_t sum = 0;
};
std::atomic<std::size_t> Number::alive{0};
std::atomic<std::size_t> Number::most{0};

class OrderedLoopTest : public testing::Test {
 protected:
  using Loop = OrderedLoop<Number>;

  OrderedLoopTest() { Number::most = 0; }

  /// The steps that count to `count` and note what is delivered.
  Loop::Steps counting_to(std::uint64_t count) {
    return {[this, count](Number& number) {
              if (taken_ == count) return false;
              number.value = taken_++;
              return true;
            },
            [](Number&) {},
            [this](Number& number) {
              delivered_.push_back(number.value);
              return true;
            }};
  }
  void expect_delivered(std::uint64_t count) const {
    ASSERT_EQ(delivered_.size(), count);
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(delivered_[i], i);
  }

  std::atomic<std::uint64_t> taken_{0};
  std::vector<std::uint64_t> delivered_;
};

TEST_F(OrderedLoopTest, DeliversInOrderWhateverJobsCost) {
  Loop::Steps steps = counting_to(300);
  steps.work = [](Number& number) {
    const std::uint64_t turns = number.value % 3 == 0 ? 200'000 : number.value;
    number.sum = 0;
    for (std::uint64_t i = 1; i <= turns; ++i) number.sum += i;
    EXPECT_EQ(number.sum, turns * (turns + 1) / 2);
  };
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 10'000}, steps).run();
  expect_delivered(300);
  EXPECT_EQ(Number::alive, 0U);
}

TEST_F(OrderedLoopTest, DeliversNothingWhereNothingIsTaken) {
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 10'000}, counting_to(0)).run();
  expect_delivered(0);
}

TEST_F(OrderedLoopTest, WorksOnSeveralJobsAtOnce) {
  // Each of the two waits for the other: one thread alone would never end.
  std::atomic<int> met{0};
  Loop::Steps steps = counting_to(2);
  steps.work = [&met](Number&) {
    ++met;
    while (met < 2) std::this_thread::yield();
  };
  Loop({.threads = 2, .jobs_max = 4, .bytes_max = 10'000}, steps).run();
  expect_delivered(2);
}

TEST_F(OrderedLoopTest, FetchesSeveralJobsAtOnceAndCutsThemInOrder) {
  constexpr std::uint64_t kCount = 300;
  std::atomic<int> met{0};
  std::uint64_t cut = 0;
  Loop::Steps steps = counting_to(std::numeric_limits<std::uint64_t>::max());
  steps.fetch = [&met](Number& number) {
    // Each of the two waits for the other: one thread alone would never end.
    if (number.value < 2) ++met;
    while (met < 2) std::this_thread::yield();
    if (number.value % 3 == 0) std::this_thread::yield();
  };
  steps.cut = [&cut](Number& number) {
    EXPECT_EQ(number.value, cut++);
    return number.value < kCount;
  };
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 10'000}, steps).run();
  expect_delivered(kCount);
  EXPECT_EQ(cut, kCount + 1);
  EXPECT_EQ(Number::alive, 0U);
}

TEST_F(OrderedLoopTest, DropsWhatWasFetchedWhereDeliveryStops) {
  Loop::Steps steps = counting_to(1'000'000);
  steps.fetch = [](Number&) {};
  steps.cut = [](Number&) { return true; };
  steps.deliver = [this](Number& number) {
    delivered_.push_back(number.value);
    return number.value < 40;
  };
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 10'000}, steps).run();
  expect_delivered(41);
  EXPECT_LE(taken_, 41U + 8U);
}

TEST_F(OrderedLoopTest, GoesAheadOfASlowJobAsFarAsItMay) {
  Loop::Steps steps = counting_to(20);
  steps.work = [this](Number& number) {
    while (number.value == 0 && taken_ < 4) std::this_thread::yield();
  };
  steps.deliver = [this](Number& number) {
    delivered_.push_back(number.value);
    EXPECT_LE(taken_, number.value + 4);
    return true;
  };
  Loop({.threads = 2, .jobs_max = 4, .bytes_max = 10'000}, steps).run();
  expect_delivered(20);
  EXPECT_EQ(Number::most, 4U);
}

TEST_F(OrderedLoopTest, HoldsFewerJobsWhereTheyAreLarge) {
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 250, .alone = 1}, counting_to(200)).run();
  expect_delivered(200);
  EXPECT_LE(Number::most, 2U);
}

TEST_F(OrderedLoopTest, GoesOnWithOneJobThatIsLargerThanAllMayBe) {
  Loop({.threads = 2, .jobs_max = 4, .bytes_max = 50, .alone = 1}, counting_to(50)).run();
  expect_delivered(50);
  EXPECT_EQ(Number::most, 1U);
}

TEST_F(OrderedLoopTest, DropsWhatWasTakenWhereDeliveryStops) {
  Loop::Steps steps = counting_to(1'000'000);
  steps.deliver = [this](Number& number) {
    delivered_.push_back(number.value);
    return number.value < 40;
  };
  Loop({.threads = 4, .jobs_max = 8, .bytes_max = 10'000}, steps).run();
  expect_delivered(41);
  EXPECT_LE(taken_, 41U + 8U);
  EXPECT_EQ(Number::alive, 0U);
}

TEST_F(OrderedLoopTest, LeavesTheFirstJobsToTheThreadThatCalls) {
  const std::thread::id caller = std::this_thread::get_id();
  Loop::Steps steps = counting_to(100);
  steps.work = [&](Number& number) {
    EXPECT_TRUE(number.value >= 10 || std::this_thread::get_id() == caller);
  };
  Loop({.threads = 3, .jobs_max = 6, .bytes_max = 10'000, .alone = 10}, steps).run();
  expect_delivered(100);
}

}  // namespace
}  // namespace copybridge
