// Mixed text, lenient readings, empty fields and records that are too short, by option.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

std::string value(const std::string& item, std::string_view hex, const plan::PlanOptions& options) {
  const std::string json = decode("01 R. 05 A " + item + ".", hex, options);
  return json.substr(0, 5) == "{\"A\":" ? json.substr(5, json.size() - 6) : json;
}

TEST(Mixed, ReadsShiftsAndTrimsSpaces) {
  const plan::PlanOptions options = options_of("939");
  EXPECT_EQ(value("PIC X(10)", "C10E456245660FC24040", options), "\"A日本B\"");
  EXPECT_EQ(value("PIC X(3)", "C1C240", options), "\"AB\"");
  EXPECT_EQ(value("PIC G(3) DISPLAY-1", "456245664040", options), "\"日本\"");
}

TEST(Mixed, BrokenTextIsBadDataUnlessLenient) {
  plan::PlanOptions options = options_of("939");
  EXPECT_EQ(value("PIC X(3)", "C10FC2", options),
            "misfit: text: A at offset 0, byte 1: 0x0F (SI) has no SO before it");
  EXPECT_EQ(value("PIC X(4)", "0E45620E", options),
            "misfit: text: A at offset 0, byte 3: 0x0E (SO) stands within two-byte characters");
  EXPECT_EQ(
      value("PIC X(3)", "0E4562", options),
      "misfit: text: A at offset 0, byte 2: the two-byte characters have no SI (0x0F) behind them");
  EXPECT_EQ(value("PIC X(4)", "0E45620F", options), "\"日\"");
  options.lenient.text = true;
  EXPECT_EQ(value("PIC X(3)", "0E4562", options), "\"日\"");
  EXPECT_EQ(value("PIC X(3)", "C10FC2", options), std::string("\"A") + kReplacement + "B\"");
}

TEST(Mixed, WhatIsNotMappedIsCountedOrRejects) {
  plan::PlanOptions options = options_of("939");
  const auto plan = plan_of(layout_of("01 R. 05 A PIC X(6)."), options);
  const ByteBuffer record = record_of("0EFDFD45620F");
  TextBuffer out;
  plan::Plan::Counts counts;
  ASSERT_TRUE(plan->decode(record.view(), out, &counts));
  EXPECT_EQ(out.view(), std::string("{\"A\":\"") + kReplacement + "日\"}");
  EXPECT_EQ(counts.unmapped, 1U);
  options.unmappable = charset::Unmappable::reject;
  EXPECT_EQ(value("PIC X(6)", "0EFDFD45620F", options),
            "misfit: text: A at offset 0, byte 1: 0xFDFD is no character of the code page");
  plan::PlanOptions ascii = options_of("US-ASCII");
  EXPECT_EQ(value("PIC X(2)", "41FF", ascii), std::string("\"A") + kReplacement + "\"");
  ascii.unmappable = charset::Unmappable::reject;
  EXPECT_EQ(value("PIC X(2)", "41FF", ascii),
            "misfit: text: A at offset 0, byte 1: 0xFF is no character of the code page");
}

TEST(Counts, AreOfWhatIsPrinted) {
  const auto layout = layout_of("01 R. 05 A PIC X(2). 05 N PIC 9(2). 05 B PIC X.");
  plan::PlanOptions options = options_of("IBM-424");
  options.on_bad_field = plan::OnBadField::null;
  options.list_errors = true;
  const auto decoded = [&](charset::Unmappable unmappable) {
    options.unmappable = unmappable;
    const auto plan = plan_of(layout, options);
    plan::Plan::Counts counts;
    TextBuffer out;
    // Two bytes that are no characters, a number that is none, and another such byte.
    EXPECT_TRUE(plan->decode(record_of("7373F04073").view(), out, &counts));
    return std::string(out.view()) + " " + std::to_string(counts.unmapped) + " " +
           std::to_string(counts.bad_fields);
  };
  EXPECT_EQ(decoded(charset::Unmappable::replace),
            "{\"A\":\"\uFFFD\uFFFD\",\"N\":null,\"B\":\"\uFFFD\",\"_errors\":[\"N\"]} 3 1");
  EXPECT_EQ(decoded(charset::Unmappable::reject),
            R"({"A":null,"N":null,"B":null,"_errors":["A","N","B"]} 0 3)");
}

