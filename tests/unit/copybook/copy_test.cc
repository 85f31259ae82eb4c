// COPY, its libraries and REPLACING; REPLACE; includes of other tools.
#include <filesystem>
#include <fstream>

#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

/// A library folder of its own for each test.
class Copy : public testing::Test {
 protected:
  Copy() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    library_ = fs::path(testing::TempDir()) /
               ("copybridge-copy-" + std::to_string(getpid()) + "-" + test->name());
    fs::create_directories(library_);
    options_.libraries = {library_};
  }
  ~Copy() override { fs::remove_all(library_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((library_ / name).parent_path());
    std::ofstream(library_ / name) << text;
  }
  Layout layout(const std::string& text) { return free_layout(text, options_); }
  ParseOutcome outcome(const std::string& text) { return parse_free(text, options_); }

  fs::path library_;
  ParseOptions options_;
};

TEST_F(Copy, PutsTheMemberInPlace) {
  write("ADDR.cpy", "10 STREET PIC X(5).\n10 CITY PIC X(3).\n");
  const Layout found = layout("01 R. 05 A. COPY ADDR. 05 B PIC X.");
  EXPECT_EQ(item_of(found, "CITY OF A").offset, 5U);
  EXPECT_EQ(item_of(found, "B").offset, 8U);
}

TEST_F(Copy, FindsMembersByAnyUsualNameAndCase) {
  write("one.cpy", "05 A PIC X.");
  write("TWO.CPY", "05 B PIC X.");
  write("THREE.cbl", "05 C PIC X.");
  write("FOUR", "05 D PIC X.");
  write("five.txt", "05 E PIC X.");
  EXPECT_EQ(
      layout("01 R. COPY ONE. COPY two. COPY THREE. COPY 'FOUR'. COPY \"five.txt\".").size_max, 5U);
}

TEST_F(Copy, SpecialNamesMayStandInAMember) {
  write("names.cpy", "SPECIAL-NAMES. DECIMAL-POINT IS COMMA\nCOPY SIGNS.\n");
  write("signs.cpy", "CURRENCY SIGN IS :SIGN: WITH PICTURE SYMBOL 'h'.\n");
  const Layout found = layout(
      "ID DIVISION. PROGRAM-ID. P. ENVIRONMENT DIVISION. CONFIGURATION SECTION.\n"
      "COPY NAMES REPLACING ==:SIGN:== BY =='HKD'==.\n"
      "DATA DIVISION. WORKING-STORAGE SECTION.\n01 R. 05 A PIC hhh9,99.\n");
  EXPECT_EQ(item_of(found, "A").scale, 2);
  EXPECT_EQ(item_of(found, "A").size, 9U);
}

TEST_F(Copy, MistakesOfSpecialNamesInAMemberNameIt) {
  write("names.cpy", "SPECIAL-NAMES. CURRENCY SIGN IS '9'.\n");
  const auto found = outcome(
      "ID DIVISION. PROGRAM-ID. P.\nCOPY NAMES.\nDATA DIVISION. WORKING-STORAGE SECTION.\n"
      "01 R PIC X.\n");
  EXPECT_THAT(only_finding(found), HasSubstr("1:33 copybook: a currency symbol"));
}

TEST_F(Copy, LooksIntoTheNamedLibraryFirst) {
  write("M.cpy", "05 A PIC X(1).");
  write("lib2/M.cpy", "05 A PIC X(2).");
  EXPECT_EQ(layout("01 R. COPY M OF LIB2.").size_max, 2U);
  EXPECT_EQ(layout("01 R. COPY M IN OTHER SUPPRESS.").size_max, 1U);
}

TEST_F(Copy, SearchesLibrariesInOrder) {
  write("a/M.cpy", "05 A PIC X(1).");
  write("b/M.cpy", "05 A PIC X(2).");
  options_.libraries = {library_ / "b", library_ / "a"};
  EXPECT_EQ(layout("01 R. COPY M.").size_max, 2U);
}

TEST_F(Copy, PlacesInMembersNameTheMember) {
  write("M.cpy", "05 A PIC X.\n05 B PIC Q.\n");
  const auto found = outcome("01 R. COPY M.");
  ASSERT_TRUE(found.diagnostics.has_errors());
  EXPECT_EQ(found.diagnostics.all().front().where.file, (library_ / "M.cpy").string());
  EXPECT_EQ(found.diagnostics.all().front().where.line, 2U);
}

