// Which records a killed run leaves under suspicion, and which one is found guilty.
#include "bridge/run_marker.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using bridge::RunMarker;
using Verdict = RunMarker::Verdict;

/// Runs of one source after each other; one that goes out of scope was killed from outside.
class RunMarkers : public ::testing::Test {
 protected:
  std::unique_ptr<RunMarker> start(const std::string& source = "run-accounts") {
    auto marker = std::make_unique<RunMarker>();
    const Result<void> opened = marker->open(folder_.path() / source);
    EXPECT_TRUE(opened) << opened.error().message;
    return marker;
  }
  static Verdict read(RunMarker& marker, const std::string& id, std::size_t records = 1) {
    const Result<Verdict> verdict = marker.note_read(id, records);
    EXPECT_TRUE(verdict) << verdict.error().message;
    return verdict.value_or(Verdict::later);
  }
  void kill_with_in_flight(std::size_t records) { read(*start(), "first", records); }
  /// A run in a process of its own that reads and then aborts.
  void die_with(const std::string& id, std::size_t records) {
    EXPECT_EXIT(
        {
          const auto marker = start();
          read(*marker, id, records);
          std::abort();
        },
        ::testing::KilledBySignal(SIGABRT), "");
  }

  TemporaryDirectory folder_;
};

TEST_F(RunMarkers, SuspectNothingAfterFourKills) {
  for (int i = 0; i < 4; ++i) kill_with_in_flight(5);
  EXPECT_FALSE(start()->wants_units_of_one());
}

TEST_F(RunMarkers, SuspectWhatIsInFlightAtEveryOneOfFiveKills) {
  for (int i = 0; i < 5; ++i) kill_with_in_flight(5);
  EXPECT_TRUE(start()->wants_units_of_one());
}

TEST_F(RunMarkers, SuspectWhatWasInFlightWhenTheProcessDiedOfItself) {
  die_with("first", 3);
  const auto marker = start();
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(marker->wants_units_of_one());
    EXPECT_EQ(read(*marker, "a" + std::to_string(i)), Verdict::free);
    marker->note_alive();
    marker->note_settled(i + 1);
  }
  EXPECT_FALSE(marker->wants_units_of_one());
}

/// Where the thread that dies is overtaken by the one that reads.
TEST_F(RunMarkers, KnowThatTheProcessDiedOfItselfWhereItReadOnMeanwhile) {
  static RunMarker* reading = nullptr;
  static struct sigaction own {};
  EXPECT_EXIT(
      {
        const auto marker = start();
        reading = marker.get();
        read(*marker, "first", 3);
        struct sigaction then {};
        then.sa_sigaction = [](int number, siginfo_t* info, void* context) {
          own.sa_sigaction(number, info, context);
          read(*reading, "second", 2);
          std::_Exit(3);
        };
        then.sa_flags = SA_SIGINFO;
        ::sigaction(SIGABRT, &then, &own);
        std::abort();
      },
      ::testing::ExitedWithCode(3), "");
  EXPECT_TRUE(start()->wants_units_of_one());
}

TEST_F(RunMarkers, SuspectNothingWhereARunInBetweenHasSettledIt) {
  for (int i = 0; i < 4; ++i) kill_with_in_flight(5);
  {
    const auto marker = start();
    read(*marker, "first", 5);
    marker->note_settled(1);
    read(*marker, "later", 5);
  }
  EXPECT_FALSE(start()->wants_units_of_one());
}

TEST_F(RunMarkers, SuspectNothingAfterAnOrderlyEnd) {
  for (int i = 0; i < 4; ++i) kill_with_in_flight(5);
  start()->remove();
  kill_with_in_flight(5);
  EXPECT_FALSE(start()->wants_units_of_one());
}

TEST_F(RunMarkers, FindTheRecordGuiltyThatWasUnderWayAlone) {
  die_with("first", 3);
  {
    const auto marker = start();
    read(*marker, "good");
    marker->note_alive();
    marker->note_settled(1);
  }
  die_with("killer", 1);
  const auto marker = start();
  EXPECT_TRUE(marker->wants_units_of_one());
  EXPECT_EQ(read(*marker, "killer"), Verdict::guilty);
  EXPECT_EQ(read(*marker, "next"), Verdict::free);
}

TEST_F(RunMarkers, FindARecordGuiltyThatWasAloneAtFiveKills) {
  die_with("first", 3);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(read(*start(), "killer"), Verdict::free);
  EXPECT_EQ(read(*start(), "killer"), Verdict::guilty);
}

TEST_F(RunMarkers, KeepTheVerdictUntilItIsCarriedOut) {
  die_with("first", 2);
  die_with("killer", 1);
  EXPECT_EQ(read(*start(), "killer"), Verdict::guilty) << "and killed before it is a dead letter";
  EXPECT_EQ(read(*start(), "killer"), Verdict::guilty);
}

TEST_F(RunMarkers, KnowTheGuiltyOneAlsoWhereOthersComeFirst) {
  die_with("first", 2);
  die_with("killer", 1);
  const auto marker = start();
  EXPECT_EQ(read(*marker, "urgent"), Verdict::free);
  marker->note_alive();
  EXPECT_EQ(read(*marker, "killer"), Verdict::guilty);
}

TEST_F(RunMarkers, AcquitARecordThatWasTried) {
  die_with("first", 2);
  for (int i = 0; i < 6; ++i) {
    const auto marker = start();
    EXPECT_EQ(read(*marker, "waits for its endpoint"), Verdict::free);
    marker->note_alive();
  }
}

TEST_F(RunMarkers, GiveSourcesTurnsSoThatOnlyOneRecordIsMarked) {
  die_with("first", 2);
  for (int i = 0; i < 5; ++i) read(*start("run-others"), "other", 2);
  const auto accounts = start();
  const auto others = start("run-others");
  EXPECT_EQ(read(*accounts, "a"), Verdict::free);
  EXPECT_EQ(read(*others, "b"), Verdict::later);
  accounts->note_alive();
  EXPECT_EQ(read(*others, "b"), Verdict::free);
}

TEST_F(RunMarkers, GiveTheTurnBackAfterABatchOfWhichNothingIsMarked) {
  die_with("first", 3);
  for (int i = 0; i < 5; ++i) read(*start("run-others"), "other", 2);
  const auto accounts = start();
  EXPECT_EQ(read(*accounts, "a notice", 0), Verdict::free);
  accounts->note_alive();
  EXPECT_EQ(read(*start("run-others"), "other"), Verdict::free);
}

TEST_F(RunMarkers, SayWhereTheyCannotBe) {
  RunMarker marker;
  const Result<void> opened = marker.open(folder_.path() / "not there" / "run-accounts");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
}

}  // namespace
}  // namespace copybridge::tests
