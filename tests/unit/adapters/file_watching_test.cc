// Files that arrive, grow and settle while the file adapter waits, and how it is told to stop.
#include <thread>

#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

using Texts = std::vector<std::string>;
using Records = std::vector<GotRecord>;

class FileWatching : public FileFixture {
 protected:
  /// Reads until a batch comes; the time limit only ends a test that has failed.
  Records wait_for_batch() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      RecordBatch batch;
      const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(1000));
      if (!status) {
        ADD_FAILURE() << to_string(status.error());
        return {};
      }
      if (*status != ReadStatus::batch) continue;
      settle(batch);
      return records_of(batch);
    }
    ADD_FAILURE() << "no batch came";
    return {};
  }
};

TEST_F(FileWatching, NoticesAFileThatIsWritten) {
  start("watch: yes\nrescan_interval_ms: 3600000");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  std::thread sender([&] { write(in("a"), "AAAA"); });
  const Records records = wait_for_batch();
  sender.join();
  EXPECT_EQ(texts_of(records), Texts{"AAAA"});
}

TEST_F(FileWatching, NoticesAFileThatIsMovedIn) {
  write(folder_ / "a", "AAAA");
  start("watch: yes\nrescan_interval_ms: 3600000");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  fs::rename(folder_ / "a", in("a"));
  EXPECT_EQ(texts_of(wait_for_batch()), Texts{"AAAA"});
}

TEST_F(FileWatching, NoticesATriggerThatIsWritten) {
  write(in("a"), "AAAA");
  start("watch: yes\nrescan_interval_ms: 3600000\ntrigger: .ok");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  write(in("a.ok"), "");
  EXPECT_EQ(texts_of(wait_for_batch()), Texts{"AAAA"});
}

TEST_F(FileWatching, ListsAgainWhereNothingIsReported) {
  start("watch: yes\nrescan_interval_ms: 20\npath: \"?n/*\"");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  // No folder of this name was there to be watched.
  fs::create_directory(folder_ / "on");
  write(folder_ / "on/a", "AAAA");
  EXPECT_EQ(texts_of(wait_for_batch()), Texts{"AAAA"});
}

TEST_F(FileWatching, NoticesAFileThatIsRewrittenInPlace) {
  write(in("a"), "AAAA");
  start("watch: yes\nrescan_interval_ms: 3600000");
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/1/1", "AAAA"}}));
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  write(in("a"), "BBBB");
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/2/1", "BBBB"}}));
}

TEST_F(FileWatching, ReadsAFileThatWasRewrittenBeforeItWasSettled) {
  write(in("a"), "AAAA");
  start("watch: yes\nrescan_interval_ms: 3600000");
  const RecordBatch batch = next();
  write(in("a"), "BBBB");
  EXPECT_EQ(status_of_read(Milliseconds(50)).value(), ReadStatus::idle);
  settle(batch);
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/2/1", "BBBB"}}));
}

TEST_F(FileWatching, WaitsUntilAFileHasStoodStill) {
  start("settle_time_ms: 300");
  // Now, not in the past: the file is still being written.
  std::ofstream(in("a")) << "AAAA";
  EXPECT_EQ(status_of_read().value(), ReadStatus::idle) << "it is becoming ready";
  EXPECT_EQ(texts_of(drain()), Texts{"AAAA"});
}

TEST_F(FileWatching, BeginsToWaitAgainWhereAFileIsWrittenTo) {
  start("settle_time_ms: 3600000");
  std::ofstream(in("a")) << "AAAA";
  EXPECT_EQ(status_of_read(Milliseconds(20)).value(), ReadStatus::idle);
  set_time(in("a"), 0);
  crash();
  start("settle_time_ms: 3600000");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"}) << "its time says that it is old";
}

TEST_F(FileWatching, IsDryWhileOnlyATriggerIsMissing) {
  write(in("a"), "AAAA");
  start("trigger: .done");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
}

