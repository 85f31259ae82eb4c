// Copybooks that mean harm, given to the command line: every command ends with a word about it or
// with its work done, within bounds of memory and processor time that the system enforces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <utility>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::run;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBounds = "ulimit -v 1572864; ulimit -t 10; ";

std::string repeated(std::size_t count, const std::function<std::string(std::size_t)>& part) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part(i);
  return text;
}

std::string number(std::size_t value) { return std::to_string(value); }

/// Every command that reads a copybook, and what it is given.
constexpr std::array<std::pair<const char*, const char*>, 7> kCommands = {{
    {"layout", ""},
    {"layout --json", ""},
    {"schema --as json-schema", ""},
    {"schema --as avro", ""},
    {"decode --conditions --short-records accept --long-records accept --recfm V --bdw no", "data"},
    {"encode --recfm V --bdw no", "lines"},
    {"inspect", "data"},
}};

class HostileCommand : public testing::Test {
 protected:
  HostileCommand() {
    folder_.write("data", std::string("\0\x0E\0\0", 4) + std::string(10, '\xF1'));
    folder_.write("lines", "{\"A\":\"x\"}\n{}\n");
  }

  void copybook(const std::string& text, const std::string& name = "r.cpy") const {
    folder_.write(name, text);
  }

  [[nodiscard]] CommandResult command(const std::string& arguments) const {
    return run("cd '" + folder_.path().string() + "' && " + kBounds + "copybridge " + arguments);
  }

  /// Each ends by itself: a signal's exit code is 128 and more.
  void expect_all_end(const std::string& names_the_cause = "") const {
    for (const auto& [line, input] : kCommands) {
      const CommandResult result =
          command(std::string(line) + " -c r.cpy -I . --source-format free " + input);
      EXPECT_THAT(result.exit_code, AnyOf(0, 1, 2, 3)) << line << ": " << result.err.substr(0, 400);
      EXPECT_THAT(result.err, Not(HasSubstr("bad_alloc"))) << line;
      if (names_the_cause.empty()) continue;
      EXPECT_EQ(result.exit_code, 1) << line;
      EXPECT_THAT(result.err.substr(0, 400), HasSubstr(names_the_cause)) << line;
    }
  }

  support::TemporaryFolder folder_;
};

TEST_F(HostileCommand, TablesOfAThousandMillionAreRefused) {
  copybook("01 R. 05 A PIC X OCCURS 1000000000.");
  expect_all_end("larger than 256 MiB");
  copybook(
      "01 R." +
      repeated(47, [](std::size_t i) { return " " + number(i + 2) + " G OCCURS 1000000000."; }) +
      " 49 A PIC X.");
  expect_all_end("larger than 256 MiB");
}

TEST_F(HostileCommand, TheLargestRecordIsHandled) {
  copybook("01 R. 05 A PIC X OCCURS 268435456.");
  expect_all_end();
}

TEST_F(HostileCommand, ThousandMillionsThatDependOnAnItemAreRefused) {
  copybook("01 R. 02 N PIC 9(9)." +
           repeated(6,
                    [](std::size_t i) {
                      return " " + number(i + 2) + " G OCCURS 0 TO 1000000000 DEPENDING ON N.";
                    }) +
           " 12 A PIC X.");
  expect_all_end("larger than 256 MiB");
}

TEST_F(HostileCommand, TablesThatDependOnTablesThatDependAreHandled) {
  copybook(
      "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 9 DEPENDING ON N. 10 M PIC 9. 10 U OCCURS 0 TO 9 "
      "DEPENDING ON M. 15 K PIC 9. 15 V OCCURS 0 TO 9 DEPENDING ON K. 20 J PIC 9. 20 W OCCURS 0 TO "
      "9 DEPENDING ON J. 25 A PIC X(10).");
  expect_all_end();
  copybook("01 R. 05 T OCCURS 0 TO 9 DEPENDING ON N. 10 N PIC 9.");
  expect_all_end();
  copybook("01 R. 05 N PIC 9." + repeated(20'000, [](std::size_t i) {
             return " 05 T" + number(i) + " PIC X OCCURS 0 TO 9 DEPENDING ON N.";
           }));
  expect_all_end();
}

TEST_F(HostileCommand, CopyOfItselfIsRefused) {
  copybook("COPY r.\n01 R PIC X.\n");
  expect_all_end("copies itself");
  copybook("01 R. COPY r REPLACING ==A== BY ==A A==. 05 A PIC X.\n");
  expect_all_end("copies itself");
  copybook("COPY s.\n");
  copybook("COPY r.\n", "s.cpy");
  expect_all_end("copies itself");
}

