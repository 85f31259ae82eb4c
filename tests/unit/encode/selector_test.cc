// Items that decide on an alternative and that no member shows.
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

/// A layout with alternatives, of which some items are dropped.
class Selectors {
 public:
  Selectors(std::string_view copybook, std::initializer_list<const char*> dropped,
            std::initializer_list<std::pair<const char*, const char*>> conditions,
            bool keep_raw = false)
      : layout_(layout_of(copybook)) {
    for (const char* const name : dropped) {
      plan::FieldRule rule;
      rule.item = item_of(*layout_, name);
      rule.drop = true;
      options_.rules.push_back(rule);
    }
    for (const auto& [item, condition] : conditions)
      alternatives_.push_back(alternative(layout_, item, condition, options_));
    options_.keep_raw = keep_raw;
    plan_ = encode_plan_of(layout_, options_, alternatives_);
  }

  [[nodiscard]] std::string encoded(std::string_view json) const { return encode(*plan_, json); }
  void name(const char* item, const char* member) {
    plan::FieldRule rule;
    rule.item = item_of(*layout_, item);
    rule.name = member;
    options_.rules.push_back(rule);
    plan_ = encode_plan_of(layout_, options_, alternatives_);
  }

 private:
  std::shared_ptr<const copybook::Layout> layout_;
  plan::PlanOptions options_ = options_of();
  std::vector<plan::Alternative> alternatives_;
  std::unique_ptr<const encode::EncodePlan> plan_;
};

constexpr const char* kRecord =
    "01 R. 05 K PIC X. 88 IS-B VALUE 'b'. 05 N PIC S9(3) COMP-3. 05 A PIC X(2). "
    "05 B REDEFINES A PIC 9(2). 05 C REDEFINES A. 10 D PIC 9.";

TEST(EncodeSelectors, AreWhatTheGivenAlternativeDemands) {
  const Selectors record(kRecord, {"K", "N"},
                         {{"A", "K = 'a' AND N = 12"}, {"B", "IS-B"}, {"C", "K = 'c' AND N = -7"}});
  EXPECT_EQ(record.encoded(R"({"A":"xy"})"), hex_of("a") + "012C" + hex_of("xy"));
  EXPECT_EQ(record.encoded(R"({"B":7})"), hex_of("b") + "000C" + hex_of("07"));
  EXPECT_EQ(record.encoded(R"({"C":{"D":7}})"), hex_of("c") + "007D" + hex_of("7 "));
}

TEST(EncodeSelectors, ThatAreMembersStayWhatTheyAreGivenAs) {
  const Selectors record(kRecord, {"N"}, {{"A", "K = 'a'"}, {"B", "IS-B"}, {"C", "K = 'c'"}});
  EXPECT_EQ(record.encoded(R"({"K":"b","A":"xy"})"),
            "refused: /A: the record's fields choose alternative B");
}

TEST(EncodeSelectors, ThatTheConditionDoesNotDetermineAreRefused) {
  const Selectors record(kRecord, {"K", "N"}, {{"A", "K = 'a' OR 'z'"}, {"B", "N > 5"}});
  EXPECT_EQ(record.encoded(R"({"A":"xy"})"),
            "refused: /A: the record's fields choose no alternative by its condition");
  EXPECT_EQ(record.encoded(R"({"B":7})"),
            "refused: /B: the record's fields choose no alternative by its condition");
}

TEST(EncodeSelectors, OfOccurrencesAndOfTheRecordAroundThem) {
  const Selectors record(
      "01 R. 05 W PIC X. 05 T OCCURS 2. 10 K PIC X. 10 A PIC X. 10 B REDEFINES A PIC 9.",
      {"W", "K"}, {{"A", "K = 'a' AND W = 'w'"}, {"B", "K = 'b' AND W = 'w'"}});
  EXPECT_EQ(record.encoded(R"({"T":[{"B":7},{"A":"x"}]})"), hex_of("wb7ax"));
}

