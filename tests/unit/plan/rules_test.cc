// Rules of single fields: text, masks, dates, values that mean null; and their mistakes.
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

using plan::FieldRule;

FieldRule rule() {
  FieldRule made;
  made.item = 1;
  made.where = {"m.yaml", 7, 3};
  return made;
}

std::string ruled(std::string_view clauses, std::string_view hex, const FieldRule& made,
                  std::string_view code_page = "IBM-1047") {
  plan::PlanOptions options = options_of(code_page);
  options.rules = {made};
  std::string json = decode("01 R. 05 A " + std::string(clauses) + ".", hex, options);
  if (json.rfind("{\"A\":", 0) == 0) json = json.substr(5, json.size() - 6);
  return json;
}

std::string mistakes(std::string_view clauses, const FieldRule& made) {
  plan::PlanOptions options = options_of();
  options.rules = {made};
  return mistakes_of("01 R. 05 A " + std::string(clauses) + ".", options);
}

FieldRule text_rule() {
  FieldRule made = rule();
  made.as_text = true;
  return made;
}

TEST(AsText, KeepsAllDigitsOfThePicture) {
  EXPECT_EQ(ruled("PIC 9(5)", hex_of("00042"), text_rule()), R"("00042")");
  EXPECT_EQ(ruled("PIC S9(3)V99", "F0F1F2F5D0", text_rule()), R"("-012.50")");
  EXPECT_EQ(ruled("PIC S9(4) COMP-3", "00007C", text_rule()), R"("0007")");
  EXPECT_EQ(ruled("PIC S9(4) COMP-3", "12345C", text_rule()).substr(0, 6), "misfit");
  EXPECT_EQ(ruled("PIC S9(4) COMP", "0007", text_rule()), R"("0007")");
  EXPECT_EQ(ruled("PIC S9(4) COMP", "8000", text_rule()), R"("-32768")");
  EXPECT_EQ(ruled("PIC V99", hex_of("07"), text_rule()), R"("0.07")");
  EXPECT_EQ(ruled("PIC PP99", hex_of("07"), text_rule()), R"("0.0007")");
  EXPECT_EQ(ruled("PIC 99PP", hex_of("07"), text_rule()), R"("0700")");
  EXPECT_EQ(ruled("PIC X(3)", hex_of("07 "), text_rule()), R"("07")");
}

FieldRule mask_rule(plan::MaskRule::Kind kind, std::uint16_t keep) {
  FieldRule made = rule();
  made.mask = plan::MaskRule{kind, keep};
  return made;
}

TEST(Mask, HidesAllOrKeepsAnEnd) {
  using Kind = plan::MaskRule::Kind;
  EXPECT_EQ(ruled("PIC 9(9)", hex_of("012345678"), mask_rule(Kind::keep_last, 4)),
            R"("*****5678")");
  EXPECT_EQ(ruled("PIC 9(9)", hex_of("012345678"), mask_rule(Kind::keep_first, 2)),
            R"("01*******")");
  EXPECT_EQ(ruled("PIC 9(3)", hex_of("012"), mask_rule(Kind::all, 0)), R"("***")");
  EXPECT_EQ(ruled("PIC X(3)", hex_of("ab "), mask_rule(Kind::keep_last, 9)), R"("ab")");
  EXPECT_EQ(ruled("PIC S9(3)V99 COMP-3", "01250D", mask_rule(Kind::keep_last, 2)), R"("*****50")");
}

TEST(Mask, CountsCharactersNotBytes) {
  using Kind = plan::MaskRule::Kind;
  EXPECT_EQ(
      ruled("PIC X(6)", hex_of("ä\"ößu\\", "IBM-273"), mask_rule(Kind::keep_last, 3), "IBM-273"),
      R"("***ßu\\")");
  EXPECT_EQ(
      ruled("PIC X(6)", hex_of("ä\"ößu\\", "IBM-273"), mask_rule(Kind::keep_first, 2), "IBM-273"),
      "\"ä\\\"****\"");
  EXPECT_EQ(ruled("PIC X(3)", "000115", mask_rule(Kind::keep_first, 1)), R"("\u0000**")");
}

TEST(Rules, OfNationalTextReadWhatKernelsLeaveToOthers) {
  plan::PlanOptions options = options_of();
  options.rules = {mask_rule(plan::MaskRule::Kind::keep_last, 2)};
  plan::PlanOptions empty = options_of();
  empty.empty_text.spaces = true;
  // A quote, a surrogate pair and half of one.
  for (const plan::InstructionSet set :
       {plan::InstructionSet::portable, plan::InstructionSet::avx2, plan::InstructionSet::avx512}) {
    if (set > plan::best_instruction_set()) continue;
    options.instruction_set = empty.instruction_set = set;
    const std::string copybook = "01 R. 05 A PIC N(4) NATIONAL.";
    EXPECT_EQ(decode(copybook, "004100420022D83D", options).rfind("misfit: ", 0), 0U);
    EXPECT_EQ(decode(copybook, "00410022D83DDE00", options), R"({"A":"*\"😀"})");
    EXPECT_EQ(decode(copybook, "00410022D83DDE00", empty), R"({"A":"A\"😀"})");
    EXPECT_EQ(decode(copybook, "0020002000200020", empty), R"({"A":null})");
  }
}