TEST(Mixed, Utf8AndLeadBytePages) {
  EXPECT_EQ(value("PIC X(6)", "41E697A52020", options_of("UTF-8")), "\"A日\"");
  EXPECT_EQ(value("PIC X(6)", "4193FA967B20", options_of("IBM-943")), "\"A日本\"");
  EXPECT_EQ(value("PIC X(2)", "E697", options_of("UTF-8")).substr(0, 12), "misfit: text");
}

TEST(Mixed, GraphicItemsOfSingleBytePagesAreHexadecimal) {
  EXPECT_EQ(value("PIC G(2) DISPLAY-1", "45624566", options_of("IBM-037")), "\"45624566\"");
}

TEST(National, LittleEndianByOption) {
  plan::PlanOptions options = options_of();
  options.national_order = plan::ByteOrder::little;
  EXPECT_EQ(value("PIC N(3) NATIONAL", "4100AC202000", options), "\"A€\"");
  EXPECT_EQ(value("PIC 9(3) NATIONAL", "310032003300", options), "123");
}

TEST(Justified, IsTrimmedOnTheLeft) {
  EXPECT_EQ(value("PIC X(5) JUST", hex_of("  ab "), options_of()), "\"ab \"");
}

TEST(Lenient, EachReadingIsAskedForByName) {
  struct Case {
    const char* item;
    const char* hex;
    bool plan::Leniency::*flag;
    const char* value;
  };
  using plan::Leniency;
  for (const Case& one : {Case{"PIC 9(4)", "F140F2F3", &Leniency::blanks, "123"},
                          Case{"PIC 9(4)", "00F100F2", &Leniency::blanks, "12"},
                          Case{"PIC S9(4)", "F140F2D3", &Leniency::blanks, "-123"},
                          Case{"PIC S9(3)", "D1F2F3", &Leniency::overpunch, "-123"},
                          Case{"PIC S9(3)", "F1D2F3", &Leniency::overpunch, "-123"},
                          Case{"PIC S9(3)V9", "40004040", &Leniency::blank_zero, "0.0"},
                          Case{"PIC S9(3)", "60F2F3", &Leniency::separate_sign, "-23"},
                          Case{"PIC S9(3)", "F2F34E", &Leniency::separate_sign, "23"},
                          Case{"PIC 9(3)", "F1F2D3", &Leniency::unsigned_minus, "-123"},
                          Case{"PIC 9(3) COMP-3", "123D", &Leniency::unsigned_minus, "-123"},
                          Case{"PIC 9(3)", "F13233", &Leniency::zones, "123"},
                          Case{"PIC S9(3) COMP-3", "1230", &Leniency::packed_sign, "123"},
                          Case{"PIC S9(2) COMP-3", "123C", &Leniency::packed_pad, "123"},
                          Case{"PIC 9(3) COMP-6", "1234", &Leniency::packed_pad, "1234"}}) {
    plan::PlanOptions options = options_of();
    EXPECT_EQ(value(one.item, one.hex, options).substr(0, 6), "misfit") << one.item << one.hex;
    options.lenient.*one.flag = true;
    EXPECT_EQ(value(one.item, one.hex, options), one.value) << one.item << " " << one.hex;
    for (const condition::LeniencyWord& word : condition::kLeniencyWords) {
      // Where zones do not matter an overpunched sign is a digit.
      const bool is_shared = one.flag == &Leniency::overpunch && word.flag == &Leniency::zones;
      if (word.flag == one.flag || is_shared) continue;
      plan::PlanOptions other = options_of();
      other.lenient.*word.flag = true;
      EXPECT_EQ(value(one.item, one.hex, other).substr(0, 6), "misfit")
          << one.item << one.hex << word.word;
    }
  }
}

