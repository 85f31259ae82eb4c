// Shared by the tests of plans.
#include "tests/unit/plan/support.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codecs/copybook/parser.h"

namespace copybridge::test {

std::shared_ptr<const copybook::Layout> layout_of(std::string_view copybook,
                                                  copybook::Dialect dialect) {
  copybook::ParseOptions options;
  options.dialect = dialect;
  options.source_format = copybook::SourceFormat::free;
  const copybook::ParseOutcome outcome = copybook::parse(copybook, "test.cpy", options);
  for (const Diagnostic& diagnostic : outcome.diagnostics.all())
    EXPECT_NE(diagnostic.severity, Severity::error) << to_string(diagnostic);
  EXPECT_EQ(outcome.copybook.records.size(), 1U);
  if (outcome.copybook.records.empty()) return nullptr;
  return std::make_shared<copybook::Layout>(outcome.copybook.records.front());
}

plan::PlanOptions options_of(std::string_view code_page) {
  plan::PlanOptions options;
  auto page = charset::CodePage::load(code_page);
  EXPECT_TRUE(page.has_value()) << code_page;
  if (page) options.code_page = *page;
  return options;
}

std::unique_ptr<const plan::Plan> plan_of(std::shared_ptr<const copybook::Layout> layout,
                                          const plan::PlanOptions& options,
                                          std::vector<plan::Alternative> alternatives) {
  Diagnostics diagnostics;
  auto plan = plan::Plan::compile(std::move(layout), options, std::move(alternatives), diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    EXPECT_NE(diagnostic.severity, Severity::error) << to_string(diagnostic);
  EXPECT_NE(plan, nullptr);
  return plan;
}

std::string mistakes_of(std::string_view copybook, const plan::PlanOptions& options) {
  Diagnostics diagnostics;
  const auto plan = plan::Plan::compile(layout_of(copybook), options, {}, diagnostics);
  EXPECT_EQ(plan == nullptr, diagnostics.has_errors());
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics.all()) all += to_string(diagnostic) + "\n";
  return all;
}

ByteBuffer record_of(std::string_view hex) {
  ByteBuffer bytes;
  EXPECT_TRUE(from_hex(hex, bytes)) << hex;
  bytes.reserve(bytes.size() + 1);
  std::fill_n(bytes.data() + bytes.size(), kReadableTail, std::uint8_t{0x99});
  return bytes;
}

std::string decode(const plan::Plan& plan, std::string_view hex) {
  const ByteBuffer record = record_of(hex);
  TextBuffer out;
  out.append("before");
  if (plan.decode(record.view(), out)) return std::string(out.view().substr(6));
  EXPECT_EQ(out.view(), "before") << "text of a refused record must be rewound";
  return "misfit: " + plan.explain(record.view()).message;
}

std::string decode(std::string_view copybook, std::string_view hex,
                   const plan::PlanOptions& options) {
  const auto plan = plan_of(layout_of(copybook), options);
  return plan == nullptr ? "no plan" : decode(*plan, hex);
}

std::string hex_of(std::string_view text, std::string_view code_page) {
  const auto page = charset::CodePage::load(code_page);
  const auto bytes = (*page)->from_utf8(text);
  EXPECT_TRUE(bytes.has_value()) << text;
  if (!bytes) return {};
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
}

}  // namespace copybridge::test