TEST(Mask, TakesNothingBehindTheTextForItsContinuation) {
  plan::PlanOptions options = options_of();
  options.rules = {mask_rule(plan::MaskRule::Kind::keep_last, 1)};
  const auto plan = plan_of(layout_of("01 R. 05 A PIC 9(3)."), options);
  const ByteBuffer record = record_of(hex_of("012"));
  TextBuffer out;
  out.append(std::string(1000, '\x80'));  // what a recycled buffer may hold
  out.clear();
  ASSERT_TRUE(plan->decode(record.view(), out));
  EXPECT_EQ(out.view(), R"({"A":"**2"})");
}

TEST(Mask, NeverShowsBytesOfBadFields) {
  plan::PlanOptions options = options_of();
  options.on_bad_field = plan::OnBadField::raw;
  options.rules = {mask_rule(plan::MaskRule::Kind::keep_last, 1)};
  EXPECT_EQ(decode("01 R. 05 A PIC 9(3).", hex_of("1?3"), options), R"({"A":null})");
  options.on_bad_field = plan::OnBadField::reject;
  const auto plan = plan_of(layout_of("01 R. 05 A PIC 9(3)."), options);
  const ByteBuffer record = record_of(hex_of("1?3"));
  EXPECT_EQ(plan->explain(record.view()).found, "");
}

FieldRule date_rule(std::string pattern, std::string zone = "", std::uint16_t window = 1970) {
  FieldRule made = rule();
  made.date = plan::DateRule{std::move(pattern), window, std::move(zone)};
  return made;
}

TEST(Dates, OfAnyFieldThroughItsDigits) {
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("20240229"), date_rule("yyyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("20240229"), date_rule("yyyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC X(12)", hex_of("20240229    "), date_rule("yyyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC S9(8) COMP-3", "020240229C", date_rule("yyyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC S9(8) COMP", "0134D765", date_rule("yyyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC X(10)", hex_of("29.02.2024"), date_rule("dd.MM.yyyy")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("202402"), date_rule("yyyyMM")), R"("2024-02")");
}

TEST(Dates, JulianDaysAndCenturies) {
  EXPECT_EQ(ruled("PIC 9(5)", hex_of("24060"), date_rule("yyDDD")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC S9(5) COMP-3", "24366C", date_rule("yyDDD")), R"("2024-12-31")");
  EXPECT_EQ(ruled("PIC 9(7)", hex_of("1240229"), date_rule("CyyMMdd")), R"("2024-02-29")");
  EXPECT_EQ(ruled("PIC S9(7) COMP-3", "0991231C", date_rule("CyyMMdd")), R"("1999-12-31")");
  EXPECT_EQ(ruled("PIC 9(7)", hex_of("2024001"), date_rule("yyyyDDD")), R"("2024-01-01")");
}

TEST(Dates, CenturyWindowSaysWhichHundredYears) {
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("700101"), date_rule("yyMMdd")), R"("1970-01-01")");
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("690101"), date_rule("yyMMdd")), R"("2069-01-01")");
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("490101"), date_rule("yyMMdd", "", 1950)), R"("2049-01-01")");
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("500101"), date_rule("yyMMdd", "", 1950)), R"("1950-01-01")");
}

TEST(Dates, Db2TimestampsAndTimes) {
  EXPECT_EQ(ruled("PIC X(26)", hex_of("2024-02-29-23.59.58.123456"),
                  date_rule("yyyy-MM-dd-HH.mm.ss.SSSSSS")),
            R"("2024-02-29T23:59:58.123456")");
  EXPECT_EQ(ruled("PIC 9(6)", hex_of("235958"), date_rule("HHmmss")), R"("23:59:58")");
  EXPECT_EQ(ruled("PIC 9(4)", hex_of("2359"), date_rule("HHmm")), R"("23:59:00")");
  EXPECT_EQ(ruled("PIC X(19)", hex_of("2024-12-31-24.00.00"), date_rule("yyyy-MM-dd-HH.mm.ss")),
            R"("2025-01-01T00:00:00")");
}