TEST_F(HostileCommand, CopyThatMultipliesIsRefused) {
  for (std::size_t i = 0; i < 10; ++i)
    copybook(repeated(20, [&](std::size_t) { return "COPY c" + number(i + 1) + ".\n"; }),
             "c" + number(i) + ".cpy");
  copybook("05 A PIC X.\n", "c10.cpy");
  copybook("01 R.\nCOPY c0.\n");
  expect_all_end("copybook: ");
}

TEST_F(HostileCommand, ReplaceThatGrowsIsRefused) {
  copybook("REPLACE ==A== BY ==" + repeated(50'000, [](std::size_t) { return "B "; }) +
           "==.\n01 R. " + repeated(50'000, [](std::size_t) { return "A "; }));
  expect_all_end("too large");
  copybook(repeated(1'000,
                    [](std::size_t i) {
                      const std::string next = "A" + number(i + 1);
                      return "REPLACE ALSO ==A" + number(i) + "== BY ==" + next + " " + next +
                             "==.\n";
                    }) +
           "01 A0 PIC X.\n");
  expect_all_end();
  copybook("REPLACE ==A== BY ==A A==.\n01 A PIC X.\n");
  expect_all_end();
}

TEST_F(HostileCommand, AMillionItemsAreRefused) {
  copybook("01 R.\n" +
           repeated(1'000'000, [](std::size_t i) { return "05 A" + number(i) + " PIC X.\n"; }));
  expect_all_end("copybook: ");
}

TEST_F(HostileCommand, AsManyItemsAsThereMayBeAreHandled) {
  copybook("01 R.\n" +
           repeated(49'000, [](std::size_t i) { return "05 A" + number(i) + " PIC X.\n"; }));
  expect_all_end();
  copybook("01 R.\n" + repeated(49'000, [](std::size_t) { return "05 A PIC X.\n"; }));
  expect_all_end();
}

TEST_F(HostileCommand, ThousandsOfAlternativesAreHandled) {
  copybook("01 R. 05 A PIC X(10)." + repeated(10'000, [](std::size_t i) {
             return " 05 B" + number(i) + " REDEFINES A. 10 C PIC 9(4). 10 D PIC X(6).";
           }));
  expect_all_end();
  copybook("01 R." + repeated(20'000, [](std::size_t i) {
             return " 05 A" + number(i) + " PIC X. 05 B REDEFINES A" + number(i) + " PIC 9.";
           }));
  expect_all_end();
}

// Encoding would need storage of its own for every one of them.
TEST_F(HostileCommand, LargeAlternativesAreRefusedOrHandled) {
  copybook("01 R. 05 A PIC X(100000000)." + repeated(1'000, [](std::size_t i) {
             return " 05 B" + number(i) + " REDEFINES A PIC X(100000000).";
           }));
  expect_all_end();
  copybook("01 R." +
           repeated(46,
                    [](std::size_t i) {
                      const std::string level = " " + number(i + 2);
                      const std::string name = "A" + number(i);
                      return level + " " + name + " PIC X(9)." + level + " B REDEFINES " + name +
                             ".";
                    }) +
           " 49 A PIC 9.");
  expect_all_end();
}

TEST_F(HostileCommand, MillionsOfConditionNamesAndValuesAreRefusedOrHandled) {
  copybook("01 R. 05 A PIC X.\n" +
           repeated(1'000'000, [](std::size_t i) { return "88 C" + number(i) + " VALUE 'A'.\n"; }));
  expect_all_end();
  copybook("01 R. 05 A PIC X.\n88 C VALUES " +
           repeated(1'000'000, [](std::size_t) { return "'A' "; }) + ".\n");
  expect_all_end();
}

TEST_F(HostileCommand, LongPicturesNamesAndLiteralsAreRefusedOrHandled) {
  copybook("01 R. 05 A PIC " + std::string(5'000'000, 'X') + ".\n");
  expect_all_end();
  // Without constants that parentheses may name, and with one.
  for (const std::string constants : {"", "78 N VALUE 1.\n"}) {
    copybook(constants + "01 R. 05 A PIC " + repeated(100'000, [](std::size_t) { return "X("; }) +
             "1" + std::string(100'000, ')') + ".\n");
    expect_all_end();
  }
  copybook("01 " + std::string(7'000'000, 'N') + " PIC X.\n");
  expect_all_end();
  copybook("01 R. 05 A PIC X VALUE '" + std::string(7'000'000, 'A') + "'.\n");
  expect_all_end();
}

TEST_F(HostileCommand, TheDeepestNestingIsHandled) {
  for (const char* const clause : {".", " OCCURS 1.", " OCCURS 1 TO 1 DEPENDING ON N."}) {
    copybook(
        "01 R. 02 N PIC 9." +
        repeated(47,
                 [&](std::size_t i) { return " " + number(i + 2) + " G" + number(i) + clause; }) +
        " 49 A PIC X.");
    expect_all_end();
  }
}

}  // namespace
}  // namespace copybridge