TEST(Lenient, LastOfSeveralSignsCounts) {
  plan::PlanOptions options = options_of();
  options.lenient.overpunch = true;
  EXPECT_EQ(value("PIC S9(3)", "D1D2F3", options).substr(0, 6), "misfit");
  options.lenient.several_signs = true;
  EXPECT_EQ(value("PIC S9(3)", "D1C2F3", options), "123");
  EXPECT_EQ(value("PIC S9(3)", "C1D2F3", options), "-123");
  EXPECT_EQ(value("PIC 9(3)", "D1C2F3", options), "123");
  EXPECT_EQ(value("PIC 9(3)", "C1D2F3", options).substr(0, 6), "misfit");
}

TEST(Lenient, StillRefusesNonsense) {
  plan::PlanOptions options = options_of();
  for (const condition::LeniencyWord& word : condition::kLeniencyWords)
    options.lenient.*word.flag = true;
  options.lenient.several_signs = options.lenient.blank_zero = false;
  EXPECT_EQ(value("PIC S9(3)", "D1D2F3", options).substr(0, 6), "misfit");
  EXPECT_EQ(value("PIC S9(3)", "404040", options).substr(0, 6), "misfit");
  options.lenient.several_signs = options.lenient.blank_zero = true;
  EXPECT_EQ(value("PIC S9(3)", "4A4040", options).substr(0, 6), "misfit");
  EXPECT_EQ(value("PIC S9(3) COMP-3", "1A3C", options).substr(0, 6), "misfit");
}

TEST(Empty, BadNumbersOfOneByteAreNull) {
  plan::PlanOptions options = options_of();
  options.empty_numbers = {true, true, true};
  EXPECT_EQ(value("PIC 9(3)", "404040", options), "null");
  EXPECT_EQ(value("PIC S9(5) COMP-3", "000000", options), "null");
  EXPECT_EQ(value("PIC S9(5) COMP-3", "FFFFFF", options), "null");
  EXPECT_EQ(value("PIC S9(4) COMP", "0000", options), "0");
  EXPECT_EQ(value("PIC 9(3)", "4040F1", options).substr(0, 6), "misfit");
  EXPECT_EQ(value("PIC 999.99", "404040404040", options), "null");
  EXPECT_EQ(value("PIC X(3)", "404040", options), "\"\"");
  options.empty_text = {true, true, false};
  EXPECT_EQ(value("PIC X(3)", "404040", options), "null");
  EXPECT_EQ(value("PIC X(3)", "000000", options), "null");
  EXPECT_EQ(value("PIC N(2) NATIONAL", "00200020", options), "null");
}

TEST(BadKind, DecidesByKind) {
  plan::PlanOptions options = options_of();
  options.on_bad_kind[static_cast<std::size_t>(plan::FieldKind::packed)] = plan::OnBadField::raw;
  EXPECT_EQ(value("PIC S9(3) COMP-3", "1230", options), R"({"raw":"1230"})");
  EXPECT_EQ(value("PIC 9(3)", "F1F240", options).substr(0, 6), "misfit");
}

constexpr const char* kTable =
    "01 R. 05 N PIC 9. 05 T PIC X OCCURS 1 TO 3 DEPENDING ON N. 05 Z PIC X.";

TEST(OdoRange, RejectsClampsOrBeginsAtZero) {
  plan::PlanOptions options = options_of();
  EXPECT_EQ(decode(kTable, hex_of("0z"), options).substr(0, 6), "misfit");
  EXPECT_EQ(decode(kTable, hex_of("5abcz"), options).substr(0, 6), "misfit");
  options.odo_range = plan::OdoRange::clamp;
  EXPECT_EQ(decode(kTable, hex_of("5abcz"), options), R"({"N":5,"T":["a","b","c"],"Z":"z"})");
  EXPECT_EQ(decode(kTable, hex_of("0az"), options), R"({"N":0,"T":["a"],"Z":"z"})");
  options.odo_range = plan::OdoRange::from_zero;
  EXPECT_EQ(decode(kTable, hex_of("0z"), options), R"({"N":0,"T":[],"Z":"z"})");
  EXPECT_EQ(decode(kTable, hex_of("5abcz"), options).substr(0, 6), "misfit");
}

