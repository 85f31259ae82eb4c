// Levels, names, periods, values, and how mistakes are found and told.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string hint_of(const ParseOutcome& outcome) {
  return outcome.diagnostics.all().empty() ? "" : outcome.diagnostics.all().front().hint;
}

TEST(Entries, NestByLevelNumber) {
  const Layout layout = free_layout("01 R. 05 G. 10 A PIC X. 10 B PIC X. 05 C PIC X.");
  EXPECT_EQ(layout.items[1].children, (std::vector<ItemIndex>{2, 3}));
  EXPECT_EQ(layout.items[0].children, (std::vector<ItemIndex>{1, 4}));
  EXPECT_EQ(layout.items[3].parent, 1U);
  EXPECT_EQ(layout.items[0].parent, kNoItem);
}

TEST(Entries, UnequalLevelsOfSiblingsAreAccepted) {
  const Layout layout = free_layout("01 R. 05 A PIC X. 04 B PIC X. 02 C PIC X.");
  EXPECT_EQ(layout.items[0].children, (std::vector<ItemIndex>{1, 2, 3}));
}

TEST(Entries, CopybookWithout01GetsOneNamedAfterTheFile) {
  ParseOptions options;
  options.source_format = SourceFormat::free;
  const Layout layout = layout_of(parse("05 A PIC X. 05 B PIC X.", "/lib/cust-rec.cpy", options));
  EXPECT_EQ(layout.name(), "CUST-REC");
  EXPECT_EQ(layout.items[0].level_number, 1);
  EXPECT_EQ(layout.size_max, 2U);
}

TEST(Entries, Every01And77IsARecordOfItsOwn) {
  const auto outcome =
      parse_free("01 A. 05 X PIC X. 01 B PIC X(2). 77 C PIC X(3). 01 D. 02 Y PIC X(4).");
  EXPECT_THAT(findings(outcome), IsEmpty());
  ASSERT_THAT(outcome.copybook.records, SizeIs(4));
  EXPECT_EQ(outcome.copybook.records[2].name(), "C");
  EXPECT_EQ(outcome.copybook.records[2].items[0].level_number, 77);
  EXPECT_EQ(outcome.copybook.records[3].size_max, 4U);
}

TEST(Entries, FillerAndUnnamedItemsAreFillers) {
  const Layout layout = free_layout("01 R. 05 FILLER PIC X. 05 PIC X(2). 05 filler. 10 A PIC X.");
  EXPECT_EQ(layout.items[1].name, "FILLER");
  EXPECT_TRUE(layout.items[2].is_filler);
  EXPECT_EQ(layout.items[2].name, "FILLER");
  EXPECT_TRUE(layout.items[3].is_filler);
  EXPECT_TRUE(layout.items[3].is_group());
}

TEST(Entries, NamesKeepTheirSpelling) {
  EXPECT_EQ(free_layout("01 R. 05 Cust-Name_1 pic x.").items[1].name, "Cust-Name_1");
}

TEST(Entries, PlaceIsThatOfTheName) {
  const Layout layout = free_layout("01 R.\n  05 A PIC X.\n  05 PIC X.\n");
  EXPECT_EQ(to_string(layout.items[1].where), "TEST.cpy:2:6");
  EXPECT_EQ(to_string(layout.items[2].where), "TEST.cpy:3:3");
}

TEST(Entries, RenamesTakesNoStorage) {
  EXPECT_EQ(free_layout("01 R. 05 A PIC X. 05 B PIC X. 66 C RENAMES A THRU B. 66 D RENAMES A OF R.")
                .size_max,
            2U);
}

TEST(Entries, ConditionNamesUnderRenamesAreLeftOut) {
  const Layout layout = free_layout("01 R. 05 A PIC X. 66 C RENAMES A. 88 D VALUE 'X'.");
  EXPECT_THAT(layout.items[1].conditions, IsEmpty());
}

TEST(Entries, ConstantsStandForNumbersAndLiterals) {
  const Layout layout = free_layout(
      "78 ROWS VALUE 3. 01 SIGN-ON CONSTANT AS 'Y'. 01 R. 05 A PIC X OCCURS ROWS TIMES. 05 B PIC X "
      "VALUE SIGN-ON.");
  EXPECT_EQ(layout.items[1].occurs_max, 3U);
  EXPECT_EQ(layout.items[2].value->text, "Y");
}

