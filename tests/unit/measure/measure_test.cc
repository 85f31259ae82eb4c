// Expressions over items, values that stand for lengths, and lengths that the copybook tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/copybook/parser.h"
#include "codecs/measure/expression.h"
#include "codecs/measure/layout_length.h"
#include "tests/unit/framing/framing_support.h"

namespace copybridge::measure {
namespace {

using framing::Measured;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const copybook::Layout> layout_of(const std::string& items) {
  const auto outcome = copybook::parse("       01  R.\n" + items, "r.cpy", {});
  EXPECT_FALSE(outcome.diagnostics.has_errors()) << to_string(outcome.diagnostics.all().front());
  return std::make_shared<const copybook::Layout>(outcome.copybook.records.front());
}

condition::Reading reading() { return {*charset::CodePage::load("IBM-037")}; }

class Lengths {
 public:
  Lengths(const std::string& items, const std::string& text, const LengthMap& map = {}) {
    Diagnostics diagnostics;
    measure_ = compile_length(text, map, {"--length-field", 0, 0}, layout_of(items), reading(),
                              diagnostics);
    if (diagnostics.has_errors()) error_ = diagnostics.all().front().message;
  }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] framing::Outcome frame(std::string_view hex, std::size_t step = SIZE_MAX) const {
    framing::FramingOptions options{.recfm = framing::Recfm::measured};
    options.measure = measure_;
    return framing::frame(options, ByteView(framing::bytes(hex)), step);
  }

