// TYPEDEF, TYPE and SAME AS.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::HasSubstr;

TEST(Types, GiveTheirItemsToWhatIsOfThem) {
  const Layout layout = free_layout(
      "01 DATE-T IS TYPEDEF. 05 YY PIC 9(4). 05 MM PIC 99. "
      "01 R. 03 BORN TYPE DATE-T. 03 PAID TYPE TO DATE-T OCCURS 2. 03 Z PIC X.");
  EXPECT_EQ(layout.size_max, 19U);
  const Item& paid = item_of(layout, "PAID");
  EXPECT_EQ(paid.offset, 6U);
  EXPECT_EQ(paid.size, 6U);
  ASSERT_EQ(paid.children.size(), 2U);
  EXPECT_EQ(layout.items[paid.children[1]].name, "MM");
  EXPECT_EQ(item_of(layout, "Z").offset, 18U);
}

TEST(Types, TakeNoStorage) {
  const ParseOutcome outcome = parse_free("01 T TYPEDEF PIC X. 01 R. 05 A TYPE T.");
  ASSERT_EQ(outcome.copybook.records.size(), 1U);
  EXPECT_EQ(outcome.copybook.records[0].name(), "R");
}

TEST(Types, GiveTheirDescriptionToElementaryItems) {
  const Layout layout = free_layout(
      "01 MONEY TYPEDEF PIC S9(5)V99 COMP-3 VALUE 1. 88 NONE VALUE 0. "
      "01 R. 05 A TYPE MONEY VALUE 2. 05 B TYPE MONEY.");
  EXPECT_EQ(item_of(layout, "A").size, 4U);
  EXPECT_EQ(item_of(layout, "A").usage, Usage::packed);
  EXPECT_EQ(item_of(layout, "A").value->text, "2");
  EXPECT_EQ(item_of(layout, "B").value->text, "1");
  ASSERT_EQ(item_of(layout, "B").conditions.size(), 1U);
  EXPECT_EQ(item_of(layout, "B").conditions[0].name, "NONE");
}

TEST(Types, AreUsagesToo) {
  const Layout layout = free_layout(
      "01 DATE-T IS TYPEDEF. 05 YY PIC 9(4). 05 MM PIC 99. "
      "01 R. 05 A USAGE IS DATE-T. 05 B USAGE DATE-T OCCURS 3. 05 C PIC X.");
  EXPECT_EQ(layout.size_max, 25U);
  EXPECT_EQ(item_of(layout, "B").children.size(), 2U);
}

// Sizes as cobc has them.
TEST(SameAs, GivesTheDescriptionOfAnItemInFront) {
  const ParseOutcome right = parse_free(
      "01 A. 05 B PIC X(3). 05 G. 10 C PIC 9(4) COMP. 10 D PIC X. "
      "01 E. 05 F SAME AS A. 05 H PIC X(2). 05 I SAME AS G OF A. 05 K SAME AS B OF A OCCURS 3. "
      "01 L BASED. 05 M SAME AS G IN F OF E. 05 SAME PIC X. 05 BASED PIC X.");
  EXPECT_THAT(findings(right), testing::IsEmpty());
  ASSERT_EQ(right.copybook.records.size(), 3U);
  const Layout& layout = right.copybook.records[1];
  EXPECT_EQ(layout.size_max, 20U);
  EXPECT_EQ(item_of(layout, "F").size, 6U);
  EXPECT_EQ(item_of(layout, "C OF I").offset, 8U);
  EXPECT_EQ(item_of(layout, "K").size, 3U);
  EXPECT_EQ(right.copybook.records[2].size_max, 5U);
}

TEST(SameAs, NamesOneItemInFrontOfItAndNotAround) {
  const auto finding = [](const std::string& text) { return only_finding(parse_free(text)); };
  EXPECT_THAT(finding("01 R. 05 A SAME AS B. 05 B PIC X."), HasSubstr("no item in front of it is"));
  EXPECT_THAT(finding("01 R. 05 A PIC X. 05 B SAME AS R."), HasSubstr("the item itself is in"));
  EXPECT_THAT(finding("01 Q. 05 A PIC X. 01 R. 05 A PIC X. 05 B SAME AS A."),
              HasSubstr("A is the name of several items: qualify it"));
  EXPECT_THAT(finding("01 R. 05 A PIC X. 05 B SAME AS A PIC X."), HasSubstr("stands beside"));
  EXPECT_THAT(finding("01 R. 05 A PIC X. 05 B SAME A."), HasSubstr("SAME goes on with AS"));
  std::string many = "01 R. 05 A PIC X.";
  for (int i = 0; i < 1001; ++i) many += " 05 B" + std::to_string(i) + " SAME AS A.";
  EXPECT_THAT(finding(many), HasSubstr("more than 1000 items have SAME AS"));
}