TEST(Entries, DclgenDeclarationIsSkipped) {
  const auto outcome = parse_fixed(
      "           EXEC SQL DECLARE DSN8.EMP TABLE\n"
      "           ( EMPNO   CHAR(6) NOT NULL,\n"
      "             SALARY  DECIMAL(9, 2) ) END-EXEC.\n"
      "       01  DCLEMP.\n"
      "           10 EMPNO PIC X(6).\n"
      "           10 SALARY PIC S9(7)V9(2) USAGE COMP-3.\n");
  EXPECT_EQ(layout_of(outcome).size_max, 11U);
}

TEST(Entries, OfAWholeProgramTheDataDivisionIsRead) {
  const auto outcome = parse_fixed(
      "       IDENTIFICATION DIVISION.\n"
      "       PROGRAM-ID. P.\n"
      "       ENVIRONMENT DIVISION.\n"
      "       DATA DIVISION.\n"
      "       FILE SECTION.\n"
      "       FD  IN-FILE RECORDING MODE F.\n"
      "       01  IN-REC PIC X(80).\n"
      "       WORKING-STORAGE SECTION.\n"
      "       01  WS-REC PIC X(10).\n"
      "       PROCEDURE DIVISION.\n"
      "           DISPLAY 'HELLO'.\n"
      "           STOP RUN.\n");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(outcome.copybook.records, SizeIs(2));
}

TEST(Entries, OfAWholeProgramSpecialNamesCountMoreThanOptions) {
  const std::string text =
      "ID DIVISION. ENVIRONMENT DIVISION. CONFIGURATION SECTION. SPECIAL-NAMES. CURRENCY SIGN IS "
      "'F' CURRENCY 'EUR' WITH PICTURE SYMBOL 'U' CURRENCY X'9F' PICTURE SYMBOL '#' "
      "DECIMAL-POINT IS COMMA. DATA DIVISION. WORKING-STORAGE SECTION. "
      "01 R. 05 A PIC F9,99. 05 B PIC UUU9,9. 05 C PIC #9. 05 D PIC X(13) VALUE 'DECIMAL-POINT'.";
  const Layout layout = free_layout(text);
  EXPECT_TRUE(layout.decimal_point_is_comma);
  EXPECT_EQ(item_of(layout, "A").scale, 2);
  EXPECT_EQ(item_of(layout, "A").currency->text, "F");
  EXPECT_EQ(item_of(layout, "B").size, 8U);
  EXPECT_EQ(item_of(layout, "B").digits, 4);
  EXPECT_EQ(item_of(layout, "B").currency->text, "EUR");
  EXPECT_EQ(item_of(layout, "C").size, 2U);
  EXPECT_TRUE(item_of(layout, "C").currency->is_hex);
  EXPECT_FALSE(item_of(layout, "D").currency.has_value());
}

TEST(Entries, CurrencySignsThatAreNoneAreRefused) {
  const auto program = [](const std::string& clause) {
    return parse_free("ID DIVISION. SPECIAL-NAMES. " + clause + ". DATA DIVISION. 01 R PIC X.");
  };
  EXPECT_THAT(only_finding(program("CURRENCY SIGN IS 'EUR'")), HasSubstr("1:46 copybook: a curr"));
  EXPECT_THAT(only_finding(program("CURRENCY SIGN IS '9'")), HasSubstr("no picture symbol"));
  EXPECT_THAT(only_finding(program("CURRENCY SIGN IS X'9' PICTURE SYMBOL 'F'")),
              HasSubstr("whole bytes"));
  EXPECT_THAT(only_finding(program("CURRENCY SIGN IS F")), HasSubstr("is a literal"));
  EXPECT_THAT(only_finding(program("CURRENCY SIGN IS 'E.' PICTURE SYMBOL 'F'")),
              HasSubstr("no digits, plus, minus, period or comma"));
}