 private:
  std::shared_ptr<const framing::RecordMeasure> measure_;
  std::string error_;
};

const char* const kBinary = "           05 T PIC X.\n           05 LEN PIC 9(4) COMP.\n";

TEST(LengthExpression, ReadsAnItemOfEveryUsage) {
  EXPECT_THAT(Lengths(kBinary, "LEN").frame("C1 0004 C2 C3 0003").records,
              ElementsAre("C10004C2", "C30003"));
  const std::string zoned = "           05 LEN PIC 9(2).\n           05 X PIC X.\n";
  EXPECT_THAT(Lengths(zoned, "LEN").frame("F0F3C1 F0C2").records, ElementsAre("F0F3C1", "F0C2"));
  const std::string packed = "           05 LEN PIC 9(3) COMP-3.\n           05 X PIC X.\n";
  EXPECT_THAT(Lengths(packed, "LEN").frame("003CC1 002F").records, ElementsAre("003CC1", "002F"));
  const std::string native = "           05 LEN PIC 9(4) COMP-5.\n           05 X PIC X.\n";
  EXPECT_THAT(Lengths(native, "len").frame("0003C1").records, ElementsAre("0003C1"));
}

TEST(LengthExpression, CalculatesWithItemsAndNumbers) {
  const std::string two = "           05 A-1 PIC 9.\n           05 A-2 PIC 9.\n";
  EXPECT_THAT(Lengths(two, "A-1 + A-2 - 1").frame("F2F2C1 F3F4C1C2C3C4").records,
              ElementsAre("F2F2C1", "F3F4C1C2C3C4"));
  EXPECT_THAT(Lengths(two, "(A-1+A-2) * 2 / 2 + 1").frame("F1F1C1").records, ElementsAre("F1F1C1"));
  EXPECT_THAT(Lengths(kBinary, "LEN OF R + 4").frame("C1 0001 C2C3").records,
              ElementsAre("C10001C2C3"));
}

TEST(LengthExpression, ReadsAnItemBehindATableOfVariableSize) {
  const std::string items =
      "           05 N PIC 9.\n           05 E PIC X OCCURS 1 TO 3 DEPENDING ON N.\n"
      "           05 LEN PIC 9.\n";
  EXPECT_THAT(Lengths(items, "LEN").frame("F1C1F4C2 F3C1C2C3F5", 1).records,
              ElementsAre("F1C1F4C2", "F3C1C2C3F5"));
}

TEST(LengthExpression, ReportsWhatIsNoLength) {
  const Lengths lengths("           05 T PIC X.\n           05 LEN PIC 9(2).\n", "LEN");
  const framing::Outcome outcome = lengths.frame("C1F0F3 C14040");
  EXPECT_THAT(outcome.records, ElementsAre("C1F0F3"));
  EXPECT_EQ(outcome.error,
            "framing: record at byte 3: length field LEN at offset 1: found 4040, expected a "
            "length of 2 digits");
  EXPECT_EQ(outcome.kind, ErrorKind::framing);
  EXPECT_THAT(lengths.frame("C1F0F2").error,
              HasSubstr("record at byte 0: found a length of 2, expected one from 3 to"));
  EXPECT_THAT(lengths.frame("C1F0F0").error, HasSubstr("found 0, expected a length from 1"));
  EXPECT_THAT(lengths.frame("C1F0F4").error, HasSubstr("the stream ends at byte 3"));
  EXPECT_THAT(lengths.frame("C1F0").error, HasSubstr("the stream ends at byte 2"));
  EXPECT_THAT(Lengths(kBinary, "10 / LEN").frame("C10000").error, HasSubstr("is no length"));
}

TEST(LengthExpression, RefusesWhatIsNone) {
  EXPECT_EQ(Lengths(kBinary, "NO-ITEM").error(),
            "length field: NO-ITEM is not the name of one item of the record");
  EXPECT_EQ(Lengths(kBinary, "T").error(), "length field: T is not an item that can hold a length");
  EXPECT_THAT(Lengths(kBinary, "LEN +").error(), HasSubstr("expected the name of an item"));
  EXPECT_THAT(Lengths(kBinary, "(LEN").error(), HasSubstr("expected )"));
  EXPECT_THAT(Lengths(kBinary, "LEN LEN").error(), HasSubstr("expected +, -, *, / or the end"));
  EXPECT_THAT(Lengths(kBinary, "99999999999999999999").error(), HasSubstr("is not the name"));
  EXPECT_THAT(Lengths(kBinary, std::string(2000, '(')).error(), HasSubstr("too many"));
  EXPECT_THAT(Lengths("           05 E PIC 9 OCCURS 2.\n", "E").error(),
              HasSubstr("occurs several times"));
}

TEST(LengthMap, TakesTheLengthThatAValueStandsFor) {
  const std::string items = "           05 SEG PIC X.\n           05 X PIC X(7).\n";
  const Lengths lengths(items, "SEG", {{"A", "2"}, {"B", "3"}});
  EXPECT_THAT(lengths.frame("C1F1 C2F1F2 C1F3").records, ElementsAre("C1F1", "C2F1F2", "C1F3"));
  EXPECT_EQ(lengths.frame("C1F1 C3F1").error,
            "framing: record at byte 2: length field SEG at offset 0: found C3, which stands for "
            "no length");
  EXPECT_THAT(Lengths(items, "SEG", {{"*", "4"}, {"A", "2"}}).frame("C1F1 C9F1F2F3").records,
              ElementsAre("C1F1", "C9F1F2F3"));
}

TEST(LengthMap, ComparesNumbersByValue) {
  const Lengths lengths("           05 SEG PIC 9(2).\n", "SEG", {{"1", "2"}, {"20", "3"}});
  EXPECT_THAT(lengths.frame("F0F1 F2F0C1").records, ElementsAre("F0F1", "F2F0C1"));
}

TEST(LengthMap, RefusesWhatIsNoLength) {
  const std::string items = "           05 SEG PIC X.\n";
  EXPECT_THAT(Lengths(items, "SEG", {{"A", "x"}}).error(), HasSubstr("which is no length"));
  EXPECT_THAT(Lengths(items, "SEG", {{"A", "0"}}).error(), HasSubstr("which is no length"));
  EXPECT_THAT(Lengths(items, "SEG + 1", {{"A", "1"}}).error(), HasSubstr("one item"));
}

framing::Outcome frame_by(std::vector<RecordKind> kinds, std::string_view hex,
                          std::size_t step = SIZE_MAX) {
  framing::FramingOptions options{.recfm = framing::Recfm::measured};
  options.measure = measure_by_layout(std::move(kinds));
  return framing::frame(options, ByteView(framing::bytes(hex)), step);
}

RecordKind kind_of(const std::string& items, const std::string& match = {}) {
  RecordKind kind;
  kind.name = "kind";
  kind.layout = layout_of(items);
  kind.reading = reading();
  Diagnostics diagnostics;
  if (!match.empty()) {
    kind.match = condition::Condition::compile(match, {}, kind.layout, kind.reading, diagnostics);
  }
  EXPECT_FALSE(diagnostics.has_errors());
  return kind;
}

TEST(LayoutLength, FollowsTheCountersOfTables) {
  const RecordKind kind = kind_of(
      "           05 N PIC 9.\n           05 G OCCURS 0 TO 3 DEPENDING ON N.\n"
      "              10 M PIC 9.\n              10 E PIC X OCCURS 0 TO 2 DEPENDING ON M.\n"
      "           05 Z PIC X.\n");
  for (const std::size_t step : {1U, 3U, 100U}) {
    EXPECT_THAT(frame_by({kind}, "F0C9 F2F2C1C2F0C9 F1F1C1C9", step).records,
                ElementsAre("F0C9", "F2F2C1C2F0C9", "F1F1C1C9"));
  }
  const framing::Outcome broken = frame_by({kind}, "F0C9 F9C9C9C9C9C9C9C9C9C9C9C9C9");
  EXPECT_THAT(broken.records, ElementsAre("F0C9"));
  EXPECT_THAT(broken.error, HasSubstr("record at byte 2: kind: its counters"));
  EXPECT_THAT(frame_by({kind}, "F0C9 F1").error, HasSubstr("the stream ends at byte 3"));
}

TEST(LayoutLength, IsThatOfTheFirstKindThatMatches) {
  const std::vector<RecordKind> kinds = {
      kind_of("           05 T PIC X.\n           05 X PIC X(2).\n", "T = 'A'"),
      kind_of("           05 T PIC X.\n           05 X PIC X(4).\n", "T = 'B'")};
  EXPECT_THAT(frame_by(kinds, "C1F1F2 C2F1F2F3F4 C1F3F4", 2).records,
              ElementsAre("C1F1F2", "C2F1F2F3F4", "C1F3F4"));
  EXPECT_EQ(frame_by(kinds, "C1F1F2 C9F1F2F3F4F5F6").error,
            "framing: record at byte 3: found none of the record types, expected one of them to "
            "match");
}

TEST(LayoutLength, EndsWithTheAlternativeThatIsThere) {
  RecordKind kind = kind_of(
      "           05 T PIC X.\n           05 LONG-PART PIC X(4).\n"
      "           05 SHORT-PART REDEFINES LONG-PART PIC X(2).\n");
  Diagnostics diagnostics;
  for (const auto& [item, when] : {std::pair(3U, "T = 'S'"), std::pair(2U, "T = 'L'")}) {
    kind.endings.push_back(
        {item, condition::Condition::compile(when, {}, kind.layout, kind.reading, diagnostics)});
  }
  EXPECT_THAT(frame_by({kind}, "E2F1F2 D3F1F2F3F4 E2F3F4").records,
              ElementsAre("E2F1F2", "D3F1F2F3F4", "E2F3F4"));
  // Or with the storage that they share.
  for (RecordKind::Ending& ending : kind.endings) ending.ends_record = false;
  EXPECT_THAT(frame_by({kind}, "E2F1F24040 D3F1F2F3F4").records,
              ElementsAre("E2F1F24040", "D3F1F2F3F4"));
}

TEST(LayoutLength, EndsWithTheAlternativeWithinTheOneThatIsThere) {
  RecordKind kind = kind_of(
      "           05 T PIC X.\n           05 OUTER PIC X(5).\n"
      "           05 INNER REDEFINES OUTER.\n              10 U PIC X.\n"
      "              10 P PIC X(4).\n              10 Q REDEFINES P PIC X(2).\n");
  Diagnostics diagnostics;
  for (const auto& [item, when] : {std::pair(6U, "U = 'Q'"), std::pair(5U, "U = 'P'"),
                                   std::pair(3U, "T = 'I'"), std::pair(2U, "T = 'O'")}) {
    kind.endings.push_back(
        {item, condition::Condition::compile(when, {}, kind.layout, kind.reading, diagnostics)});
  }
  EXPECT_THAT(frame_by({kind}, "C9D8F1F2 D6D8F1F2F3F4 C9D7F1F2F3F4", 2).records,
              ElementsAre("C9D8F1F2", "D6D8F1F2F3F4", "C9D7F1F2F3F4"));
}

}  // namespace
}  // namespace copybridge::measure