TEST(Dates, OffsetsAndZonesFollowTheTime) {
  EXPECT_EQ(ruled("PIC 9(12)", hex_of("202407011200"), date_rule("yyyyMMddHHmm", "Z")),
            R"("2024-07-01T12:00:00Z")");
  EXPECT_EQ(ruled("PIC 9(12)", hex_of("202407011200"), date_rule("yyyyMMddHHmm", "-05:30")),
            R"("2024-07-01T12:00:00-05:30")");
  EXPECT_EQ(ruled("PIC 9(12)", hex_of("202407011200"), date_rule("yyyyMMddHHmm", "Europe/Berlin")),
            R"("2024-07-01T12:00:00+02:00")");
  EXPECT_EQ(ruled("PIC 9(12)", hex_of("202401011200"), date_rule("yyyyMMddHHmm", "Europe/Berlin")),
            R"("2024-01-01T12:00:00+01:00")");
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("20240101"), date_rule("yyyyMMdd", "Europe/Berlin")),
            R"("2024-01-01")");
}

TEST(Dates, ClockChangesTakeTheEarlierOffset) {
  const auto at = [](std::string_view digits) {
    const std::string json =
        ruled("PIC 9(12)", hex_of(digits), date_rule("yyyyMMddHHmm", "America/New_York"));
    return json.substr(json.size() - 7, 6);
  };
  EXPECT_EQ(at("202403100159"), "-05:00");
  EXPECT_EQ(at("202403100230"), "-05:00");
  EXPECT_EQ(at("202403100300"), "-04:00");
  EXPECT_EQ(at("202411030130"), "-04:00");
  EXPECT_EQ(at("202411030200"), "-05:00");
}

TEST(Dates, OutsideTheCalendarAreBadData) {
  const auto message = [](std::string_view digits) {
    return ruled("PIC X(14)", hex_of(digits), date_rule("yyyyMMddHHmmss"));
  };
  EXPECT_EQ(message("20230229000000"),
            "misfit: date: A at offset 0, byte 6: the day is not in the calendar");
  EXPECT_EQ(message("20231301000000"),
            "misfit: date: A at offset 0, byte 4: the month is not 01 to 12");
  EXPECT_EQ(message("20230101250000"),
            "misfit: date: A at offset 0, byte 8: the hour is not 00 to 23");
  EXPECT_EQ(message("20230101006000"),
            "misfit: date: A at offset 0, byte 10: the minute is not 00 to 59");
  EXPECT_EQ(message("20230101000060"),
            "misfit: date: A at offset 0, byte 12: the second is not 00 to 59");
  EXPECT_EQ(message("2023O101000000"),
            "misfit: date: A at offset 0, byte 4: no digit at position 4 of the pattern");
  EXPECT_EQ(ruled("PIC 9(5)", hex_of("23366"), date_rule("yyDDD")),
            "misfit: date: A at offset 0, byte 0: the day is not in the calendar");
  EXPECT_EQ(ruled("PIC X(10)", hex_of("2023/01/01"), date_rule("yyyy-MM-dd")),
            "misfit: date: A at offset 0, byte 4: another character than the pattern's at position "
            "4");
  EXPECT_EQ(ruled("PIC 9(9)", hex_of("120230101"), date_rule("yyyyMMdd")),
            "misfit: date: A at offset 0, byte 0: the field holds more than the pattern");
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("2023010?"), date_rule("yyyyMMdd")),
            "misfit: zoned: A at offset 0, byte 7: 0x6F is not a digit");
}

TEST(Dates, EveryDayOfFourYearsIsKnown) {
  const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int year = 1999; year <= 2001; ++year) {
    int day_of_year = 0;
    for (int month = 1; month <= 12; ++month) {
      const int last = days[month - 1] + (month == 2 && year == 2000 ? 1 : 0);
      for (int day = 1; day <= last; day += 5) {
        char julian[32];
        char iso[64];
        std::snprintf(julian, sizeof julian, "%04d%03d", year, day_of_year + day);
        std::snprintf(iso, sizeof iso, "\"%04d-%02d-%02d\"", year, month, day);
        EXPECT_EQ(ruled("PIC 9(7)", hex_of(julian), date_rule("yyyyDDD")), iso);
      }
      day_of_year += last;
    }
  }
}

TEST(Dates, PatternsThatMakeNoDateAreMistakes) {
  const auto lines = [](std::string_view clauses, const char* pattern, const char* zone = "") {
    return mistakes(clauses, date_rule(pattern, zone));
  };
  EXPECT_EQ(lines("PIC 9(6)", "yyyyMMdd"),
            "m.yaml:7:3: error: date: pattern 'yyyyMMdd' is longer than field A\n");
  for (const char* pattern : {"", "yyy", "MMdd", "yyyydd", "yyyyMMDDD", "mmss", "CMMdd", "yyyyHH",
                              "yyyyMMddSS", "yyyyMMddyyyy", "d"})
    EXPECT_EQ(lines("PIC X(40)", pattern).rfind("m.yaml:7:3: error: date: pattern", 0), 0U)
        << pattern;
  EXPECT_NE(lines("PIC 9(8)", "yy-MM-dd").find("needs a whole number or text"), std::string::npos);
  EXPECT_NE(lines("PIC 9(6)V99", "yyyyMMdd").find("needs a whole number"), std::string::npos);
  EXPECT_NE(lines("COMP-1", "yyMM").find("can hold no date"), std::string::npos);
  EXPECT_NE(lines("PIC 9(8)", "yyyyMMdd", "Europe/Nowhere").find("is not known"),
            std::string::npos);
}

