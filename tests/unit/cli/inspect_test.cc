// `copybridge inspect`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/support/paths.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::ebcdic;
using support::from_hex;
using support::lines_of;
using support::run;
using testing::AllOf;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCopybook = R"(       01  STOCK.
           05  STOCK-ID        PIC 9(4).
           05  STOCK-COUNT     PIC 9.
           05  PART OCCURS 0 TO 3 DEPENDING ON STOCK-COUNT.
               10  PART-NAME   PIC X(3).
               10  PART-PRICE  PIC S9(3) COMP-3.
           05  TEXT-FORM       PIC X(2).
           05  NUMBER-FORM REDEFINES TEXT-FORM PIC 9(2).
)";

class InspectCommand : public testing::Test {
 protected:
  InspectCommand() { folder_.write("stock.cpy", kCopybook); }

  [[nodiscard]] CommandResult inspect(const std::string& arguments) const {
    return run("cd '" + folder_.path().string() + "' && copybridge inspect " + arguments);
  }
  static std::string guess(const std::string& file, const std::string& arguments = {}) {
    const CommandResult result =
        run("copybridge inspect --guess " + arguments + " '" + support::source_path(file) + "'");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  support::TemporaryFolder folder_;
};

std::string with_rdw(const std::string& record) {
  return from_hex("00") + static_cast<char>(record.size() + 4) + from_hex("0000") + record;
}

TEST_F(InspectCommand, ShowsBytesCharactersAndValuesSideBySide) {
  const std::string first =
      ebcdic("00012ABC") + from_hex("012D") + ebcdic("XYZ") + from_hex("345C") + ebcdic("NO");
  folder_.write("stock.v", with_rdw(first) + with_rdw(ebcdic("00020") + ebcdic("12")));
  const CommandResult result = inspect("-c stock.cpy --recfm V stock.v");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("record 1 of stock.v: 17 bytes"));
  EXPECT_THAT(result.out, ContainsRegex("000000  STOCK-ID +F0F0F0F1 +0001 +1\n"));
  EXPECT_THAT(result.out, ContainsRegex("000005  PART.PART-NAME\\(1\\) +C1C2C3 +ABC +\"ABC\"\n"));
  EXPECT_THAT(result.out, ContainsRegex("000008  PART.PART-PRICE\\(1\\) +012D +[^ ]+ +-12\n"));
  EXPECT_THAT(result.out, ContainsRegex("00000D  PART.PART-PRICE\\(2\\) +345C"));
  EXPECT_THAT(result.out, ContainsRegex("00000F  TEXT-FORM +D5D6 +NO +\"NO\"\n"));
  EXPECT_THAT(result.out, ContainsRegex("\\| 00000F  NUMBER-FORM +D5D6 +NO +is no value of 9"));
  EXPECT_THAT(lines_of(result.out), Each(Not(HasSubstr("\x1b"))));
  const CommandResult second = inspect("-c stock.cpy --recfm V --at 2 stock.v");
  EXPECT_THAT(second.out, ContainsRegex("000005  TEXT-FORM +F1F2 +12 +\"12\"\n"));
  EXPECT_THAT(second.out, Not(HasSubstr("PART-NAME")));
}

TEST_F(InspectCommand, MarksWhatIsBadAndWhatTheCopybookDoesNotHave) {
  folder_.write("stock.v", with_rdw(ebcdic("00X11ABC") + from_hex("01AC") + ebcdic("NOMORE")));
  const CommandResult result = inspect("-c stock.cpy --recfm V stock.v");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, ContainsRegex("! 000000  STOCK-ID +F0F0E7F1 +00X1 +is no value"));
  EXPECT_THAT(result.out, ContainsRegex("! 000008  PART.PART-PRICE\\(1\\) +01AC"));
  EXPECT_THAT(result.out, ContainsRegex("00000C  \\(beyond the copybook\\) +D4D6D9C5 +MORE\n"));
  EXPECT_THAT(result.out, HasSubstr("zoned: STOCK-ID at offset 0"));
  folder_.write("short.v", with_rdw(ebcdic("00011AB")));
  EXPECT_THAT(inspect("-c stock.cpy --recfm V short.v").out,
              ContainsRegex("! 000005  PART.PART-NAME\\(1\\) +C1C2 +AB +the record ends here"));
}

TEST_F(InspectCommand, SaysTheSameAsDecodeByOptions) {
  folder_.write(
      "loose.cpy",
      "       01  R.\n           05  A PIC S9(3).\n           05  B PIC 9(3) BLANK WHEN ZERO."
      "\n           05  C PIC S9(4) COMP-3.\n           05  D PIC 9(2).\n");
  folder_.write("loose.dat", ebcdic("1J3   ") + from_hex("12345C") + ebcdic("  "));
  const CommandResult strict = inspect("-c loose.cpy loose.dat");
  EXPECT_EQ(strict.exit_code, 2);
  EXPECT_THAT(strict.out, ContainsRegex("! 000000  A "));
  EXPECT_THAT(strict.out, ContainsRegex("  000003  B +404040 +0\n"));
  EXPECT_THAT(strict.out, ContainsRegex("! 000006  C .*is no value of S9\\(4\\)"));
  const std::string loose = "--lenient overpunch --lenient packed-pad --empty spaces ";
  const CommandResult result = inspect(loose + "-c loose.cpy loose.dat");
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("!")));
  EXPECT_THAT(result.out, ContainsRegex("000000  A +F1D1F3 +1J3 +-113\n"));
  EXPECT_THAT(result.out, ContainsRegex("000006  C +12345C .* 12345\n"));
  EXPECT_THAT(result.out, ContainsRegex("000009  D +4040 +null\n"));
  const CommandResult nulls = inspect("--on-bad-field null -c loose.cpy loose.dat");
  EXPECT_EQ(nulls.exit_code, 0);
  EXPECT_THAT(nulls.out, ContainsRegex("! 000000  A .*null: is no value of S9\\(3\\)"));
}

