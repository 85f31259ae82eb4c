// What becomes of files: moved, deleted, kept; broken, changed, put aside; cut off at any point.
#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

using Texts = std::vector<std::string>;
using Records = std::vector<GotRecord>;

class FileFinishing : public FileFixture {};

TEST_F(FileFinishing, KeepsAFileWhereItIs) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(contents(in("a")), "AAAA");
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"a"});
}

TEST_F(FileFinishing, DeletesAFile) {
  write(in("a"), "AAAA");
  start("after: delete");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_TRUE(names_in(folder_ / "in").empty());
}

TEST_F(FileFinishing, MovesAFileIntoAFolderItMakes) {
  write(in("a"), "AAAA");
  start("after: move in/done/today");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(contents(in("done/today/a")), "AAAA");
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"done"});
}

TEST_F(FileFinishing, OverwritesNothingInTheTargetFolder) {
  fs::create_directory(folder_ / "done");
  write(folder_ / "done/a", "old");
  write(folder_ / "done/a.1", "old too");
  write(in("a"), "AAAA");
  start("after: move done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(contents(folder_ / "done/a"), "old");
  EXPECT_EQ(contents(folder_ / "done/a.1"), "old too");
  EXPECT_EQ(contents(folder_ / "done/a.1.2"), "AAAA");
}

TEST_F(FileFinishing, DoesNotReadWhatItMovedIntoAFolderOfThePattern) {
  fs::create_directory(in("new"));
  write(in("new/a"), "AAAA");
  start("path: \"in/*/*\"\nafter: move in/done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(contents(in("done/a")), "AAAA");
}

TEST_F(FileFinishing, MovesToAnotherFileSystem) {
  std::string other = (fs::temp_directory_path() / "copybridge-other-XXXXXX").string();
  ASSERT_NE(::mkdtemp(other.data()), nullptr);
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::stat(folder_.c_str(), &here), 0);
  ASSERT_EQ(::stat(other.c_str(), &there), 0);
  write(in("a"), "AAAA");
  start("after: move " + other);
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(names_in(other), Texts{"a"});
  EXPECT_EQ(contents(fs::path(other) / "a"), "AAAA");
  EXPECT_TRUE(names_in(folder_ / "in").empty());
  fs::remove_all(other);
  if (here.st_dev == there.st_dev) GTEST_SKIP() << "there is only one file system";
}

TEST_F(FileFinishing, TriesAgainWhereTheTargetFolderCannotBeMade) {
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  start("after: move done");
  fs::remove(folder_ / "done");
  write(folder_ / "done", "a file in the way");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::source);
  EXPECT_EQ(drain_texts(), Texts{"BBBB"});
  EXPECT_EQ(adapter_->status().exit_code, 4);
  crash();
  fs::remove(folder_ / "done");
  start("after: move done");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(names_in(folder_ / "done"), (Texts{"a", "b"}));
  EXPECT_EQ(lines_of("file_ended").size(), 2U);
}

TEST_F(FileFinishing, FinishesAFileThatACrashLeftUnderItsPrivateName) {
  write(in("a"), "AAAA");
  start("after: move done");
  settle(next());
  fs::rename(in("a"), in(".copybridge-1-a"));
  crash();
  start("after: move done");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(names_in(folder_ / "done"), Texts{"a"});
  EXPECT_TRUE(names_in(folder_ / "in").empty());
}

TEST_F(FileFinishing, ReadsANewFileOfTheNameOfOneUnderItsPrivateName) {
  write(in("a"), "AAAA");
  start("after: move done");
  settle(next());
  fs::rename(in("a"), in(".copybridge-1-a"));
  write(in("a"), "BBBB");
  crash();
  start("after: move done");
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "BBBB"}}));
  EXPECT_EQ(contents(folder_ / "done/a"), "AAAA");
  EXPECT_EQ(contents(folder_ / "done/a.2"), "BBBB");
}

TEST_F(FileFinishing, KnowsAfterACrashThatAFileWasMoved) {
  write(in("a"), "AAAA");
  start("after: move done");
  settle(next());
  fs::rename(in("a"), folder_ / "done/a");
  crash();
  start("after: move done");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
  EXPECT_TRUE(lines_of("file_changed").empty());
}

TEST_F(FileFinishing, GivesAPrivateNameBackThatNoStateKnows) {
  write(in(".copybridge-7-a"), "AAAA");
  start();
  EXPECT_EQ(drain(), (Records{{"accounts/1/1", "AAAA"}}));
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"a"});
}

TEST_F(FileFinishing, ReadsAFileThatWasMovedBack) {
  write(in("a"), "AAAA");
  start("after: move done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  fs::rename(folder_ / "done/a", in("a"));
  crash();
  start("after: move done");
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "AAAA"}}));
}

TEST_F(FileFinishing, ReadsAMasterThatWasRewrittenInPlaceWhole) {
  write(in("a"), "AAAABBBB");
  start();
  EXPECT_EQ(drain().size(), 2U);
  crash();
  write(in("a"), "CCCCBBBB");
  start();
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "CCCC"}, {"accounts/2/2", "BBBB"}}));
}

