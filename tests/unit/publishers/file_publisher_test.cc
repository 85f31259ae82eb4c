// The publisher file: names, rotation, recovery, and disks that fail.
#include "bridge/publishers/file_publisher.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/unit/publishers/harness.h"

namespace {

std::atomic<int> failing_syncs{0};
std::atomic<int> syncs{0};
std::atomic<bool> has_rename_flags{true};

}  // namespace

// These take the place of the C library's in this executable, so that a disk can fail on demand.
extern "C" int fsync(int descriptor) {
  ++syncs;
  if (failing_syncs > 0) {
    --failing_syncs;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                         unsigned int flags) noexcept {
  if (!has_rename_flags) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FilePublisherTest : public testing::Test {
 protected:
  void TearDown() override {
    failing_syncs = 0;
    has_rename_flags = true;
  }
  std::unique_ptr<Harness> make(const std::string& yaml) {
    return std::make_unique<Harness>(kFilePublisher, yaml, folder_.path(), clock_);
  }
  std::unique_ptr<Harness> make_opened(const std::string& yaml) {
    auto harness = make(yaml);
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  static Outcome outcome_of(const Response& response) {
    return response.outcomes.empty() ? Outcome::permanent : response.outcomes.front();
  }

  TestFolder folder_;
  ManualClock clock_;
  EventStore events_;
};

TEST_F(FilePublisherTest, GivesTheFileItsNameWhenClosed) {
  auto harness = make_opened("{path: out/events.jsonl}");
  EXPECT_EQ(outcome_of(harness->publish_and_wait(events_.add_many(2))), Outcome::accepted);
  EXPECT_THAT(folder_.files(), ElementsAre("out/.cloud.part"));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("out/events.jsonl"));
  EXPECT_EQ(folder_.read("out/events.jsonl"), "{\"NUMBER\":0}\n{\"NUMBER\":1}\n");
}

TEST_F(FilePublisherTest, WritesCloudEventsWhereAsked) {
  auto harness = make_opened("{path: e.jsonl, format: cloudevents}");
  harness->publish_and_wait({events_.add("one", "k")});
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.read("e.jsonl"), HasSubstr(R"("partitionkey":"k")"));
}

TEST_F(FilePublisherTest, FramesRecordsAndRefusesOnesThatDoNotFit) {
  auto harness = make_opened("{path: r.dat, format: records, recfm: VB, lrecl: 8}");
  const auto* first = events_.add_body("1", "ABC");
  const auto* longer = events_.add_body("2", "ABCDE");
  const auto* last = events_.add_body("3", "D");
  const Response response = harness->publish_and_wait({first, longer, last});
  EXPECT_THAT(response.outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent, Outcome::accepted));
  EXPECT_THAT(response.reason, HasSubstr("5 bytes, expected at most 4"));
  EXPECT_EQ(outcome_of(harness->publish_and_wait({events_.add_body("4", "EF")})),
            Outcome::accepted);
  harness->publisher()->close(kPatience);
  using std::string_literals::operator""s;
  EXPECT_EQ(folder_.read("r.dat"), "\0\x10\0\0\0\x07\0\0ABC\0\x05\0\0D\0\x0A\0\0\0\x06\0\0EF"s);
}

TEST_F(FilePublisherTest, MakesNoFileWithoutEvents) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre());
}

TEST_F(FilePublisherTest, SyncsBeforeItAccepts) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait(events_.add_many(1));
  const int before = syncs;
  harness->publish_and_wait(events_.add_many(1000));
  EXPECT_EQ(syncs - before, 1);
}

TEST_F(FilePublisherTest, NeverReplacesAFile) {
  folder_.write("e.jsonl", "precious");
  folder_.write("e-7.jsonl", "precious");
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("e-7.jsonl", "e-8.jsonl", "e.jsonl"));
  EXPECT_EQ(folder_.read("e.jsonl"), "precious");
}

TEST_F(FilePublisherTest, NeverReplacesAFileWhereRenameCannotRefuse) {
  has_rename_flags = false;
  folder_.write("e.jsonl", "precious");
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("e-2.jsonl", "e.jsonl"));
  EXPECT_EQ(folder_.read("e.jsonl"), "precious");
}

