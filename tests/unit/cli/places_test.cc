// Headers, trailers, prefixes and short last records on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::ebcdic;
using support::from_hex;
using support::lines_of;
using support::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// No record has a type that could tell it apart.
constexpr const char* kCopybook =
    "       01  FILE-HEADER.\n           05  FILE-DATE PIC 9(8).\n"
    "       01  DETAIL.\n           05  ITEM-NO PIC 9(4).\n           05  ITEM PIC X(4).\n"
    "       01  FILE-TRAILER.\n           05  RECORDS PIC 9(8).\n";
constexpr const char* kHeader = R"({"FILE-DATE":20240131})";
constexpr const char* kBolt = R"({"ITEM-NO":1,"ITEM":"BOLT"})";
constexpr const char* kNut = R"({"ITEM-NO":2,"ITEM":"NUT"})";
constexpr const char* kTrailer = R"({"RECORDS":2})";
constexpr const char* kRecords = "--record header=FILE-HEADER --record trailer=FILE-TRAILER ";

class PlacesCommand : public testing::Test {
 protected:
  PlacesCommand() {
    folder_.write("stock.cpy", kCopybook);
    folder_.write("stock.dat", header_ + details_ + trailer_);
  }
  [[nodiscard]] CommandResult decode(const std::string& arguments) const {
    return shell("copybridge decode -c stock.cpy " + arguments);
  }
  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
  const std::string header_ = ebcdic("20240131");
  const std::string details_ = ebcdic("0001BOLT0002NUT ");
  const std::string trailer_ = ebcdic("00000002");
};

