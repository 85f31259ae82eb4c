// Keys and subjects from fields.
#include <gtest/gtest.h>

#include "codecs/plan/text_template.h"
#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

constexpr const char* kRecord =
    "01 R. 05 ID PIC 9(5). 05 NAME PIC X(4). 05 AMT PIC S9(3)V99 COMP-3. 05 T PIC X OCCURS 2. "
    "05 G. 10 ID2 PIC X.";

std::string rendered(std::string_view text, std::string_view hex,
                     const plan::PlanOptions& options = options_of(),
                     const SourceAttributes& source = {}) {
  Diagnostics diagnostics;
  const auto compiled =
      plan::TextTemplate::compile(text, {"m.yaml", 4, 9}, layout_of(kRecord), options, diagnostics);
  if (compiled == nullptr) return to_string(diagnostics.all().front());
  EXPECT_FALSE(diagnostics.has_errors());
  TextBuffer out;
  out.append(">");
  const ByteBuffer record = record_of(hex);
  if (compiled->render(record.view(), source, out)) return std::string(out.view());
  EXPECT_EQ(out.view(), ">");
  return "misfit";
}

std::string record_hex() { return hex_of("00042a\"b ") + "01250D" + hex_of("xyz"); }

TEST(TextTemplate, KeepsLeadingZerosAndTrimsText) {
  EXPECT_EQ(rendered("account/{ID}", record_hex()), ">account/00042");
  EXPECT_EQ(rendered("{NAME}|{AMT}|{T(2)}|{ID2 OF G}.", record_hex()), ">a\"b|-012.50|y|z.");
  EXPECT_EQ(rendered("plain", record_hex()), ">plain");
  EXPECT_EQ(rendered("{{{ID}}}", record_hex()), ">{00042}");
}

TEST(TextTemplate, TakesWhatTheSourceSays) {
  const std::vector<SourceAttributes::Pair> common = {{"queue", "A.Q"}, {"file", "in.dat"}};
  const std::vector<SourceAttributes::Pair> own = {{"queue", "B.Q"}};
  const SourceAttributes source(common, own);
  EXPECT_EQ(rendered("{@queue}/{ID}/{@file}{@none}", record_hex(), options_of(), source),
            ">B.Q/00042/in.dat");
  EXPECT_NE(rendered("{@}", record_hex()).find("name of a source's attribute"), std::string::npos);
}

TEST(TextTemplate, ShowsMaskedValues) {
  plan::PlanOptions options = options_of();
  plan::FieldRule rule;
  rule.item = 1;
  rule.mask = plan::MaskRule{plan::MaskRule::Kind::keep_last, 2};
  options.rules = {rule};
  EXPECT_EQ(rendered("{ID}", record_hex(), options), ">***42");
}

TEST(TextTemplate, RefusesBadDataAndShortRecords) {
  EXPECT_EQ(rendered("x{ID}", hex_of("0?042") + record_hex().substr(10)), "misfit");
  EXPECT_EQ(rendered("x{ID2}", hex_of("00042")), "misfit");
}

TEST(TextTemplate, UndoesJsonEscapes) {
  EXPECT_EQ(rendered("{NAME}", hex_of("00042") + "00E0250D" + record_hex().substr(18)),
            std::string(">\0\\\n\r", 5));
}

TEST(TextTemplate, ReportsMistakesAtTheirColumn) {
  EXPECT_EQ(rendered("a{NOPE}", ""), "m.yaml:4:11: error: template: there is no item 'NOPE'");
  EXPECT_EQ(rendered("a{ID", ""), "m.yaml:4:10: error: template: a brace is not closed");
  EXPECT_EQ(rendered("{T}", ""),
            "m.yaml:4:10: error: template: T needs 1 subscripts within its OCCURS");
  EXPECT_EQ(rendered("{T(3)}", ""),
            "m.yaml:4:10: error: template: T needs 1 subscripts within its OCCURS");
  EXPECT_EQ(rendered("{T(x)}", ""),
            "m.yaml:4:10: error: template: the subscript of T is not a whole number");
  EXPECT_EQ(rendered("{G}", ""), "m.yaml:4:10: error: template: G is a group; name its items");
}

}  // namespace
}  // namespace copybridge::test
