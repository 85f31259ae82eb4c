// Columns, indicators, continuation, comments and line ends of copybook text.
#include "codecs/copybook/file_text.h"
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> names_of(const Layout& layout) {
  std::vector<std::string> names;
  for (const Item& item : layout.items) names.push_back(item.name);
  return names;
}

TEST(ReferenceFormat, FixedReadsColumns8To72) {
  std::string last = "000300     05 B PIC 9(4).";
  last.resize(72, ' ');
  const std::string text = "000100 01  REC.\n000200     05 A PIC X(3).\n" + last + "05 C PIC X.\n";
  EXPECT_THAT(names_of(layout_of(parse_fixed(text))), ElementsAre("REC", "A", "B"));
}

TEST(ReferenceFormat, VariableHasNoMarginAtColumn72) {
  ParseOptions options;
  options.source_format = SourceFormat::variable;
  const std::string text = "000100 01  REC." + std::string(70, ' ') + "05 A PIC X(3).\n";
  EXPECT_THAT(names_of(layout_of(parse_fixed(text, options))), ElementsAre("REC", "A"));
}

TEST(ReferenceFormat, FreeReadsEveryColumn) {
  EXPECT_THAT(names_of(free_layout("01 REC.\n05 A PIC X.\n")), ElementsAre("REC", "A"));
}

TEST(ReferenceFormat, CommentAndDebuggingLinesAreLeftOut) {
  const std::string text =
      "      * 01 X.\n"
      "      / 01 Y.\n"
      "       01  REC.\n"
      "      D    05 NOT-HERE PIC X.\n"
      "           05 A PIC X. *> 05 B PIC X.\n"
      "       * shifted comment\n"
      "           05 C PIC X.\n";
  EXPECT_THAT(names_of(layout_of(parse_fixed(text))), ElementsAre("REC", "A", "C"));
}

TEST(ReferenceFormat, FreeFormatTakesCommentLinesOfColumnText) {
  EXPECT_THAT(names_of(free_layout("      * comment\n01 REC.\n 05 A PIC X.\n*> 05 B PIC X.\n")),
              ElementsAre("REC", "A"));
}

TEST(ReferenceFormat, AsterisksOnALineOfTheirOwnAreAPictureBehindPic) {
  const Layout layout =
      layout_of(parse_fixed("       01  REC.\n"
                            "           05 A PIC\n"
                            "              ***9.99.\n"));
  EXPECT_EQ(item_of(layout, "A").picture, "***9.99");
}

TEST(ReferenceFormat, AllLineEndsEndLines) {
  EXPECT_THAT(names_of(free_layout("01 REC.\r\n05 A PIC X. *> c\r05 B PIC X.\n05 C PIC X.")),
              ElementsAre("REC", "A", "B", "C"));
}

TEST(ReferenceFormat, TabsReachTheNextEighthColumn) {
  const Layout layout =
      layout_of(parse_fixed("\t01 REC.\n\t   05 A PIC X.\n000300\t05 B PIC X.\n"));
  EXPECT_THAT(names_of(layout), ElementsAre("REC", "A", "B"));
}

TEST(ReferenceFormat, ColumnsOfErrorsCountBytesAsWritten) {
  const auto outcome = parse_fixed("\t01 REC.\n\t   05 A PIC X FOO.\n");
  EXPECT_THAT(only_finding(outcome), HasSubstr("error 2:16 "));
}

TEST(ReferenceFormat, NoBreakSpacesAndByteOrderMarkAreBlanks) {
  EXPECT_THAT(names_of(free_layout("\xEF\xBB\xBF"
                                   "01\xC2\xA0REC.\xA0 05 A\xC2\xA0PIC X.")),
              ElementsAre("REC", "A"));
}

TEST(ReferenceFormat, LettersBeyondAsciiStayInNames) {
  // The last byte of a-grave is A0, which alone would be a no-break space.
  EXPECT_THAT(names_of(free_layout("01 REC. 05 VOIL\xC3\xA0-X PIC X.")),
              ElementsAre("REC", "VOIL\xC3\xA0-X"));
}

TEST(ReferenceFormat, WordsGoOnInContinuationLines) {
  const Layout layout =
      layout_of(parse_fixed("       01  REC.\n"
                            "           05 LONG-\n"
                            "      -        NAME PIC X(\n"
                            "      -    12).\n"));
  EXPECT_EQ(item_of(layout, "LONG-NAME").size, 12U);
}

TEST(ReferenceFormat, LiteralsReachToColumn72BeforeTheyGoOn) {
  const std::string head = "           05 A PIC X(99) VALUE 'ABC";
  const Layout layout = layout_of(parse_fixed("       01  REC.\n" + head +
                                              "\n"
                                              "      -    'DEF'.\n"));
  EXPECT_EQ(item_of(layout, "A").value->text, "ABC" + std::string(72 - head.size(), ' ') + "DEF");
}

