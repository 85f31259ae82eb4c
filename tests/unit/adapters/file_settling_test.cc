// What the file adapter keeps of settlements: checkpoints, gaps, counts, crashes, failing storage.
#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

using Texts = std::vector<std::string>;
using Records = std::vector<GotRecord>;
using enum Fate;

class FileSettling : public FileFixture {
 protected:
  /// Makes every write to the arrivals fail, as a full disk does.
  void break_storage() {
    run_sql(
        "CREATE TRIGGER full_insert BEFORE INSERT ON file_arrivals BEGIN "
        "SELECT RAISE(ABORT, 'disk full'); END");
  }
  void mend_storage() { run_sql("DROP TRIGGER full_insert"); }
};

TEST_F(FileSettling, GoesOnBehindTheLastSettledBatchAfterACrash) {
  write(in("a"), "AAAABBBBCCCCDDDD");
  start("batch_records_max: 1");
  settle(next());
  settle(next());
  static_cast<void>(next());
  crash();
  start("batch_records_max: 1");
  EXPECT_EQ(drain(), (Records{{"accounts/1/3", "CCCC"}, {"accounts/1/4", "DDDD"}}));
}

TEST_F(FileSettling, ReadsAgainWithTheSameIdsWhatWasNotSettled) {
  write(in("a"), "AAAABBBB");
  start();
  const Records first = records_of(next());
  crash();
  start();
  EXPECT_EQ(drain(), first);
}

TEST_F(FileSettling, HandsBackWhatIsUnsettledWhenItIsClosed) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  settle(next());
  static_cast<void>(next());
  adapter_->close();
  adapter_->close();
  ASSERT_TRUE(adapter_->open());
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}}));
}

TEST_F(FileSettling, DoesNotReadAnUntouchedFileAgainAfterARestart) {
  write(in("a"), "AAAA");
  start();
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  crash();
  start();
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileSettling, ReadsOnFromTheFirstRecordThatCameBack) {
  write(in("a"), "AAAABBBBCCCC");
  start();
  settle(next(), {delivered, retry, delivered});
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
  const std::string line = line_of("file_ended");
  EXPECT_NE(line.find(R"("read":3,"delivered":3)"), std::string::npos) << line;
}

TEST_F(FileSettling, KeepsTheAcceptedPrefixOfABatchOverACrash) {
  write(in("a"), "AAAABBBBCCCC");
  start();
  settle(next(), {delivered, retry, delivered});
  crash();
  start("batch_records_max: 2");
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
}

TEST_F(FileSettling, TreatsLaterBatchesAsReturnedOnceARecordCameBack) {
  write(in("a"), "AAAABBBBCCCC");
  start("batch_records_max: 1");
  const RecordBatch first = next();
  const RecordBatch second = next();
  const RecordBatch third = next();
  settle(first);
  settle(second, retry);
  EXPECT_EQ(status_of_read().value(), ReadStatus::idle) << "the third is still out";
  settle(third);
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
}

TEST_F(FileSettling, ReadsBackOverAFileBoundaryInTheOrderOfTheFiles) {
  write(in("a"), "AAAABBBB");
  write(in("b"), "CCCCDDDD");
  start("batch_records_max: 1");
  const RecordBatch a1 = next();
  const RecordBatch a2 = next();
  const RecordBatch b1 = next();
  settle(a1);
  settle(a2, retry);
  settle(b1);
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}, {"accounts/2/2", "DDDD"}}));
}

TEST_F(FileSettling, KnowsHeadersAndTrailersAlsoAfterARestart) {
  using framing::RecordPlace;
  const std::string options = "header_records: 2\ntrailer_records: 1\nbatch_records_max: 1";
  write(in("a"), "H001H002AAAATTTT");
  start(options);
  const RecordBatch first = next();
  EXPECT_EQ(first.records[0].place, RecordPlace::header);
  settle(first);
  crash();
  start(options);
  for (const RecordPlace place : {RecordPlace::header, RecordPlace::detail, RecordPlace::trailer}) {
    const RecordBatch batch = next();
    EXPECT_EQ(batch.records[0].place, place) << batch.first_number;
    settle(batch);
  }
}

