// Copybooks that mean harm: refused with a diagnostic, in bounded time and memory.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

TEST(Hostile, HugeTablesAreRefused) {
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC X OCCURS 999999999.")),
              HasSubstr("A the record is larger than 256 MiB"));
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC X OCCURS 99999999999999999999.")),
              HasSubstr("larger than 256 MiB"));
}

TEST(Hostile, ManyLargeItemsAreRefusedOnce) {
  std::string text = "01 R.";
  for (int i = 0; i < 40'000; ++i) text += " 05 A PIC X(268435456).";
  EXPECT_THAT(findings(parse_free(text)), testing::ElementsAre(HasSubstr("larger than 256 MiB")));
}

TEST(Hostile, TablesInTablesAreMultipliedWithoutOverflow) {
  std::string text = "01 R.";
  for (int level = 2; level <= 48; ++level) {
    text += " " + std::to_string(level) + " G OCCURS 4294967295.";
  }
  text += " 49 A PIC X(268435456) OCCURS 4294967295.";
  EXPECT_THAT(findings(parse_free(text)), testing::ElementsAre(HasSubstr("larger than 256 MiB")));
}

TEST(Hostile, ARecordOfExactlyTheLimitIsAccepted) {
  EXPECT_EQ(free_layout("01 R. 05 A PIC X(16777216) OCCURS 16.").size_max, 268'435'456U);
}

TEST(Hostile, ErrorsStopAtAHundred) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "05 A PIC Q. FOO BAR. ";
  EXPECT_THAT(parse_free(text).diagnostics.all(), SizeIs(Le(202U)));
  EXPECT_THAT(findings(parse_free(text)), Contains(HasSubstr("too many errors")));
}

TEST(Hostile, TooManyItemsAreRefused) {
  std::string text = "01 R.";
  for (int i = 0; i < 60'000; ++i) text += " 05 A PIC X.";
  EXPECT_THAT(only_finding(parse_free(text)), HasSubstr("more than 50,000 items"));
}

TEST(Hostile, ManyRedefinitionsAreReadInTime) {
  std::string text = "01 R. 05 A PIC X.";
  for (int i = 0; i < 20'000; ++i) text += " 05 B REDEFINES A PIC X.";
  EXPECT_EQ(free_layout(text).size_max, 1U);
}

TEST(Hostile, TooMuchTextIsRefused) {
  EXPECT_THAT(only_finding(parse_free(std::string(9'000'000, ' '))), HasSubstr("too large"));
  std::string words;
  for (int i = 0; i < 1'100'000; ++i) words += "A ";
  EXPECT_TRUE(parse_free(words).diagnostics.has_errors());
}

TEST(Hostile, MegabytesOfGarbageEndInAFewErrors) {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < 4'000'000; ++i) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>(state >> 24);
  }
  for (const SourceFormat format :
       {SourceFormat::fixed, SourceFormat::free, SourceFormat::variable}) {
    ParseOptions options;
    options.source_format = format;
    const auto outcome = parse(text, "garbage", options);
    EXPECT_TRUE(outcome.diagnostics.has_errors());
    EXPECT_THAT(outcome.diagnostics.all(), SizeIs(Le(202U)));
  }
}

TEST(Hostile, LongConstantsCannotBeMultiplied) {
  EXPECT_THAT(only_finding(parse_free("78 A VALUE '" + std::string(1000, 'X') + "'. 01 R PIC X.")),
              HasSubstr("longer than 160 characters"));
}

TEST(Hostile, ManyUnboundedTablesStayWithinARecord) {
  std::string text = "01 R. 05 N PIC 9(9).";
  for (int i = 0; i < 20'000; ++i) text += " 05 A PIC X OCCURS UNBOUNDED DEPENDING ON N.";
  EXPECT_LE(free_layout(text).size_max, kRecordMax);
}

TEST(Hostile, UnboundedTablesWithinOneAnotherStayWithinARecord) {
  std::string text = "01 R. 05 N PIC 9(9).";
  for (int level = 6; level <= 12; ++level) {
    text += " " + std::to_string(level) + " G OCCURS UNBOUNDED DEPENDING ON N.";
  }
  const auto outcome = parse_free(text + " 13 A PIC X.");
  for (const Layout& layout : outcome.copybook.records) EXPECT_LE(layout.size_max, kRecordMax);
}

TEST(Hostile, ManyRenamesAreRefused) {
  std::string text = "01 R. 05 A PIC X.";
  for (int i = 0; i < 30'000; ++i) text += " 66 B RENAMES A.";
  EXPECT_THAT(findings(parse_free(text)), Contains(HasSubstr("more than 1000 items of level 66")));
}

TEST(Hostile, RenamesOverManyItemsAreReadInTime) {
  std::string text = "01 R. 05 A PIC X.";
  for (int i = 0; i < 40'000; ++i) text += " 05 F PIC X.";
  text += " 05 Z PIC X.";
  for (int i = 0; i < 1'000; ++i) text += " 66 B RENAMES A THRU Z.";
  EXPECT_EQ(free_layout(text).items.size(), 41003U);
}

TEST(Hostile, ReplaceStatementsCannotPileUp) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "REPLACE ALSO ==A== BY ==A A==. ";
  EXPECT_THAT(findings(parse_free(text + "01 A PIC X.")),
              Contains(HasSubstr("too many REPLACE pairs")));
}

TEST(Hostile, ConditionsOfDirectivesCannotNestForEver) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += ">>IF A DEFINED\n";
  EXPECT_THAT(findings(parse_free(text + "01 R PIC X.\n")),
              Contains(HasSubstr("conditions nest too deep")));
}

TEST(Hostile, TablesDependOnTablesThatDepend) {
  std::string text = "01 R. 02 N PIC 9. 02 T.";
  for (int level = 3; level <= 48; ++level) {
    text += " " + std::to_string(level) + " G OCCURS 0 TO 9 DEPENDING ON N.";
  }
  EXPECT_THAT(findings(parse_free(text + " 49 A PIC X.")),
              testing::ElementsAre(HasSubstr("larger than 256 MiB")));
}

TEST(Hostile, AllPrefixesOfACopybookAreParsedSafely) {
  const std::string text =
      "01 R. 05 N PIC 99. 05 T OCCURS 1 TO 5 DEPENDING ON N INDEXED BY I. 10 A PIC S9(5)V99 COMP-3 "
      "VALUE -1.5. 88 B VALUE 1 THRU 5 ALL 'X'. 05 C REDEFINES T PIC X(4). 66 D RENAMES A THRU C.";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto outcome = parse_free(text.substr(0, size));
    EXPECT_TRUE(!outcome.diagnostics.all().empty() || !outcome.copybook.records.empty()) << size;
  }
}

}  // namespace
}  // namespace copybridge::copybook