TEST(ReferenceFormat, AQuoteInColumn72AndTwoOnTheNextLineAreOneQuote) {
  std::string head = "           05 A PIC X(99) VALUE 'ABC";
  head += std::string(71 - head.size(), '.') + "'";
  const Layout layout = layout_of(parse_fixed("       01  REC.\n" + head +
                                              "\n"
                                              "      -    ''DEF'.\n"));
  EXPECT_THAT(item_of(layout, "A").value->text, testing::EndsWith(".'DEF"));
}

TEST(ReferenceFormat, DoubledQuotesAreOne) {
  EXPECT_EQ(item_with("PIC X(9) VALUE 'IT''S'").value->text, "IT'S");
  EXPECT_EQ(item_with("PIC X(9) VALUE \"A\"\"B'C\"").value->text, "A\"B'C");
}

TEST(ReferenceFormat, UnclosedLiteralIsReportedWhereItBegins) {
  const auto outcome = parse_free("01 REC.\n05 A PIC X(9) VALUE 'ABC.\n05 B PIC X.\n");
  EXPECT_THAT(findings(outcome).front(), HasSubstr("error 2:21 copybook: this literal has no"));
}

TEST(ReferenceFormat, TextInTheIndicatorColumnAsksForFreeFormat) {
  const auto outcome = parse_fixed("01 RECORD.\n");
  ASSERT_TRUE(outcome.diagnostics.has_errors());
  EXPECT_THAT(outcome.diagnostics.all().front().hint, HasSubstr("--source-format free"));
  EXPECT_EQ(outcome.diagnostics.all().front().where.column, 7U);
}

TEST(ReferenceFormat, LevelNumberInColumn7IsReadWithAWarning) {
  const auto outcome = parse_fixed("      01 REC.\n         05 A PIC X.\n");
  EXPECT_THAT(findings(outcome), ElementsAre(HasSubstr("warning 1:7 ")));
  EXPECT_EQ(outcome.copybook.records.at(0).size_max, 1U);
}

TEST(ReferenceFormat, ListingWordsAndDirectivesAreSkipped) {
  EXPECT_THAT(findings(parse_fixed("       TITLE 'RECORDS'.\n"
                                   "       EJECT\n"
                                   "       01  REC.\n"
                                   "       SKIP1\n"
                                   "           05 A PIC X.\n"
                                   "       SKIP2.\n")),
              IsEmpty());
}

TEST(ReferenceFormat, EbcdicTextIsRead) {
  // "       01  A PIC X(2)." and a line end, in EBCDIC.
  const std::string text =
      "\x40\x40\x40\x40\x40\x40\x40\xF0\xF1\x40\x40\xC1\x40\xD7\xC9\xC3\x40\xE7\x4D\xF2\x5D\x4B"
      "\x25";
  EXPECT_TRUE(is_ebcdic(text));
  EXPECT_EQ(layout_of(parse_fixed(text)).size_max, 2U);
}

TEST(ReferenceFormat, EbcdicCardsWithoutLineEndsAreLines) {
  std::string card = "\x40\x40\x40\x40\x40\x40\x40\xF0\xF1\x40\x40\xC1\x40\xD7\xC9\xC3\x40\xE7\x4B";
  card.resize(80, '\x40');
  EXPECT_EQ(parse_fixed(card + card).copybook.records.size(), 2U);
}

/// Text of the line format of COBOL in a code page.
std::string in_page(const charset::CodePage& page, std::string_view text) {
  return *page.from_utf8(text);
}

ParseOptions in_code_page(std::string_view name) {
  ParseOptions options;
  options.code_page = *charset::CodePage::load(name);
  return options;
}

TEST(ReferenceFormat, LiteralsOfEbcdicTextAreReadInItsCodePage) {
  const ParseOptions options = in_code_page("IBM-273");
  const std::string text =
      in_page(*options.code_page, "       01  A PIC X(11) VALUE 'Ü§?$ Größe'. ") + "\x25";
  EXPECT_EQ(layout_of(parse_fixed(text, options)).items[0].value->text, "Ü§?$ Größe");
  // CCSID 277 has a letter where others have the dollar sign, which pictures are written with.
  const ParseOptions norse = in_code_page("IBM-277");
  const std::string picture = in_page(*norse.code_page, "       01  A PIC ÅÅ9 VALUE 'ÅØ'.      ");
  const Layout layout = layout_of(parse_fixed(picture + "\x25", norse));
  EXPECT_EQ(layout.items[0].picture, "$$9");
  EXPECT_EQ(layout.items[0].value->text, "ÅØ");
}