TEST_F(FileSettling, GoesBackWithinAVariableBlockedFile) {
  std::string block(
      "\x00\x12\x00\x00\x00\x07\x00\x00"
      "ABC\x00\x07\x00\x00"
      "DEF",
      18);
  write(in("a"), block + block);
  start("recfm: VB");
  settle(next(), {delivered, delivered, delivered, retry});
  crash();
  start("recfm: VB\nbatch_records_max: 1");
  EXPECT_EQ(drain(), (Records{{"accounts/1/4", "DEF"}}));
}

TEST_F(FileSettling, TreatsMissingFatesAsReturned) {
  write(in("a"), "AAAABBBB");
  start();
  settle(next(), std::vector<Fate>{delivered});
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}}));
}

TEST_F(FileSettling, RefusesASettlementOutOfOrder) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  static_cast<void>(next());
  const RecordBatch second = next();
  EXPECT_FALSE(adapter_->settle({second.token, {delivered}}));
}

TEST_F(FileSettling, CountsEveryFateOnceInTheLogLine) {
  write(in("a"), "AAAABBBBCCCCDDDD");
  start("batch_records_max: 2");
  settle(next(), {delivered, retry});
  crash();
  start();
  settle(next(), {filtered, dead_lettered, delivered});
  EXPECT_TRUE(drain().empty());
  const std::string line = line_of("file_ended");
  EXPECT_NE(line.find(R"("read":4,"delivered":2,"filtered":1,"bad":1)"), std::string::npos) << line;
  const Texts started = lines_of("file_started");
  ASSERT_EQ(started.size(), 2U);
  EXPECT_NE(started[0].find("\"from_record\":1"), std::string::npos);
  EXPECT_NE(started[1].find("\"from_record\":2"), std::string::npos);
}

TEST_F(FileSettling, LogsTheEndWhenTheLastRecordIsSettled) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  const RecordBatch first = next();
  const RecordBatch second = next();
  settle(first);
  EXPECT_EQ(status_of_read().value(), ReadStatus::ended);
  EXPECT_TRUE(lines_of("file_ended").empty());
  settle(second);
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileSettling, LogsTheEndAfterARestartWhereItWasCutOff) {
  write(in("a"), "AAAA");
  start();
  settle(next());
  crash();
  EXPECT_TRUE(lines_of("file_ended").empty());
  start();
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileSettling, FinishesWhatIsSettledWhenItIsClosed) {
  write(in("a"), "AAAA");
  start("after: delete");
  settle(next());
  adapter_->close();
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
  EXPECT_FALSE(fs::exists(in("a")));
}

TEST_F(FileSettling, IsIdleNotDryWhileABatchIsOut) {
  write(in("a"), "AAAA");
  start("watch: yes");
  const RecordBatch batch = next();
  EXPECT_EQ(status_of_read().value(), ReadStatus::idle);
  settle(batch);
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
}

TEST_F(FileSettling, SaysWithoutAWaitThatItHasEndedWhereNoMoreFilesAreWaitedFor) {
  constexpr std::chrono::hours kNever{1000};
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  start();
  const RecordBatch first = next();
  const RecordBatch second = next();
  EXPECT_EQ(status_of_read(kNever).value(), ReadStatus::ended);
  settle(first);
  EXPECT_EQ(status_of_read(kNever).value(), ReadStatus::ended) << "the second is out";
  settle(second, retry);
  const RecordBatch again = next();
  EXPECT_EQ(status_of_read(kNever).value(), ReadStatus::ended);
  settle(again);
  EXPECT_EQ(status_of_read(kNever).value(), ReadStatus::dry);
}