TEST_F(Copy, SourcesHoldAllTextThatDecidedTheLayout) {
  write("M.cpy", "05 A PIC X.");
  EXPECT_EQ(outcome("01 R. COPY M.").sources, "01 R. COPY M.05 A PIC X.");
}

TEST_F(Copy, MembersMayCopyOthers) {
  write("M.cpy", "05 G. COPY N.");
  write("N.cpy", "10 A PIC X.");
  EXPECT_EQ(item_of(layout("01 R. COPY M. 05 B PIC X."), "B").offset, 1U);
}

TEST_F(Copy, LoadFindsMembersBesideTheCopybook) {
  write("MAIN.cpy", "       01 R. COPY M.\n");
  write("M.cpy", "           05 A PIC X(7).\n");
  EXPECT_EQ(layout_of(load(library_ / "MAIN.cpy", {})).size_max, 7U);
}

// -- REPLACING

TEST_F(Copy, ReplacesTagsInNamesAndPictures) {
  write("M.cpy", "05 :TAG:-ID PIC X(:LEN:). 05 A-:TAG: PIC 9(:LEN:)V9 OCCURS :LEN: TIMES.");
  const Layout found = layout("01 R. COPY M REPLACING ==:TAG:== BY ==CUST== ==:LEN:== BY ==3==.");
  EXPECT_EQ(item_of(found, "CUST-ID").size, 3U);
  EXPECT_EQ(item_of(found, "A-CUST").size, 4U);
  EXPECT_EQ(item_of(found, "A-CUST").occurs_max, 3U);
}

TEST_F(Copy, ReplacesTagsInParentheses) {
  write("M.cpy", "05 (TAG)-ID PIC X. 05 WS-(TAG) PIC X(2).");
  const Layout found = layout("01 R. COPY M REPLACING ==(TAG)== BY ==CUST==.");
  EXPECT_EQ(item_of(found, "CUST-ID").size, 1U);
  EXPECT_EQ(item_of(found, "WS-CUST").size, 2U);
}

TEST_F(Copy, ReplacesWholeWordsOnly) {
  write("M.cpy", "05 ID PIC X. 05 ID-2 PIC X.");
  const Layout found = layout("01 R. COPY M REPLACING ID BY KEY-1.");
  EXPECT_EQ(item_of(found, "KEY-1").offset, 0U);
  EXPECT_EQ(item_of(found, "ID-2").offset, 1U);
}

TEST_F(Copy, ReplacesSequencesOfWords) {
  write("M.cpy", "05 A PIC S9(4)   COMP. 05 B PIC X(2).");
  const Layout found = layout(
      "01 R. COPY M REPLACING ==PIC S9(4) COMP== BY ==PIC S9(9) COMP-3 SYNC== ==X(2)== BY "
      "==X(4)==.");
  EXPECT_EQ(item_of(found, "A").usage, Usage::packed);
  EXPECT_EQ(item_of(found, "A").size, 5U);
  EXPECT_EQ(item_of(found, "B").size, 4U);
}

TEST_F(Copy, ReplacesLevelsAndDeletesText) {
  write("M.cpy", "01 R. 05 A PIC X VALUE 'A'.");
  EXPECT_FALSE(item_of(layout("COPY M REPLACING ==VALUE 'A'== BY ====."), "A").value.has_value());
}

TEST_F(Copy, ReplacesTheBeginAndEndOfWords) {
  write("M.cpy", "05 OLD-A PIC X. 05 B-OLD PIC X. 05 OLDER PIC X.");
  const Layout found =
      layout("01 R. COPY M REPLACING LEADING ==OLD-== BY ==NEW-== TRAILING ==-OLD== BY ====.");
  EXPECT_EQ(item_of(found, "NEW-A").offset, 0U);
  EXPECT_EQ(item_of(found, "B").offset, 1U);
  EXPECT_EQ(item_of(found, "OLDER").offset, 2U);
}

TEST_F(Copy, LiteralsAreNotReplacedInParts) {
  write("M.cpy", "05 A PIC X(5) VALUE ':TAG:'.");
  EXPECT_EQ(item_of(layout("01 R. COPY M REPLACING ==:TAG:== BY ==X==."), "A").value->text,
            ":TAG:");
}