TEST_F(FileWatching, NeverReadsATriggerAsAFile) {
  write(in("a.done"), "AAAA");
  start("trigger: .done");
  EXPECT_TRUE(drain().empty());
}

TEST_F(FileWatching, EndsAReadThatWaitsWhenItIsInterrupted) {
  start("watch: yes");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  std::thread other([&] { adapter_->interrupt(); });
  EXPECT_EQ(status_of_read(std::chrono::hours(1)).value(), ReadStatus::dry);
  other.join();
}

TEST_F(FileWatching, RemembersAnInterruptionFromBeforeItWasOpened) {
  adapter_ = make(folder_, "watch: yes");
  adapter_->interrupt();
  ASSERT_TRUE(adapter_->open());
  EXPECT_EQ(status_of_read(std::chrono::hours(1)).value(), ReadStatus::dry);
}

TEST_F(FileWatching, ReadsOnWhereAFollowedFileGrew) {
  write(in("log"), "AAAABB");
  start("follow: yes\nwatch: yes\nrescan_interval_ms: 3600000");
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/1/1", "AAAA"}}));
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  append(in("log"), "BBCCCC");
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
  EXPECT_TRUE(lines_of("file_ended").empty());
}

TEST_F(FileWatching, ReadsOnInAFollowedFileAfterARestart) {
  write(in("log"), "AAAA");
  start("follow: yes");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  start("follow: yes");
  EXPECT_TRUE(drain().empty());
  crash();
  append(in("log"), "BBBB");
  start("follow: yes");
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}}));
}

TEST_F(FileWatching, ReadsOnInAFollowedFileThatGrewBeforeItWasSettled) {
  write(in("log"), "AAAABBBB");
  start("follow: yes\nbatch_records_max: 1");
  settle(next());
  static_cast<void>(next());
  crash();
  append(in("log"), "CCCC");
  start("follow: yes");
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
}

TEST_F(FileWatching, ReadsAFollowedFileWholeWhereItsPrefixChanged) {
  write(in("log"), "AAAA");
  start("follow: yes");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  write(in("log"), "XXXXYYYY");
  start("follow: yes");
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "XXXX"}, {"accounts/2/2", "YYYY"}}));
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileWatching, ReadsAFollowedFileWholeWhereItWasCut) {
  write(in("log"), "AAAABBBB");
  start("follow: yes");
  EXPECT_EQ(drain().size(), 2U);
  crash();
  write(in("log"), "CCCC");
  start("follow: yes");
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "CCCC"}}));
  EXPECT_TRUE(lines_of("file_changed").empty());
}

TEST_F(FileWatching, FollowsARotatedFileUnderItsNewName) {
  write(in("log"), "AAAA");
  start("follow: yes");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  append(in("log"), "BBBB");
  fs::rename(in("log"), in("log.1"));
  write(in("log"), "CCCC");
  start("follow: yes");
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "CCCC"}, {"accounts/1/2", "BBBB"}}));
}

TEST_F(FileWatching, EndsAFollowedFileThatIsRemoved) {
  write(in("log"), "AAAA");
  start("follow: yes\nend_event: yes\nwatch: yes\nrescan_interval_ms: 20");
  EXPECT_EQ(wait_for_batch(), (Records{{"accounts/1/1", "AAAA"}}));
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  fs::remove(in("log"));
  EXPECT_EQ(wait_for_batch().at(0).id, "accounts/1/end");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  EXPECT_NE(line_of("file_ended").find("\"read\":1"), std::string::npos);
}

TEST_F(FileWatching, ReportsBrokenFramingInAFollowedFile) {
  write(in("log"), std::string("\x00\x05\x00\x00"
                               "A\x00\x01\x00\x00",
                               9));
  start("follow: yes\nrecfm: V\nbdw: no");
  EXPECT_EQ(drain_texts(), Texts{"A"});
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::framing);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

}  // namespace
}  // namespace copybridge::adapters