TEST(Entries, CurrencySymbolsAreAnyCharactersThatPicturesHaveNot) {
  const Layout layout = free_layout(
      "ID DIVISION. SPECIAL-NAMES. CURRENCY SIGN IS '£' CURRENCY 'h' CURRENCY '€uro' WITH PICTURE "
      "SYMBOL '€' CURRENCY 'Fr' PIC SYMBOL '#'. DATA DIVISION. 01 R. 05 A PIC £££9.99. 05 B PIC "
      "hhh9. 05 C PIC €(3)9. 05 D PIC ##9.");
  EXPECT_EQ(item_of(layout, "A").currency->text, "£");
  EXPECT_EQ(item_of(layout, "A").size, 7U);
  EXPECT_EQ(item_of(layout, "A").digits, 5);
  EXPECT_EQ(item_of(layout, "B").currency->symbol, "h");
  EXPECT_EQ(item_of(layout, "B").picture, "hhh9");
  EXPECT_EQ(item_of(layout, "C").size, 7U);
  EXPECT_EQ(item_of(layout, "D").currency->text, "Fr");
}

TEST(Entries, CurrencySymbolsDifferByCase) {
  ParseOptions options;
  options.currency_signs = {*parse_currency_sign("F")};
  EXPECT_EQ(item_of(free_layout("01 R. 05 A PIC FF9.", options), "A").size, 3U);
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A PIC ff9.", options)),
              HasSubstr("'f' is no picture symbol"));
  options.currency_signs = {*parse_currency_sign("f"), *parse_currency_sign("F=FRF")};
  EXPECT_EQ(item_of(free_layout("01 R. 05 A PIC ff9.", options), "A").size, 3U);
  EXPECT_EQ(item_of(free_layout("01 R. 05 A PIC FF9.", options), "A").size, 5U);
}

TEST(Entries, CurrencySymbolsOfEbcdicTextAreReadAsPicturesAre) {
  const auto page = charset::CodePage::load("IBM-285");
  ASSERT_TRUE(page);
  ParseOptions options;
  options.code_page = *page;
  const auto bytes = (*page)->from_utf8(
      "       ID DIVISION.\n       ENVIRONMENT DIVISION.\n       CONFIGURATION SECTION.\n"
      "       SPECIAL-NAMES. CURRENCY SIGN IS '£'.\n"
      "       DATA DIVISION.\n       01  R.\n           05  A PIC ££9.\n");
  ASSERT_TRUE(bytes);
  const Layout layout = layout_of(parse_fixed(*bytes, options));
  EXPECT_EQ(item_of(layout, "A").currency->text, "£");
  EXPECT_EQ(item_of(layout, "A").size, 3U);
}

TEST(Entries, OptionsGiveCurrencySignsAsSymbolAndSign) {
  EXPECT_EQ(parse_currency_sign("F")->text, "F");
  EXPECT_EQ(parse_currency_sign("U=EUR")->symbol, "U");
  EXPECT_EQ(parse_currency_sign("£")->symbol, "£");
  EXPECT_EQ(parse_currency_sign("€=EUR")->symbol, "€");
  EXPECT_EQ(parse_currency_sign("U=EUR")->text, "EUR");
  EXPECT_EQ(parse_currency_sign("$=X'9F'")->text, "9F");
  EXPECT_TRUE(parse_currency_sign("$=X'9F'")->is_hex);
  for (const char* text : {"", "EUR", "9", "Z=EUR", "££", "\xA3", "$=1", "$=X'9'", "$=X'G0'"}) {
    EXPECT_FALSE(parse_currency_sign(text)) << text;
  }
}

TEST(Entries, ReportsAndScreensAreNotRead) {
  const auto outcome = parse_free(
      "DATA DIVISION. FILE SECTION. FD F. 01 A PIC X. REPORT SECTION. RD R. 01 TYPE DETAIL. 02 "
      "LINE "
      "1 SOURCE X. LINKAGE SECTION. 01 B PIC X. SCREEN SECTION. 01 S. 05 BLANK SCREEN. PROCEDURE "
      "DIVISION.");
  EXPECT_THAT(findings(outcome), IsEmpty());
  EXPECT_THAT(outcome.copybook.records, SizeIs(2));
}