TEST(ReferenceFormat, LatinTextIsReadInTheCodePageThatIsNamed) {
  const std::string text = "       01  A PIC X VALUE '\xDC'.\n";
  EXPECT_EQ(layout_of(parse_fixed(text, in_code_page("ISO-8859-1"))).items[0].value->text, "Ü");
  EXPECT_EQ(layout_of(parse_fixed("       01  A PIC X VALUE 'Ü'.\n", in_code_page("ISO-8859-1")))
                .items[0]
                .value->text,
            "Ü");
}

TEST(ReferenceFormat, TwoByteLiteralsOfEbcdicTextTakeTheirColumns) {
  const ParseOptions options = in_code_page("939");
  const auto card = [&](std::string_view text, char tail) {
    std::string bytes = in_page(*options.code_page, text);
    bytes.resize(72, '\x40');
    return bytes + std::string(8, tail);
  };
  // The sequence number behind column 72 is no text, though the literal has fewer characters than
  // bytes; a literal that goes on reaches to column 72.
  const std::string text = card("       01  A PIC X(9) VALUE '日本語'.", '\xF1') +
                           card("       01  B PIC X(60) VALUE '日本", '\xF2') +
                           card("      -    '語'.", '\xF3');
  const ParseOutcome outcome = parse_fixed(text, options);
  EXPECT_THAT(findings(outcome), IsEmpty());
  ASSERT_EQ(outcome.copybook.records.size(), 2U);
  EXPECT_EQ(outcome.copybook.records[0].items[0].value->text, "日本語");
  EXPECT_EQ(outcome.copybook.records[1].items[0].value->text,
            "日本" + std::string(72 - 36, ' ') + "語");
}

TEST(ReferenceFormat, AsciiCardsWithoutLineEndsAreLines) {
  std::string card = "       01 A PIC X.";
  card.resize(80, ' ');
  EXPECT_EQ(parse_fixed(card + card).copybook.records.size(), 2U);
  // One long line of free text is none of them.
  std::string line = "01 R. 05 A PIC X.";
  line.resize(75, ' ');
  line += "05 LONGNAME PIC X.";
  line.resize(160, ' ');
  EXPECT_EQ(free_layout(line).size_max, 2U);
}

TEST(ReferenceFormat, AsciiTextIsNotTakenForEbcdic) {
  EXPECT_FALSE(is_ebcdic("       01  REC. 05 A@B@C@D PIC X(10)."));
  EXPECT_FALSE(is_ebcdic(""));
}

TEST(Continuation, OfAPictureByABlankLineAddsNothing) {
  EXPECT_EQ(free_layout("01 R. 05 A PIC X\n-  \t\n.").size_max, 1U);
}

// -- directives

TEST(Directives, ChangeTheFormatOfTheLinesBehindThem) {
  const Layout layout = layout_of(parse_fixed(
      "000100 01  R.\n"
      "      >>SOURCE FORMAT IS FREE\n"
      "05 A PIC X.\n"
      "$SET SOURCEFORMAT\"FIXED\"\n"
      "000200     05  B PIC X.                                                     73 TO 80\n"));
  EXPECT_EQ(layout.size_max, 2U);
  EXPECT_THAT(findings(parse_free(">>SOURCE FORMAT IS ODD\n01 A PIC X.")),
              testing::ElementsAre(HasSubstr("1:1 copybook: the source format is")));
}

TEST(Directives, ChooseTextByConditions) {
  const auto size = [](const std::string& condition) {
    return free_layout(
               ">>DEFINE LARGE AS 3\n>>DEFINE NAME 'x'\n>>DEFINE GONE\n>>DEFINE GONE OFF\n"
               "01 R.\n>>IF " +
               condition + "\n05 A PIC X(9).\n>>ELSE\n05 A PIC X.\n>>END-IF\n05 B PIC X.")
        .size_max;
  };
  for (const char* holds :
       {"LARGE DEFINED", "LARGE IS DEFINED", "GONE IS NOT DEFINED", "NOT GONE DEFINED", "LARGE = 3",
        "LARGE IS EQUAL TO 03", "NAME = 'x'", "LARGE > 2", "LARGE >= 3", "LARGE <> 4",
        "LARGE NOT LESS THAN 3", "GONE DEFINED OR LARGE = 3 AND NAME = 'x'"}) {
    EXPECT_EQ(size(holds), 10U) << holds;
  }
  for (const char* fails : {"GONE DEFINED", "LARGE = 4", "NAME = 'X'", "LARGE LESS 3",
                            "GONE DEFINED AND LARGE = 3 OR LARGE > 3"}) {
    EXPECT_EQ(size(fails), 2U) << fails;
  }
}

