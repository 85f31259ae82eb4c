// VARCHARs of DCLGEN as one string, both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using testing::HasSubstr;

constexpr const char* kName =
    "01 R. 10 NAME. 49 NAME-LEN PIC S9(4) USAGE COMP. 49 NAME-TEXT PIC X(6). 10 B PIC X.";

plan::PlanOptions strings(std::string_view code_page = "IBM-1047") {
  plan::PlanOptions options = options_of(code_page);
  options.varchar = plan::Varchar::string;
  return options;
}

plan::PlanOptions with_rule(plan::FieldRule rule, const char* item) {
  plan::PlanOptions options = strings();
  rule.item = item_of(*layout_of(kName), item);
  options.rules.push_back(std::move(rule));
  return options;
}

TEST(Varchar, IsAGroupUnlessAskedFor) {
  EXPECT_EQ(decode(kName, "0002" + hex_of("ab    z")),
            R"({"NAME":{"NAME-LEN":2,"NAME-TEXT":"ab"},"B":"z"})");
}

TEST(Varchar, IsTheTextThatItsLengthSays) {
  EXPECT_EQ(round_trip(kName, "0002" + hex_of("ab    z"), strings()), R"({"NAME":"ab","B":"z"})");
  EXPECT_EQ(round_trip(kName, "0006" + hex_of("abcdefz"), strings()),
            R"({"NAME":"abcdef","B":"z"})");
  EXPECT_EQ(round_trip(kName, "0000" + hex_of("      z"), strings()), R"({"NAME":"","B":"z"})");
}

TEST(Varchar, KeepsTheSpacesThatItsLengthCounts) {
  EXPECT_EQ(round_trip(kName, "0004" + hex_of(" ab   z"), strings()), R"({"NAME":" ab ","B":"z"})");
  plan::PlanOptions both = strings();
  both.trim = plan::Trim::both;
  EXPECT_EQ(round_trip(kName, "0004" + hex_of(" ab   z"), both), R"({"NAME":" ab ","B":"z"})");
}

TEST(Varchar, DoesNotShowWhatIsBehindItsLength) {
  EXPECT_EQ(decode(kName, "0002" + hex_of("absecrz"), strings()), R"({"NAME":"ab","B":"z"})");
}

TEST(Varchar, LengthOutOfRangeIsBadData) {
  EXPECT_EQ(decode(kName, "0007" + hex_of("abcdefz"), strings()),
            "misfit: varchar: NAME at offset 0: its length is 7, not 0 to 6");
  EXPECT_EQ(decode(kName, "FFFF" + hex_of("abcdefz"), strings()),
            "misfit: varchar: NAME at offset 0: its length is -1, not 0 to 6");
  plan::PlanOptions options = strings();
  options.on_bad_field = plan::OnBadField::raw;
  EXPECT_EQ(round_trip(kName, "7FFF" + hex_of("abcdefz"), options),
            R"({"NAME":{"raw":"7FFF818283848586"},"B":"z"})");
  options.on_bad_field = plan::OnBadField::null;
  EXPECT_EQ(decode(kName, "7FFF" + hex_of("abcdefz"), options), R"({"NAME":null,"B":"z"})");
}

TEST(Varchar, TextThatIsTooLongIsRefused) {
  EXPECT_EQ(encode(kName, R"({"NAME":"abcdefg","B":"z"})", strings()),
            "refused: /NAME: 7 characters, but NAME has room for 6");
  EXPECT_THAT(encode(kName, R"({"NAME":3,"B":"z"})", strings()), HasSubstr("is no text"));
  EXPECT_THAT(encode(kName, R"({"NAME":{"NAME-LEN":1},"B":"z"})", strings()),
              HasSubstr("is no text"));
  EXPECT_EQ(encode("01 R. 10 A. 49 L BINARY-CHAR. 49 T PIC X(200).",
                   R"({"A":")" + std::string(128, 'x') + R"("})", strings()),
            "refused: /A: 128 characters, but A has room for 127");
}

TEST(Varchar, LengthMayExceedItsPicture) {
  const std::string copybook = "01 R. 10 A. 49 L PIC S9(4) COMP. 49 T PIC X(32704).";
  encode::EncodeOptions standard;
  standard.truncates_binary = true;
  const std::string text(20000, 'x');
  const std::string record = encode(copybook, R"({"A":")" + text + R"("})", strings(), standard);
  EXPECT_EQ(record.substr(0, 6), "4E20A7");
  EXPECT_EQ(decode(copybook, record, strings()), R"({"A":")" + text + R"("})");
}

TEST(Varchar, CountsTwoByteCharacters) {
  const plan::PlanOptions japanese = strings("IBM-939");
  EXPECT_EQ(round_trip("01 R. 10 A. 49 L PIC S9(4) COMP-5. 49 T PIC G(3) DISPLAY-1.",
                       "0002455C455C4040", japanese),
            R"({"A":"中中"})");
  EXPECT_EQ(round_trip("01 R. 10 A. 49 L PIC S9(4) COMP. 49 T PIC N(3) NATIONAL.",
                       "000200614E2D0020", strings()),
            R"({"A":"a中"})");
  // In a mixed page the length counts bytes, SO and SI among them.
  EXPECT_EQ(round_trip("01 R. 10 A. 49 L PIC S9(4) COMP. 49 T PIC X(8).", "0006C10E455C0FC24040",
                       japanese),
            R"({"A":"A中B"})");
}

