// `copybridge decode --redefines`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::ebcdic;
using support::lines_of;
using support::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kPayment = R"(       01  PAYMENT.
           05  KIND            PIC X.
           05  CARD.
               10  CARD-NUMBER PIC 9(4).
           05  CASH REDEFINES CARD.
               10  CASH-DESK   PIC X(2).
               10  FILLER      PIC X(2).
)";

class RedefinesOption : public testing::Test {
 protected:
  RedefinesOption() {
    folder_.write("payment.cpy", kPayment);
    folder_.write("payment.dat", ebcdic("C1234") + ebcdic("DA7  ") + ebcdic("Z9999"));
  }
  [[nodiscard]] CommandResult choose(const std::string& arguments) const {
    return run("cd '" + folder_.path().string() + "' && copybridge decode -c payment.cpy " +
               arguments + " payment.dat");
  }
  support::TemporaryFolder folder_;
  static constexpr const char* kBoth =
      R"(--redefines "CARD WHEN KIND = 'C'" --redefines "cash when KIND = 'D'" )";
};

TEST_F(RedefinesOption, TakesTheAlternativeWhoseConditionHolds) {
  const CommandResult result = choose(kBoth);
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"KIND":"C","CARD":{"CARD-NUMBER":1234}})",
                                                R"({"KIND":"D","CASH":{"CASH-DESK":"A7"}})"));
  EXPECT_THAT(result.err, HasSubstr("record 3: redefines: "));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(RedefinesOption, IsAlsoOneOfTheWayBackAndOfSchemas) {
  folder_.write("payment.dat", ebcdic("C1234") + ebcdic("DA7  "));
  const std::string flags = std::string("-c payment.cpy ") + kBoth;
  const auto in_folder = [this](const std::string& command) {
    return run("cd '" + folder_.path().string() + "' && " + command);
  };
  EXPECT_EQ(
      in_folder("copybridge decode " + flags + "payment.dat | copybridge encode " + flags).out,
      ebcdic("C1234") + ebcdic("DA7  "));
  const CommandResult wrong =
      in_folder(R"(echo '{"KIND":"C","CASH":{"CASH-DESK":"A7"}}' | copybridge encode )" + flags);
  EXPECT_THAT(wrong.err, HasSubstr("line 1: /CASH: the record's fields choose alternative CARD"));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(in_folder("copybridge schema --as json-schema " + flags).out,
            in_folder("copybridge schema --as json-schema -c payment.cpy").out);
  const CommandResult mistaken = in_folder(
      R"(copybridge schema --as json-schema -c payment.cpy --redefines "CARD WHEN WHAT = 1")");
  EXPECT_THAT(mistaken.err, HasSubstr("--redefines:1:11: error"));
  EXPECT_EQ(mistaken.exit_code, 1);
}

TEST_F(RedefinesOption, LeavesNullsWhereNoneHoldsAndBadFieldsAreNull) {
  const CommandResult result = choose(std::string(kBoth) + "--on-bad-field null --list-errors");
  ASSERT_THAT(lines_of(result.out), SizeIs(3));
  EXPECT_EQ(lines_of(result.out)[2], R"({"KIND":"Z","CARD":null,"CASH":null,"_errors":["CARD"]})");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(RedefinesOption, NamesWhatIsWrongWithIt) {
  const auto refused = [this](const std::string& text, const std::string& message) {
    const CommandResult result = choose("--redefines \"" + text + "\"");
    EXPECT_THAT(result.err, HasSubstr(message)) << text;
    EXPECT_EQ(result.exit_code, 1) << text;
    EXPECT_EQ(result.out, "");
  };
  refused("CARD", "has no WHEN");
  refused("CHEQUE WHEN KIND = 'Q'", "'CHEQUE' is no item of the record");
  refused("KIND WHEN KIND = 'Q'", "neither redefines an item nor is redefined");
  refused("CARD WHEN KIND = 'Q\" --redefines \"CARD WHEN KIND = 'R'", "has a condition already");
  refused("CARD WHEN COLOUR = 'Q'", "--redefines:1:11: error: ");
}

TEST_F(RedefinesOption, MeasuresRecordsAsTheyAreWrittenBack) {
  folder_.write("kinds.cpy", R"(       01  R.
           05  KIND   PIC X.
           05  ROOT   PIC X(6).
           05  LEAF REDEFINES ROOT PIC X(2).
           05  LIST REDEFINES ROOT.
               10  N  PIC 9.
               10  T  PIC X OCCURS 0 TO 3 DEPENDING ON N.
)");
  const std::string flags =
      R"(-c kinds.cpy --redefines "ROOT WHEN KIND = 'R'" --redefines "LEAF WHEN KIND = 'L'" )"
      R"(--redefines "LIST WHEN KIND = 'T'" )";
  folder_.write("kinds.yaml", R"(name: kinds
copybook: kinds.cpy
redefines:
  - {item: ROOT, when: KIND = 'R'}
  - {item: LEAF, when: KIND = 'L'}
  - {item: LIST, when: KIND = 'T'}
event: {type: t}
)");
  const auto back = [this](const std::string& decode, const std::string& encode) {
    const CommandResult result = run("cd '" + folder_.path().string() + "' && copybridge decode " +
                                     decode + " kinds.dat | copybridge encode " + encode);
    EXPECT_EQ(result.err, "");
    return result.out;
  };
  const std::string ending = "--record-end alternative --recfm copybook";
  // Tables that vary end the record; other alternatives have the storage of the largest.
  std::string records = ebcdic("Rabcdef") + ebcdic("Lab    ") + ebcdic("T1x") + ebcdic("T3xyz");
  folder_.write("kinds.dat", records);
  EXPECT_EQ(back(flags + "--recfm copybook", flags + "--recfm copybook"), records);
  EXPECT_EQ(back("-m kinds.yaml --recfm copybook", "--mapping kinds.yaml --recfm copybook"),
            records);
  // Each ends with its own last byte.
  records = ebcdic("Rabcdef") + ebcdic("Lab") + ebcdic("T1x") + ebcdic("Lcd");
  folder_.write("kinds.dat", records);
  EXPECT_EQ(back(flags + ending, flags + ending), records);
  // All are of one size.
  records = ebcdic("Rabcdef") + ebcdic("Lab    ") + ebcdic("T1x    ") + ebcdic("T0     ");
  folder_.write("kinds.dat", records);
  EXPECT_EQ(back(flags, flags), records);
  EXPECT_EQ(back("-m kinds.yaml", "--mapping kinds.yaml"), records);
}

}  // namespace
}  // namespace copybridge