TEST_F(InspectCommand, OfSharedStorageOnlyTheAlternativeThatIsChosenMustFit) {
  folder_.write("shared.cpy",
                "       01  R.\n           05  KIND PIC X.\n           05  N PIC 9(2).\n"
                "           05  T REDEFINES N PIC X(2).\n");
  folder_.write("shared.dat", ebcdic("TAB"));
  const CommandResult result = inspect("-c shared.cpy shared.dat");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, Not(HasSubstr("!")));
  EXPECT_THAT(result.out, ContainsRegex("000001  N +C1C2 +AB +is no value of 9"));
  const CommandResult chosen =
      inspect("--redefines \"N WHEN KIND = 'T'\" -c shared.cpy shared.dat");
  EXPECT_EQ(chosen.exit_code, 2) << chosen.err;
  EXPECT_THAT(chosen.out, ContainsRegex("! 000001  N +C1C2 +AB +is no value of 9"));
}

TEST_F(InspectCommand, MarksBadFieldsOfAlternativesThatConditionsChoose) {
  folder_.write("shared.cpy", R"(       01  R.
           05  T OCCURS 2.
               10  KIND  PIC X.
               10  N     PIC S9(3) COMP-3.
               10  A REDEFINES N.
                   15  A1  PIC XX.
                   15  B1 REDEFINES A1 PIC 99.
               10  M     PIC S9(3) COMP-3.
)");
  folder_.write("shared.dat",
                ebcdic("N") + from_hex("FFFFFFFF") + ebcdic("A") + from_hex("FFFFFFFF"));
  for (const char* how : {"null", "raw", "reject"}) {
    const CommandResult result = inspect(
        "--redefines \"N WHEN KIND = 'N'\" --redefines \"A WHEN KIND = 'A'\" "
        "-c shared.cpy shared.dat --on-bad-field " +
        std::string(how));
    EXPECT_THAT(result.out, ContainsRegex("\n! 000001  T.N\\(1\\) ")) << how;
    EXPECT_THAT(result.out, ContainsRegex("\n! 000003  T.M\\(1\\) ")) << how;
    EXPECT_THAT(result.out, ContainsRegex("\n  000006  T.N\\(2\\) ")) << how;
    EXPECT_THAT(result.out, ContainsRegex("\n\\| 000006  T.A.B1\\(2\\) ")) << how;
  }
}

TEST_F(InspectCommand, AcceptsShortRecordsAsDecodeDoes) {
  folder_.write("short.v", with_rdw(ebcdic("00011AB")));
  const CommandResult result = inspect("--short-records accept -c stock.cpy --recfm V short.v");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, Not(HasSubstr("!")));
  EXPECT_THAT(result.out,
              ContainsRegex("PART.PART-NAME\\(1\\) +C1C2 +AB +\"AB\": the record ends here"));
}

TEST_F(InspectCommand, RefusesWhatIsNotThere) {
  folder_.write("stock.v", with_rdw(ebcdic("0002012")));
  EXPECT_THAT(inspect("-c stock.cpy --recfm V --at 2 stock.v").err,
              HasSubstr("there is no record 2: stock.v has 1"));
  EXPECT_EQ(inspect("-c stock.cpy --recfm V --at 2 stock.v").exit_code, 1);
  EXPECT_EQ(inspect("--recfm V stock.v").exit_code, 1);
  EXPECT_EQ(inspect("--guess -c stock.cpy stock.v").exit_code, 1);
  EXPECT_EQ(inspect("--guess nothing.dat").exit_code, 4);
}

TEST_F(InspectCommand, GuessesTheFormatsOfTheSamples) {
  const auto first = [](const std::string& out) { return lines_of(out).at(3); };
  const std::string account = guess("mappings/account/sample/account.dat");
  EXPECT_THAT(first(account),
              AllOf(HasSubstr("--recfm F --lrecl 200 "), HasSubstr("1000 records")));
  EXPECT_THAT(account, ContainsRegex("Code page\n[^\n]*--codepage IBM-(037|1047) "));
  EXPECT_THAT(account, ContainsRegex("Try: copybridge inspect .*--lrecl 200 --codepage IBM-"));
  EXPECT_THAT(first(guess("mappings/policy/sample/policy.vb")),
              AllOf(HasSubstr("--recfm VB --bdw yes"), HasSubstr("489 records of 70 to 498")));
  EXPECT_THAT(first(guess("mappings/policy/sample/policy.v")),
              AllOf(HasSubstr("--recfm V --bdw no"), HasSubstr("489 records")));
  EXPECT_THAT(first(guess("mappings/payment/sample/payment.lp")),
              AllOf(HasSubstr("length-prefixed --length-bytes 4"), HasSubstr("40 records")));
  const std::string text = guess("mappings/policy/policy.cpy");
  EXPECT_THAT(first(text), HasSubstr("--recfm line --codepage ISO-8859-1"));
  EXPECT_THAT(text, ContainsRegex("Code page\n[^\n]*--codepage ISO-8859-1 "));
}

TEST_F(InspectCommand, GuessesNothingOfNothing) {
  folder_.write("empty", "");
  const CommandResult empty = inspect("--guess empty");
  EXPECT_THAT(empty.out, HasSubstr("nothing fits"));
  EXPECT_EQ(empty.exit_code, 0);
  folder_.write("one", "x");
  EXPECT_EQ(inspect("--guess one").exit_code, 0);
}

}  // namespace
}  // namespace copybridge