TEST(Varchar, OfCharactersThatThePageLacksIsHexadecimal) {
  EXPECT_EQ(round_trip("01 R. 10 A. 49 L PIC S9(4) COMP. 49 T PIC G(3) DISPLAY-1.",
                       "0001455C40404040", strings()),
            R"({"A":"455C"})");
}

TEST(Varchar, StandsInTablesAndBesideOtherViews) {
  EXPECT_EQ(round_trip("01 R. 10 A OCCURS 2. 49 L PIC S9(4) COMP. 49 T PIC X(3).",
                       "0001" + hex_of("a  ") + "0003" + hex_of("xyz"), strings()),
            R"({"A":["a","xyz"]})");
  const std::string shared =
      "01 R. 10 A. 49 L PIC S9(4) COMP. 49 T PIC X(3). 10 N REDEFINES A PIC 9(5).";
  EXPECT_EQ(decode(shared, "0001" + hex_of("a  "), strings()), R"({"A":"a","N":null})");
  EXPECT_EQ(round_trip(shared, hex_of("12345"), strings()), R"({"A":null,"N":12345})");
}

TEST(Varchar, NeedsNoMoreOfAShortRecordThanItsLengthSays) {
  const std::string last = "01 R. 10 B PIC X. 10 A. 49 L PIC S9(4) COMP. 49 T PIC X(6).";
  plan::PlanOptions options = strings();
  options.short_records = plan::Acceptance::accept;
  EXPECT_EQ(decode(last, hex_of("z") + "0002" + hex_of("ab"), options), R"({"B":"z","A":"ab"})");
  EXPECT_EQ(decode(last, hex_of("z") + "0003" + hex_of("ab"), options), R"({"B":"z","A":null})");
}

TEST(Varchar, RawRecordKeepsWhatIsBehindTheText) {
  plan::PlanOptions options = strings();
  options.keep_raw = true;
  const std::string record = "0002" + hex_of("absecrz");
  EXPECT_EQ(round_trip(kName, record, options),
            R"({"NAME":"ab","B":"z","_raw":")" + record + R"("})");
  EXPECT_EQ(encode(kName, R"({"NAME":"ab","B":"y","_raw":")" + record + R"("})", options),
            "0002" + hex_of("absecry"));
  EXPECT_EQ(encode(kName, R"({"NAME":"abc","B":"z","_raw":")" + record + R"("})", options),
            "0003" + hex_of("abc   z"));
}

TEST(Varchar, TakesTheRulesOfText) {
  plan::FieldRule mask;
  mask.mask = plan::MaskRule{plan::MaskRule::Kind::keep_last, 2};
  EXPECT_EQ(decode(kName, "0005" + hex_of("abcde z"), with_rule(mask, "NAME")),
            R"({"NAME":"***de","B":"z"})");
  plan::FieldRule date;
  date.date = plan::DateRule{"yyMMdd", 1970, ""};
  EXPECT_EQ(round_trip(kName, "0006" + hex_of("261126z"), with_rule(date, "NAME")),
            R"({"NAME":"2026-11-26","B":"z"})");
  EXPECT_EQ(decode(kName, "0003" + hex_of("261126z"), with_rule(date, "NAME")),
            "misfit: date: NAME at offset 0, byte 5: no digit at position 3 of the pattern");
  plan::FieldRule empty;
  empty.empty = {{plan::EmptyValue::Kind::text, "-"}};
  EXPECT_EQ(round_trip(kName, "0001" + hex_of("-     z"), with_rule(empty, "NAME")),
            R"({"NAME":null,"B":"z"})");
  empty.empty = {{plan::EmptyValue::Kind::spaces, ""}};
  EXPECT_EQ(round_trip(kName, "0000" + hex_of("      z"), with_rule(empty, "NAME")),
            R"({"NAME":null,"B":"z"})");
}

TEST(Varchar, RuleOfAPartIsAMistake) {
  plan::FieldRule mask;
  mask.mask = plan::MaskRule{};
  EXPECT_THAT(mistakes_of(kName, with_rule(mask, "NAME-TEXT")),
              HasSubstr("NAME-TEXT is a part of the VARCHAR NAME"));
}

TEST(Varchar, IsSelectedByAnyOfItsNames) {
  plan::PlanOptions options = strings();
  options.select = {"NAME-TEXT"};
  EXPECT_EQ(decode(kName, "0002" + hex_of("ab    z"), options), R"({"NAME":"ab"})");
}

TEST(Varchar, ReadsItsLengthInTheMachinesOrder) {
  plan::PlanOptions little = strings("ISO-8859-1");
  little.native_order = plan::ByteOrder::little;
  EXPECT_EQ(round_trip("01 R. 10 A. 49 L PIC S9(4) COMP-5. 49 T PIC X(3).", "0200616220", little),
            R"({"A":"ab"})");
}

}  // namespace
}  // namespace copybridge::test
