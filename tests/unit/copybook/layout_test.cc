// Offsets and sizes: groups, tables, REDEFINES, DEPENDING ON, SYNCHRONIZED; and finding items.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::uint32_t offset_of(const Layout& layout, const std::string& name) {
  return item_of(layout, name).offset;
}
std::uint32_t size_of(const Layout& layout, const std::string& name) {
  return item_of(layout, name).size;
}

TEST(Layouts, ItemsFollowOneAnother) {
  const Layout layout =
      free_layout("01 R. 05 A PIC X(3). 05 G. 10 B PIC S9(5) COMP-3. 10 C PIC 9. 05 D PIC X.");
  EXPECT_EQ(offset_of(layout, "A"), 0U);
  EXPECT_EQ(offset_of(layout, "G"), 3U);
  EXPECT_EQ(size_of(layout, "G"), 4U);
  EXPECT_EQ(offset_of(layout, "C"), 6U);
  EXPECT_EQ(offset_of(layout, "D"), 7U);
  EXPECT_EQ(layout.size_max, 8U);
  EXPECT_EQ(layout.size_min, 8U);
  EXPECT_EQ(layout.items[0].size, 8U);
}

TEST(Layouts, TablesTakeTheirOccurrences) {
  const Layout layout = free_layout(
      "01 R. 05 T OCCURS 3 TIMES INDEXED BY I J ASCENDING KEY IS A. 10 A PIC X(2). 10 U OCCURS 2. "
      "15 "
      "B PIC X. 05 C PIC X.");
  EXPECT_EQ(size_of(layout, "T"), 4U);
  EXPECT_TRUE(item_of(layout, "T").is_table);
  EXPECT_EQ(item_of(layout, "T").occurs_min, 3U);
  EXPECT_EQ(item_of(layout, "T").occurs_max, 3U);
  EXPECT_EQ(size_of(layout, "U"), 1U);
  EXPECT_EQ(offset_of(layout, "B"), 2U);
  EXPECT_EQ(offset_of(layout, "C"), 12U);
  EXPECT_FALSE(item_of(layout, "A").is_table);
}

TEST(Layouts, UsageAndSignOfGroupsHoldForTheirItems) {
  const Layout layout = free_layout(
      "01 R. 05 G USAGE COMP-3. 10 A PIC S9(5). 10 H. 15 B PIC 9(3). 05 S SIGN LEADING SEPARATE. "
      "10 C "
      "PIC S99. 10 D PIC 99. 10 E PIC S9 SIGN TRAILING. 10 F PIC X.");
  EXPECT_EQ(item_of(layout, "A").usage, Usage::packed);
  EXPECT_EQ(size_of(layout, "B"), 2U);
  EXPECT_EQ(item_of(layout, "C").sign, SignPlace::leading_separate);
  EXPECT_EQ(size_of(layout, "C"), 3U);
  EXPECT_EQ(size_of(layout, "D"), 2U);
  EXPECT_EQ(item_of(layout, "E").sign, SignPlace::trailing);
}

TEST(Layouts, AnItemsOwnUsageWinsOverItsGroups) {
  EXPECT_EQ(item_of(free_layout("01 R COMP. 05 A PIC 9(4) COMP-3."), "A").usage, Usage::packed);
}

// -- REDEFINES

TEST(Redefines, SharesTheOffset) {
  const Layout layout =
      free_layout("01 R. 05 P PIC X. 05 A PIC X(4). 05 B REDEFINES A PIC 9(4). 05 C PIC X.");
  EXPECT_EQ(offset_of(layout, "B"), 1U);
  EXPECT_EQ(offset_of(layout, "C"), 5U);
  EXPECT_EQ(layout.items[item_of(layout, "B").redefines].name, "A");
  EXPECT_EQ(item_of(layout, "A").redefines, kNoItem);
}