TEST_F(FilePublisherTest, ExpandsPlaceholders) {
  auto harness = make_opened("{path: 'out/{date}/{name}-{time}-{sequence}.jsonl'}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("out/20261123/cloud-040506-000001.jsonl"));
}

TEST_F(FilePublisherTest, CountsOnFromTheHighestSequence) {
  folder_.write("e-000041.jsonl", "");
  auto harness = make_opened("{path: 'e-{sequence}.jsonl'}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("e-000041.jsonl", "e-000042.jsonl"));
}

TEST_F(FilePublisherTest, RotatesBeforeTheSizeIsPassed) {
  auto harness = make_opened("{path: 'e-{sequence}.jsonl', rotate_bytes: 30}");
  for (int i = 0; i < 5; ++i) harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("e-000001.jsonl", "e-000002.jsonl", "e-000003.jsonl"));
  EXPECT_EQ(folder_.read("e-000001.jsonl").size(), 26U);
  EXPECT_EQ(folder_.read("e-000003.jsonl"), "{\"NUMBER\":4}\n");
}

TEST_F(FilePublisherTest, RotatesByAgeBeforeTheNextEvent) {
  auto harness = make_opened("{path: 'e-{sequence}.jsonl', rotate_seconds: 60}");
  harness->publish_and_wait(events_.add_many(1));
  clock_.advance(Milliseconds{60'000});
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_THAT(folder_.files(), ElementsAre("e-000001.jsonl", "e-000002.jsonl"));
}

TEST_F(FilePublisherTest, RotatesByAgeWithoutAnyEvent) {
  auto harness = make_opened("{path: e.jsonl, rotate_seconds: 60}");
  harness->publish_and_wait(events_.add_many(1));
  clock_.advance(Milliseconds{60'000});
  const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
  while (folder_.files() != std::vector<std::string>{"e.jsonl"} &&
         std::chrono::steady_clock::now() < limit) {
    harness->take(Milliseconds{20});
  }
  EXPECT_THAT(folder_.files(), ElementsAre("e.jsonl"));
}

TEST_F(FilePublisherTest, GoesOnWithThePartFileOfAKilledProcess) {
  folder_.write("out/.cloud.part", "{\"OLD\":1}\n{\"OLD\":2}\n{\"TOR");
  auto harness = make_opened("{path: out/e.jsonl}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("out/e.jsonl"), "{\"OLD\":1}\n{\"OLD\":2}\n{\"NUMBER\":0}\n");
}

TEST_F(FilePublisherTest, CompletesAnOldPartFileWithoutNewEvents) {
  folder_.write(".cloud.part", "{\"OLD\":1}\n");
  auto harness = make_opened("{path: e.jsonl}");
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), "{\"OLD\":1}\n");
}

TEST_F(FilePublisherTest, CutsTheZerosOfALostWrite) {
  folder_.write(".cloud.part", "{\"OLD\":1}\n" + std::string(5000, '\0') + "{}\n");
  auto harness = make_opened("{path: e.jsonl}");
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), "{\"OLD\":1}\n");
}

TEST_F(FilePublisherTest, RecoversAPartFileLongerThanOneRead) {
  const std::string line = "{\"A\":\"" + std::string(990, 'x') + "\"}\n";
  std::string text;
  for (int i = 0; i < 300; ++i) text += line;
  folder_.write(".cloud.part", text + "{\"TORN\":\"" + std::string(100'000, 'y'));
  auto harness = make_opened("{path: e.jsonl}");
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), text);
}

TEST_F(FilePublisherTest, LeavesAFileThatHasItsNameAlready) {
  folder_.write("e.jsonl", "{\"OLD\":1}\n");
  std::filesystem::create_hard_link(folder_.path() / "e.jsonl", folder_.path() / ".cloud.part");
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait(events_.add_many(1));
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), "{\"OLD\":1}\n");
  EXPECT_EQ(folder_.read("e-2.jsonl"), "{\"NUMBER\":0}\n");
}

