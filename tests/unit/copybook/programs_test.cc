// Whole programs as copybooks: what stands around the DATA DIVISION, several programs in one text,
// and names that several of their records have.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Programs, CommentEntriesHoldAnything) {
  const auto outcome = parse_fixed(
      "       IDENTIFICATION DIVISION.\n"
      "       PROGRAM-ID. P.\n"
      "       AUTHOR. IT'S ME.\n"
      "       INSTALLATION. BOB'S \"PLACE.\n"
      "       DATE-WRITTEN. 1'1'1.\n"
      "       DATE-COMPILED. TODAY'S.\n"
      "       SECURITY.\n"
      "           DON'T TELL. COPY OF NOTHING.\n"
      "       REMARKS.\n"
      "           THIS PROGRAM DOESN'T USE THE DATA DIVISION\n"
      "           MUCH.\n"
      "       ENVIRONMENT DIVISION.\n"
      "       DATA DIVISION.\n"
      "       WORKING-STORAGE SECTION.\n"
      "       01  R PIC X(10).\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(names_of_records(outcome.copybook), ElementsAre("R"));
}

TEST(Programs, CommentEntriesOfFreeFormatEndAtAHeader) {
  const auto outcome = parse_free(
      "identification division.\nprogram-id. p.\nauthor. it's me.\n  and you're not.\n"
      "data division.\nworking-storage section.\n01 r pic x.\nprocedure division.\n"
      "  display 'it''s' *> isn't\n  stop run.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(names_of_records(outcome.copybook), ElementsAre("r"));
}

TEST(Programs, OtherLanguagesHaveTheirOwnCommentsAndWords) {
  const auto outcome = parse_fixed(
      "           EXEC SQL DECLARE T TABLE\n"
      "             ( A CHAR(5) NOT NULL, -- it's a column\n"
      "               B CHAR(1) /* can't\n"
      "                 say */, PIC CHAR(1) ) -- don't\n"
      "           END-EXEC.\n"
      "           EXEC SQL DECLARE C CURSOR FOR SELECT REPLACE(A, 'X', 'Y'), COPY, PIC\n"
      "           END-EXEC.\n"
      "       01  R PIC X.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(names_of_records(outcome.copybook), ElementsAre("R"));
}

TEST(Programs, ProceduresHoldAnything) {
  const auto outcome = parse_fixed(
      "       DATA DIVISION.\n"
      "       WORKING-STORAGE SECTION.\n"
      "       01  R PIC X.\n"
      "       PROCEDURE DIVISION.\n"
      "           EXEC SQL SELECT 'A' -- it's\n"
      "             FROM T END-EXEC. COPY NOWHERE.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
}

TEST(Programs, MembersOfOtherDivisionsAreNotMissed) {
  const auto outcome = parse_fixed(
      "       ID DIVISION.\n"
      "       PROGRAM-ID. P.\n"
      "       ENVIRONMENT DIVISION.\n"
      "       INPUT-OUTPUT SECTION.\n"
      "           COPY SELECTS.\n"
      "       DATA DIVISION.\n"
      "       WORKING-STORAGE SECTION.\n"
      "       01  R PIC X.\n");
  EXPECT_THAT(findings(outcome),
              ElementsAre("warning 5:12 copybook: member SELECTS is in no library"));
  EXPECT_THAT(outcome.copybook.records, SizeIs(1));
}

constexpr const char* kThreePrograms =
    "       CBL APOST\n"
    "       IDENTIFICATION DIVISION.\n"
    "       PROGRAM-ID. OUTER.\n"
    "       ENVIRONMENT DIVISION.\n"
    "       CONFIGURATION SECTION.\n"
    "       SPECIAL-NAMES. DECIMAL-POINT IS COMMA.\n"
    "       DATA DIVISION.\n"
    "       FILE SECTION.\n"
    "       FD  IN-FILE.\n"
    "       01  REC. 05 A PIC 9,99.\n"
    "       WORKING-STORAGE SECTION.\n"
    "       01  SHARED PIC X(2).\n"
    "       PROCEDURE DIVISION.\n"
    "           DISPLAY 'IT''S'.\n"
    "       IDENTIFICATION DIVISION.\n"
    "       PROGRAM-ID. INNER.\n"
    "       DATA DIVISION.\n"
    "       WORKING-STORAGE SECTION.\n"
    "       01  REC. 05 A PIC 9,99. 05 B PIC X.\n"
    "       01  OWN PIC X(3).\n"
    "       PROCEDURE DIVISION.\n"
    "           COPY NOWHERE.\n"
    "       END PROGRAM INNER.\n"
    "       END PROGRAM OUTER.\n"
    "       PROCESS APOST\n"
    "       ID DIVISION.\n"
    "       PROGRAM-ID.\n"
    "           SECOND.\n"
    "       DATA DIVISION.\n"
    "       WORKING-STORAGE SECTION.\n"
    "       01  REC. 05 A PIC 9.99.\n"
    "       01  SHARED PIC X(2).\n"
    "       END PROGRAM SECOND.\n";

TEST(Programs, RecordsOfAllProgramsOfATextAreSeen) {
  const auto outcome = parse_fixed(kThreePrograms);
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(names_of_records(outcome.copybook),
              ElementsAre("REC OF IN-FILE", "SHARED", "REC OF INNER", "OWN", "REC OF SECOND"));
}

TEST(Programs, SpecialNamesHoldForTheirProgramAndThoseItContains) {
  const auto outcome = parse_fixed(kThreePrograms);
  const std::vector<Layout>& records = outcome.copybook.records;
  ASSERT_THAT(records, SizeIs(6));
  for (const std::size_t record : {0U, 2U, 4U})
    EXPECT_EQ(records[record].items[1].scale, 2) << record;
  EXPECT_TRUE(records[2].decimal_point_is_comma);
  EXPECT_FALSE(records[4].decimal_point_is_comma);
}

TEST(Programs, SeveralMayStandOnOneLine) {
  const auto outcome = parse_free(
      "id division. program-id. a. special-names. decimal-point is comma. data division. "
      "working-storage section. 01 r. 05 x pic x(17) value '. end program a. '. 05 n pic 9,99. "
      "procedure division. display 'it''s'. stop run. end program a. "
      "id division. program-id. b. data division. working-storage section. 01 s. 05 n pic 9.99. "
      "end program b. *> and no more. id division.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  const std::vector<Layout>& records = outcome.copybook.records;
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_TRUE(records[0].decimal_point_is_comma);
  EXPECT_FALSE(records[1].decimal_point_is_comma);
}

TEST(Programs, NamesAreQualifiedByFileAndProgram) {
  const Copybook copybook = parse_fixed(kThreePrograms).copybook;
  EXPECT_THAT(find_records(copybook, "REC"), ElementsAre(0, 2, 4));
  EXPECT_THAT(find_records(copybook, "rec of inner"), ElementsAre(2));
  EXPECT_THAT(find_records(copybook, "SECOND.REC"), ElementsAre(4));
  EXPECT_THAT(find_records(copybook, "REC IN IN-FILE OF OUTER"), ElementsAre(0));
  EXPECT_THAT(find_records(copybook, "REC OF OUTER"), ElementsAre(0, 2));
  EXPECT_THAT(find_records(copybook, "REC OF NOWHERE"), IsEmpty());
}

TEST(Programs, AlikeRecordsOfOneNameAreOne) {
  const Copybook copybook = parse_fixed(kThreePrograms).copybook;
  EXPECT_THAT(find_records(copybook, "SHARED"), ElementsAre(1));
  EXPECT_THAT(find_records(copybook, "SHARED OF SECOND"), ElementsAre(5));
  const Copybook twice =
      parse_free("01 A. 05 B PIC X. 88 C VALUE '1'. 01 A. 05 B PIC X. 88 C VALUE '2'.").copybook;
  EXPECT_THAT(find_records(twice, "A"), SizeIs(2));
}

TEST(Programs, ReplaceEndsWithItsProgram) {
  const auto outcome = parse_fixed(
      "       ID DIVISION.\n"
      "       PROGRAM-ID. A.\n"
      "       REPLACE ==X-REC== BY ==Y-REC==.\n"
      "       DATA DIVISION.\n"
      "       01  X-REC PIC X.\n"
      "       END PROGRAM A.\n"
      "       ID DIVISION.\n"
      "       PROGRAM-ID. B.\n"
      "       DATA DIVISION.\n"
      "       01  X-REC PIC X.\n"
      "       END PROGRAM B.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(names_of_records(outcome.copybook), ElementsAre("Y-REC", "X-REC"));
}

TEST(Programs, ManyInOneTextAreRefusedQuickly) {
  std::string text;
  for (int program = 0; program < 4000; ++program) {
    text += "ID DIVISION.\nPROGRAM-ID. A.\nDATA DIVISION.\n01 R.\n";
    for (int item = 0; item < 40; ++item) text += "05 A PIC X.\n";
    text += "END PROGRAM A.\n";
  }
  EXPECT_THAT(only_finding(parse_free(text)), HasSubstr("more than 100,000 items"));
}

}  // namespace
}  // namespace copybridge::copybook
