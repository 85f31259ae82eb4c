// What the file adapter reads: batches, ids, order, kinds of files.
#include "tests/support/compressed.h"
#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

using testing::Test;
using tests::gzip;
using tests::zstd;
using Texts = std::vector<std::string>;

class FileReading : public FileFixture {};

TEST_F(FileReading, GivesEachRecordTheIdOfItsArrivalAndNumber) {
  write(in("a"), "AAAABBBB");
  write(in("b"), "CCCC");
  start();
  const std::vector<GotRecord> expected = {
      {"accounts/1/1", "AAAA"}, {"accounts/1/2", "BBBB"}, {"accounts/2/1", "CCCC"}};
  EXPECT_EQ(drain(), expected);
  EXPECT_EQ(adapter_->status().exit_code, 0);
}

TEST_F(FileReading, SaysWhereABatchComesFrom) {
  write(in("a"), "AAAABBBBCCCC");
  set_time(in("a"), 0);
  start("batch_records_max: 2");
  const RecordBatch first = next();
  EXPECT_EQ(first.position, 0U);
  EXPECT_EQ(first.time_ms, 1'700'000'000'000);
  const Attributes expected = {{"file", in("a").string()}, {"arrival", "1"}};
  EXPECT_EQ(first.attributes, expected);
  const RecordBatch second = next();
  EXPECT_EQ(second.position, 8U);
  EXPECT_EQ(second.first_number, 3U);
  EXPECT_NE(first.token, second.token);
  EXPECT_FALSE(second.is_notice);
}

TEST_F(FileReading, EndsABatchAtTheMostRecords) {
  write(in("a"), "AAAABBBBCCCCDDDDEEEE");
  start("batch_records_max: 2");
  EXPECT_EQ(texts_of(records_of(next())), (Texts{"AAAA", "BBBB"}));
  EXPECT_EQ(texts_of(records_of(next())), (Texts{"CCCC", "DDDD"}));
  EXPECT_EQ(texts_of(records_of(next())), (Texts{"EEEE"}));
}

TEST_F(FileReading, EndsABatchAtTheMostBytes) {
  write(in("a"), "AAAABBBBCCCC");
  start("batch_bytes_max: 9");
  EXPECT_EQ(texts_of(records_of(next())), (Texts{"AAAA", "BBBB"}));
  EXPECT_EQ(texts_of(records_of(next())), (Texts{"CCCC"}));
}

TEST_F(FileReading, ReadsARecordThatIsLargerThanABatch) {
  const std::string record(1000, 'x');
  write(in("a"), record + record);
  start("recfm: F\nlrecl: 1000\nbatch_bytes_max: 7");
  EXPECT_EQ(drain_texts(), (Texts{record, record}));
}

TEST_F(FileReading, PutsRecordsOfOneFileOnlyIntoABatch) {
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  start();
  EXPECT_EQ(texts_of(records_of(next())), Texts{"AAAA"});
  EXPECT_EQ(texts_of(records_of(next())), Texts{"BBBB"});
}

TEST_F(FileReading, KeepsBytesReadableBehindABatch) {
  write(in("a"), "AAAA");
  start();
  const RecordBatch batch = next();
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < kReadableTail; ++i) {
    sum = static_cast<std::uint8_t>(sum | batch.bytes.data()[batch.bytes.size() + i]);
  }
  // The sanitizers judge; the value only keeps the reads.
  EXPECT_LE(sum, 255);
}

TEST_F(FileReading, ReusesABatchThatHeldSomethingElse) {
  write(in("a"), "AAAA");
  start();
  RecordBatch batch;
  batch.bytes.resize(100);
  batch.records.resize(7);
  batch.ids = {"old"};
  batch.is_notice = true;
  ASSERT_EQ(adapter_->read(batch, Milliseconds(0)).value(), ReadStatus::batch);
  EXPECT_EQ(records_of(batch), (std::vector<GotRecord>{{"accounts/1/1", "AAAA"}}));
  EXPECT_FALSE(batch.is_notice);
}

TEST_F(FileReading, ReadsNoMoreBatchesThanTheWindowAllows) {
  write(in("a"), "AAAABBBBCCCC");
  start("batch_records_max: 1\nbatches_in_flight_max: 2");
  EXPECT_EQ(adapter_->batches_in_flight_max(), 2U);
  const RecordBatch first = next();
  const RecordBatch second = next();
  EXPECT_EQ(status_of_read().value(), ReadStatus::idle);
  settle(first);
  EXPECT_EQ(texts_of(records_of(next())), Texts{"CCCC"});
}