TEST(EncodeSelectors, WithinTheAlternatives) {
  // The type stands in the first alternative; the second has its bytes as FILLER.
  const Selectors record(
      "01 R. 05 A. 10 K PIC X. 10 P PIC X. 05 B REDEFINES A. 10 FILLER PIC X. 10 Q PIC 9.", {},
      {{"A", "K = 'a'"}, {"B", "K = 'b'"}});
  EXPECT_EQ(record.encoded(R"({"A":{"K":"a","P":"x"}})"), hex_of("ax"));
  EXPECT_EQ(record.encoded(R"({"B":{"Q":7}})"), hex_of("b7"));
  EXPECT_EQ(record.encoded(R"({"A":{"K":"b","P":"x"}})"),
            "refused: /A: the record's fields choose alternative B");
}

TEST(EncodeSelectors, OfAlternativesWithinAlternatives) {
  const Selectors record(
      "01 R. 05 K PIC X. 05 A. 10 L PIC X. 10 P PIC X. 10 Q REDEFINES P PIC 9. "
      "05 B REDEFINES A PIC X(2).",
      {"K", "L"}, {{"A", "K = 'a'"}, {"B", "K = 'b'"}, {"P", "L = 'p'"}, {"Q", "L = 'q'"}});
  EXPECT_EQ(record.encoded(R"({"A":{"Q":7}})"), hex_of("aq7"));
  EXPECT_EQ(record.encoded(R"({"B":"xy"})"), hex_of("bxy"));
}

TEST(EncodeSelectors, ThatTwoChoicesContradictAreRefused) {
  const Selectors record(
      "01 R. 05 K PIC X. 05 A PIC X. 05 B REDEFINES A PIC 9. 05 P PIC X. 05 Q REDEFINES P PIC 9.",
      {"K"}, {{"A", "K = 'a'"}, {"B", "K = 'b'"}, {"P", "K = 'a'"}, {"Q", "K = 'b'"}});
  EXPECT_EQ(record.encoded(R"({"B":1,"Q":2})"), hex_of("b12"));
  EXPECT_EQ(record.encoded(R"({"A":"x","Q":2})"),
            "refused: /A: the record's fields choose alternative B");
}

TEST(EncodeSelectors, OfMembersOfOneName) {
  Selectors record(kRecord, {"K", "N"}, {{"A", "K = 'a'"}, {"C", "K = 'c'"}});
  record.name("A", "detail");
  record.name("C", "detail");
  EXPECT_EQ(record.encoded(R"({"detail":"xy"})"), hex_of("a") + "000C" + hex_of("xy"));
  EXPECT_EQ(record.encoded(R"({"detail":{"D":7}})"), hex_of("c") + "000C" + hex_of("7 "));
}

TEST(EncodeSelectors, BesideARecordInRawChangeOnlyWithTheAlternative) {
  const Selectors record(
      "01 R. 05 A. 10 K PIC X. 88 IS-B VALUE 'b' 'z'. 10 P PIC X. "
      "05 B REDEFINES A. 10 FILLER PIC X. 10 Q PIC 9.",
      {}, {{"A", "K = 'a'"}, {"B", "IS-B"}}, true);
  EXPECT_EQ(record.encoded(R"({"B":{"Q":3},"_raw":")" + hex_of("z1") + "\"}"), hex_of("z3"));
  EXPECT_EQ(record.encoded(R"({"B":{"Q":3},"_raw":")" + hex_of("a1") + "\"}"), hex_of("b3"));
}

TEST(EncodeRedefines, AreRefusedWithTheWholePath) {
  const Selectors record(
      "01 R. 05 B. 10 E. 15 K PIC X. 15 D PIC 9. 15 F REDEFINES D PIC X. "
      "05 T OCCURS 1. 10 G. 15 P PIC 9. 15 Q REDEFINES P PIC X.",
      {}, {{"D", "K = 'd'"}, {"F", "K = 'f'"}, {"P", "K = 'd'"}, {"Q", "K = 'f'"}});
  EXPECT_EQ(record.encoded(R"({"B":{"E":{"K":"f","D":1}},"T":[{"G":{"Q":"1"}}]})"),
            "refused: /B/E/D: the record's fields choose alternative F");
  EXPECT_EQ(record.encoded(R"({"B":{"E":{"K":"f","F":"1"}},"T":[{"G":{"P":1}}]})"),
            "refused: /T/0/G/P: the record's fields choose alternative Q");
  EXPECT_EQ(record.encoded(R"({"B":{"E":{"K":"f"}},"T":[{"G":{"P":1}}]})"),
            "refused: /B/E/D: the member is missing");
}

}  // namespace
}  // namespace copybridge::test