TEST_F(Copy, ReplaceHoldsUntilReplaceOff) {
  const Layout found =
      layout("REPLACE ==OLD== BY ==NEW==. 01 R. 05 OLD PIC X. REPLACE OFF. 05 OLD PIC X.");
  EXPECT_EQ(item_of(found, "NEW").offset, 0U);
  EXPECT_EQ(item_of(found, "OLD").offset, 1U);
}

TEST_F(Copy, PicturesEndWherePseudoTextDoes) {
  write("M.cpy", "05 A XX. 05 B PIC 9(3)V9. 05 C YY");
  const Layout found = layout(
      "01 R. COPY M REPLACING ==XX== BY ==PIC X(9)== ==PIC 9(3)V9== BY ==PIC S9(5)== "
      "==YY== BY ==PIC $$9.99.==.");
  EXPECT_EQ(item_of(found, "A").size, 9U);
  EXPECT_EQ(item_of(found, "B").picture, "S9(5)");
  EXPECT_EQ(item_of(found, "C").picture, "$$9.99");
  EXPECT_EQ(item_of(layout("REPLACE ==XX== BY ==PIC X(9)==. 01 R. 05 A XX."), "A").size, 9U);
}

TEST_F(Copy, PicturesMatchWithoutTheWordBeforeThem) {
  write("M.cpy", "05 A PIC S9(4)V9 COMP. 05 B PIC IS X(2). 05 C PIC S9(4).");
  const Layout found = layout(
      "01 R. COPY M REPLACING ==S9(4)V9 COMP== BY ==S9(7)V99 COMP-3 VALUE 'IT''S'== "
      "==X(2)== BY ==X(4) JUST==.");
  EXPECT_EQ(item_of(found, "A").size, 5U);
  EXPECT_EQ(item_of(found, "A").value->text, "IT'S");
  EXPECT_EQ(item_of(found, "B").size, 4U);
  EXPECT_TRUE(item_of(found, "B").is_justified);
  EXPECT_EQ(item_of(found, "C").size, 4U);
}

TEST_F(Copy, ReplacesQualifiedAndSubscriptedNames) {
  write("M.cpy", "05 T OCCURS 1 TO 5 DEPENDING ON N OF A. 10 B PIC X.");
  EXPECT_EQ(layout("01 R. 05 C. 10 M PIC 9. COPY M REPLACING N OF A BY M OF C 1 BY 2 X (1 2) BY Y.")
                .size_min,
            3U);
}

TEST_F(Copy, ReplaceHoldsInMembersAndBehindThem) {
  write("M.cpy", "05 OLD PIC X. REPLACE ==OLD== BY ==NEWER==. 05 OLD PIC X.");
  const Layout found = layout("REPLACE ==OLD== BY ==NEW==. 01 R. COPY M. 05 OLD PIC X(3).");
  EXPECT_EQ(item_of(found, "NEW").offset, 0U);
  EXPECT_EQ(found.items.at(2).name, "NEWER");
  EXPECT_EQ(found.items.at(3).name, "NEWER");
}

TEST_F(Copy, ReplaceAlsoAddsAndLastOffTakesBack) {
  const Layout found = layout(
      "REPLACE ==A== BY ==B==. REPLACE ALSO ==C== BY ==D==. 01 R. 05 A PIC X. 05 C PIC X. "
      "REPLACE LAST OFF. 05 A PIC X. 05 C PIC X. REPLACE OFF. 05 A PIC X.");
  std::string names;
  for (const Item& item : found.items) names += item.name + " ";
  EXPECT_EQ(names, "R B D B C A ");
}

TEST_F(Copy, MembersMayLieInFoldersBelowTheLibrary) {
  write("sub/M.cpy", "05 A PIC X(7).");
  EXPECT_EQ(layout("01 R. COPY 'sub/M.cpy'.").size_max, 7U);
}

// -- includes of other tools

TEST_F(Copy, IncludesOfLibrarianPanvaletAndDb2) {
  write("M.cpy", "           05 A PIC X.\n");
  write("N.cpy", "           05 B PIC X(2).\n");
  write("O.cpy", "           05 C PIC X(4).\n");
  const auto found = parse_fixed(
      "       01  R.\n"
      "       ++INCLUDE M\n"
      "-INC N\n"
      "           EXEC SQL INCLUDE O END-EXEC.\n",
      options_);
  EXPECT_EQ(layout_of(found).size_max, 7U);
}