FieldRule empty_rule(std::vector<plan::EmptyValue> values) {
  FieldRule made = rule();
  made.empty = std::move(values);
  return made;
}

TEST(Empty, ValuesBecomeNull) {
  using Kind = plan::EmptyValue::Kind;
  const FieldRule made =
      empty_rule({{Kind::number, "0"}, {Kind::number, "99999999"}, {Kind::spaces, ""}});
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("00000000"), made), "null");
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("99999999"), made), "null");
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("        "), made), "null");
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("00000001"), made), "1");
  EXPECT_EQ(ruled("PIC S9(8) COMP-3", "099999999C", made), "null");
  EXPECT_EQ(ruled("PIC S9(6)V99 COMP", "00000000", made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("0       "), made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("99999999"), made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("9999999a"), made), R"("9999999a")");
}

TEST(Empty, FillBytesAndTexts) {
  using Kind = plan::EmptyValue::Kind;
  const FieldRule made =
      empty_rule({{Kind::low_values, ""}, {Kind::high_values, ""}, {Kind::text, "N/A"}});
  EXPECT_EQ(ruled("PIC S9(5) COMP-3", "000000", made), "null");
  EXPECT_EQ(ruled("PIC S9(5) COMP-3", "FFFFFF", made), "null");
  EXPECT_EQ(ruled("PIC X(5)", hex_of("N/A  "), made), "null");
  EXPECT_EQ(ruled("PIC X(5)", hex_of("N/A x"), made), R"("N/A x")");
  EXPECT_EQ(ruled("PIC N(3) NATIONAL", "004E002F0041", made), "null");
}

TEST(Empty, CombinesWithDates) {
  using Kind = plan::EmptyValue::Kind;
  FieldRule made =
      empty_rule({{Kind::number, "0"}, {Kind::number, "99999999"}, {Kind::spaces, ""}});
  made.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  EXPECT_EQ(ruled("PIC 9(8)", hex_of("00000000"), made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("99999999"), made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("        "), made), "null");
  EXPECT_EQ(ruled("PIC X(8)", hex_of("20240131"), made), R"("2024-01-31")");
}

TEST(Empty, ValuesThatAFieldCannotHaveAreMistakes) {
  using Kind = plan::EmptyValue::Kind;
  EXPECT_EQ(mistakes("PIC X(2)", empty_rule({{Kind::text, "N/A"}})),
            "m.yaml:7:3: error: empty: field A can never be 'N/A': it is longer than the field\n");
  EXPECT_NE(mistakes("PIC 9(2)", empty_rule({{Kind::number, "1x"}})).find("that is no number"),
            std::string::npos);
}

TEST(Rules, NamesAndDrops) {
  FieldRule renamed = rule();
  renamed.name = "the \"balance\"";
  EXPECT_EQ(ruled("PIC 9", hex_of("1"), renamed), R"({"the \"balance\"":1})");
  FieldRule dropped = rule();
  dropped.drop = true;
  EXPECT_EQ(ruled("PIC 9", hex_of("?"), dropped), "{}");
}

TEST(Rules, OfGroupsOnlyRenameOrDrop) {
  FieldRule made = text_rule();
  plan::PlanOptions options = options_of();
  options.rules = {made};
  EXPECT_EQ(mistakes_of("01 R. 05 G. 10 A PIC X.", options),
            "m.yaml:7:3: error: field G is a group (groups can only be renamed or dropped)\n");
}

TEST(Rules, AreGivenOnce) {
  plan::PlanOptions options = options_of();
  options.rules = {text_rule(), text_rule()};
  EXPECT_EQ(mistakes_of("01 R. 05 A PIC X.", options),
            "m.yaml:7:3: error: field A has two rules\n");
}

TEST(Rules, MasksAndDropsContradictKeepRaw) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  options.rules = {mask_rule(plan::MaskRule::Kind::all, 0)};
  EXPECT_NE(mistakes_of("01 R. 05 A PIC X.", options).find("keep-raw shows its bytes"),
            std::string::npos);
}

TEST(Rules, CodePageOfAField) {
  FieldRule made = rule();
  made.code_page = options_of("ASCII").code_page;
  EXPECT_EQ(ruled("PIC X(2)", "4142", made), R"("AB")");
  EXPECT_EQ(ruled("PIC 9(2)", "3142", made), "12");
}

}  // namespace
}  // namespace copybridge::test
