// Work of several threads, taken in the order of submission.
#include "bridge/core/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>

namespace copybridge {
namespace {

struct Sum {
  std::uint64_t count = 0;
  std::uint64_t result = 0;
};

void add_up(Sum& sum) {
  for (std::uint64_t i = 1; i <= sum.count; ++i) sum.result += i;
}

TEST(OrderedWork, GivesJobsBackInOrderWhateverTheyCost) {
  OrderedWork<Sum> work(4, add_up, {});
  work.start();
  const auto count_of = [](std::uint64_t job) { return job % 3 == 0 ? 200'000U : job; };
  for (std::uint64_t job = 0; job < 300; ++job) {
    work.submit(std::make_unique<Sum>(Sum{count_of(job), 0}));
  }
  for (std::uint64_t job = 0; job < 300; ++job) {
    const auto done = work.wait();
    ASSERT_NE(done, nullptr);
    ASSERT_EQ(done->count, count_of(job));
    ASSERT_EQ(done->result, done->count * (done->count + 1) / 2);
  }
  EXPECT_EQ(work.size(), 0U);
}

TEST(OrderedWork, WaitsForNothingWhereNothingWasSubmitted) {
  OrderedWork<Sum> work(2, add_up, {});
  work.start();
  EXPECT_EQ(work.wait(), nullptr);
  EXPECT_EQ(work.take(), nullptr);
}

TEST(OrderedWork, WorksOnSeveralJobsAtOnce) {
  // Each job waits for the other: one thread alone would never end.
  std::atomic<int> met{0};
  OrderedWork<Sum> work(2,
                        [&met](Sum&) {
                          ++met;
                          while (met < 2) std::this_thread::yield();
                        },
                        {});
  work.start();
  work.submit(std::make_unique<Sum>());
  work.submit(std::make_unique<Sum>());
  EXPECT_NE(work.wait(), nullptr);
  EXPECT_NE(work.wait(), nullptr);
}

TEST(OrderedWork, SaysWhenTheNextInOrderIsReady) {
  std::atomic<int> told{0};
  OrderedWork<Sum> work(1, add_up, [&told] { ++told; });
  work.start();
  work.submit(std::make_unique<Sum>(Sum{3, 0}));
  EXPECT_EQ(work.wait()->result, 6U);
  work.stop();
  EXPECT_EQ(told, 1);
}

TEST(OrderedWork, ForgetsWhatIsLeftAtItsEnd) {
  OrderedWork<Sum> work(1, add_up, {});
  for (int i = 0; i < 5; ++i) work.submit(std::make_unique<Sum>());
  work.start();
  work.stop();
  EXPECT_EQ(work.size(), 0U);
  EXPECT_EQ(work.take(), nullptr);
}

}  // namespace
}  // namespace copybridge