TEST(Redefines, TheLargestTakesTheStorage) {
  const Layout layout = free_layout(
      "01 R. 05 A PIC X(4). 05 B REDEFINES A PIC X(9). 05 C REDEFINES A PIC X(2). 05 D PIC X.");
  EXPECT_EQ(offset_of(layout, "C"), 0U);
  EXPECT_EQ(offset_of(layout, "D"), 9U);
}

TEST(Redefines, ChainsLeadToTheFirst) {
  const Layout layout =
      free_layout("01 R. 05 A PIC X(4). 05 B REDEFINES A PIC X(4). 05 C REDEFINES B PIC X(4).");
  EXPECT_EQ(layout.items[item_of(layout, "C").redefines].name, "A");
}

TEST(Redefines, WorksWithGroupsFillersAndInTables) {
  const Layout layout = free_layout(
      "01 R. 05 T OCCURS 2. 10 A PIC X(4). 10 FILLER REDEFINES A. 15 B PIC X. 15 C PIC X(3). 10 D "
      "PIC "
      "X.");
  EXPECT_EQ(offset_of(layout, "C"), 1U);
  EXPECT_EQ(offset_of(layout, "D"), 4U);
  EXPECT_EQ(layout.size_max, 10U);
}

TEST(Redefines, NamesMayRepeatInOtherGroups) {
  const Layout layout = free_layout(
      "01 R. 05 G. 10 A PIC X. 10 B REDEFINES A PIC 9. 05 H. 10 A PIC X. 10 B REDEFINES A PIC 9.");
  EXPECT_EQ(item_of(layout, "B OF H").redefines, find_item(layout, "A OF H"));
}

TEST(Redefines, OtherStorageBetweenIsAMistake) {
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC X. 05 M PIC X. 05 B REDEFINES A PIC X.")),
              HasSubstr("B: it redefines A, which is not the item before it"));
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC X. 05 G. 10 B REDEFINES A PIC X.")),
              HasSubstr("B: it redefines A"));
}

TEST(Redefines, A01MayRedefineAnother) {
  EXPECT_THAT(findings(parse_free("01 A PIC X(4). 01 B REDEFINES A. 05 C PIC 9(4).")), IsEmpty());
}

// -- OCCURS DEPENDING ON

TEST(DependingOn, OffsetsAreThoseOfTheLargestTable) {
  const Layout layout = free_layout(
      "01 R. 05 N PIC 99. 05 T OCCURS 0 TO 10 TIMES DEPENDING ON N. 10 A PIC X(3). 05 Z PIC X.");
  const Item table = item_of(layout, "T");
  EXPECT_EQ(table.occurs_min, 0U);
  EXPECT_EQ(table.occurs_max, 10U);
  EXPECT_EQ(layout.items[table.depending_on].name, "N");
  EXPECT_EQ(offset_of(layout, "Z"), 32U);
  EXPECT_EQ(layout.size_max, 33U);
  EXPECT_EQ(layout.size_min, 3U);
}

TEST(DependingOn, VariableSizeIsAMatterOfTheGroupsAround) {
  const Layout layout = free_layout(
      "01 R. 05 N PIC 9. 05 G. 10 T PIC X OCCURS 1 TO 5 DEPENDING ON N. 05 H. 10 Z PIC X.");
  EXPECT_TRUE(layout.items[0].has_variable_size);
  EXPECT_TRUE(item_of(layout, "G").has_variable_size);
  EXPECT_FALSE(item_of(layout, "T").has_variable_size);
  EXPECT_FALSE(item_of(layout, "H").has_variable_size);
}

TEST(DependingOn, WithoutToBeginsAtOne) {
  const Layout layout = free_layout("01 R. 05 N PIC 9. 05 T PIC X OCCURS 5 DEPENDING ON N.");
  EXPECT_EQ(item_of(layout, "T").occurs_min, 1U);
  EXPECT_EQ(item_of(layout, "T").occurs_max, 5U);
}

