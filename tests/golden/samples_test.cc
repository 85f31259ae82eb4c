// The sample data of mappings/, whose bytes GnuCOBOL wrote and whose JSON was made from the
// values it moved: framing, mapping and plan must arrive at the same text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"
#include "codecs/plan/plan.h"
#include "tests/support/paths.h"

namespace copybridge {
namespace {

using condition::Truth;
using framing::Recfm;

const std::filesystem::path kMappings = support::source_path("mappings");

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

ByteBuffer read_bytes(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  ByteBuffer bytes;
  bytes.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return bytes;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string described(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics.all()) text += to_string(diagnostic) + "\n";
  return text;
}

/// A sample file, cut into records.
struct Sample {
  Sample(const std::string& path, const framing::FramingOptions& options)
      : bytes(read_bytes(kMappings / path)) {
    const auto framer = framing::make_framer(options);
    EXPECT_TRUE(framer.has_value());
    if (!framer) return;
    const auto framed = (*framer)->next(bytes.view(), true, 100000, spans);
    EXPECT_TRUE(framed.has_value() && framed->consumed == bytes.size()) << path;
  }

  [[nodiscard]] ByteView record(std::size_t index) const {
    return bytes.view(spans[index].offset, spans[index].size);
  }

  ByteBuffer bytes;
  std::vector<framing::RecordSpan> spans;
};

Sample fixed_sample(const std::string& path, std::uint32_t lrecl) {
  framing::FramingOptions options;
  options.recfm = Recfm::fixed;
  options.lrecl = lrecl;
  return {path, options};
}

Sample other_sample(const std::string& path, Recfm recfm) {
  framing::FramingOptions options;
  options.recfm = recfm;
  return {path, options};
}

/// What became of a sample under one mapping.
struct Converted {
  std::uint64_t matched = 0;
  std::uint64_t filtered = 0;
  std::uint64_t bad = 0;
  std::vector<std::string> events;
};

void convert_record(const mapping::Mapping& rules, ByteView record, Converted& converted) {
  if (rules.match.evaluate(record) != Truth::yes) return;
  ++converted.matched;
  if (rules.only_if.evaluate(record) != Truth::yes) {
    ++converted.filtered;
    return;
  }
  TextBuffer text;
  if (rules.plan->decode(record, text)) {
    converted.events.emplace_back(text.view());
  } else {
    ++converted.bad;
    ADD_FAILURE() << rules.plan->explain(record).message;
  }
}

Converted convert(const std::string& mapping_file, const Sample& sample) {
  Converted converted;
  Diagnostics diagnostics;
  const auto rules = mapping::load(kMappings / mapping_file, diagnostics);
  EXPECT_NE(rules, nullptr) << described(diagnostics);
  if (rules == nullptr) return converted;
  for (std::size_t index = 0; index < sample.spans.size(); ++index) {
    convert_record(*rules, sample.record(index), converted);
  }
  return converted;
}

std::string crc32_of(const std::vector<std::string>& events) {
  uLong crc = crc32(0, Z_NULL, 0);
  for (const std::string& event : events) {
    const std::string line = event + "\n";
    crc = crc32(crc, reinterpret_cast<const Bytef*>(line.data()), static_cast<uInt>(line.size()));
  }
  char text[9];
  std::snprintf(text, sizeof text, "%08lx", static_cast<unsigned long>(crc));
  return text;
}

/// Compares with expected.json: every event by the checksum, the fates by their counts.
void expect_counts(const std::string& folder, const std::string& name, const Converted& converted) {
  simdjson::dom::parser parser;
  const std::string text = read_file(kMappings / folder / "expected.json");
  const simdjson::dom::element counts = parser.parse(text)["mappings"][name];
  EXPECT_EQ(converted.matched, counts["matched"].get_uint64().value());
  EXPECT_EQ(converted.filtered, counts["filtered"].get_uint64().value());
  EXPECT_EQ(converted.events.size(), counts["published"].get_uint64().value());
  EXPECT_EQ(crc32_of(converted.events), counts["crc32_of_events"].get_string().value());
}

/// Compares the first events one by one, so that a difference shows its member.
void expect_first(const std::string& expected_file, const std::vector<std::string>& events) {
  const std::vector<std::string> expected = lines_of(read_file(kMappings / expected_file));
  ASSERT_EQ(expected.size(), 20U);
  ASSERT_GE(events.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    EXPECT_EQ(events[index], expected[index]) << "event " << index + 1;
  }
}

TEST(AccountSample, BecomesTheEventsOfItsMapping) {
  const Sample sample = fixed_sample("account/sample/account.dat", 200);
  ASSERT_EQ(sample.spans.size(), 1000U);
  const Converted converted = convert("account/account.yaml", sample);
  expect_first("account/expected.jsonl", converted.events);
  expect_counts("account", "account", converted);
}

TEST(AccountSample, DecodesWithoutAMapping) {
  copybook::ParseOutcome parsed = copybook::load(kMappings / "account/account.cpy", {});
  ASSERT_EQ(parsed.copybook.records.size(), 1U) << described(parsed.diagnostics);
  plan::PlanOptions options;
  options.code_page = charset::CodePage::load("IBM-1047").value();
  Diagnostics diagnostics;
  const auto compiled =
      plan::Plan::compile(std::make_shared<const copybook::Layout>(parsed.copybook.records.front()),
                          options, {}, diagnostics);
  ASSERT_NE(compiled, nullptr) << described(diagnostics);
  const Sample sample = fixed_sample("account/sample/account.dat", 200);
  std::vector<std::string> decoded;
  for (std::size_t index = 0; index < 20; ++index) {
    TextBuffer text;
    ASSERT_TRUE(compiled->decode(sample.record(index), text));
    decoded.emplace_back(text.view());
  }
  expect_first("account/decoded.jsonl", decoded);
}

TEST(AccountSample, NamesTheBadPackedFieldAndDecodesItsNeighbours) {
  Diagnostics diagnostics;
  const auto rules = mapping::load(kMappings / "account/account.yaml", diagnostics);
  ASSERT_NE(rules, nullptr) << described(diagnostics);
  const Sample sample = fixed_sample("account/sample/account-bad.dat", 200);
  ASSERT_EQ(sample.spans.size(), 10U);
  for (std::size_t index = 0; index < sample.spans.size(); ++index) {
    TextBuffer text;
    EXPECT_EQ(rules->plan->decode(sample.record(index), text), index != 6) << index;
  }
  const plan::BadField bad = rules->plan->explain(sample.record(6));
  EXPECT_EQ(bad.path, "ACCT-BALANCE");
  EXPECT_EQ(bad.offset, 67U);
  EXPECT_THAT(bad.found, testing::StartsWith("000B"));
}

TEST(PolicySample, GivesEachRecordTypeToItsMapping) {
  const Sample sample = other_sample("policy/sample/policy.vb", Recfm::variable_blocked);
  ASSERT_EQ(sample.spans.size(), 489U);
  for (const std::string name : {"header", "coverage", "claim"}) {
    const Converted converted = convert("policy/policy-" + name + ".yaml", sample);
    expect_first("policy/expected-" + name + ".jsonl", converted.events);
    expect_counts("policy", "policy-" + name, converted);
  }
}

TEST(PolicySample, HasTheSameRecordsWithAndWithoutBlocks) {
  const Sample blocked = other_sample("policy/sample/policy.vb", Recfm::variable_blocked);
  const Sample plain = other_sample("policy/sample/policy.v", Recfm::variable);
  ASSERT_EQ(blocked.spans.size(), plain.spans.size());
  for (std::size_t index = 0; index < plain.spans.size(); ++index) {
    const ByteView left = blocked.record(index);
    const ByteView right = plain.record(index);
    EXPECT_TRUE(std::equal(left.begin(), left.end(), right.begin(), right.end())) << index;
  }
}

TEST(PaymentSample, BecomesTheEventsOfItsMapping) {
  const Sample sample = other_sample("payment/sample/payment.lp", Recfm::length_prefixed);
  ASSERT_EQ(sample.spans.size(), 40U);
  const Converted converted = convert("payment/payment.yaml", sample);
  expect_first("payment/expected.jsonl", converted.events);
  expect_counts("payment", "payment", converted);
}

TEST(PaymentSample, HasItsFirstMessagesAsFiles) {
  const Sample sample = other_sample("payment/sample/payment.lp", Recfm::length_prefixed);
  ASSERT_EQ(sample.spans.size(), 40U);
  for (std::size_t index = 0; index < 3; ++index) {
    const std::string name = "payment/sample/message-" + std::to_string(index + 1) + ".bin";
    const ByteBuffer message = read_bytes(kMappings / name);
    const ByteView record = sample.record(index);
    EXPECT_TRUE(
        std::equal(record.begin(), record.end(), message.view().begin(), message.view().end()))
        << name;
  }
}

}  // namespace
}  // namespace copybridge
