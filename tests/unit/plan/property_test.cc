// Seeded random layouts and bytes: decoding is total, says the same twice, prints valid JSON, and
// fast and slow kernels agree.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>

#include "tests/unit/plan/generator.h"
#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

void expect_json(std::string_view text) {
  static simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  EXPECT_EQ(parser.parse(padded).error(), simdjson::SUCCESS) << text;
}

// Decodes twice, with different bytes behind the record.
void check_record(const plan::Plan& plan, ByteBuffer& record, const std::string& copybook) {
  TextBuffer first;
  TextBuffer second;
  second.append(std::string(3, ' '));
  const bool fits = plan.decode(record.view(), first);
  std::fill_n(record.data() + record.size(), kReadableTail, std::uint8_t{0xF1});
  ASSERT_EQ(plan.decode(record.view(), second), fits) << copybook;
  if (fits) {
    EXPECT_EQ(first.view(), second.view().substr(3)) << copybook;
    expect_json(first.view());
    return;
  }
  EXPECT_EQ(first.size(), 0U);
  const plan::BadField bad = plan.explain(record.view());
  EXPECT_FALSE(bad.message.empty());
  EXPECT_EQ(bad.message.find("the bytes fit"), std::string::npos) << copybook;
  EXPECT_LE(bad.offset, record.size());
}

TEST(Property, DecodingIsTotalAndPrintsJson) {
  std::size_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R." + generator.items(2, 0);
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr) << copybook;
    plan::PlanOptions options = options_of(seed % 3 == 0 ? "ISO-8859-1" : "IBM-1047");
    options.keep_fillers = seed % 2 == 0;
    options.on_bad_field = static_cast<plan::OnBadField>(seed % 3);
    options.short_records = options.long_records =
        seed % 4 == 0 ? plan::Acceptance::accept : plan::Acceptance::reject;
    options.list_errors = seed % 5 == 0;
    options.keep_raw = seed % 7 == 0;
    options.trim = static_cast<plan::Trim>(seed % 3);
    options.odo = seed % 11 == 0 ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
    const auto plan = plan_of(layout, options);
    ASSERT_NE(plan, nullptr) << copybook;
    for (int i = 0; i < 40; ++i) {
      const std::size_t size =
          i % 4 == 0 ? generator.below(layout->size_max + 3) : layout->size_max;
      ByteBuffer record = random_record(generator, size, 0xFF);
      check_record(*plan, record, copybook);
      TextBuffer out;
      if (plan->decode(record.view(), out)) ++fitting;
    }
  }
  EXPECT_GT(fitting, 300U) << "the generator must make records that fit";
}

TEST(Property, FastAndSlowNumbersAgree) {
  std::size_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R. 05 A " + generator.number_clauses() + ".";
    const auto layout = layout_of(copybook);
    plan::PlanOptions options = options_of(seed % 3 == 0 ? "ISO-8859-1" : "IBM-1047");
    options.native_order = seed % 2 == 0 ? plan::ByteOrder::big : plan::ByteOrder::little;
    const auto fast = plan_of(layout, options);
    // A rule, though of a value that none of them is, makes the general kernel read the field.
    plan::FieldRule rule;
    rule.item = 1;
    rule.empty = {{plan::EmptyValue::Kind::number, "0.00000000000000000000000000001"}};
    options.rules = {rule};
    const auto slow = plan_of(layout, options);
    for (int i = 0; i < 60; ++i) {
      ByteBuffer record = random_record(generator, layout->size_max, 0xF9);
      if (seed % 3 == 0)
        for (std::size_t at = 0; at < record.size(); ++at)
          if ((record.data()[at] & 0xF0) == 0xF0) record.data()[at] ^= 0xC0;
      TextBuffer fast_text;
      TextBuffer slow_text;
      const bool fits = fast->decode(record.view(), fast_text);
      ASSERT_EQ(slow->decode(record.view(), slow_text), fits)
          << copybook << " " << to_hex(record.view());
      EXPECT_EQ(fast_text.view(), slow_text.view()) << copybook << " " << to_hex(record.view());
      if (fits) ++fitting;
    }
  }
  EXPECT_GT(fitting, 2000U) << "the generator must make numbers that fit";
}

}  // namespace
}  // namespace copybridge::test