TEST(DependingOn, CounterMayBeQualified) {
  const Layout layout = free_layout(
      "01 R. 05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N OF H IN "
      "R.");
  EXPECT_EQ(item_of(layout, "T").depending_on, find_item(layout, "H.N"));
}

TEST(DependingOn, SmallestSizeKnowsTablesInTablesAndAlternatives) {
  const Layout layout = free_layout(
      "01 R. 05 N PIC 9. 05 M PIC 9."
      " 05 T OCCURS 1 TO 3 DEPENDING ON N. 10 A PIC X. 10 U PIC X OCCURS 0 TO 4 DEPENDING ON M."
      " 05 B PIC X(20). 05 C REDEFINES B. 10 V PIC X OCCURS 1 TO 30 DEPENDING ON N.");
  EXPECT_EQ(layout.size_max, 2U + 15U + 30U);
  EXPECT_EQ(layout.size_min, 2U + 1U + 20U);
}

TEST(DependingOn, CounterMayStandInTheTableAround) {
  const Layout layout =
      free_layout("01 R. 05 T OCCURS 2. 10 N PIC 9. 10 U PIC X OCCURS 0 TO 3 DEPENDING ON N.");
  EXPECT_EQ(layout.size_max, 8U);
  EXPECT_EQ(layout.size_min, 2U);
}

struct Refused {
  const char* entries;
  const char* message;
};

class CounterMistakes : public testing::TestWithParam<Refused> {};