TEST(Entries, CopiesOfTheProcedureDivisionAreNotRead) {
  EXPECT_THAT(findings(parse_free("DATA DIVISION. 01 R PIC X. PROCEDURE DIVISION. COPY PARAS.")),
              IsEmpty());
}

TEST(Entries, CommunicationAreasOfDb2AreLeftOut) {
  EXPECT_THAT(findings(parse_free("EXEC SQL INCLUDE SQLCA END-EXEC. 01 R PIC X.")), IsEmpty());
}

TEST(Entries, LateClauseWordsAreNamesBehindALevelNumber) {
  const Layout layout = free_layout("01 R. 05 DATE PIC 9(8). 05 VOLATILE PIC X. 05 DYNAMIC PIC X.");
  EXPECT_EQ(layout.items[1].name, "DATE");
  EXPECT_EQ(layout.items[3].name, "DYNAMIC");
}

// -- level 88

std::vector<ConditionName> conditions_of(const std::string& entries) {
  return free_layout("01 R. 05 A PIC X(9). " + entries).items.at(1).conditions;
}

TEST(Conditions, HoldListsAndRanges) {
  const auto conditions = conditions_of("88 C VALUES ARE 'A', 'B' THRU 'D' \"E\".");
  ASSERT_THAT(conditions, SizeIs(1));
  EXPECT_EQ(conditions[0].name, "C");
  ASSERT_THAT(conditions[0].values, SizeIs(3));
  EXPECT_EQ(conditions[0].values[1].from.text, "B");
  EXPECT_EQ(conditions[0].values[1].through->text, "D");
  EXPECT_FALSE(conditions[0].values[2].through.has_value());
}

TEST(Conditions, HoldFigurativeConstantsOfEverySpelling) {
  const auto conditions = conditions_of(
      "88 C VALUE SPACE ZEROES QUOTES LOW-VALUE HIGH-VALUES NULLS ALL 'AB' ALL SPACES.");
  ASSERT_THAT(conditions.at(0).values, SizeIs(8));
  const auto kind = [&](std::size_t i) { return conditions[0].values[i].from.kind; };
  EXPECT_EQ(kind(0), Literal::Kind::spaces);
  EXPECT_EQ(kind(1), Literal::Kind::zeros);
  EXPECT_EQ(kind(2), Literal::Kind::quotes);
  EXPECT_EQ(kind(3), Literal::Kind::low_values);
  EXPECT_EQ(kind(4), Literal::Kind::high_values);
  EXPECT_EQ(kind(5), Literal::Kind::nulls);
  EXPECT_EQ(kind(6), Literal::Kind::all_of);
  EXPECT_EQ(conditions[0].values[6].from.text, "AB");
  EXPECT_EQ(kind(7), Literal::Kind::spaces);
}

TEST(Conditions, HoldNumbersAndHexadecimal) {
  const auto conditions =
      conditions_of("88 C VALUE 1 THROUGH 5, -2.5 +.5 X'0aFF' N'AB' NX'00410042'.");
  ASSERT_THAT(conditions.at(0).values, SizeIs(6));
  EXPECT_EQ(conditions[0].values[0].through->text, "5");
  EXPECT_EQ(conditions[0].values[1].from.text, "-2.5");
  EXPECT_EQ(conditions[0].values[2].from.text, "+.5");
  EXPECT_EQ(conditions[0].values[3].from.kind, Literal::Kind::hex);
  EXPECT_EQ(conditions[0].values[3].from.text, "0AFF");
  EXPECT_EQ(conditions[0].values[4].from.text, "AB");
  EXPECT_EQ(conditions[0].values[5].from.text, "00410042");
}

TEST(Conditions, HoldJoinedLiteralsAndIgnoreTheFalseValue) {
  const auto conditions = conditions_of("88 C VALUE 'A' & 'B' WHEN SET TO FALSE IS 'N'.");
  ASSERT_THAT(conditions.at(0).values, SizeIs(1));
  EXPECT_EQ(conditions[0].values[0].from.text, "AB");
}

