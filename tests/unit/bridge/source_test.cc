// The source's thread between an adapter and the pipeline: what is read, settled, retried, logged.
#include "bridge/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/source_play.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Error error_of(ErrorKind kind) { return {kind, "accounts: it fails", {}}; }

TEST(Source, GivesBatchesInReadOrder) {
  Play play;
  play.batches = 3;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  for (std::uint64_t token = 1; token <= 3; ++token) EXPECT_EQ(reading.take()->token, token);
}

TEST(Source, SettlesInTheOrderGiven) {
  Play play;
  play.batches = 3;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  for (std::uint64_t token = 1; token <= 3; ++token) reading.settle(reading.take()->token);
  EXPECT_TRUE(reading.finish());
  EXPECT_THAT(play.settled, ElementsAre(1, 2, 3));
}

TEST(Source, ReadsOneBatchAtATimeWhereMemoryIsShort) {
  Play play;
  play.batches = 3;
  play.batch_bytes = 10;
  MemoryBudget memory(100);
  Reading reading(play, 4, &memory);
  ASSERT_TRUE(reading.source.start());
  auto first = reading.take();
  ASSERT_NE(first, nullptr);
  reading.source.note_memory(*first, 60);
  EXPECT_EQ(memory.used(), 60U) << "in place of what was expected";
  reading.settle(1);
  reading.source.recycle(std::move(first));
  EXPECT_EQ(reading.take()->token, 2U);
  EXPECT_TRUE(play.wait([&] { return play.settled.size() == 1; }));
  EXPECT_TRUE(reading.finish());
  EXPECT_EQ(play.read_batches, 2U) << "there is no room for another 60";
}

TEST(Source, ReadsNoFurtherThanItsWindow) {
  Play play;
  play.batches = 10;
  Reading reading(play, 2);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.take();
  reading.settle(1);
  EXPECT_EQ(reading.take()->token, 3U);
  EXPECT_TRUE(play.wait([&] { return play.settled.size() == 1; }));
  EXPECT_TRUE(reading.finish());
  EXPECT_EQ(play.read_batches, 3U);
}

TEST(Source, ReadsNoFurtherThanTheAdapterAllows) {
  Play play;
  play.batches = 10;
  play.window = 1;
  Reading reading(play, 4);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.settle(1);
  EXPECT_EQ(reading.take()->token, 2U);
  EXPECT_TRUE(reading.finish());
  EXPECT_EQ(play.read_batches, 2U);
}

TEST(Source, IsNotDryWhileABatchIsUnsettled) {
  Play play;
  play.batches = 1;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  EXPECT_TRUE(play.wait([&] { return play.reads >= 3; }));
  EXPECT_FALSE(reading.source.is_dry());
  reading.settle(1);
  EXPECT_TRUE(reading.wait_dry());
}

TEST(Source, IsNotDryWhileABatchIsNotTaken) {
  Play play;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.wait_dry());
  play.set([&] { play.batches = 1; });
  reading.source.recycle(reading.take());
  EXPECT_FALSE(reading.source.is_dry());
}

// A settlement interrupts a read that waits: that it gave nothing says nothing of the source.
TEST(Source, HasMoreToBeReadAfterASettlementEndedARead) {
  Play play;
  play.batches = 2;
  Reading reading(play);
  bool has_no_more = false;
  play.on_read = [&] {
    const std::scoped_lock lock(play.mutex);
    if (play.settled.empty() || play.batches == 3) return;
    has_no_more = reading.source.has_no_more();
    play.batches = 3;
  };
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.take();
  ASSERT_TRUE(play.wait([&] { return play.reads >= 5; }));
  EXPECT_TRUE(reading.source.has_no_more());
  reading.settle(1);
  reading.take();
  EXPECT_FALSE(has_no_more);
}

TEST(Source, HasNoMoreOnceItsAdapterHasEnded) {
  Play play;
  play.batches = 1;
  play.has_ended = true;
  Reading reading(play);
  bool has_no_more = false;
  play.on_read = [&] {
    const std::scoped_lock lock(play.mutex);
    if (play.reads == 2) has_no_more = reading.source.has_no_more();
  };
  ASSERT_TRUE(reading.source.start());
  reading.take();
  ASSERT_TRUE(play.wait([&] { return play.reads >= 3; }));
  EXPECT_TRUE(has_no_more) << "it is believed the first time";
  reading.settle(1);
  EXPECT_TRUE(reading.wait_dry());
}

TEST(Source, ReadsNothingMoreAfterItWasToldSo) {
  Play play;
  play.batches = 1;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.source.stop_reading();
  reading.settle(1);
  ASSERT_TRUE(play.wait([&] { return play.settled.size() == 1; }));
  play.set([&] { play.batches = 2; });
  EXPECT_TRUE(reading.finish());
  EXPECT_EQ(reading.source.take(), nullptr);
}

TEST(Source, ClosesTheAdapterAtTheEnd) {
  Play play;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  EXPECT_TRUE(reading.finish());
  EXPECT_TRUE(play.is_closed);
}

TEST(Source, SettlesWhatWasGivenBeforeItEnds) {
  Play play;
  play.batches = 20;
  Reading reading(play, 20);
  ASSERT_TRUE(reading.source.start());
  for (std::uint64_t token = 1; token <= 20; ++token) reading.take();
  for (std::uint64_t token = 1; token <= 20; ++token) reading.settle(token);
  EXPECT_TRUE(reading.finish());
  EXPECT_EQ(play.settled.size(), 20U);
}

