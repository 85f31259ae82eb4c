// Trailers: count and totals compared with what was read, before or after it is published.
#include "adapters/file/trailer.h"
#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

using file::parse_decimal;
using file::print_decimal;
using Texts = std::vector<std::string>;

constexpr std::string_view kCopybook = R"(
       01  DETAIL-RECORD.
           05  REC-TYPE       PIC X.
           05  AMOUNT         PIC S9(5)V99 COMP-3.
           05  NOTE           PIC X(3).
       01  TRAILER-RECORD.
           05  REC-TYPE       PIC X.
           05  REC-COUNT      PIC 9(3).
           05  TOTAL-AMOUNT   PIC S9(5)V99 COMP-3.
)";

/// Eight bytes in IBM-037: D or T, packed amount in cents.
std::string packed(int cents) {
  std::string digits = std::to_string(10'000'000 + std::abs(cents)).substr(1);
  std::string bytes;
  for (std::size_t i = 0; i < 4; ++i) {
    const int high = digits[2 * i] - '0';
    const int low = i == 3 ? (cents < 0 ? 0xD : 0xC) : digits[2 * i + 1] - '0';
    bytes += static_cast<char>(16 * high + low);
  }
  return bytes;
}
std::string detail(int cents) { return "\xC4" + packed(cents) + "\x40\x40\x40"; }
std::string trailer(int count, int cents) {
  std::string digits;
  for (const char digit : std::to_string(1000 + count).substr(1)) {
    digits += static_cast<char>(0xF0 + (digit - '0'));
  }
  return "\xE3" + digits + packed(cents);
}

class FileTrailer : public FileFixture {
 protected:
  void SetUp() override {
    FileFixture::SetUp();
    std::ofstream(folder_ / "batch.cpy") << kCopybook;
  }
  void start_with(const std::string& more = "", const std::string& options = "") {
    start("recfm: F\nlrecl: 8\n" + options +
          "\ntrailer: {copybook: batch.cpy, record: TRAILER-RECORD, detail_record: DETAIL-RECORD,"
          " match: \"REC-TYPE = 'T'\", count: REC-COUNT, totals: {TOTAL-AMOUNT: AMOUNT}" +
          more + "}");
  }
  /// What the log says about a file that does not agree.
  std::string mismatch(const std::string& text) {
    write(in("a"), text);
    start_with();
    drain();
    EXPECT_TRUE(last_error_ && last_error_->kind == ErrorKind::framing);
    EXPECT_EQ(adapter_->status().exit_code, 3);
    const std::string line = line_of("trailer_mismatch");
    const std::size_t reason = line.find("\"reason\":");
    return reason == std::string::npos ? line : line.substr(reason);
  }
};

TEST_F(FileTrailer, IsKnownByItsPlaceWhereTrailerRecordsAreCounted) {
  write(in("a"), trailer(9, 9) + detail(1234) + detail(-1000) + trailer(2, 234));
  start(
      "recfm: F\nlrecl: 8\nheader_records: 1\ntrailer_records: 1\n"
      "trailer: {copybook: batch.cpy, record: TRAILER-RECORD, detail_record: DETAIL-RECORD,"
      " count: REC-COUNT, totals: {TOTAL-AMOUNT: AMOUNT}}");
  drain();
  EXPECT_FALSE(last_error_);
  EXPECT_EQ(adapter_->status().exit_code, 0);
  EXPECT_NE(line_of("file_ended").find("count=2 AMOUNT=2.34"), std::string::npos);
}

TEST_F(FileTrailer, AgreesAndIsDeliveredLikeAnyRecord) {
  write(in("a"), detail(1234) + detail(-1000) + trailer(2, 234));
  start_with();
  EXPECT_EQ(drain_texts(), (Texts{detail(1234), detail(-1000), trailer(2, 234)}));
  EXPECT_FALSE(last_error_);
  EXPECT_EQ(adapter_->status().exit_code, 0);
  EXPECT_NE(line_of("file_ended").find("\"control_totals\":\"count=2 AMOUNT=2.34\""),
            std::string::npos);
}

TEST_F(FileTrailer, SaysWhereTheCountIsAnother) {
  EXPECT_NE(mismatch(detail(1) + trailer(2, 1)).find("REC-COUNT says 2, the file has 1 records"),
            std::string::npos);
}

TEST_F(FileTrailer, SaysWhereATotalIsAnother) {
  EXPECT_NE(
      mismatch(detail(1) + trailer(1, -2)).find("TOTAL-AMOUNT says -0.02, AMOUNT adds up to 0.01"),
      std::string::npos);
}

TEST_F(FileTrailer, MissesATrailer) {
  EXPECT_NE(mismatch(detail(1)).find("no record is a trailer"), std::string::npos);
}

TEST_F(FileTrailer, MissesATrailerInAnEmptyFile) {
  EXPECT_NE(mismatch("").find("no record is a trailer"), std::string::npos);
}

TEST_F(FileTrailer, RefusesASecondTrailer) {
  EXPECT_NE(mismatch(detail(1) + trailer(1, 1) + trailer(1, 1)).find("2 records are trailers"),
            std::string::npos);
}

TEST_F(FileTrailer, RefusesRecordsBehindIt) {
  EXPECT_NE(mismatch(trailer(1, 1) + detail(1)).find("1 records stand behind the trailer"),
            std::string::npos);
}