TEST(Types, MayHaveItemsOfOtherTypes) {
  const Layout layout = free_layout(
      "01 T1 TYPEDEF. 05 A PIC X. 05 B PIC XX. 01 T2 TYPEDEF. 05 C TYPE T1. 05 D PIC X. "
      "01 R TYPE T2.");
  EXPECT_EQ(layout.size_max, 4U);
  EXPECT_EQ(item_of(layout, "B").offset, 1U);
  EXPECT_EQ(item_of(layout, "B").parent, find_item(layout, "C"));
  EXPECT_EQ(item_of(layout, "D").parent, 0U);
}

TEST(Types, AreNoReasonToRefuseItemsThatAreCalledType) {
  const Layout layout = free_layout(
      "01 R. 05 TYPE PIC X. 05 T OCCURS 2 ASCENDING KEY IS TYPE. 10 TYPE COMP-1. 10 K PIC X.");
  EXPECT_EQ(layout.size_max, 11U);
}

TEST(Types, MistakesAreReported) {
  const auto finding = [](const std::string& text) { return only_finding(parse_free(text)); };
  EXPECT_THAT(finding("01 R. 05 A TYPE T."), HasSubstr("no TYPEDEF before it defines T"));
  EXPECT_THAT(finding("01 T TYPEDEF PIC X. 01 R. 05 A TYPE T PIC X."), HasSubstr("TYPE stands"));
  EXPECT_THAT(finding("01 R. 05 A TYPEDEF PIC X."), HasSubstr("TYPEDEF is for level 01"));
  EXPECT_THAT(finding("01 T TYPEDEF. 49 B PIC X. 01 R. 49 A TYPE T."),
              HasSubstr("too many levels"));
}

TEST(Types, OfTypesOfTypesAreRefusedSoon) {
  std::string text = "01 T0 TYPEDEF. 02 A PIC X. 02 B PIC X. ";
  for (int number = 1; number <= 30; ++number) {
    const std::string below = "TYPE T" + std::to_string(number - 1) + ". ";
    text += "01 T" + std::to_string(number) + " TYPEDEF. 02 A " + below + "02 B " + below;
  }
  EXPECT_TRUE(parse_free(text + "01 R. 02 A TYPE T30.").diagnostics.has_errors());
}

TEST(SqlTypes, AreTheItemsThatDb2MakesOfThem) {
  const Layout layout = free_layout(
      "01 R. 05 ID USAGE IS SQL TYPE IS ROWID. 05 B SQL TYPE BINARY(16) . 05 V USAGE SQL TYPE IS "
      "VARBINARY(10) OCCURS 2. 05 C SQL TYPE IS CLOB(2K). 05 D USAGE IS SQL TYPE IS XML AS "
      "DBCLOB(3). 05 L SQL TYPE IS CLOB-LOCATOR. 05 F SQL TYPE IS BLOB-FILE. 05 SQL PIC X.");
  EXPECT_EQ(item_of(layout, "ID-LEN").usage, Usage::binary);
  EXPECT_EQ(item_of(layout, "ID-TEXT").size, 40U);
  EXPECT_TRUE(item_of(layout, "ID").is_varying_text);
  EXPECT_EQ(item_of(layout, "B").size, 16U);
  EXPECT_EQ(item_of(layout, "V").size, 12U);
  EXPECT_EQ(item_of(layout, "V").occurs_max, 2U);
  EXPECT_EQ(item_of(layout, "C").size, 4U + 2048U);
  EXPECT_EQ(item_of(layout, "D-DATA").size, 6U);
  EXPECT_EQ(item_of(layout, "L").size, 4U);
  EXPECT_EQ(item_of(layout, "F").size, 267U);
  EXPECT_EQ(item_of(layout, "SQL").offset, 42U + 16 + 24 + 2052 + 10 + 4 + 267);
}

TEST(SqlTypes, AreRefusedWhereTheyAreNone) {
  const auto mistake = [](const std::string& clause) {
    return only_finding(parse_free("01 R. 05 A SQL TYPE IS " + clause + "."));
  };
  EXPECT_THAT(mistake("SMALLINT"), HasSubstr("1:24 copybook: this is no SQL TYPE"));
  EXPECT_THAT(mistake("CHAR(5)"), HasSubstr("this is no SQL TYPE"));
  EXPECT_THAT(mistake("CLOB"), HasSubstr("needs its length"));
  EXPECT_THAT(mistake("ROWID SQL TYPE IS ROWID"), HasSubstr("has no PICTURE"));
  EXPECT_THAT(mistake("CLOB(0)"), HasSubstr("needs its length"));
  EXPECT_THAT(mistake("CLOB(3G)"), HasSubstr("needs its length"));
  EXPECT_THAT(mistake("CLOB(5X)"), HasSubstr("needs its length"));
  EXPECT_THAT(mistake("CLOB(99999999999999999999K)"), HasSubstr("needs its length"));
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC X SQL TYPE IS ROWID.")),
              HasSubstr("has no PICTURE"));
  EXPECT_THAT(only_finding(parse_free("01 R. 49 A SQL TYPE IS ROWID.")), HasSubstr("is a group"));
}

}  // namespace
}  // namespace copybridge::copybook
