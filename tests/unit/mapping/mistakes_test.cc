// Mistakes in mapping files, one per row, each at its line and column.
#include "tests/support/mistakes.h"

#include <gtest/gtest.h>

#include "codecs/mapping/load.h"
#include "tests/support/memory_files.h"

namespace copybridge::support {
namespace {

constexpr std::string_view kTwoRecords =
    "       01  FIRST-RECORD.\n"
    "           05  FIRST-TYPE   PIC X.\n"
    "       01  SECOND-RECORD.\n"
    "           05  SECOND-TYPE  PIC X.\n";

void read_mapping(const std::string& text, const std::string& file_name, Diagnostics& diagnostics) {
  MemoryFiles files;
  files.add("account.cpy", kAccountCopybook);
  files.add("two.cpy", std::string(kTwoRecords));
  const auto mapping = mapping::load_text(text, file_name, files, diagnostics);
  EXPECT_EQ(mapping != nullptr, !diagnostics.has_errors());
}

/// Rows that are a whole file.
constexpr Mistake kFiles[] = {
    {"EmptyFile", "§", "expected a map, not nothing"},
    {"ListInsteadOfMap", "§- name: a\n", "expected a map, not a list"},
    {"SyntaxError", "name: a\nevent: §]\n", "yaml: "},
    {"SyntaxErrorInQuotes", "name: \"a\\q§\"\n", "yaml: "},
    {"TwoDocuments", "§name: a\n---\nname: b\n", "more than one document"},
    {"KeyTwice", "name: a\n§name: b\ncopybook: account.cpy\nevent: {type: t}\n",
     "key 'name' stands here twice"},
    {"NameMissing", "§copybook: account.cpy\nevent: {type: t}\n", "the key 'name' is missing"},
    {"CopybookMissing", "§name: a\nevent: {type: t}\n", "the key 'copybook' is missing"},
    {"EventMissing", "§name: a\ncopybook: account.cpy\n", "the key 'event' is missing"},
    {"NameEmpty", "name: §\"\"\ncopybook: account.cpy\nevent: {type: t}\n",
     "'name' must not be empty"},
    {"NameWithSlash", "copybook: account.cpy\nevent: {type: t}\nname: §a/b\n",
     "'name' must be of letters, digits"},
    {"NameIsList", "name: §[a]\ncopybook: account.cpy\nevent: {type: t}\n",
     "'name' must be a single value, not a list"},
    {"NameLeftOut", "§name:\ncopybook: account.cpy\nevent: {type: t}\n",
     "'name' must be a single value, not nothing"},
    {"CopybookNotThere", "name: a\ncopybook: §acount.cpy\nevent: {type: t}\n",
     "the copybook acount.cpy cannot be read"},
    {"SeveralRecords", "name: a\ncopybook: §two.cpy\nevent: {type: t}\n",
     "FIRST-RECORD, SECOND-RECORD"},
    {"RecordUnknown", "name: a\ncopybook: two.cpy\nrecord: §THIRD-RECORD\nevent: {type: t}\n",
     "no record 'THIRD-RECORD'"},
    {"EventIsText", "name: a\ncopybook: account.cpy\nevent: §t\n",
     "'event' must be a map, not a single value"},
    {"EventTypeMissing", "name: a\ncopybook: account.cpy\nevent: §{key: ACCT-ID}\n",
     "the key 'type' is missing"},
    {"EventTypeEmpty", "name: a\ncopybook: account.cpy\nevent: {type: §' '}\n", "'type' is empty"},
    {"EventTypeWithLineEnd", "name: a\ncopybook: account.cpy\nevent: {type: §\"a\\r\\nb\"}\n",
     "'type' holds a line end"},
    {"EventKeyUnknown", "name: a\ncopybook: account.cpy\nevent: {type: t, §keys: ACCT-ID}\n",
     "did you mean 'key'?"},
    {"KeyItemUnknown", "name: a\ncopybook: account.cpy\nevent: {type: t, key: §ACCT-IDD}\n",
     "did you mean 'ACCT-ID'?"},
    {"KeyItemUnknownInQuotes",
     "name: a\ncopybook: account.cpy\nevent: {type: t, key: '§ACCT-IDD'}\n", "ACCT-IDD"},
    {"SubjectItemUnknown",
     "name: a\ncopybook: account.cpy\nevent: {type: t, subject: \"a/{ACCT-ID}/{§ACCT-NO}\"}\n",
     "ACCT-NO"},
    {"SubjectItemUnknownBehindEscape",
     "name: a\ncopybook: account.cpy\nevent: {type: t, subject: \"\\x61/{§ACCT-NO}\"}\n",
     "ACCT-NO"},
    {"SubjectGroup", "name: a\ncopybook: account.cpy\nevent: {type: t, subject: '{§OWNER}'}\n",
     "OWNER"},
    {"SubjectTableWithoutSubscript",
     "name: a\ncopybook: account.cpy\nevent: {type: t, subject: '{§TAG}'}\n", "TAG"},
    {"SubjectBraceNotClosed",
     "name: a\ncopybook: account.cpy\nevent: {type: t, subject: 'it''s §{ACCT-ID'}\n",
     "a brace is not closed"},
    {"SubjectEmpty", "name: a\ncopybook: account.cpy\nevent: {type: t, subject: §''}\n",
     "'subject' is empty"},
    {"SubjectAmbiguous", "name: a\ncopybook: account.cpy\nevent: {type: t, subject: 'a/{§CITY}'}\n",
     "CITY"},
};

/// Rows that stand behind the head of a file.
constexpr std::string_view kHead = "name: a\ncopybook: account.cpy\nevent: {type: t}\n";
constexpr Mistake kParts[] = {
    {"UnknownKey", "§only_when: ACCT-LOAN\n", "unknown key 'only_when'"},
    {"UnknownKeyHasNearest", "§code_page: IBM-1047\n", "did you mean 'codepage'?"},
    {"CodePageUnknown", "codepage: §IBM-9999\n", "IBM-9999"},
    {"CodePageOfAnotherKind", "codepage: §UTF-16BE\n", "UTF-16BE"},
    {"SourceFormatUnknown", "source_format: §fixd\n", "did you mean 'fixed'?"},
    {"DialectUnknown", "dialect: §cobol-85\n", "'dialect' must be one of"},
    {"FloatUnknown", "float: §iee\n", "did you mean 'ieee'?"},
    {"EndianUnknown", "endian: §middle\n", "'endian' must be one of big|little"},
    {"CurrencyOfTwoCharacters", "currency: §EUR\n",
     "'currency': a currency symbol is one character that is no picture symbol"},
    {"DecimalPointNoBoolean", "decimal_point_is_comma: §maybe\n", "must be yes or no"},
    {"LibraryNotThere", "libraries: [library, §missing]\n", "there is no folder missing"},
    {"LibraryNotThereAlone", "libraries: §missing\n", "there is no folder missing"},
    {"NamesUnknown", "names: §pascal\n", "'names' must be one of"},
    {"TrimUnknown", "trim: §left\n", "'trim' must be one of right|both|none"},
    {"NumbersUnknown", "numbers: §saef\n", "did you mean 'safe'?"},
    {"FillersUnknown", "fillers: §yes\n", "'fillers' must be one of drop|keep"},
    {"OnBadFieldUnknown", "on_bad_field: §ignore\n", "'on_bad_field' must be one of"},
    {"OnBadFieldTilde", "on_bad_field: §~\n", "must be one of reject|null|raw, not '~'"},
    {"OnBadFieldLeftOut", "§on_bad_field:\ntrim: both\n", "must be a single value, not nothing"},
    {"ShortRecordsUnknown", "short_records: §cut\n", "'short_records' must be one of"},
    {"LongRecordsUnknown", "long_records: §cut\n", "'long_records' must be one of"},
    {"OdoUnknown", "odo: §sliding\n", "'odo' must be one of moving|fixed"},
    {"ConditionsNoBoolean", "conditions: §[yes]\n", "'conditions' must be a single value"},
    {"ListErrorsNoBoolean", "list_errors: §1\n", "'list_errors' must be yes or no"},
    {"KeepRawBesideMask", "keep_raw: §yes\nfields: {ACCT-SSN: {mask: all}}\n",
     "'keep_raw' would publish what 'ACCT-SSN' hides by 'mask'"},
    {"KeepRawBesideDrop", "fields: {ACCT-SSN: {drop: yes}}\nkeep_raw: §yes\n",
     "'keep_raw' would publish what 'ACCT-SSN' hides by 'drop'"},

    {"MatchItemUnknown", "match: §ACCT-TIPE = 'A'\n", "did you mean 'ACCT-TYPE'?"},
    {"MatchItemUnknownInQuotes", "match: \"§ACCT-KIND = 'A'\"\n", "ACCT-KIND"},
    {"MatchSecondItemUnknown", "match: ACCT-TYPE = 'A' AND §ACCT-KIND = 1\n", "ACCT-KIND"},
    {"MatchBehindDoubledQuote", "match: 'ACCT-TYPE = ''A'' AND §ACCT-KIND = 1'\n", "ACCT-KIND"},
    {"MatchOnSecondLine", "match: ACCT-TYPE = 'A'\n  AND §ACCT-KIND = 1\n", "ACCT-KIND"},
    {"MatchInBlock", "match: §|\n  ACCT-KIND = 1\n", "ACCT-KIND"},
    {"MatchEmpty", "match: §''\n", "the condition is empty"},
    {"MatchIsMap", "match: §{ACCT-TYPE: A}\n", "'match' must be a single value, not a map"},
    {"OnlyIfItemUnknown", "only_if: NOT §ACCT-LOANS\n", "did you mean 'ACCT-LOAN'?"},
    {"MatchTextWithDecimals", "match: ACCT-TYPE = §5.5\n", "only a whole number"},
    {"MatchSignOfText", "match: NAME §POSITIVE\n", "a sign test needs a numeric item"},
    {"MatchAlphabeticNumber", "match: ACCT-ID §ALPHABETIC\n", "needs a text item"},
    {"MatchTwoLiterals", "match: §1 = 1\n", "two literals are compared"},
    {"MatchUnbalanced", "match: (ACCT-LOAN OR ACCT-SAVINGS§\n", "condition: "},
    {"MatchLiteralNotClosed", "match: ACCT-TYPE = §'A\n", "condition: "},
    {"MatchTableWithoutSubscript", "match: §TAG = 'AB'\n", "TAG"},
    {"OnlyIfAmbiguous", "only_if: §CITY = 'BONN'\n", "CITY"},

    {"FieldsIsList", "fields: §[ACCT-ID]\n", "'fields' must be a map, not a list"},
    {"FieldUnknown", "fields: {§ACCT-BALANSE: {name: b}}\n", "did you mean 'ACCT-BALANCE'?"},
    {"FieldUnknownInQuotes", "fields:\n  §'ACCT-BALANSE': {name: b}\n", "'ACCT-BALANSE'"},
    {"FieldAmbiguous", "fields: {§CITY: {name: b}}\n", "OWNER.CITY, BRANCH.CITY"},
    {"FieldQualifiedWrongly", "fields: {§ACCT-ID OF OWNER: {name: b}}\n",
     "'ACCT-ID' stands at ACCT-ID"},
    {"FieldIsConditionName", "fields: {§ACCT-LOAN: {name: b}}\n",
     "'ACCT-LOAN' is a condition name of 'ACCT-TYPE'"},
    {"FieldWithSubscript", "fields: {§TAG(1): {name: b}}\n", "'TAG(1)' has a subscript"},
    {"FieldIsTheRecord", "fields: {§ACCOUNT-RECORD: {drop: yes}}\n", "is the record itself"},
    {"FieldTwiceInOtherWords", "fields:\n  CITY OF OWNER: {name: a}\n  §OWNER.CITY: {name: b}\n",
     "'OWNER.CITY' has a rule already"},
    {"FieldTwiceInOtherCase", "fields: {ACCT-ID: {as: text}, §acct-id: {name: b}}\n",
     "'acct-id' has a rule already"},
    {"FieldRuleIsText", "fields: {ACCT-ID: §text}\n", "expected a map, not a single value"},
    {"FieldKeyUnknown", "fields: {ACCT-ID: {§nam: b}}\n", "did you mean 'name'?"},
    {"FieldNameEmpty", "fields: {ACCT-ID: {name: §''}}\n", "'name' is empty"},
    {"DropNoBoolean", "fields: {ACCT-ID: {drop: §no way}}\n", "'drop' must be yes or no"},
    {"MaskUnknown", "fields: {ACCT-SSN: {mask: §last 4}}\n",
     "'mask' must be all, keep-first N or keep-last N"},
    {"MaskWithoutNumber", "fields: {ACCT-SSN: {mask: §keep-last}}\n", "'mask' must be all"},
    {"MaskOfZero", "fields: {ACCT-SSN: {mask: §keep-last 0}}\n", "'mask' must be all"},
    {"MaskHidesNothing", "fields: {ACCT-SSN: {mask: §keep-first 9}}\n", "'mask' hides nothing"},
    {"MaskHidesNothingOfNumber", "fields: {ACCT-BALANCE: {mask: §keep-last 9}}\n",
     "'mask' hides nothing"},
    {"MaskOnFloat", "fields: {ACCT-RATE: {mask: §all}}\n", "'mask' needs characters or digits"},
    {"MaskOnGroup", "fields: {OWNER: {mask: §all}}\n", "'OWNER' is a group"},
    {"AsUnknown", "fields: {ACCT-ID: {as: §string}}\n", "'as' must be one of text"},
    {"AsTextOnText", "fields: {ACCT-SSN: {as: §text}}\n", "'as: text' is for numbers"},
    {"AsTextOnGroup", "fields: {BRANCH: {as: §text}}\n", "'BRANCH' is a group"},
    {"AsTextBesideDate", "fields: {ACCT-OPENED: {date: yyyyMMdd, as: §text}}\n",
     "'as' and 'date' cannot both decide"},
    {"MaskBesideDate", "fields: {ACCT-OPENED: {date: §yyyyMMdd, mask: all}}\n",
     "'date' and 'mask' cannot both decide"},
    {"DateOnGroup", "fields: {OWNER: {date: §yyyyMMdd}}\n", "'OWNER' is a group"},
    {"DateOnFloat", "fields: {ACCT-RATE: {date: §yyyyMMdd}}\n", "'date' needs digits"},
    {"DateOnDecimals", "fields: {ACCT-BALANCE: {date: §yyyyMMdd}}\n", "has decimals"},
    {"DateLongerThanNumber", "fields: {CODE-NO: {date: §yyDDD}}\n", "PIC S9(4), has 4"},
    {"DateLongerThanText", "fields: {ACCT-SSN: {date: §yyyy-MM-dd}}\n", "PIC X(9), has 9"},
    {"DateSeparatorInNumber", "fields: {ACCT-ID: {date: §yy.MM.dd}}\n", "holds no separators"},
    {"DateInUpperCase", "fields: {ACCT-SSN: {date: §YYYYMMDD}}\n", "date: pattern 'YYYYMMDD' "},
    {"DateOfThreeYears", "fields: {ACCT-OPENED: {date: §'yyyMMdd'}}\n", "date: pattern 'yyyMMdd' "},
    {"DateMonthTwice", "fields: {ACCT-OPENED: {date: §yyMMddMM}}\n", "date: pattern 'yyMMddMM' "},
    {"DateWithoutYear", "fields: {ACCT-OPENED: {date: §MMdd}}\n", "neither a year nor an hour"},
    {"DateDayWithoutMonth", "fields: {ACCT-OPENED: {date: §yyyydd}}\n", "without its month"},
    {"DateWithTwoDays", "fields: {ACCT-SSN: {date: §yyMMddDDD}}\n", "both a day of the year"},
    {"DateMinuteWithoutHour", "fields: {ACCT-OPENED: {date: §yyDDDmm}}\n", "without hours"},
    {"DateEmpty", "fields: {ACCT-OPENED: {date: §''}}\n", "1 to 40 characters"},
    {"CenturyWindowAlone", "fields: {ACCT-OPENED: {century_window: §1950}}\n",
     "'century_window' goes with 'date'"},
    {"CenturyWindowNoNumber", "fields: {ACCT-OPENED: {date: yyMMdd, century_window: §50s}}\n",
     "is not a whole number"},
    {"CenturyWindowTooLate", "fields: {ACCT-OPENED: {date: yyMMdd, century_window: §9901}}\n",
     "at most 9900"},
    {"TimeZoneAlone", "fields: {ACCT-STAMP: {time_zone: §Z}}\n", "'time_zone' goes with 'date'"},
    {"TimeZoneWithoutTime", "fields: {ACCT-OPENED: {date: yyyyMMdd, time_zone: §Z}}\n",
     "'time_zone' goes with a time"},
    {"TimeZoneUnknown",
     "fields: {ACCT-STAMP: {date: yyyy-MM-dd-HH.mm.ss.SSSSSS, time_zone: §Europe/Atlantis}}\n",
     "Europe/Atlantis"},
    {"EmptyIsMap", "fields: {ACCT-OPENED: {empty: §{a: b}}}\n", "'empty' must be a list"},
    {"EmptyTextOfPacked", "fields: {ACCT-BALANCE: {empty: [0, §'N/A']}}\n",
     "'N/A' is never in 'ACCT-BALANCE'"},
    {"EmptyTextTooLong", "fields: {ACCT-TYPE: {empty: §'NONE'}}\n", "'NONE' is longer than"},
    {"EmptyOnGroup", "fields: {OWNER: {empty: §spaces}}\n", "'OWNER' is a group"},
    {"FieldOnBadFieldUnknown", "fields: {ACCT-ID: {on_bad_field: §skip}}\n",
     "'on_bad_field' must be one of"},
    {"FieldCodePageUnknown", "fields: {NAME: {codepage: §IBM-9999}}\n", "IBM-9999"},
    {"FieldCodePageOnPacked", "fields: {ACCT-BALANCE: {codepage: §IBM-1047}}\n",
     "'codepage' needs characters of a code page"},

    {"RedefinesIsMap", "redefines: §{DETAIL-LOAN: ACCT-LOAN}\n",
     "'redefines' must be a list, not a map"},
    {"RedefinesWithoutItem", "redefines: [§{when: ACCT-LOAN}]\n", "the key 'item' is missing"},
    {"RedefinesWithoutWhen", "redefines: [§{item: DETAIL-LOAN}]\n", "the key 'when' is missing"},
    {"RedefinesItemUnknown", "redefines: [{item: §DETAIL-LOANS, when: ACCT-LOAN}]\n",
     "did you mean 'DETAIL-LOAN'?"},
    {"RedefinesItemAlone", "redefines: [{item: §OWNER, when: ACCT-LOAN}]\n",
     "'OWNER' neither redefines an item nor is redefined"},
    {"RedefinesItemTwice",
     "redefines:\n  - {item: DETAIL-LOAN, when: ACCT-LOAN}\n"
     "  - {item: §DETAIL-LOAN, when: ACCT-SAVINGS}\n",
     "'DETAIL-LOAN' has a condition already"},
    {"RedefinesConditionUnknown", "redefines: [{item: DETAIL-LOAN, when: §ACCT-LOANS}]\n",
     "ACCT-LOANS"},
    {"RedefinesKeyUnknown",
     "redefines: [{item: DETAIL-LOAN, when: ACCT-LOAN, §else: DETAIL-SAVINGS}]\n",
     "unknown key 'else'"},

    {"ExamplesIsMap", "examples: §{event: filtered}\n", "'examples' must be a list, not a map"},
    {"ExampleIsText", "examples: [§filtered]\n", "expected a map, not a single value"},
    {"ExampleWithoutRecord", "examples: [§{event: filtered}]\n",
     "either 'record_hex' or 'record_text'"},
    {"ExampleWithTwoRecords", "examples: [{record_hex: C1, record_text: §A, event: filtered}]\n",
     "either 'record_hex' or 'record_text'"},
    {"ExampleWithoutEvent", "examples: [§{record_hex: C1}]\n", "the key 'event' is missing"},
    {"ExampleHexOddDigits", "examples: [{record_hex: §C1C, event: filtered}]\n",
     "an odd number of digits, 3"},
    {"ExampleHexNoDigit", "examples: [{record_hex: C1 §X0, event: filtered}]\n",
     "no hexadecimal digit"},
    {"ExampleHexNoDigitInQuotes", "examples: [{record_hex: \"C1§Z0\", event: filtered}]\n",
     "no hexadecimal digit"},
    {"ExampleHexEmpty", "examples: [{record_hex: §'', event: filtered}]\n",
     "'record_hex' is empty"},
    {"ExampleTextNotInCodePage", "examples: [{record_text: §'→', event: filtered}]\n",
     "'record_text': "},
    {"ExampleEventWord", "examples: [{record_hex: C1, event: §filterd}]\n",
     "must be a map or the word filtered"},
    {"ExampleKeyBesideFiltered", "examples: [{record_hex: C1, event: filtered, key: §'1'}]\n",
     "a filtered record has no key"},
    {"ExampleKeyUnknown", "examples: [{record_hex: C1, event: filtered, §comment: x}]\n",
     "unknown key 'comment'"},
};

class MappingFileMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(MappingFileMistake, IsReportedAtItsPlace) { expect_mistake(GetParam(), read_mapping); }

INSTANTIATE_TEST_SUITE_P(Files, MappingFileMistake, ::testing::ValuesIn(kFiles), title_of);

class MappingPartMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(MappingPartMistake, IsReportedAtItsPlace) {
  const std::string text = std::string(kHead) + std::string(GetParam().text);
  expect_mistake({GetParam().title, text, GetParam().message}, read_mapping);
}

INSTANTIATE_TEST_SUITE_P(Parts, MappingPartMistake, ::testing::ValuesIn(kParts), title_of);

}  // namespace
}  // namespace copybridge::support