TEST_F(FilePublisherTest, OpenFailsWhileAnotherProcessWrites) {
  folder_.write(".cloud.part", "");
  const int other = ::open((folder_.path() / ".cloud.part").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  auto harness = make("{path: e.jsonl}");
  const Result<void> opened = harness->open();
  ::close(other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
  EXPECT_THAT(opened.error().message, HasSubstr("another process is writing it"));
}

TEST_F(FilePublisherTest, FailedSyncIsRetryAndLeavesNothingBehind) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait({events_.add_body("a", "{\"A\":1}")});
  failing_syncs = 1;
  const Event* event = events_.add_body("b", "{\"B\":1}");
  const Response failed = harness->publish_and_wait({event});
  EXPECT_EQ(outcome_of(failed), Outcome::retry);
  EXPECT_THAT(failed.reason, HasSubstr("cannot sync: Input/output error"));
  EXPECT_EQ(folder_.read(".cloud.part"), "{\"A\":1}\n");
  EXPECT_EQ(outcome_of(harness->publish_and_wait({event})), Outcome::accepted);
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), "{\"A\":1}\n{\"B\":1}\n");
}

TEST_F(FilePublisherTest, DeletedPartFileIsRetryIntoANewOne) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait({events_.add_body("a", "{\"A\":1}")});
  std::filesystem::remove(folder_.path() / ".cloud.part");
  const Event* event = events_.add_body("b", "{\"B\":1}");
  EXPECT_EQ(outcome_of(harness->publish_and_wait({event})), Outcome::retry);
  EXPECT_EQ(outcome_of(harness->publish_and_wait({event})), Outcome::accepted);
  harness->publisher()->close(kPatience);
  EXPECT_EQ(folder_.read("e.jsonl"), "{\"B\":1}\n");
}

TEST_F(FilePublisherTest, PathThatCannotBeIsRefused) {
  auto harness = make_opened("{path: out/e.jsonl}");
  std::filesystem::remove_all(folder_.path() / "out");
  folder_.write("out", "a file where the folder was");
  EXPECT_EQ(outcome_of(harness->publish_and_wait(events_.add_many(1))), Outcome::refused);
}

TEST_F(FilePublisherTest, FullDiskIsRetryAndCutsTheTornLine) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publish_and_wait({events_.add_body("a", "{\"A\":1}")});
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit tight{20, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const Event* event = events_.add_body("b", "{\"B\":\"" + std::string(50, 'b') + "\"}");
  const Response full = harness->publish_and_wait({event});
  const std::string left = folder_.read(".cloud.part");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_EQ(outcome_of(full), Outcome::retry);
  EXPECT_THAT(full.reason, HasSubstr("cannot write: File too large"));
  EXPECT_EQ(left, "{\"A\":1}\n");
  EXPECT_EQ(outcome_of(harness->publish_and_wait({event})), Outcome::accepted);
}

TEST_F(FilePublisherTest, EventsMayGoAwayAfterTheResponse) {
  auto harness = make_opened("{path: e.jsonl}");
  {
    EventStore short_lived;
    harness->publish_and_wait(short_lived.add_many(3));
  }
  EXPECT_EQ(outcome_of(harness->publish_and_wait(events_.add_many(1))), Outcome::accepted);
}

TEST_F(FilePublisherTest, CloseTwiceDoesNothingAndPublishAfterItIsRetry) {
  auto harness = make_opened("{path: e.jsonl}");
  harness->publisher()->close(kPatience);
  harness->publisher()->close(kPatience);
  EXPECT_EQ(outcome_of(harness->publish_and_wait(events_.add_many(1))), Outcome::retry);
}

TEST_F(FilePublisherTest, ReportsMistakesOfThePath) {
  EXPECT_THAT(make("{path: 'out/{day}.jsonl'}")->mistakes(),
              HasSubstr("bridge.yaml:1:8: error: 'path': unknown placeholder '{day}'"));
  EXPECT_THAT(make("{path: '{sequence}/e.jsonl'}")->mistakes(), HasSubstr("not in a folder"));
  EXPECT_THAT(make("{path: 'e-{sequence}-{sequence}.jsonl'}")->mistakes(), HasSubstr("twice"));
  EXPECT_THAT(make("{path: out/}")->mistakes(), HasSubstr("no file name"));
  EXPECT_THAT(make("{}")->mistakes(), HasSubstr("the key 'path' is missing"));
}

}  // namespace
}  // namespace copybridge::publishers