TEST_F(FileFinishing, ReadsAFileThatGrewBetweenRunsWhole) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain().size(), 1U);
  append(in("a"), "BBBB");
  crash();
  start();
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "AAAA"}, {"accounts/2/2", "BBBB"}}));
}

TEST_F(FileFinishing, ReadsAFileThatWasMovedInUnderTheSameName) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain().size(), 1U);
  write(folder_ / "next", "AAAA");
  set_time(folder_ / "next", 1);
  set_time(in("a"), 1);
  fs::rename(folder_ / "next", in("a"));
  crash();
  start();
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "AAAA"}}));
}

TEST_F(FileFinishing, KnowsAFileThatOnlyGotAnotherName) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain().size(), 1U);
  fs::rename(in("a"), in("b"));
  write(in("a"), "BBBB");
  crash();
  start();
  EXPECT_EQ(drain_texts(), Texts{"BBBB"});
  crash();
  start();
  EXPECT_TRUE(drain().empty());
}

TEST_F(FileFinishing, KnowsAFileWhoseDeviceGotAnotherNumber) {
  write(in("a"), "AAAABBBB");
  start();
  EXPECT_EQ(drain().size(), 2U);
  crash();
  run_sql("UPDATE file_arrivals SET device = device + 1");
  start();
  EXPECT_TRUE(drain().empty());
}

TEST_F(FileFinishing, ReadsAnotherFileOfTheSameInodeOnAnotherDevice) {
  write(in("a"), "AAAABBBB");
  set_time(in("a"), 5);
  start();
  EXPECT_EQ(drain().size(), 2U);
  crash();
  run_sql("UPDATE file_arrivals SET device = device + 1");
  write(in("a"), "AAAAXXXX");
  set_time(in("a"), 5);
  start();
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "XXXX"}));
}

TEST_F(FileFinishing, ForgetsAKeptFileThatWasAwayForLong) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  run_sql("UPDATE file_arrivals SET touched = 0");
  fs::rename(in("a"), folder_ / "a");
  start();
  crash();
  fs::rename(folder_ / "a", in("a"));
  start();
  EXPECT_TRUE(drain().empty()) << "it was away, but not for long";
  crash();
  run_sql("UPDATE file_arrivals SET missing_since = 1");
  fs::rename(in("a"), folder_ / "a");
  start();
  crash();
  fs::rename(folder_ / "a", in("a"));
  start();
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
}

TEST_F(FileFinishing, KnowsItsFilesWhereverARunIsStartedFrom) {
  write(in("a"), "AAAABBBB");
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  start_in(".", "batch_records_max: 1");
  settle(next());
  fs::current_path(before);
  crash();
  start("batch_records_max: 1");
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}}));
}

TEST_F(FileFinishing, DoesNotReadTheRestOfAFileThatWasReplacedWhileItWasDown) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  settle(next());
  crash();
  write(in("a"), "CCCCDDDD");
  start("batch_records_max: 1");
  EXPECT_TRUE(drain().empty());
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::framing);
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "CCCC"}, {"accounts/2/2", "DDDD"}}));
  EXPECT_EQ(lines_of("file_changed").size(), 1U);
  EXPECT_EQ(adapter_->status().exit_code, 3);
}

TEST_F(FileFinishing, NoticesARewrittenPrefixBehindAnUntouchedSignature) {
  write(in("a"), "AAAABBBB");
  set_time(in("a"), 5);
  start("batch_records_max: 1");
  settle(next());
  crash();
  write(in("a"), "XXXXBBBB");
  set_time(in("a"), 5);
  start("batch_records_max: 1");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_changed").size(), 1U);
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "XXXX"}, {"accounts/2/2", "BBBB"}}));
}

TEST_F(FileFinishing, SaysThatAFileWasRemovedBeforeItWasSettled) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  settle(next());
  crash();
  fs::rename(in("a"), folder_ / "a");
  start("batch_records_max: 1");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_changed").size(), 1U);
  EXPECT_EQ(adapter_->status().exit_code, 3);
  EXPECT_TRUE(drain().empty());
  fs::rename(folder_ / "a", in("a"));
  crash();
  start();
  EXPECT_EQ(drain().size(), 2U) << "a file that is back is read whole: its rest never was";
}

