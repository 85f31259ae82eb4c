// Shared by the tests of encoding.
#include "tests/unit/encode/support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace copybridge::test {

std::unique_ptr<const encode::EncodePlan> encode_plan_of(
    std::shared_ptr<const copybook::Layout> layout, const plan::PlanOptions& options,
    std::vector<plan::Alternative> alternatives, const encode::EncodeOptions& encode) {
  Diagnostics diagnostics;
  auto plan = encode::EncodePlan::compile(std::move(layout), options, std::move(alternatives),
                                          encode, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    EXPECT_NE(diagnostic.severity, Severity::error) << to_string(diagnostic);
  EXPECT_NE(plan, nullptr);
  return plan;
}

std::string encode(const encode::EncodePlan& plan, std::string_view json) {
  // Behind the text stands what must not be read as a part of it.
  std::string text(json);
  text.append(kReadableTail, '9');
  encode::Encoder encoder(plan);
  ByteBuffer out;
  const std::uint8_t before = 0xAB;
  out.append({&before, 1});
  if (encoder.encode(std::string_view(text).substr(0, json.size()), out)) {
    EXPECT_EQ(out.data()[0], before);
    return to_hex(out.view(1, out.size() - 1));
  }
  EXPECT_EQ(out.size(), 1U) << "bytes of a refused record must be taken back";
  const encode::Refusal refusal = encoder.refusal();
  EXPECT_FALSE(refusal.expected.empty());
  return "refused: " + refusal.message;
}

std::string encode(std::string_view copybook, std::string_view json,
                   const plan::PlanOptions& options, const encode::EncodeOptions& encode_options) {
  const auto plan = encode_plan_of(layout_of(copybook), options, {}, encode_options);
  return plan == nullptr ? "no plan" : encode(*plan, json);
}

std::string round_trip(std::string_view copybook, std::string_view hex,
                       const plan::PlanOptions& options) {
  std::string json = decode(copybook, hex, options);
  std::string wanted;
  for (const char character : hex)
    if (character != ' ') wanted += character;
  EXPECT_EQ(encode(copybook, json, options), wanted) << copybook << "\n" << json;
  return json;
}

copybook::ItemIndex item_of(const copybook::Layout& layout, std::string_view name) {
  const copybook::ItemIndex item = copybook::find_item(layout, name);
  EXPECT_NE(item, copybook::kNoItem) << name;
  return item;
}

plan::Alternative alternative(const std::shared_ptr<const copybook::Layout>& layout,
                              std::string_view item, std::string_view condition,
                              const plan::PlanOptions& options) {
  Diagnostics diagnostics;
  plan::Alternative result;
  result.item = item_of(*layout, item);
  condition::Reading reading;
  reading.code_page = options.code_page;
  result.condition =
      condition::Condition::compile(condition, {}, layout, reading, diagnostics, result.item);
  EXPECT_FALSE(diagnostics.has_errors());
  return result;
}

}  // namespace copybridge::test
