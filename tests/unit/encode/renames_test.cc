// Level 66 as members of their own, and what encoding makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using testing::HasSubstr;

constexpr const char* kDate =
    "01 R. 05 YY PIC 9(4). 05 MM PIC 9(2). 05 DD PIC 9(2). 66 DAY RENAMES YY THRU DD. "
    "66 MONTH RENAMES MM.";

plan::PlanOptions renaming() {
  plan::PlanOptions options = options_of();
  options.renames = true;
  return options;
}

TEST(Renames, AreNoMembersUnlessAskedFor) {
  EXPECT_EQ(decode(kDate, hex_of("20261127")), R"({"YY":2026,"MM":11,"DD":27})");
}

TEST(Renames, OfSeveralItemsAreTextOfOneItsOwnValue) {
  EXPECT_EQ(round_trip(kDate, hex_of("20261127"), renaming()),
            R"({"YY":2026,"MM":11,"DD":27,"DAY":"20261127","MONTH":11})");
}

TEST(Renames, OfBytesThatAreNoCharactersAreHexadecimal) {
  EXPECT_EQ(round_trip("01 R. 05 A PIC X. 05 B PIC S9(3) COMP-3. 66 W RENAMES A THRU B.", "C1123C",
                       renaming()),
            R"({"A":"A","B":123,"W":"C1123C"})");
}

TEST(Renames, OfANationalGroupAreNational) {
  EXPECT_EQ(round_trip("01 R. 05 G GROUP-USAGE NATIONAL. 10 A PIC N. 10 B PIC N. 66 W RENAMES G.",
                       "00614E2D", renaming()),
            R"({"G":{"A":"a","B":"中"},"W":"a中"})");
}

TEST(Renames, StandBehindAllMembersInTheStyleOfNames) {
  plan::PlanOptions options = renaming();
  options.names = plan::Names::snake;
  options.keep_raw = true;
  EXPECT_EQ(round_trip("01 R. 05 G. 10 A-B PIC X(2). 66 A-ALL RENAMES A-B.", "C1C2", options),
            R"({"g":{"a_b":"AB"},"a_all":"AB","_raw":"C1C2"})");
}

TEST(Renames, AreFoundBehindATableThatMovesThem) {
  const std::string copybook =
      "01 R. 05 N PIC 9. 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N. 05 G. 10 A PIC X. 10 B PIC 9. "
      "05 U PIC X(2) OCCURS 0 TO 3 DEPENDING ON N. 66 W RENAMES A THRU B. 66 V RENAMES B. "
      "66 M RENAMES N.";
  EXPECT_EQ(round_trip(copybook, hex_of("1xA7yy"), renaming()),
            R"({"N":1,"T":["x"],"G":{"A":"A","B":7},"U":["yy"],"W":"A7","V":7,"M":1})");
  EXPECT_EQ(round_trip(copybook, hex_of("0A7"), renaming()),
            R"({"N":0,"T":[],"G":{"A":"A","B":7},"U":[],"W":"A7","V":7,"M":0})");
  plan::PlanOptions selected = renaming();
  selected.select = {"V"};
  EXPECT_EQ(decode(copybook, hex_of("2xyA7xxyy"), selected), R"({"V":7})");
}

TEST(Renames, OfAnAlternativeThatDoesNotFitAreNull) {
  const std::string copybook =
      "01 R. 05 A PIC X(3). 05 B REDEFINES A PIC 9(3). 05 C PIC X. 66 W RENAMES B.";
  EXPECT_EQ(round_trip(copybook, hex_of("1237"), renaming()),
            R"({"A":"123","B":123,"C":"7","W":123})");
  EXPECT_EQ(round_trip(copybook, hex_of("abc7"), renaming()),
            R"({"A":"abc","B":null,"C":"7","W":null})");
}

TEST(Renames, WithinSharedStorageThatMovesThemAreWithheld) {
  const std::string copybook =
      "01 R. 05 N PIC 9. 05 A PIC X(4). 05 B REDEFINES A. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON N. "
      "10 C PIC X. 66 W RENAMES C. 66 V RENAMES A.";
  EXPECT_THAT(mistakes_of(copybook, renaming()), HasSubstr("level 66 W is not printed"));
  EXPECT_EQ(decode(copybook, hex_of("1abcd"), renaming()),
            R"({"N":1,"A":"abcd","B":{"T":["a"],"C":"b"},"V":"abcd"})");
}