TEST_F(FileReading, ReadsVariableRecords) {
  const std::string data(
      "\x00\x07\x00\x00"
      "ABC"
      "\x00\x05\x00\x00"
      "D",
      12);
  write(in("a"), data);
  start("recfm: V");
  EXPECT_EQ(drain_texts(), (Texts{"ABC", "D"}));
}

TEST_F(FileReading, ReadsEbcdicLines) {
  write(in("a"), "\xC1\xC2\x15\xC3\x15");
  start("recfm: line\nline_end: nel");
  EXPECT_EQ(drain_texts(), (Texts{"\xC1\xC2", "\xC3"}));
}

TEST_F(FileReading, ReadsAsciiLinesWithCarriageReturns) {
  write(in("a"), "one\r\ntwo\r\n");
  start("recfm: line\nline_end: crlf");
  EXPECT_EQ(drain_texts(), (Texts{"one", "two"}));
}

TEST_F(FileReading, ReadsLengthPrefixedRecords) {
  write(in("a"), std::string("\x00\x02xy\x00\x01z", 7));
  start("recfm: length-prefixed\nlength_bytes: 2");
  EXPECT_EQ(drain_texts(), (Texts{"xy", "z"}));
}

TEST_F(FileReading, LeavesHeaderAndTrailerBytesOut) {
  write(in("a"), "HEADAAAABBBBTR");
  start("skip_header_bytes: 4\nskip_trailer_bytes: 2\nbatch_records_max: 1");
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
}

TEST_F(FileReading, ReadsGzip) {
  write(in("a.gz"), gzip("AAAABBBB"));
  start();
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
}

TEST_F(FileReading, ReadsZstd) {
  write(in("a.zst"), zstd("AAAABBBB"));
  start();
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
}

TEST_F(FileReading, GoesOnWithinACompressedFileAfterARestart) {
  write(in("a.gz"), gzip("AAAABBBBCCCC"));
  start("batch_records_max: 1");
  settle(next());
  crash();
  start("batch_records_max: 1");
  EXPECT_EQ(drain(), (std::vector<GotRecord>{{"accounts/1/2", "BBBB"}, {"accounts/1/3", "CCCC"}}));
}

TEST_F(FileReading, DeliversWhatStandsBeforeBrokenCompression) {
  std::string data = gzip(std::string(400'000, 'x') + std::string(400'000, 'y'));
  data.resize(data.size() - 20);
  write(in("a.gz"), data);
  start();
  EXPECT_FALSE(drain().empty());
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::framing);
  EXPECT_NE(line_of("file_broken").find("compressed data ends early"), std::string::npos);
}

TEST_F(FileReading, ReadsFilesInTheOrderOfTheirNames) {
  for (const char* name : {"c", "a", "b"}) write(in(name), std::string(4, name[0]));
  start();
  EXPECT_EQ(drain_texts(), (Texts{"aaaa", "bbbb", "cccc"}));
}

TEST_F(FileReading, ReadsFilesInTheOrderOfTheirTimes) {
  for (const char* name : {"c", "a", "b"}) write(in(name), std::string(4, name[0]));
  start("order: mtime");
  EXPECT_EQ(drain_texts(), (Texts{"cccc", "aaaa", "bbbb"}));
}

TEST_F(FileReading, ReadsAListOfPatternsEachFileOnce) {
  write(in("a1"), "AAAA");
  write(in("b1"), "BBBB");
  start("path: [\"in/a*\", \"in/*1\", in/b1]");
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
}

TEST_F(FileReading, ExpandsWildcardsInFolders) {
  fs::create_directories(folder_ / "x1");
  fs::create_directories(folder_ / "x2");
  write(folder_ / "x1/a", "AAAA");
  write(folder_ / "x2/a", "BBBB");
  start("path: \"x?/a\"");
  EXPECT_EQ(drain_texts(), (Texts{"AAAA", "BBBB"}));
}

TEST_F(FileReading, TakesTheBridgeFilesFolderLiterally) {
  const fs::path folder = folder_ / "odd[1]*?";
  fs::create_directories(folder / "in");
  write(folder / "in/a", "AAAA");
  start_in(folder, "");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
}

TEST_F(FileReading, LeavesOutHiddenFilesFoldersAndLinks) {
  write(in("a"), "AAAA");
  write(in(".hidden"), "BBBB");
  write(in(".copybridge-other"), "CCCC");
  write(folder_ / "secret", "DDDD");
  fs::create_symlink(folder_ / "secret", in("link"));
  fs::create_symlink(folder_ / "nowhere", in("dangling"));
  fs::create_directory(in("folder"));
  ASSERT_EQ(::mkfifo(in("pipe").c_str(), 0600), 0);
  start("path: \"in/[a-z]*\"");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_FALSE(last_error_);
}

