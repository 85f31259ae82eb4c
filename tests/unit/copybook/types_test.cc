// TYPEDEF and TYPE.
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

}  // namespace
}  // namespace copybridge::copybook