TEST_P(CounterMistakes, IsRefused) {
  EXPECT_THAT(only_finding(parse_free(std::string("01 R. ") + GetParam().entries)),
              HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, CounterMistakes,
    testing::Values(
        Refused{"05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.", "counter N is no item"},
        Refused{"05 T PIC X OCCURS 1 TO 5 DEPENDING ON N. 05 N PIC 9.", "stands behind it"},
        Refused{"05 T OCCURS 1 TO 5 DEPENDING ON N. 10 N PIC 9.", "stands behind it"},
        Refused{"05 N PIC X. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.", "not a whole number"},
        Refused{"05 N PIC 9V9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.", "not a whole number"},
        Refused{"05 N PIC 9 OCCURS 2. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.",
                "is in another table"},
        Refused{"05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.",
                "is not the only one"}));

// -- SYNCHRONIZED

TEST(Synchronized, SlackBytesComeBeforeTheItem) {
  const Layout layout = free_layout(
      "01 R. 05 A PIC X. 05 B PIC S9(4) COMP SYNC. 05 C PIC X. 05 D PIC S9(9) COMP SYNC. 05 E PIC "
      "X. "
      "05 F PIC S9(18) COMP SYNC. 05 G PIC X. 05 H COMP-1 SYNC. 05 I PIC X. 05 J COMP-2 SYNC.");
  EXPECT_EQ(offset_of(layout, "B"), 2U);
  EXPECT_EQ(offset_of(layout, "D"), 8U);
  // Doublewords of BINARY are aligned on words.
  EXPECT_EQ(offset_of(layout, "F"), 16U);
  EXPECT_EQ(offset_of(layout, "H"), 28U);
  EXPECT_EQ(offset_of(layout, "J"), 40U);
}

TEST(Synchronized, ChangesNothingOfDisplayAndPacked) {
  EXPECT_EQ(offset_of(free_layout("01 R. 05 A PIC X. 05 B PIC S9(5) COMP-3 SYNC."), "B"), 1U);
}

TEST(Synchronized, SlackBytesEndEachOccurrence) {
  // IBM's own example: COMP-TABLE.
  const Layout layout = free_layout(
      "01 R. 05 COMP-TABLE OCCURS 10 TIMES. 10 COMP-LEVEL-1 PIC X(2). 10 COMP-LEVEL-2 PIC S9(9)V99 "
      "COMP SYNC. 10 COMP-LEVEL-3 PIC X.");
  EXPECT_EQ(offset_of(layout, "COMP-LEVEL-2"), 4U);
  EXPECT_EQ(size_of(layout, "COMP-TABLE"), 16U);
  EXPECT_EQ(layout.size_max, 160U);
}

TEST(Synchronized, SlackBytesOfOccurrencesAreInTheSmallestRecord) {
  const Layout fixed =
      free_layout("01 R. 05 A PIC XX. 05 F OCCURS 3. 10 G PIC X. 10 H PIC S9(9) COMP SYNC.");
  EXPECT_EQ(fixed.size_max, 26U);
  EXPECT_EQ(fixed.size_min, 26U);
  const Layout varying = free_layout(
      "01 R. 05 A PIC 99. 05 F OCCURS 1 TO 3 DEPENDING ON A. 10 G PIC X. 10 H PIC S9(9) COMP "
      "SYNC.");
  EXPECT_EQ(varying.size_max, 26U);
  EXPECT_EQ(varying.size_min, 10U);
}

TEST(Synchronized, SlackOfAGroupsFirstItemStandsBeforeTheGroup) {
  const std::string text = "01 R. 05 A PIC X. 05 G. 10 B PIC S9(9) COMP SYNC.";
  const Layout ibm = free_layout(text);
  EXPECT_EQ(offset_of(ibm, "G"), 4U);
  EXPECT_EQ(size_of(ibm, "G"), 4U);
  const Layout gnucobol = free_layout(text, with_dialect(Dialect::gnucobol));
  EXPECT_EQ(offset_of(gnucobol, "G"), 1U);
  EXPECT_EQ(size_of(gnucobol, "G"), 7U);
  EXPECT_EQ(offset_of(gnucobol, "B"), 4U);
}

TEST(Synchronized, HoldsForAllItemsOfAGroup) {
  EXPECT_EQ(offset_of(free_layout("01 R SYNC. 05 A PIC X. 05 B PIC S9(9) COMP."), "B"), 4U);
}

TEST(Synchronized, GnuCobolAlignsDoublewordsAndMicroFocusNothing) {
  const std::string text = "01 R. 05 A PIC X. 05 B PIC S9(18) COMP SYNC.";
  EXPECT_EQ(offset_of(free_layout(text, with_dialect(Dialect::gnucobol)), "B"), 8U);
  EXPECT_EQ(offset_of(free_layout(text, with_dialect(Dialect::gnucobol_ibm)), "B"), 8U);
  EXPECT_EQ(offset_of(free_layout(text, with_dialect(Dialect::micro_focus)), "B"), 1U);
}

TEST(Synchronized, RedefinitionOffItsBoundaryIsAWarning) {
  const auto outcome =
      parse_free("01 R. 05 P PIC X. 05 A PIC X(4). 05 B REDEFINES A PIC S9(9) COMP SYNC.");
  EXPECT_THAT(only_finding(outcome), HasSubstr("warning 1:"));
  EXPECT_EQ(offset_of(outcome.copybook.records.at(0), "B"), 1U);
}

// -- names

TEST(FindItem, FindsNamesWithoutRegardToCase) {
  const Layout layout = free_layout("01 Rec. 05 Cust-Id PIC X.");
  EXPECT_EQ(find_item(layout, "CUST-ID"), 1U);
  EXPECT_EQ(find_item(layout, "rec"), 0U);
}

TEST(FindItem, QualifiesByAnyGroupAround) {
  const Layout layout =
      free_layout("01 R. 05 G. 10 H. 15 A PIC X. 05 I. 10 H. 15 A PIC X. 05 B PIC X.");
  EXPECT_EQ(find_item(layout, "A OF G"), 3U);
  EXPECT_EQ(find_item(layout, "a in h of i"), 6U);
  EXPECT_EQ(find_item(layout, "I.H.A"), 6U);
  EXPECT_EQ(find_item(layout, "G.A"), 3U);
  EXPECT_EQ(find_item(layout, "A OF G OF R"), 3U);
  EXPECT_EQ(find_item(layout, "A OF B"), kNoItem);
}

TEST(FindItem, CountsCandidates) {
  const Layout layout = free_layout("01 R. 05 G. 10 A PIC X. 05 H. 10 A PIC X.");
  std::size_t candidates = 99;
  EXPECT_EQ(find_item(layout, "A", &candidates), kNoItem);
  EXPECT_EQ(candidates, 2U);
  EXPECT_EQ(find_item(layout, "B", &candidates), kNoItem);
  EXPECT_EQ(candidates, 0U);
  EXPECT_EQ(find_item(layout, "A OF H", &candidates), 4U);
  EXPECT_EQ(candidates, 1U);
}

TEST(FindItem, NeverFindsFillersOrNonsense) {
  const Layout layout = free_layout("01 R. 05 FILLER PIC X. 05 A PIC X.");
  for (const char* name :
       {"FILLER", "", " ", ".", "A OF", "OF A", "A R", "A.", ".A", "A OF OF R"}) {
    EXPECT_EQ(find_item(layout, name), kNoItem) << name;
  }
}

TEST(PathOf, LeavesOutTheRecord) {
  const Layout layout = free_layout("01 R. 05 G. 10 FILLER. 15 A PIC X.");
  EXPECT_EQ(path_of(layout, 3), "G.FILLER.A");
  EXPECT_EQ(path_of(layout, 1), "G");
  EXPECT_EQ(path_of(layout, 0), "R");
}

// -- RENAMES

TEST(Renames, AreKeptWithTheirStorage) {
  const Layout layout = free_layout(
      "01 R. 05 A PIC X(3). 05 G. 10 B PIC S9(5) COMP-3. 10 C PIC X(2). 05 D PIC X. "
      "66 W RENAMES B. 66 V RENAMES A THRU B OF G. 66 U RENAMES G THROUGH D.");
  ASSERT_EQ(layout.items.size(), 9U);
  const Item& one = layout.items[6];
  EXPECT_EQ(one.name, "W");
  EXPECT_EQ(one.level_number, 66);
  EXPECT_EQ(one.renames, one.renames_through);
  EXPECT_EQ(one.offset, 3U);
  EXPECT_EQ(one.size, 3U);
  EXPECT_EQ(layout.items[7].offset, 0U);
  EXPECT_EQ(layout.items[7].size, 6U);
  EXPECT_EQ(layout.items[layout.items[8].renames_through].name, "D");
  EXPECT_EQ(layout.items[8].size, 6U);
  EXPECT_EQ(path_of(layout, 8), "U");
}

TEST(Renames, OfOneItemHasItsClassOfSeveralThatOfTheirCharacters) {
  const Layout layout = free_layout(
      "01 R. 05 A PIC S9(3)V99 COMP-3. 05 B PIC X(3). 05 C PIC 9(4). 05 N PIC N NATIONAL. "
      "05 G. 10 M PIC N(2) NATIONAL. 66 P RENAMES A. 66 Q RENAMES B THRU C. 66 S RENAMES A THRU B. "
      "66 T RENAMES N THRU G. 66 U RENAMES G.");
  EXPECT_EQ(item_of(layout, "P").category, Category::numeric);
  EXPECT_EQ(item_of(layout, "P").scale, 2);
  EXPECT_EQ(item_of(layout, "Q").category, Category::alphanumeric);
  EXPECT_EQ(item_of(layout, "Q").size, 7U);
  EXPECT_EQ(item_of(layout, "S").category, Category::opaque);
  EXPECT_EQ(item_of(layout, "T").category, Category::national);
  EXPECT_EQ(item_of(layout, "U").category, Category::national);
}

TEST(Renames, DoNotCountOtherViewsOfTheSameBytes) {
  const Layout layout = free_layout(
      "01 R. 05 A PIC X(4). 05 B REDEFINES A. 10 C PIC S9(7) COMP-3. 05 D PIC X. "
      "66 W RENAMES A THRU D.");
  EXPECT_EQ(item_of(layout, "W").category, Category::alphanumeric);
}

TEST(Renames, MayHaveConditionNames) {
  const Layout layout =
      free_layout("01 R. 05 A PIC X(2). 88 B VALUE 'AA'. 66 W RENAMES A. 88 C VALUE 'BB'.");
  ASSERT_EQ(item_of(layout, "W").conditions.size(), 1U);
  EXPECT_EQ(item_of(layout, "W").conditions[0].name, "C");
  EXPECT_EQ(item_of(layout, "A").conditions.size(), 1U);
}

TEST(FindItem, TakesAnItemBeforeALevel66OfItsName) {
  const Layout layout = free_layout("01 R. 05 G. 10 A PIC X. 05 B PIC X. 66 A RENAMES B.");
  EXPECT_EQ(find_item(layout, "A"), 2U);
}

TEST(Renames, BelongToTheRecordBeforeThem) {
  const auto outcome = parse_free("01 R. 05 A PIC X. 66 B RENAMES A. 01 S. 05 C PIC X(2).");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_EQ(outcome.copybook.records.at(0).items.size(), 3U);
  EXPECT_EQ(outcome.copybook.records.at(1).items.size(), 2U);
}

// -- OCCURS UNBOUNDED

TEST(Unbounded, TablesHaveAsManyOccurrencesAsTheirCountersCanSay) {
  const Layout layout = free_layout(
      "01 R. 05 N PIC 9(4). 05 M PIC S9(4) COMP. 05 T OCCURS 1 TO UNBOUNDED TIMES DEPENDING ON N. "
      "10 A PIC X(5). 05 U PIC X OCCURS UNBOUNDED DEPENDING ON M.");
  EXPECT_TRUE(item_of(layout, "T").is_unbounded);
  EXPECT_EQ(item_of(layout, "T").occurs_min, 1U);
  EXPECT_EQ(item_of(layout, "T").occurs_max, 9999U);
  EXPECT_EQ(item_of(layout, "U").occurs_max, 32767U);
  EXPECT_EQ(layout.size_min, 12U);
  EXPECT_EQ(layout.size_max, 6U + 5 * 9999 + 32767);
}

TEST(Unbounded, TablesStayWithinTheLargestRecord) {
  const Layout layout = free_layout(
      "01 R. 05 N PIC 9(9) COMP. 05 T OCCURS 1 TO UNBOUNDED DEPENDING ON N. 10 A PIC X(1000). "
      "10 U OCCURS 0 TO UNBOUNDED DEPENDING ON N. 15 B PIC X(10).");
  EXPECT_LE(layout.size_max, kRecordMax);
  EXPECT_GE(item_of(layout, "T").occurs_max, 3000U);
  EXPECT_GE(item_of(layout, "U").occurs_max, 1000U);
}

// -- VARCHAR of DCLGEN

TEST(VaryingText, IsALengthAndATextOfLevel49) {
  const Layout layout = free_layout(
      "01 R. 10 A. 49 A-LEN PIC S9(4) USAGE COMP. 49 A-TEXT PIC X(20). "
      "10 B. 49 B-LEN PIC S9(4) COMP-5. 49 B-TEXT PIC G(20) DISPLAY-1. "
      "10 C. 20 C-LEN PIC S9(4) COMP. 20 C-TEXT PIC X. 10 D. 49 D-LEN PIC 9(4). 49 D-TEXT PIC X. "
      "10 E. 49 E-LEN PIC S9(4) COMP. 49 E-TEXT PIC X. 49 E-MORE PIC X.");
  EXPECT_TRUE(item_of(layout, "A").is_varying_text);
  EXPECT_TRUE(item_of(layout, "B").is_varying_text);
  for (const char* name : {"C", "D", "E", "A-TEXT"}) {
    EXPECT_FALSE(item_of(layout, name).is_varying_text) << name;
  }
}

}  // namespace
}  // namespace copybridge::copybook