TEST_F(FileReading, SaysThatANamedLinkIsNotRead) {
  write(folder_ / "secret", "DDDD");
  fs::create_symlink(folder_ / "secret", in("link"));
  write(in("a"), "AAAA");
  start("path: [in/link, in/a]");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->kind, ErrorKind::source);
  EXPECT_NE(last_error_->message.find("symbolic"), std::string::npos) << last_error_->message;
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(adapter_->status().exit_code, 4);
}

TEST_F(FileReading, EndsAnEmptyFileWithoutRecords) {
  write(in("a"), "");
  start("after: delete");
  EXPECT_TRUE(drain().empty());
  EXPECT_NE(line_of("file_ended").find("\"read\":0"), std::string::npos);
  EXPECT_FALSE(fs::exists(in("a")));
}

TEST_F(FileReading, IsDryWhereANamedFileIsNotThere) {
  start("path: in/none");
  EXPECT_EQ(status_of_read().value(), ReadStatus::dry);
}

TEST_F(FileReading, FailsAsASourceWhereTheFolderIsNotThere) {
  start("path: \"nowhere/*\"");
  EXPECT_EQ(read_error(), ErrorKind::source);
  fs::create_directory(folder_ / "nowhere");
  write(folder_ / "nowhere/a", "AAAA");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
}

TEST_F(FileReading, GoesOnWithOtherFilesWhereOneIsUnreadable) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs to give up and take back the rights of root";
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  fs::permissions(in("a"), fs::perms::none);
  fs::permissions(folder_, fs::perms::all);
  start();
  ASSERT_EQ(::seteuid(65534), 0);
  const Result<ReadStatus> first = status_of_read();
  RecordBatch second;
  const Result<ReadStatus> status = adapter_->read(second, Milliseconds(0));
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, ErrorKind::source);
  EXPECT_NE(first.error().message.find(in("a").string()), std::string::npos);
  ASSERT_TRUE(status);
  EXPECT_EQ(texts_of(records_of(second)), Texts{"BBBB"});
  EXPECT_EQ(adapter_->status().exit_code, 4);
}

TEST_F(FileReading, PassesOverAFileThatVanishedAfterTheListing) {
  write(in("a"), "AAAA");
  write(in("b"), "BBBB");
  write(in("c"), "CCCC");
  start();
  const RecordBatch first = next();
  fs::remove(in("b"));
  settle(first);
  EXPECT_EQ(drain_texts(), Texts{"CCCC"});
  EXPECT_FALSE(last_error_);
}

TEST_F(FileReading, ReadsNamesThatAreNoTextAndLogsThemSafely) {
  const std::string name = "bad\xFF\n\"name\x1B[31m";
  write(in(name), "AAAA");
  start("after: move done");
  const RecordBatch batch = next();
  EXPECT_EQ(batch.attributes.at(0).second, in("bad\\xFF\\x0A\"name\\x1B[31m").string());
  settle(batch);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(names_in(folder_ / "done"), Texts{name});
  for (const std::string& line : lines_) {
    EXPECT_EQ(line.find_first_of("\n\x1B\xFF"), std::string::npos) << line;
  }
}

TEST_F(FileReading, FinishesAFileWhoseNameIsAsLongAsNamesCanBe) {
  const std::string name(255, 'n');
  write(in(name), "AAAA");
  start("after: move done");
  EXPECT_EQ(drain_texts(), Texts{"AAAA"});
  EXPECT_EQ(names_in(folder_ / "done"), Texts{name});
}

TEST_F(FileReading, ReadsTenThousandFiles) {
  for (int i = 0; i < 10'000; ++i) {
    std::ofstream(in(std::to_string(i))) << "AAAA";
  }
  start("after: keep\nbatches_in_flight_max: 8");
  EXPECT_EQ(drain().size(), 10'000U);
  EXPECT_EQ(lines_of("file_ended").size(), 10'000U);
}

TEST_F(FileReading, SaysHowMuchIsLeft) {
  write(in("a"), "AAAABBBB");
  write(in("b"), "BBBB");
  start("batch_records_max: 1\nbatch_bytes_max: 4");
  settle(next());
  EXPECT_EQ(adapter_->status().lag, "2 files, 8 bytes");
  drain();
  EXPECT_EQ(adapter_->status().lag, "0 files, 0 bytes");
}

}  // namespace
}  // namespace copybridge::adapters