TEST(Conditions, DecimalCommaBecomesAPoint) {
  ParseOptions options;
  options.decimal_point_is_comma = true;
  const Layout layout = free_layout("01 R. 05 A PIC 9V9. 88 C VALUE 1,5, 2 ,5.", options);
  ASSERT_THAT(layout.items.at(1).conditions.at(0).values, SizeIs(3));
  EXPECT_EQ(layout.items[1].conditions[0].values[0].from.text, "1.5");
  EXPECT_EQ(layout.items[1].conditions[0].values[1].from.text, "2");
  EXPECT_EQ(layout.items[1].conditions[0].values[2].from.text, ".5");
}

TEST(Conditions, BelongToGroupsToo) {
  const Layout layout = free_layout("01 R. 05 G. 88 EMPTY VALUE SPACES. 10 A PIC X.");
  EXPECT_EQ(layout.items[1].conditions.at(0).name, "EMPTY");
  EXPECT_EQ(layout.items[1].conditions.at(0).where.column, 16U);
}

// -- mistakes

TEST(Mistakes, AllOfACopybookAreReportedInItsOrder) {
  const auto outcome = parse_free(
      "01 R.\n"
      "  05 A PIC Q.\n"
      "  05 B PIC X TIEMS.\n"
      "  05 C REDEFINES X PIC X.\n"
      "  50 D PIC X.\n"
      "  05 E.\n");
  EXPECT_THAT(findings(outcome),
              ElementsAre("error 2:12 copybook: A: PICTURE Q: 'Q' is no picture symbol",
                          "error 3:14 copybook: 'TIEMS' begins no clause",
                          HasSubstr("error 4:18 copybook: C: it redefines X, which is not"),
                          "error 5:3 copybook: there is no level 50",
                          HasSubstr("error 6:6 copybook: E: it has neither a PICTURE")));
}

TEST(Mistakes, MisspeltWordsGetAHint) {
  EXPECT_EQ(hint_of(parse_free("01 R. 05 A PIC X OCURS 3.")), "did you mean OCCURS?");
  EXPECT_EQ(hint_of(parse_free("01 R. 05 A REDEFINE B PIC X.")), "did you mean REDEFINES?");
  EXPECT_EQ(hint_of(parse_free("01 R. 05 A PIC 9 USAGE COMP-33.")), "did you mean COMP-3?");
  EXPECT_EQ(hint_of(parse_free("01 R. 05 A PIC 9 PACKED-DECIMALS.")),
            "did you mean PACKED-DECIMAL?");
  EXPECT_EQ(hint_of(parse_free("01 R. 05 A PIC 9 WHATEVER.")), "");
}

TEST(Mistakes, AMissingPeriodIsToldAtTheNextLevelNumber) {
  const auto outcome = parse_free("01 R.\n 05 A PIC X\n 05 B PIC X.\n");
  EXPECT_EQ(only_finding(outcome), "warning 3:2 copybook: no period before this level number");
  EXPECT_THAT(outcome.copybook.records.at(0).items, SizeIs(3));
}

TEST(Mistakes, AMissingPeriodIsAnErrorWhereItMayStandBehindColumn72) {
  const std::string entry = "           05  A-NAME-OF-SOME-LENGTH PIC S9(9)V99";
  const std::string cut = entry + std::string(72 - entry.size(), ' ') + "COMP-3.\n";
  EXPECT_EQ(only_finding(parse_fixed("       01  R.\n" + cut)),
            "error 2:42 copybook: the last entry has no period");
  EXPECT_EQ(only_finding(parse_fixed("       01  R.\n" + cut + "      * A comment.\n" +
                                     "           05  B PIC X.\n")),
            "error 2:42 copybook: no period before this level number");
}

TEST(Mistakes, TextBehindColumn72IsHintedAt) {
  const std::string entry = "           05  A-NAME-OF-SOME-LENGTH PIC S9(9)V99";
  const std::string next = "           05  B PIC X.\n";
  const auto outcome_of = [&](const std::string& behind) {
    return parse_fixed("       01  R.\n" + entry + std::string(72 - entry.size(), ' ') + behind +
                       "\n" + next);
  };
  EXPECT_EQ(hint_of(outcome_of("COMP-3.")),
            "line 2 goes on behind column 72, which fixed format does not read; --source-format "
            "variable (source_format) does");
  EXPECT_EQ(hint_of(outcome_of("00012000")), "");
}