TEST(ShortRecords, CutTextIsWhatThereIsOrPadded) {
  plan::PlanOptions options = options_of();
  options.short_records = plan::Acceptance::accept;
  constexpr const char* kItems = "01 R. 05 A PIC X(3). 05 B PIC 9(3). 05 C PIC X(2).";
  EXPECT_EQ(decode(kItems, hex_of("ab"), options), R"({"A":"ab","B":null,"C":null})");
  EXPECT_EQ(decode(kItems, hex_of("abc12"), options), R"({"A":"abc","B":null,"C":null})");
  options.short_records = plan::Acceptance::pad;
  EXPECT_EQ(decode(kItems, hex_of("abc123"), options), R"({"A":"abc","B":123,"C":""})");
  EXPECT_EQ(decode(kItems, hex_of("abc"), options).substr(0, 6), "misfit");
  options.empty_numbers.spaces = true;
  options.keep_raw = true;
  EXPECT_EQ(decode(kItems, hex_of("abc"), options),
            R"({"A":"abc","B":null,"C":"","_raw":"818283"})");
}

TEST(ShortRecords, OfTablesThatVaryArePaddedBehindWhatThereIs) {
  plan::PlanOptions options = options_of();
  options.short_records = plan::Acceptance::pad;
  constexpr const char* kTables =
      "01 R. 05 N PIC 9. 05 T OCCURS 1 TO 3 DEPENDING ON N. 10 M PIC 9. "
      "10 U PIC X OCCURS 0 TO 2 DEPENDING ON M. 05 Z PIC X(2).";
  EXPECT_EQ(decode(kTables, hex_of("11az"), options), R"({"N":1,"T":[{"M":1,"U":["a"]}],"Z":"z"})");
  EXPECT_EQ(decode(kTables, hex_of("12a"), options),
            R"({"N":1,"T":[{"M":2,"U":["a",""]}],"Z":""})");
  // A counter of spaces is none.
  EXPECT_EQ(decode(kTables, hex_of("211a"), options).substr(0, 6), "misfit");
}

TEST(PreferredSigns, AreTheOnlyOnesThatFit) {
  plan::PlanOptions options = options_of();
  options.preferred_signs = true;
  for (const auto set : {plan::InstructionSet::portable, plan::best_instruction_set()}) {
    options.instruction_set = set;
    EXPECT_EQ(decode("01 R. 05 A PIC S9(3).", "F1F2C3", options), R"({"A":123})");
    EXPECT_EQ(decode("01 R. 05 A PIC S9(3) LEADING.", "D1F2F3", options), R"({"A":-123})");
    EXPECT_EQ(decode("01 R. 05 A PIC 9(3).", "F1F2F3", options), R"({"A":123})");
    EXPECT_EQ(decode("01 R. 05 A PIC S9(3) COMP-3.", "123D", options), R"({"A":-123})");
    EXPECT_EQ(decode("01 R. 05 A PIC 9(3) COMP-3.", "123F", options), R"({"A":123})");
    for (const char* bytes : {"F1F2F3", "F1F2A3", "F1F2B3", "F1F2E3"})
      EXPECT_THAT(decode("01 R. 05 A PIC S9(3).", bytes, options), testing::HasSubstr("misfit"))
          << bytes;
    for (const char* bytes : {"F1F2C3", "F1F2A3", "F1F2D3"})
      EXPECT_THAT(decode("01 R. 05 A PIC 9(3).", bytes, options), testing::HasSubstr("misfit"))
          << bytes;
    for (const char* bytes : {"123A", "123B", "123E", "123F"})
      EXPECT_THAT(decode("01 R. 05 A PIC S9(3) COMP-3.", bytes, options),
                  testing::HasSubstr("misfit"));
    EXPECT_THAT(decode("01 R. 05 A PIC 9(3) COMP-3.", "123C", options),
                testing::HasSubstr("0xC does not have the preferred sign"));
  }
}

}  // namespace
}  // namespace copybridge::test
