// With `_raw` a changed member changes its own field's bytes alone: for every usage.
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

/// An item with bytes that are not as a compiler writes them where there are such, and the value it
/// is changed to.
struct Usage {
  const char* clauses;
  std::string hex;
  const char* value;
};

std::vector<Usage> usages() {
  return {{"PIC X(4)", hex_of("ab  "), "\"xy\""},
          {"PIC A(4)", hex_of("ab  "), "\"xy\""},
          {"PIC X(4) JUST", hex_of("  ab"), "\"xy\""},
          {"PIC XX/XX", hex_of("ab/cd"), "\"xy/zz\""},
          {"PIC N(2) NATIONAL", "00610020", "\"xy\""},
          {"PIC U BYTE-LENGTH 4", "C3A92020", "\"xy\""},
          {"PIC 9(3)", "F1F2C3", "7"},
          {"PIC S9(3)", "F1F2F3", "-7"},
          {"PIC S9(3) SIGN LEADING", "E1F2F3", "-7"},
          {"PIC S9(3) SIGN TRAILING SEPARATE", "F1F2F34E", "-7"},
          {"PIC S9(3) SIGN LEADING SEPARATE", "4EF1F2F3", "-7"},
          {"PIC 9(3) BLANK WHEN ZERO", "F0F0F0", "7"},
          {"PIC S9(3)V99 COMP-3", "12345A", "-7.5"},
          {"PIC 9(4) COMP-3", "01234C", "7"},
          {"PIC 9(3) COMP-6", "0123", "7"},
          {"PIC S9(4) COMP", "4E20", "-7"},
          {"PIC 9(9) COMP", "FFFFFFFF", "7"},
          {"PIC S9(18) COMP", "7FFFFFFFFFFFFFFF", "-7"},
          {"PIC S9(4) COMP-5", "4E20", "-7"},
          {"COMP-1", "00100000", "1.5"},
          {"COMP-2", "3F10000000000000", "1.5"},
          {"PIC 9(3) NATIONAL", "003100320033", "7"},
          {"PIC S9(2) NATIONAL SIGN TRAILING SEPARATE", "00310032002B", "-7"},
          {"PIC ZZ9.99-", hex_of(" 12.50 "), "-7.25"},
          {"PIC $$,$$9.99CR", hex_of("    $1.25  "), "-7.25"},
          {"PIC **9", hex_of("*12"), "7"},
          {"PIC +9.99E+99", hex_of("+1.25E+01"), "7"},
          {"POINTER", "DEADBEEF", "\"00000007\""},
          {"INDEX", "DEADBEEF", "\"00000007\""},
          {"PROCEDURE-POINTER", "DEADBEEFDEADBEEF", "\"0000000700000007\""}};
}

/// Replaces the value of member V in JSON; strings and numbers alike.
std::string changed(const std::string& json, const std::string& value) {
  const std::size_t begin = json.find("\"V\":") + 4;
  const std::size_t end = json.find(json[begin] == '"' ? "\"," : ",", begin + 1);
  return json.substr(0, begin) + value + json.substr(json[begin] == '"' ? end + 1 : end);
}

void expect_only(const Usage& usage, const std::string& copybook, const std::string& before,
                 const std::string& after) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  const std::string record = before + usage.hex + after;
  const std::string json = round_trip(copybook, record, options);
  const std::string result = encode(copybook, changed(json, usage.value), options);
  ASSERT_EQ(result.size(), record.size()) << usage.clauses << ": " << result;
  EXPECT_EQ(result.substr(0, before.size()), before) << usage.clauses;
  EXPECT_EQ(result.substr(before.size() + usage.hex.size()), after) << usage.clauses;
  EXPECT_NE(result, record) << usage.clauses;
  // What was written is the value, as it is written without a record to start from.
  const std::string alone = encode("01 R. 05 V " + std::string(usage.clauses) + ".",
                                   "{\"V\":" + std::string(usage.value) + "}");
  EXPECT_EQ(result.substr(before.size(), usage.hex.size()), alone) << usage.clauses;
}

TEST(EncodeRaw, AChangedMemberChangesItsOwnBytesForEveryUsage) {
  for (const Usage& usage : usages()) {
    const std::string item = std::string("05 V ") + usage.clauses + ". ";
    expect_only(usage, "01 R. 05 FILLER PIC X(2). " + item + "05 B PIC S9 COMP-3. 05 FILLER PIC X.",
                "00FF", "1F00");
  }
}

TEST(EncodeRaw, AlsoWithinTablesAndAlternatives) {
  for (const Usage& usage : usages()) {
    const std::string clauses = usage.clauses;
    expect_only(usage,
                "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 FILLER PIC X. 10 V " +
                    clauses + ". 10 W PIC S9 COMP-3. 05 Z PIC X(2).",
                "C1"
                "00",
                "1F" + hex_of("zz"));
    expect_only(usage,
                "01 R. 05 A PIC X. 05 G. 10 FILLER PIC X. 10 V " + clauses +
                    ". 10 W PIC S9 COMP-3. 05 H REDEFINES G PIC X(2). 05 Z PIC X(2).",
                "C1"
                "00",
                "1F" + hex_of("zz"));
  }
}

TEST(EncodeRaw, KeepsBytesThatAreReadByOptionAlone) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  options.lenient.overpunch = options.lenient.blanks = options.lenient.unsigned_minus = true;
  options.empty_numbers = {true, true, true};
  const char* const copybook = "01 R. 05 A PIC 9(3). 05 B PIC S9(3) COMP-3. 05 C PIC X.";
  for (const char* const bytes : {"C1F2F3123CA7", "F140F3123CA7", "F1F2D3123CA7", "000000123CA7",
                                  "FFFFFF0000A7", "404040FFFFA7"})
    round_trip(copybook, bytes, options);
  // A new value is written as a compiler does.
  EXPECT_EQ(encode(*encode_plan_of(layout_of(copybook), options),
                   R"({"A":124,"B":null,"C":"x","_raw":"C1F2F30000A7"})"),
            "F1F2F40000A7");
}

}  // namespace
}  // namespace copybridge::test