TEST_F(FileFinishing, StopsAtTruncationWhileReading) {
  write(in("a"), std::string(400'000, 'A'));
  start("batch_bytes_max: 4000\nafter: delete");
  settle(next());
  write(in("a"), std::string(8'000, 'A'));
  drain();
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::framing);
  EXPECT_NE(line_of("file_changed").find("cut from 400000 to 8000"), std::string::npos);
  EXPECT_TRUE(lines_of("file_broken").empty());
  EXPECT_TRUE(drain().empty());
  EXPECT_TRUE(fs::exists(in("a")));
  EXPECT_EQ(adapter_->status().exit_code, 3);
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileFinishing, DoesNotInventTheRestOfAFileThatGrewWhileReading) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1\nafter: delete");
  settle(next());
  append(in("a"), "CCCC");
  drain();
  EXPECT_NE(line_of("file_changed").find("grew from 8 to 12"), std::string::npos);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(contents(in("a")), "AAAABBBBCCCC");
  crash();
  start("after: delete");
  EXPECT_TRUE(drain().empty()) << "it is not read until it changes once more";
  append(in("a"), "DDDD");
  crash();
  start("after: delete");
  EXPECT_EQ(drain().size(), 4U);
}

TEST_F(FileFinishing, LeavesAFileThatChangedAfterItsEndWasRead) {
  write(in("a"), "AAAA");
  start("after: move done");
  settle(next());
  append(in("a"), "BBBB");
  EXPECT_EQ(read_error(), ErrorKind::framing);
  EXPECT_EQ(lines_of("file_changed").size(), 1U);
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"a"});
  EXPECT_TRUE(names_in(folder_ / "done").empty());
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(adapter_->status().exit_code, 3);
}

TEST_F(FileFinishing, GivesBackAFileThatChangedUnderItsPrivateName) {
  write(in("a"), "AAAA");
  start("after: move done");
  settle(next());
  fs::rename(in("a"), in(".copybridge-1-a"));
  append(in(".copybridge-1-a"), "BBBB");
  EXPECT_EQ(read_error(), ErrorKind::framing);
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"a"});
  EXPECT_EQ(contents(in("a")), "AAAABBBB");
}

TEST_F(FileFinishing, NeverMovesAFileThatTookTheName) {
  write(in("a"), "AAAA");
  start("after: delete");
  settle(next());
  write(folder_ / "next", "BBBB");
  fs::rename(folder_ / "next", in("a"));
  EXPECT_EQ(read_error(), ErrorKind::framing);
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "BBBB"}}));
}

TEST_F(FileFinishing, DeliversWhatStandsBeforeBrokenFraming) {
  write(in("a"), "AAAABBBBCC");
  start("after: delete");
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::framing);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(adapter_->status().exit_code, 3);
  EXPECT_NE(line_of("file_broken").find("\"put_aside\":\"kept\""), std::string::npos);
  EXPECT_NE(line_of("file_ended").find(R"("read":2,"delivered":2)"), std::string::npos);
  EXPECT_TRUE(fs::exists(in("a")));
}

TEST_F(FileFinishing, DoesNotReadABrokenFileAgainUntilItChanges) {
  write(in("a"), "AAAABB");
  start();
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_TRUE(drain().empty());
  crash();
  start();
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(adapter_->status().exit_code, 0);
  crash();
  write(in("a"), "AAAABBBB");
  start();
  EXPECT_EQ(drain(), (Records{{"accounts/2/1", "AAAA"}, {"accounts/2/2", "BBBB"}}));
}

TEST_F(FileFinishing, MovesABrokenFileAsideOnceItsRecordsAreSettled) {
  write(in("a"), "AAAABB");
  write(in("b"), "CCCC");
  start("after: move done\non_error: move bad");
  const RecordBatch batch = next();
  EXPECT_EQ(read_error(), ErrorKind::framing);
  EXPECT_TRUE(fs::exists(in("a"))) << "a record may still come back";
  settle(batch, Fate::retry);
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(drain_texts(), Texts{"CCCC"});
  EXPECT_EQ(names_in(folder_ / "bad"), Texts{"a"});
  EXPECT_EQ(names_in(folder_ / "done"), Texts{"b"});
  EXPECT_EQ(lines_of("file_broken").size(), 1U);
}

TEST_F(FileFinishing, PublishesTheEndOfABrokenFileAsFailed) {
  write(in("a"), "AAAABB");
  start("end_event: yes");
  settle(next());
  EXPECT_EQ(read_error(), ErrorKind::framing);
  const RecordBatch notice = next();
  EXPECT_EQ(notice.notice_type, "copybridge.file.failed");
  EXPECT_NE(records_of(notice).at(0).bytes.find("\"complete\":false"), std::string::npos);
}

TEST_F(FileFinishing, MovesTheTriggerWithItsFile) {
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  write(in("a.done"), "");
  start("trigger: .done\nafter: move done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(names_in(folder_ / "in"), Texts{"b"});
  EXPECT_EQ(names_in(folder_ / "done"), (Texts{"a", "a.done"}));
}

TEST_F(FileFinishing, DeletesTheTriggerWithItsFile) {
  write(in("a"), "AAAA");
  write(in("a.done"), "");
  start("trigger: .done\nafter: delete");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_TRUE(names_in(folder_ / "in").empty());
}

TEST_F(FileFinishing, WaitsForANewTriggerOfAKeptFile) {
  write(in("a"), "AAAA");
  write(in("a.done"), "");
  start("trigger: .done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  write(in("a"), "BBBB");
  start("trigger: .done");
  EXPECT_TRUE(drain().empty()) << "the old trigger is still there";
  crash();
  write(in("a.done"), "");
  start("trigger: .done");
  EXPECT_EQ(drain_texts(), Texts{"BBBB"});
}

}  // namespace
}  // namespace copybridge::adapters