TEST(Mistakes, AMistakeInAnEntryDoesNotSwallowTheNext) {
  const auto outcome = parse_free("01 R.\n 05 A PIC X FOO\n 05 B PIC Q.\n");
  EXPECT_THAT(findings(outcome), ElementsAre(HasSubstr("2:13"), HasSubstr("3:11")));
}

TEST(Mistakes, AMissingLastPeriodIsAWarning) {
  const auto outcome = parse_free("01 R. 05 A PIC X");
  EXPECT_THAT(only_finding(outcome), HasSubstr("warning"));
  EXPECT_EQ(outcome.copybook.records.at(0).size_max, 1U);
}

TEST(Mistakes, TextWithoutEntriesIsAnError) {
  EXPECT_THAT(only_finding(parse_free("")), HasSubstr("no data description entries"));
  EXPECT_THAT(only_finding(parse_free("*> only a comment\n")), HasSubstr("no data description"));
}

TEST(Mistakes, APartToBeReplacedInANameIsAnError) {
  const auto outcome = parse_free("01 R. 05 :TAG:-ID PIC X.");
  EXPECT_THAT(only_finding(outcome), HasSubstr("has a part to be replaced"));
  EXPECT_THAT(hint_of(outcome), HasSubstr("REPLACING"));
}

struct Refused {
  const char* entries;
  const char* message;
};

class MistakeTable : public testing::TestWithParam<Refused> {};

