// `copybridge bench`, run as a user runs it: its figures fit each other and its output is decode's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::ebcdic;
using support::from_hex;
using support::run;
using testing::HasSubstr;

constexpr const char* kCopybook = R"(       01  STOCK.
           05  STOCK-ID        PIC 9(4).
           05  STOCK-NAME      PIC X(6).
           05  STOCK-QUANTITY  PIC S9(3) COMP-3.
)";

constexpr std::string_view kLine =
    "{\"STOCK-ID\":1,\"STOCK-NAME\":\"BOLT\",\"STOCK-QUANTITY\":-12}\n";

class BenchCommand : public testing::Test {
 protected:
  BenchCommand() {
    folder_.write("stock.cpy", kCopybook);
    std::string records;
    for (int i = 0; i < 50'000; ++i) records += ebcdic("0001BOLT  ") + from_hex("012D");
    folder_.write("stock.dat", records);
  }

  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
};

std::string digest_of(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("[0-9a-f]{64}")) ? found[0].str() : "";
}

TEST_F(BenchCommand, MakesWhatDecodeMakesWithAnyNumberOfThreads) {
  const std::string expected =
      digest_of(shell("copybridge decode -c stock.cpy stock.dat | sha256sum").out);
  ASSERT_NE(expected, "");
  for (const char* threads : {"1", "2", "5"}) {
    const CommandResult result =
        shell("copybridge bench -c stock.cpy stock.dat --runs 1 --threads " + std::string(threads));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(digest_of(result.out), expected) << result.out;
    EXPECT_THAT(result.out, HasSubstr("50000 records, 0 rejected, 600000 bytes in"));
  }
}

TEST_F(BenchCommand, PrintsOneJsonObject) {
  const CommandResult result = shell(
      "copybridge bench -c stock.cpy stock.dat --runs 3 --json | python3 -c 'import json,sys\n"
      "o = json.load(sys.stdin)\n"
      "assert abs(o[\"mb_per_s_in\"] - o[\"bytes_in\"] / o[\"seconds\"] / 1e6) < 0.01 * "
      "o[\"mb_per_s_in\"]\n"
      "assert o[\"threads\"] == 1 and o[\"instruction_set\"] in (\"portable\", \"avx2\", "
      "\"avx512\")\n"
      "print(o[\"records\"], o[\"bytes_in\"], o[\"bytes_out\"])'");
  EXPECT_EQ(result.out, "50000 600000 " + std::to_string(50'000 * kLine.size()) + "\n")
      << result.err;
}

TEST_F(BenchCommand, MakesWhatEncodeMakesOfWhatDecodeMakes) {
  folder_.write("few.dat",
                ebcdic("0001BOLT  ") + from_hex("012D") + ebcdic("0002NUT   ") + from_hex("345A"));
  for (const char* format : {"--recfm F", "--recfm VB --bdw yes"}) {
    const std::string options = std::string("-c stock.cpy ") + format;
    // Framed anew, so that the format has them.
    ASSERT_EQ(shell("copybridge decode -c stock.cpy few.dat | copybridge encode " + options +
                    " >framed.dat")
                  .exit_code,
              0);
    const std::string expected =
        digest_of(shell("copybridge decode " + options + " framed.dat | copybridge encode " +
                        options + " | sha256sum")
                      .out);
    ASSERT_NE(expected, "");
    const CommandResult result =
        shell("copybridge bench --encode --runs 2 " + options + " framed.dat");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(digest_of(result.out), expected) << result.out;
    EXPECT_THAT(result.out, HasSubstr("2 records, 0 rejected"));
    EXPECT_THAT(result.out, HasSubstr("times decode's time"));
  }
}

TEST_F(BenchCommand, CountsRejectedRecordsAndSaysSoByItsExitCode) {
  folder_.write("bad.dat",
                ebcdic("0001BOLT  ") + from_hex("01AA") + ebcdic("0001NUT   ") + from_hex("012C"));
  const CommandResult result = shell("copybridge bench -c stock.cpy bad.dat --runs 1");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("2 records, 1 rejected"));
}

TEST_F(BenchCommand, ReportsBrokenFramingAsDecodeDoes) {
  folder_.write("short.dat", ebcdic("0001BO"));
  const CommandResult result = shell("copybridge bench -c stock.cpy short.dat --runs 1");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("the stream ends at byte 6"));
}

}  // namespace
}  // namespace copybridge