TEST_F(FileSettling, FailsASettlementThatCannotBeStoredAndTakesItLater) {
  write(in("a"), "AAAABBBB");
  start("batch_records_max: 1");
  const RecordBatch first = next();
  break_storage();
  const Result<void> failed = adapter_->settle({first.token, {delivered}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::storage);
  EXPECT_FALSE(adapter_->settle({first.token, {delivered}}));
  mend_storage();
  settle(first);
  EXPECT_EQ(drain(), (Records{{"accounts/1/2", "BBBB"}}));
  EXPECT_NE(line_of("file_ended").find(R"("read":2,"delivered":2)"), std::string::npos);
}

TEST_F(FileSettling, ReadsNothingOfAnArrivalThatCannotBeStored) {
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  start();
  break_storage();
  EXPECT_EQ(read_error(), ErrorKind::storage);
  EXPECT_EQ(read_error(), ErrorKind::storage);
  mend_storage();
  EXPECT_EQ(drain(), (Records{{"accounts/1/1", "AAAA"}, {"accounts/2/1", "BBBB"}}));
}

TEST_F(FileSettling, KeepsAFileWhoseEndCannotBeStored) {
  write(in("a"), "AAAA");
  start("after: delete");
  settle(next());
  break_storage();
  EXPECT_EQ(read_error(), ErrorKind::storage);
  EXPECT_TRUE(fs::exists(in("a")));
  mend_storage();
  EXPECT_TRUE(drain().empty());
  EXPECT_FALSE(fs::exists(in("a")));
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileSettling, NeverGivesANumberTwice) {
  write(in("a"), "AAAA");
  start("after: delete");
  EXPECT_EQ(drain().at(0).id, "accounts/1/1");
  crash();
  write(in("a"), "BBBB");
  start("after: delete");
  EXPECT_EQ(drain().at(0).id, "accounts/2/1");
}

TEST_F(FileSettling, PublishesTheEndOfAFileBehindItsRecords) {
  write(in("a"), "AAAABBBB");
  start("end_event: yes\nafter: delete");
  const RecordBatch records = next();
  EXPECT_EQ(status_of_read().value(), ReadStatus::ended) << "the end before its records";
  settle(records, {delivered, dead_lettered});
  const RecordBatch notice = next();
  EXPECT_TRUE(notice.is_notice);
  EXPECT_EQ(notice.notice_type, "copybridge.file.ended");
  const GotRecord expected = {
      "accounts/1/end",
      R"({"file":")" + in("a").string() +
          R"(","arrival":1,"complete":true,"read":2,"delivered":1,"filtered":0,"bad":1})"};
  EXPECT_EQ(records_of(notice), Records{expected});
  EXPECT_TRUE(fs::exists(in("a")));
  settle(notice);
  EXPECT_TRUE(drain().empty());
  EXPECT_FALSE(fs::exists(in("a")));
}

TEST_F(FileSettling, PublishesTheEndAgainUntilItIsAccepted) {
  write(in("a"), "AAAA");
  start("end_event: yes");
  settle(next());
  const RecordBatch first = next();
  settle(first, retry);
  const RecordBatch second = next();
  EXPECT_EQ(records_of(first), records_of(second));
  crash();
  start("end_event: yes");
  const RecordBatch third = next();
  EXPECT_EQ(records_of(first), records_of(third));
  settle(third);
  crash();
  start("end_event: yes");
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileSettling, ReadsABatchOfMoreThanOneReadOfTheFile) {
  std::string text;
  Texts expected;
  for (int i = 0; i < 300'000; ++i) {
    expected.push_back(std::to_string(1'000'000 + i));
    text += expected.back();
  }
  write(in("a"), text);
  start("recfm: F\nlrecl: 7\nbatch_records_max: 7001");
  EXPECT_EQ(drain_texts(), expected);
}

}  // namespace
}  // namespace copybridge::adapters
