// `copybridge decode --threads`: what one thread would print.
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
using testing::SizeIs;
using testing::StartsWith;

constexpr int kRecords = 200'000;
constexpr std::size_t kRecordSize = 12;

/// Records of twelve bytes, many pieces of them, each with its own number.
std::string numbered(int first = 0, int last = kRecords) {
  std::string stream;
  for (int i = first; i < last; ++i) {
    std::string digits = std::to_string(i);
    stream += ebcdic(digits.insert(0, 8 - digits.size(), '0')) + from_hex("40400F0F");
  }
  return stream;
}

std::string line_of(int number) { return "{\"N\":" + std::to_string(number) + ",\"P\":\"\"}"; }

class DecodeThreads : public testing::Test {
 protected:
  DecodeThreads() {
    folder_.write("r.cpy",
                  "       01 R.\n          05 N PIC 9(8).\n          05 P PIC X(2).\n"
                  "          05 FILLER PIC X(2).\n");
  }

  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }
  [[nodiscard]] CommandResult decode(const std::string& arguments) const {
    return shell("copybridge decode -c r.cpy " + arguments);
  }

  support::TemporaryFolder folder_;
};

TEST_F(DecodeThreads, PrintWhatOneThreadPrints) {
  folder_.write("r.dat", numbered());
  const std::string expected = decode("--threads 1 r.dat").out;
  const auto lines = lines_of(expected);
  ASSERT_THAT(lines, SizeIs(kRecords));
  for (int i = 0; i < kRecords; ++i) ASSERT_EQ(lines[static_cast<std::size_t>(i)], line_of(i));
  // The more threads, the smaller the pieces: of 64, fifty.
  for (const char* arguments : {"r.dat", "--threads 2 r.dat", "--threads 64 r.dat"})
    EXPECT_TRUE(decode(arguments).out == expected) << arguments;
  EXPECT_TRUE(shell("cat r.dat | copybridge decode -c r.cpy --threads 3").out == expected);
}

TEST_F(DecodeThreads, PutTogetherRecordsThatAreLongerThanAPiece) {
  constexpr int kLong = 40;
  folder_.write("long.cpy",
                "       01 R.\n          05 N PIC 9(8).\n          05 P PIC X(99992).\n");
  std::string stream;
  for (int i = 0; i < kLong; ++i) {
    stream += numbered(i, i + 1).substr(0, 8) + std::string(99'991, '\x40');
    stream += ebcdic(std::string(1, static_cast<char>('A' + i % 26)));
  }
  folder_.write("r.dat", stream);
  const std::string decode = "copybridge decode -c long.cpy r.dat --threads ";
  const CommandResult expected = shell(decode + "1");
  ASSERT_THAT(lines_of(expected.out), SizeIs(kLong));
  const CommandResult result = shell(decode + "256");
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out == expected.out);
}

TEST_F(DecodeThreads, BeginWhereStandardInputStands) {
  folder_.write("r.dat", numbered());
  const CommandResult result = shell(
      "{ dd bs=12 count=3 status=none of=front; copybridge decode -c r.cpy --threads 64; } <r.dat");
  const auto lines = lines_of(result.out);
  ASSERT_THAT(lines, SizeIs(kRecords - 3));
  EXPECT_EQ(lines.front(), line_of(3));
  EXPECT_EQ(lines.back(), line_of(kRecords - 1));
}

TEST_F(DecodeThreads, NameTheRecordsThatWereRejectedInOrder) {
  std::string stream = numbered();
  const std::vector<std::size_t> bad = {0, 1, 70'000, 70'001, 131'072, 199'999};
  for (const std::size_t record : bad) stream[record * kRecordSize] = '\x40';
  folder_.write("r.dat", stream);
  const CommandResult result = decode("--threads 64 r.dat");
  EXPECT_THAT(lines_of(result.out), SizeIs(kRecords - bad.size()));
  EXPECT_THAT(
      lines_of(result.err),
      ElementsAre(StartsWith("record 1: "), StartsWith("record 2: "), StartsWith("record 70001: "),
                  StartsWith("record 70002: "), StartsWith("record 131073: "),
                  StartsWith("record 200000: "), "decode: 6 of 200000 records rejected"));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(DecodeThreads, ShowTenRejectsHoweverManyThereAre) {
  folder_.write("r.dat", std::string(kRecords * kRecordSize, '\0'));
  const CommandResult result = decode("--threads 4 r.dat");
  const auto lines = lines_of(result.err);
  ASSERT_THAT(lines, SizeIs(11));
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_THAT(lines[i], HasSubstr("record " + std::to_string(i + 1) + ": zoned: N at offset 0"))
        << lines[i];
  EXPECT_EQ(lines[10], "decode: 200000 of 200000 records rejected, the first 10 shown");
  EXPECT_EQ(result.out, "");
}

TEST_F(DecodeThreads, DeliverEverythingInFrontOfATruncatedRecord) {
  folder_.write("r.dat", numbered() + numbered(0, 1).substr(0, 5));
  const CommandResult result = decode("--threads 64 r.dat");
  const auto lines = lines_of(result.out);
  ASSERT_THAT(lines, SizeIs(kRecords));
  EXPECT_EQ(lines.back(), line_of(kRecords - 1));
  EXPECT_THAT(result.err, HasSubstr("found 5 bytes, expected 12 (LRECL)"));
  EXPECT_THAT(result.err, HasSubstr("(after record 200000)"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeThreads, DeliverEverythingInFrontOfBrokenFraming) {
  constexpr int kSound = 150'000;
  std::string stream;
  for (int i = 0; i < kSound; ++i) stream += from_hex("00100000") + numbered(i, i + 1);
  folder_.write("r.v", stream + from_hex("00000000") + stream);
  const CommandResult result = decode("--threads 64 --recfm V --bdw no r.v");
  const auto lines = lines_of(result.out);
  ASSERT_THAT(lines, SizeIs(kSound));
  EXPECT_EQ(lines.back(), line_of(kSound - 1));
  EXPECT_THAT(result.err, StartsWith("framing: RDW at byte 2400000: found 00000000"));
  EXPECT_THAT(result.err, HasSubstr("(after record 150000)"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeThreads, StopAtTheLimitWhereverItFalls) {
  folder_.write("r.dat", numbered());
  for (const int limit : {1, 65'535, 65'536, 65'537, 150'001}) {
    const CommandResult result = decode("--threads 64 --limit " + std::to_string(limit) + " r.dat");
    const auto lines = lines_of(result.out);
    ASSERT_THAT(lines, SizeIs(limit));
    EXPECT_EQ(lines.back(), line_of(limit - 1));
    EXPECT_EQ(result.err, "");
  }
}

TEST_F(DecodeThreads, EndQuietlyWhereTheReaderOfTheirOutputHasGone) {
  folder_.write("r.dat", numbered());
  const CommandResult result =
      shell("{ copybridge decode -c r.cpy --threads 4 r.dat; echo exit $? >&2; } | head -n 1");
  EXPECT_THAT(lines_of(result.out), ElementsAre(line_of(0)));
  EXPECT_EQ(result.err, "exit 0\n");
}

TEST_F(DecodeThreads, FailOnceWhereTheirOutputCannotBeWritten) {
  folder_.write("r.dat", numbered());
  const CommandResult result = decode("--threads 4 r.dat >/dev/full");
  EXPECT_EQ(result.err, "output: cannot write to standard output: No space left on device\n");
  EXPECT_EQ(result.exit_code, 4);
}

}  // namespace
}  // namespace copybridge