TEST_P(MistakeTable, IsRefused) {
  const auto outcome = parse_free(std::string("01 R. ") + GetParam().entries);
  EXPECT_TRUE(outcome.diagnostics.has_errors());
  EXPECT_THAT(findings(outcome), testing::Contains(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakeTable,
    testing::Values(Refused{"05 A PIC X PIC X.", "a second PICTURE clause"},
                    Refused{"05 A PIC 9 COMP COMP-3.", "a second USAGE clause"},
                    Refused{"05 A PIC X OCCURS 2 OCCURS 3.", "a second OCCURS clause"},
                    Refused{"05 A PIC X VALUE 'A' VALUE 'B'.", "a second VALUE clause"},
                    Refused{"05 A PIC.", "PICTURE has no picture"},
                    Refused{"05 A USAGE FOO PIC X.", "'FOO' is no USAGE"},
                    Refused{"05 A USAGE BIT PIC 1(8).", "'BIT' is no USAGE"},
                    Refused{"05 A PIC X ALIGNED.", "'ALIGNED' begins no clause"},
                    Refused{"05 A PIC X ANY LENGTH.", "'ANY' begins no clause"},
                    Refused{"05 A PIC 9 VALUE H'1G'.", "1 to 16 hexadecimal digits"},
                    Refused{"05 A PIC 9 VALUE B'12'.", "1 to 64 digits 0 and 1"},
                    Refused{"05 A PIC X VALUE.", "a literal belongs here"},
                    Refused{"05 A PIC X VALUE X'0'.", "whole bytes"},
                    Refused{"05 A PIC X VALUE X'GG'.", "whole bytes"},
                    Refused{"05 A PIC X VALUE 'A' & 1.", "& joins two quoted"},
                    Refused{"05 A PIC X OCCURS.", "a whole number belongs here"},
                    Refused{"05 A PIC X OCCURS 0.", "at least one occurrence"},
                    Refused{"05 N PIC 9. 05 A OCCURS 0. 10 B OCCURS UNBOUNDED DEPENDING ON N. 15 C "
                            "PIC X.",
                            "at least one occurrence"},
                    Refused{"05 N PIC 9. 05 A PIC X OCCURS 5 TO 3 DEPENDING ON N.",
                            "at least one occurrence"},
                    Refused{"05 A PIC X OCCURS 1 TO 5.", "OCCURS with TO needs DEPENDING"},
                    Refused{"05 A PIC X OCCURS UNBOUNDED.", "needs DEPENDING ON"},
                    Refused{"05 A PIC X DEPENDING ON B.", "without OCCURS"},
                    Refused{"05 A PIC X INDEXED BY.", "a name belongs here"},
                    Refused{"05 A PIC X BLANK WHEN 5.", "BLANK goes on with WHEN ZERO"},
                    Refused{"05 A PIC S9 SIGN IS SEPARATE.", "SIGN is LEADING or TRAILING"},
                    Refused{"05 A PIC X DYNAMIC LENGTH.", "DYNAMIC LENGTH"},
                    Refused{"05 A PIC X. 10 B PIC X.", "it has a PICTURE and items under it"},
                    Refused{"88 C.", "level 88 goes on with VALUE"},
                    Refused{"88 C VALUE 1 THRU.", "a literal belongs here"},
                    Refused{"05 A PIC X. 66 B A.", "level 66 is a name, RENAMES"},
                    Refused{"05 A PIC X. 66 B RENAMES C.", "B: C is no item"},
                    Refused{"05 A PIC X. 66 B RENAMES A B. 88 C VALUE 1.", "does not belong here"},
                    Refused{"05 A PIC X. 66 B RENAMES R.", "B: R is no item within"},
                    Refused{"05 A PIC X OCCURS 2. 66 B RENAMES A.", "this: A is a table"},
                    Refused{"05 A OCCURS 2. 10 C PIC X. 66 B RENAMES C.", "this: A is a table"},
                    Refused{"05 A PIC X. 05 C PIC X. 66 B RENAMES C THRU A.", "does not end"},
                    Refused{"05 N PIC 9. 05 A. 10 C PIC X OCCURS 1 TO 2 DEPENDING ON N. 66 B "
                            "RENAMES N THRU A.",
                            "C has no fixed size"},
                    Refused{"78 B VALUE 3 5.", "one value"},
                    Refused{"05 A PIC X. )( foo.", "a level number belongs here"},
                    Refused{"05 A PIC X EXEC SQL.", "'EXEC' begins no clause"},
                    Refused{"EXEC SQL FOO.", "not closed by END-EXEC"}));

TEST(Mistakes, ControlCharactersOfTheTextDoNotReachMessages) {
  EXPECT_THAT(only_finding(parse_free("01 R PIC X. \x7F[31m 5")), HasSubstr("'?"));
}

TEST(Mistakes, Level88BeforeAnyItem) {
  EXPECT_THAT(only_finding(parse_free("88 A VALUE 1. 01 R PIC X.")), HasSubstr("before any item"));
}

TEST(Constants, AreComputedFromLeftToRight) {
  const auto size = [](const std::string& value) {
    return free_layout("78 A VALUE 3. 78 B VALUE " + value + ". 01 R. 05 T PIC X OCCURS B.")
        .size_max;
  };
  EXPECT_EQ(size("A + 1"), 4U);
  EXPECT_EQ(size("2 + A * 4"), 20U);
  EXPECT_EQ(size("2 + (A * 4)"), 14U);
  EXPECT_EQ(size("7 / 2"), 3U);
  EXPECT_EQ(size("A -1"), 2U);
  EXPECT_EQ(size("(A - 1) * (A + 2)"), 10U);
}

TEST(Constants, OfNoWholeNumberAreErrors) {
  for (const char* wrong : {"A /", "A / 0", "A + 'x'", "(A + 1", "A * 99999999999", "+", "A + 1.5"})
    EXPECT_TRUE(parse_free("78 A VALUE 3. 78 B VALUE " + std::string(wrong) + ". 01 R PIC X.")
                    .diagnostics.has_errors())
        << wrong;
  const std::string deep = std::string(5000, '(') + "1" + std::string(5000, ')');
  EXPECT_THAT(findings(parse_free("78 B VALUE " + deep + ". 01 R PIC X.")),
              testing::Contains(testing::HasSubstr("nest too deep")));
}

TEST(Constants, CountInPictures) {
  const Layout layout = free_layout(
      "78 N VALUE 4. 01 W CONSTANT AS N + 3. 01 R. 05 A PIC X(N). 05 B PIC S9(W)V9(N) COMP-3.");
  EXPECT_EQ(item_of(layout, "A").size, 4U);
  EXPECT_EQ(item_of(layout, "B").digits, 11);
  EXPECT_EQ(item_of(layout, "B").scale, 4);
  EXPECT_TRUE(parse_free("01 R PIC X(M).").diagnostics.has_errors());
}

}  // namespace
}  // namespace copybridge::copybook