TEST(Source, SaysThatASettlementDidNotGetThrough) {
  Play play;
  play.batches = 1;
  play.settle_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.settle(1);
  EXPECT_FALSE(reading.finish(Milliseconds(1)));
  EXPECT_TRUE(play.is_closed);
}

TEST(Source, TriesAFailedSettlementAgain) {
  Play play;
  play.batches = 1;
  play.settle_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.settle(1);
  ASSERT_TRUE(play.wait([&] { return play.settle_attempts >= 2; }));
  play.set([&] { play.settle_error.reset(); });
  EXPECT_TRUE(play.wait([&] { return play.settled.size() == 1; }));
}

TEST(Source, SettlesEarlierBatchesBeforeLaterOnesAfterAFailure) {
  Play play;
  play.batches = 2;
  play.settle_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.take();
  reading.settle(1);
  reading.settle(2);
  ASSERT_TRUE(play.wait([&] { return play.settle_attempts >= 1; }));
  play.set([&] { play.settle_error.reset(); });
  EXPECT_TRUE(reading.finish());
  EXPECT_THAT(play.settled, ElementsAre(1, 2));
}

TEST(Source, ReturnsAConfigurationErrorOfTheFirstOpen) {
  Play play;
  play.open_error = error_of(ErrorKind::config);
  Reading reading(play);
  const Result<void> started = reading.source.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::config);
  EXPECT_EQ(reading.log.count("source_lost"), 0U);
}

TEST(Source, OpensAgainWhereTheSourceIsAway) {
  Play play;
  play.batches = 1;
  play.open_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(play.wait([&] { return play.opens >= 2; }));
  SteadyTime since;
  EXPECT_TRUE(reading.source.is_lost(since));
  play.set([&] { play.open_error.reset(); });
  EXPECT_EQ(reading.take()->token, 1U);
  EXPECT_TRUE(reading.log.wait_for("source_recovered"));
  EXPECT_FALSE(reading.source.is_lost(since));
}

TEST(Source, EndsWhileTheSourceIsAway) {
  Play play;
  play.open_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  EXPECT_TRUE(reading.finish());
  EXPECT_TRUE(play.is_closed);
}

TEST(Source, LogsALostSourceOnceAndItsRecoveryWithAttempts) {
  Play play;
  play.read_error = error_of(ErrorKind::source);
  play.read_errors_max = 3;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.log.wait_for("source_recovered"));
  EXPECT_EQ(reading.log.count("source_lost"), 1U);
  EXPECT_THAT(reading.log.last("source_lost"),
              HasSubstr(R"(source=accounts reason="accounts: it fails")"));
  EXPECT_THAT(reading.log.last("source_recovered"),
              HasSubstr("source=accounts attempts=3 away_ms="));
}

TEST(Source, LogsFailingStorageAsAnError) {
  Play play;
  play.read_error = error_of(ErrorKind::storage);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.log.wait_for("storage_lost"));
  EXPECT_THAT(reading.log.last("storage_lost"), HasSubstr(R"(what=accounts reason=)"));
  EXPECT_EQ(reading.log.count("source_lost"), 0U);
}

TEST(Source, ReadsOnAtOnceAfterBrokenFraming) {
  Play play;
  play.batches = 1;
  play.read_error = error_of(ErrorKind::framing);
  play.read_errors_max = 1'000;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  EXPECT_EQ(reading.take()->token, 1U);
  EXPECT_EQ(reading.log.count("source_lost"), 0U);
}

TEST(Source, TellsTheAdaptersStatus) {
  Play play;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.wait_dry());
  EXPECT_EQ(reading.source.status().lag, "3 files");
}

TEST(Source, DoesNotTakeAReadForTheRecoveryOfSettling) {
  Play play;
  play.batches = 1;
  play.settle_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.settle(1);
  ASSERT_TRUE(play.wait([&] { return play.settle_attempts >= 3; }));
  SteadyTime since;
  EXPECT_TRUE(reading.source.is_lost(since));
  EXPECT_EQ(reading.log.count("source_lost"), 1U);
  EXPECT_EQ(reading.log.count("source_recovered"), 0U);
  play.set([&] { play.settle_error.reset(); });
  EXPECT_TRUE(reading.log.wait_for("source_recovered"));
}

TEST(Source, LogsTheRecoveryOfStorageAsSuch) {
  Play play;
  play.read_error = error_of(ErrorKind::storage);
  play.read_errors_max = 2;
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.log.wait_for("storage_recovered"));
  EXPECT_THAT(reading.log.last("storage_recovered"), HasSubstr("what=accounts away_ms="));
  EXPECT_EQ(reading.log.count("source_recovered"), 0U);
}

TEST(Source, LogsStorageThatFailsWhileTheSourceIsLost) {
  Play play;
  play.read_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  ASSERT_TRUE(reading.log.wait_for("source_lost"));
  play.set([&] { play.read_error = error_of(ErrorKind::storage); });
  EXPECT_TRUE(reading.log.wait_for("storage_lost"));
}

TEST(Source, TriesSettlementsSoonAgainAtTheEnd) {
  Play play;
  play.batches = 1;
  play.settle_error = error_of(ErrorKind::source);
  Reading reading(play);
  ASSERT_TRUE(reading.source.start());
  reading.take();
  reading.settle(1);
  ASSERT_TRUE(play.wait([&] { return play.settle_attempts >= 3; }));
  std::thread end([&] { EXPECT_TRUE(reading.finish(2 * kPatience)); });
  EXPECT_TRUE(play.wait([&] { return play.settle_attempts >= 12; }));
  play.set([&] { play.settle_error.reset(); });
  end.join();
}

}  // namespace
}  // namespace copybridge::tests