TEST(Directives, NestAndHoldForDefinitionsToo) {
  EXPECT_EQ(free_layout("$IF A DEFINED\n$IF B = 1\n05 X PIC X.\n$END\n>>DEFINE C\n$ELSE\n"
                        ">>IF C DEFINED\n05 Y PIC X(2).\n>>ELSE\n05 Z PIC X(3).\n>>END-IF\n$END\n")
                .size_max,
            3U);
}

TEST(Directives, EvaluateChoosesTheFirstBranchThatHolds) {
  const auto size = [](const std::string& evaluate) {
    return free_layout(">>DEFINE N AS 12\n>>DEFINE T 'x'\n01 R.\n" + evaluate +
                       "\n>>END-EVALUATE\n05 Z PIC X.")
        .size_max;
  };
  const std::string thirteen = "\n>>WHEN 10\n05 A PIC X(9).\n>>WHEN 11 THRU 13\n05 A PIC X(2).";
  const std::string other = "\n>>WHEN OTHER\n05 A PIC X(4).";
  EXPECT_EQ(size(">>EVALUATE N" + thirteen + other), 3U);
  EXPECT_EQ(size(">>EVALUATE 7" + thirteen + other), 5U);
  EXPECT_EQ(size(">>EVALUATE 7" + thirteen), 1U);
  EXPECT_EQ(size(">>EVALUATE T\n>>WHEN 'a' THROUGH 'z'\n05 A PIC X(3).\n>>WHEN 'x'\n"
                 "05 A PIC X(6)."),
            4U);
  EXPECT_EQ(size(">>EVALUATE TRUE\n>>WHEN N < 12\n05 A PIC X(9).\n>>WHEN N = 12 AND T = 'x'\n"
                 "05 A PIC X(7)." +
                 other),
            8U);
  // What is not compiled is not decided either.
  EXPECT_EQ(size(">>EVALUATE 1\n>>WHEN 2\n>>EVALUATE UNKNOWN\n>>WHEN GONE\n05 A PIC X.\n"
                 ">>END-EVALUATE" +
                 other),
            5U);
}

TEST(Directives, ElifGoesOnWhereNothingHasHeld) {
  const auto size = [](const std::string& value) {
    return free_layout(">>DEFINE N AS " + value +
                       "\n01 R.\n>>IF N = 1\n05 A PIC X.\n>>ELIF N = 2\n05 A PIC X(2).\n"
                       ">>ELIF N > 1\n05 A PIC X(3).\n>>ELSE\n05 A PIC X(4).\n>>END-IF")
        .size_max;
  };
  EXPECT_EQ(size("1"), 1U);
  EXPECT_EQ(size("2"), 2U);
  EXPECT_EQ(size("3"), 3U);
  EXPECT_EQ(size("0"), 4U);
}

TEST(Directives, OfEvaluateAndIfMustFit) {
  for (const char* wrong :
       {">>EVALUATE 1\n>>END-IF", ">>IF 1 = 1\n>>END-EVALUATE", ">>WHEN 1", ">>ELIF 1 = 1",
        ">>EVALUATE UNKNOWN\n>>END-EVALUATE", ">>EVALUATE 1\n>>WHEN 1 2\n>>END-EVALUATE",
        ">>EVALUATE 1\n>>WHEN OTHER\n>>WHEN 1\n>>END-EVALUATE",
        ">>IF 1 = 1\n>>ELSE\n>>ELSE\n>>END-IF", ">>EVALUATE 1\n>>WHEN GONE\n>>END-EVALUATE"})
    EXPECT_TRUE(parse_free("01 R PIC X.\n" + std::string(wrong)).diagnostics.has_errors()) << wrong;
}

TEST(Directives, ThatCannotBeDecidedAreErrors) {
  EXPECT_THAT(findings(parse_free("01 R PIC X.\n>>IF UNKNOWN = 1\n>>END-IF\n")),
              testing::ElementsAre(HasSubstr("error 2:1 copybook: this condition is not")));
  EXPECT_THAT(findings(parse_free("01 R PIC X.\n>>IF A DEFINED\n")),
              testing::ElementsAre(HasSubstr("2:1 copybook: this IF is not closed")));
  EXPECT_TRUE(parse_free("01 R PIC X.\n>>ELSE\n").diagnostics.has_errors());
  EXPECT_TRUE(parse_free("01 R PIC X.\n>>END-IF\n").diagnostics.has_errors());
  EXPECT_TRUE(parse_free("01 R PIC X.\n>>EVALUATE TRUE\n").diagnostics.has_errors());
}

TEST(Directives, OthersAndCompilerOptionsSayNothingOfData) {
  EXPECT_EQ(layout_of(parse_fixed("       CBL TRUNC(BIN)\n       PROCESS LIB\n"
                                  "       >>D 05 X PIC X\n       >>PAGE\n       01  R PIC X.\n"))
                .size_max,
            1U);
}

}  // namespace
}  // namespace copybridge::copybook