// -- mistakes

TEST_F(Copy, AMissingMemberIsToldWhereItIsCopied) {
  const auto found = outcome("01 R.\n COPY NOT-HERE.\n 05 A PIC X.");
  EXPECT_THAT(only_finding(found),
              HasSubstr("error 2:2 copybook: member NOT-HERE is in no library"));
  EXPECT_THAT(found.diagnostics.all().front().hint, HasSubstr("-I"));
}

TEST_F(Copy, NamesCannotLeaveTheLibrary) {
  write("secret.cpy", "05 A PIC X.");
  fs::create_directories(library_ / "lib");
  options_.libraries = {library_ / "lib"};
  for (const char* name : {"'../secret.cpy'", "'..'", "'a//b'", "'a/.x/b'", "'/etc/passwd'",
                           "'a/../../secret'", "'.x'"}) {
    EXPECT_THAT(only_finding(outcome(std::string("01 R PIC X. COPY ") + name + ".")),
                HasSubstr("no valid member name"))
        << name;
  }
  EXPECT_THAT(only_finding(outcome("01 R PIC X. COPY SECRET OF '..'.")),
              HasSubstr("no valid member name"));
}

TEST_F(Copy, MembersThatCopyThemselvesAreRefused) {
  write("M.cpy", "05 A PIC X. COPY N.");
  write("N.cpy", "05 B PIC X. COPY M.");
  EXPECT_THAT(only_finding(outcome("01 R. COPY M.")), HasSubstr("member M copies itself"));
}

TEST_F(Copy, ACopybookThatCopiesItselfIsRefused) {
  write("MAIN.cpy", "       01 R PIC X. COPY MAIN.\n");
  EXPECT_THAT(only_finding(load(library_ / "MAIN.cpy", {})), HasSubstr("copies itself"));
}

TEST_F(Copy, TooDeepCopiesAreRefused) {
  for (int i = 0; i < 40; ++i) {
    write("M" + std::to_string(i) + ".cpy", "COPY M" + std::to_string(i + 1) + ".");
  }
  EXPECT_THAT(only_finding(outcome("01 R PIC X. COPY M0.")), HasSubstr("too deep"));
}

TEST_F(Copy, ExponentialCopiesAreRefusedQuickly) {
  for (int i = 0; i < 12; ++i) {
    const std::string copy = "COPY M" + std::to_string(i + 1) + ". ";
    write("M" + std::to_string(i) + ".cpy", copy + copy + copy + copy);
  }
  write("M12.cpy", "05 FILLER PIC X.");
  EXPECT_TRUE(outcome("01 R. COPY M0.").diagnostics.has_errors());
}

TEST_F(Copy, ReplacingCannotGrowTextWithoutBound) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "05 A PIC X. ";
  write("M.cpy", many);
  const std::string large(100'000, 'B');
  const auto found = outcome("01 R. COPY M REPLACING ==A== BY ==" + large + "==.");
  EXPECT_THAT(findings(found), testing::Contains(HasSubstr("makes the text too large")));
}

TEST_F(Copy, BrokenStatementsAreReported) {
  write("M.cpy", "05 A PIC X.");
  EXPECT_TRUE(outcome("01 R. COPY").diagnostics.has_errors());
  EXPECT_TRUE(outcome("01 R. COPY .").diagnostics.has_errors());
  EXPECT_TRUE(outcome("01 R. COPY M 05 B PIC X.").diagnostics.has_errors());
  EXPECT_TRUE(outcome("01 R. COPY M REPLACING ==A== TO ==B==.").diagnostics.has_errors());
  EXPECT_TRUE(outcome("01 R. COPY M REPLACING ==A== BY ==B.").diagnostics.has_errors());
  EXPECT_TRUE(outcome("01 R. COPY M REPLACING ==== BY ==B==.").diagnostics.has_errors());
}

TEST(Load, AFileThatIsNoneIsADiagnostic) {
  EXPECT_THAT(only_finding(load("/nowhere/x.cpy", {})), HasSubstr("cannot be read"));
  EXPECT_THAT(only_finding(load("/", {})), HasSubstr("not a regular file"));
  EXPECT_THAT(only_finding(load("/dev/zero", {})), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace copybridge::copybook