TEST_F(FileTrailer, RefusesAnAmountThatDoesNotFit) {
  std::string bad = detail(1);
  bad[1] = '\xAA';
  EXPECT_NE(mismatch(bad + trailer(1, 0)).find("1 records have a field that does not fit"),
            std::string::npos);
}

TEST_F(FileTrailer, PutsAFileThatDoesNotAgreeAside) {
  write(in("a"), detail(1) + trailer(1, 2));
  start_with("", "after: move done\non_error: move bad");
  EXPECT_EQ(drain().size(), 2U);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(names_in(folder_ / "bad"), Texts{"a"});
  EXPECT_EQ(lines_of("file_ended").size(), 1U);
}

TEST_F(FileTrailer, IsVerifiedBeforeAnythingIsPublished) {
  write(in("a"), detail(1) + trailer(1, 2));
  write(in("b"), detail(1) + trailer(1, 1));
  start_with(", verify: before", "on_error: move bad");
  EXPECT_TRUE(drain().empty());
  EXPECT_TRUE(last_error_);
  EXPECT_EQ(lines_of("trailer_mismatch").size(), 1U);
  EXPECT_EQ(drain_texts(), (Texts{detail(1), trailer(1, 1)}));
  EXPECT_EQ(names_in(folder_ / "bad"), Texts{"a"});
}

TEST_F(FileTrailer, IsVerifiedBeforeOnlyOnce) {
  write(in("a"), detail(1) + detail(2) + trailer(2, 3));
  start_with(", verify: before", "batch_records_max: 1");
  settle(next());
  crash();
  start_with(", verify: before", "batch_records_max: 1");
  EXPECT_EQ(drain().size(), 2U);
  EXPECT_FALSE(last_error_);
}

TEST_F(FileTrailer, AddsUpOverARestartAndReturnedRecords) {
  write(in("a"), detail(1) + detail(2) + detail(4) + trailer(3, 7));
  start_with("", "batch_records_max: 2");
  settle(next());
  settle(next(), {Fate::retry, Fate::retry});
  settle(next(), {Fate::delivered, Fate::retry});
  crash();
  start_with("", "batch_records_max: 2");
  EXPECT_EQ(drain_texts(), Texts{trailer(3, 7)});
  EXPECT_FALSE(last_error_);
  EXPECT_NE(line_of("file_ended").find("count=3 AMOUNT=0.07"), std::string::npos);
}

TEST_F(FileTrailer, CountsOnlyTheRecordsOfItsCondition) {
  std::string header = detail(99);
  header[0] = '\xC8';
  write(in("a"), header + detail(1) + trailer(1, 1));
  start_with(", detail_match: \"REC-TYPE = 'D'\"");
  EXPECT_EQ(drain().size(), 3U);
  EXPECT_FALSE(last_error_);
}

TEST_F(FileTrailer, ReportsMistakesAtTheirPlace) {
  const auto mistake = [&](const std::string& text) {
    EXPECT_EQ(make(folder_, "trailer: {copybook: batch.cpy, " + text + "}"), nullptr);
    return diagnostics_.has_errors() ? diagnostics_.all().front().message : "none";
  };
  EXPECT_EQ(mistake("match: \"A = 'T'\", count: X"), "the copybook has several records");
  EXPECT_EQ(mistake("record: NOPE, match: \"A = 'T'\""), "the copybook has no record 'NOPE'");
  EXPECT_EQ(mistake("record: TRAILER-RECORD, match: \"REC-TYPE = 'T'\""),
            "'trailer' has nothing to compare");
  EXPECT_EQ(mistake("record: trailer-record, match: \"REC-TYPE = 'T'\", count: REC-TYPE"),
            "'REC-TYPE' is not numeric");
  EXPECT_EQ(mistake("record: TRAILER-RECORD, match: \"REC-TYPE = 'T'\", count: NONE"),
            "template: there is no item 'NONE'");
  EXPECT_EQ(mistake("record: TRAILER-RECORD, match: \"REC-TYPE = 'T'\", cuont: REC-COUNT"),
            "unknown key 'cuont'");
}

TEST(FileTrailerDecimals, AreExactInBothDirections) {
  EXPECT_EQ(parse_decimal("-0012.5", 2), file::WideInteger{-1250});
  EXPECT_EQ(parse_decimal("7", 3), file::WideInteger{7000});
  EXPECT_EQ(print_decimal(-1250, 2), "-12.50");
  EXPECT_EQ(print_decimal(5, 2), "0.05");
  EXPECT_EQ(print_decimal(0, 0), "0");
  EXPECT_EQ(print_decimal(-3, 0), "-3");
  const std::string widest = "99999999999999999999999999999.99";
  EXPECT_EQ(print_decimal(*parse_decimal(widest, 2), 2), widest);
}

TEST(FileTrailerDecimals, RefuseWhatIsNoNumberOrDoesNotFit) {
  for (const char* text : {"", "-", ".", "1a", "1.234", "1e5", "1.2.3", "--1"}) {
    EXPECT_FALSE(parse_decimal(text, 2)) << text;
  }
  EXPECT_FALSE(parse_decimal(std::string(39, '9'), 0));
}

}  // namespace
}  // namespace copybridge::adapters