TEST_F(PlacesCommand, DecodesTheFirstAndLastRecordByTheir01) {
  const CommandResult result = decode(std::string(kRecords) + "stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kHeader, kBolt, kNut, kTrailer));
  EXPECT_EQ(result.err, "");
}

TEST_F(PlacesCommand, LeavesHeadersAndTrailersWithoutA01Out) {
  const CommandResult result =
      decode("--record DETAIL --header-records 1 --trailer-records 1 stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(PlacesCommand, TakesAsManyAsAreCounted) {
  folder_.write("stock.dat", header_ + header_ + details_);
  EXPECT_THAT(lines_of(decode("--record DETAIL --record header=file-header --header-records 2 "
                              "stock.dat")
                           .out),
              ElementsAre(kHeader, kHeader, kBolt, kNut));
}

TEST_F(PlacesCommand, SelectsAndFiltersDetailsOnly) {
  EXPECT_THAT(
      lines_of(
          decode(std::string(kRecords) + "--select ITEM --where \"ITEM-NO = 2\" stock.dat").out),
      ElementsAre(kHeader, R"({"ITEM":"NUT"})", kTrailer));
}

TEST_F(PlacesCommand, ReadsHeadersOfAnotherLengthWithoutAnythingBetweenRecords) {
  folder_.write("long.cpy",
                "       01  H.\n           05  A PIC X(3).\n"
                "       01  D.\n           05  B PIC X(2).\n");
  folder_.write("long.dat", ebcdic("HHHAABB"));
  EXPECT_THAT(
      lines_of(
          shell("copybridge decode -c long.cpy --record header=H --recfm copybook long.dat").out),
      ElementsAre(R"({"A":"HHH"})", R"({"B":"AA"})", R"({"B":"BB"})"));
  const CommandResult refused =
      shell("copybridge decode -c long.cpy --record trailer=H --recfm copybook long.dat");
  EXPECT_THAT(refused.err, HasSubstr("the length of a trailer is not known"));
  EXPECT_EQ(refused.exit_code, 1);
}

TEST_F(PlacesCommand, InspectsThemByTheir01) {
  const auto inspect = [&](const std::string& at) {
    return shell("copybridge inspect -c stock.cpy " + std::string(kRecords) + at + " stock.dat")
        .out;
  };
  EXPECT_THAT(inspect("--at 1"), HasSubstr("FILE-DATE"));
  EXPECT_THAT(inspect("--at 2"), HasSubstr("ITEM-NO"));
  EXPECT_THAT(inspect("--at 4"), HasSubstr("RECORDS"));
}

TEST_F(PlacesCommand, TakesMappingsByTheirPlace) {
  const auto mapping = [&](const std::string& name, const std::string& more) {
    folder_.write(name + ".yaml",
                  "name: " + name + "\ncopybook: stock.cpy\nevent: {type: t}\n" + more);
  };
  mapping("header", "record: FILE-HEADER\nplace: header\n");
  mapping("detail", "record: DETAIL\n");
  mapping("trailer", "record: FILE-TRAILER\nplace: trailer\nmatch: RECORDS > 1\n");
  const std::string all = "copybridge decode -m detail.yaml -m header.yaml -m trailer.yaml ";
  EXPECT_THAT(lines_of(shell(all + "stock.dat").out), ElementsAre(kHeader, kBolt, kNut, kTrailer));
  folder_.write("one.dat", header_ + details_ + ebcdic("00000001"));
  const CommandResult unmatched = shell(all + "one.dat");
  EXPECT_THAT(lines_of(unmatched.out), ElementsAre(kHeader, kBolt, kNut));
  EXPECT_THAT(unmatched.err, HasSubstr("record 4: no mapping matches the record"));
  EXPECT_THAT(
      lines_of(shell("copybridge decode -m detail.yaml --header-records 1 --trailer-records 1 "
                     "stock.dat")
                   .out),
      ElementsAre(kBolt, kNut));
}

TEST_F(PlacesCommand, NamesWhatIsWrongWithThem) {
  const auto refused = [&](const std::string& arguments, const std::string& message) {
    const CommandResult result = decode(arguments + " stock.dat");
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(result.exit_code, 1) << arguments;
    EXPECT_EQ(result.out, "");
  };
  refused("--record first=DETAIL", "is neither NAME, header=NAME nor trailer=NAME");
  refused("--record header=", "is neither NAME");
  refused("--record DETAIL --record FILE-HEADER", "DETAIL was named for that before");
  refused("--record header=NO-SUCH", "has no record NO-SUCH; it has:");
  refused("--record header=FILE-HEADER", "has several records; choose one with --record");
  EXPECT_THAT(shell("copybridge layout -c stock.cpy --record header=FILE-HEADER").err,
              HasSubstr("headers and trailers have no meaning here"));
  EXPECT_THAT(shell("copybridge schema -c stock.cpy --as avro " + std::string(kRecords)).err,
              HasSubstr("name one record"));
}

TEST_F(PlacesCommand, CutsBytesOffRecordsThatTheCopybookDoesNotHave) {
  folder_.write("dump.dat", from_hex("FFFF") + ebcdic("0001BOLT") + from_hex("00FFFF") +
                                ebcdic("0002NUT ") + from_hex("00"));
  const std::string cut = "--record DETAIL --record-prefix 2 --record-suffix 1 ";
  EXPECT_THAT(lines_of(decode(cut + "dump.dat").out), ElementsAre(kBolt, kNut));
  EXPECT_THAT(shell("copybridge encode -c stock.cpy " + cut + "-").err,
              HasSubstr("bytes that are cut off records are not known"));
}

TEST_F(PlacesCommand, TakesAShortLastRecordWhereShortRecordsAreAccepted) {
  folder_.write("short.dat", ebcdic("0001BOLT0002NU"));
  const CommandResult refused = decode("--record DETAIL short.dat");
  EXPECT_THAT(lines_of(refused.out), ElementsAre(kBolt));
  EXPECT_THAT(refused.err, HasSubstr("found 6 bytes, expected 8 (LRECL)"));
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(lines_of(decode("--record DETAIL --short-records accept short.dat").out),
              ElementsAre(kBolt, R"({"ITEM-NO":2,"ITEM":"NU"})"));
  EXPECT_THAT(lines_of(decode("--record DETAIL --short-records pad short.dat").out),
              ElementsAre(kBolt, R"({"ITEM-NO":2,"ITEM":"NU"})"));
  const CommandResult rejected = decode("--record DETAIL --short-last yes short.dat");
  EXPECT_THAT(rejected.err, HasSubstr("record 2: "));
  EXPECT_EQ(rejected.exit_code, 2);
}

TEST_F(PlacesCommand, BoundsBlocksByTheirSize) {
  folder_.write("stock.jsonl", std::string(kBolt) + "\n" + kNut + "\n");
  const auto encode = [&](const std::string& arguments) {
    return shell("copybridge encode -c stock.cpy --record DETAIL " + arguments + " stock.jsonl");
  };
  folder_.write("stock.vb", encode("--recfm VB --block-size 16").out);
  EXPECT_EQ(encode("--recfm VB --block-size 16").out,
            from_hex("0010 0000 000C 0000") + ebcdic("0001BOLT") + from_hex("0010 0000 000C 0000") +
                ebcdic("0002NUT "));
  EXPECT_EQ(encode("--recfm FB --bdw yes --block-size 20").out,
            from_hex("00140000") + ebcdic("0001BOLT0002NUT "));
  EXPECT_THAT(lines_of(decode("--record DETAIL --recfm VB --block-size 16 stock.vb").out),
              ElementsAre(kBolt, kNut));
  folder_.write("large.vb", encode("--recfm VB").out);
  const CommandResult broken = decode("--record DETAIL --recfm VB --block-size 16 large.vb");
  EXPECT_THAT(broken.err, HasSubstr("BDW at byte 0: found 001C0000, a length of 28, expected a "
                                    "length from 8 to 16"));
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(decode("--record DETAIL --recfm FB --block-size 16 stock.dat").err,
              HasSubstr("block_size has no meaning without block descriptor words"));
}

}  // namespace
}  // namespace copybridge