TEST(Renames, BadBytesAreBadData) {
  EXPECT_THAT(decode("01 R. 05 A PIC 9(2). 66 W RENAMES A.", hex_of("ab"), renaming()),
              HasSubstr("misfit: zoned: A at offset 0"));
}

TEST(Renames, HaveConditionNames) {
  plan::PlanOptions options = renaming();
  options.conditions = true;
  EXPECT_EQ(round_trip("01 R. 05 A PIC X. 05 B PIC X. 66 W RENAMES A THRU B. 88 C VALUE 'AB'. "
                       "88 D VALUE 'CD'.",
                       "C1C2", options),
            R"({"A":"A","B":"B","W":"AB","C":true})");
}

TEST(Renames, ShowNothingThatIsMaskedOrDropped) {
  const std::string copybook =
      "01 R. 05 A PIC X(2). 05 B PIC X(2). 66 W RENAMES A THRU B. 66 V RENAMES B.";
  plan::PlanOptions options = renaming();
  plan::FieldRule rule;
  rule.item = item_of(*layout_of(copybook), "B");
  rule.mask = plan::MaskRule{};
  options.rules = {rule};
  EXPECT_EQ(decode(copybook, hex_of("abcd"), options), R"({"A":"ab","B":"**","V":"**"})");
  EXPECT_THAT(mistakes_of(copybook, options),
              HasSubstr("level 66 W is not printed: B is masked or dropped"));
  options.rules[0].mask.reset();
  options.rules[0].drop = true;
  EXPECT_EQ(decode(copybook, hex_of("abcd"), options), R"({"A":"ab"})");
}

TEST(Renames, TakeRulesOfTheirOwn) {
  plan::PlanOptions options = renaming();
  plan::FieldRule rule;
  rule.item = item_of(*layout_of(kDate), "DAY");
  rule.name = "date";
  rule.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  options.rules = {rule};
  EXPECT_EQ(round_trip(kDate, hex_of("20261127"), options),
            R"({"YY":2026,"MM":11,"DD":27,"date":"2026-11-27","MONTH":11})");
  options.renames = false;
  EXPECT_THAT(mistakes_of(kDate, options), HasSubstr("DAY is a level 66, which only 'renames'"));
}

TEST(Renames, MayBeMissingButMustNotContradictWhenEncoding) {
  EXPECT_EQ(encode(kDate, R"({"YY":2026,"MM":11,"DD":27})", renaming()), hex_of("20261127"));
  EXPECT_EQ(
      encode(kDate, R"({"DAY":"20261127","YY":2026,"MM":11,"DD":27,"MONTH":1.1e1})", renaming()),
      hex_of("20261127"));
  EXPECT_EQ(encode(kDate, R"({"YY":2026,"MM":11,"DD":28,"DAY":"20261127"})", renaming()),
            "refused: /DAY: DAY renames items whose values say otherwise");
  EXPECT_EQ(encode(kDate, R"({"YY":2026,"MM":11,"DD":28,"MONTH":null})", renaming()),
            "refused: /MONTH: MONTH renames items whose values say otherwise");
  EXPECT_THAT(encode(kDate, R"({"YY":2026,"MM":11,"DD":28,"MONTH":"x"})", renaming()),
              HasSubstr("is no number"));
  EXPECT_THAT(encode(kDate, R"({"YY":2026,"MM":11,"DD":28,"MONTH":{"a":[1]}})", renaming()),
              HasSubstr("is no number"));
}

TEST(Renames, StayBesideAChangedItemOfTheRecordInRaw) {
  plan::PlanOptions options = renaming();
  options.keep_raw = true;
  EXPECT_EQ(encode(kDate,
                   R"({"YY":2026,"MM":11,"DD":28,"DAY":"20261127","MONTH":11,"_raw":")" +
                       hex_of("20261127") + R"("})",
                   options),
            hex_of("20261128"));
  EXPECT_THAT(encode(kDate,
                     R"({"YY":2026,"MM":11,"DD":28,"DAY":"20261126","MONTH":11,"_raw":")" +
                         hex_of("20261127") + R"("})",
                     options),
              HasSubstr("/DAY: DAY renames items"));
}

TEST(Renames, BehindTheEndOfAShortRecordAreNull) {
  plan::PlanOptions options = renaming();
  options.short_records = plan::Acceptance::accept;
  EXPECT_EQ(round_trip(kDate, hex_of("2026"), options),
            R"({"YY":2026,"MM":null,"DD":null,"DAY":"2026","MONTH":null})");
}

}  // namespace
}  // namespace copybridge::test
