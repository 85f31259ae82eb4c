// The sample data of mappings/ there and back: every record that decodes is made again from its
// JSON, byte for byte. What a mapping hides or drops is kept here, as no way leads back from it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codecs/encode/encode.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"
#include "tests/support/paths.h"

namespace copybridge {
namespace {

const std::filesystem::path kMappings = support::source_path("mappings");

/// A sample file, cut into records.
struct Sample {
  Sample(const std::string& path, framing::Recfm recfm, std::uint32_t lrecl = 0) {
    std::ifstream file(kMappings / path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    bytes.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    framing::FramingOptions options;
    options.recfm = recfm;
    options.lrecl = lrecl;
    const auto framer = framing::make_framer(options);
    EXPECT_TRUE((*framer)->next(bytes.view(), true, 100000, spans).has_value()) << path;
  }

  ByteBuffer bytes;
  std::vector<framing::RecordSpan> spans;
};

/// Rules that lose nothing: where several values are null, null does not say which it was.
void keep_everything(plan::PlanOptions& options) {
  for (plan::FieldRule& rule : options.rules) {
    rule.drop = false;
    rule.mask.reset();
    if (rule.empty.size() < 2 || options.keep_raw) continue;
    rule.empty.clear();
    rule.date.reset();
  }
  options.keep_fillers = true;
}

std::size_t round_trips(const std::string& mapping_file, const Sample& sample, bool keep_raw) {
  Diagnostics diagnostics;
  const auto mapping = mapping::load(kMappings / mapping_file, diagnostics);
  EXPECT_NE(mapping, nullptr);
  if (mapping == nullptr) return 0;
  plan::PlanOptions options = mapping->options;
  options.keep_raw = keep_raw;
  keep_everything(options);
  const auto decoding =
      plan::Plan::compile(mapping->layout, options, mapping->alternatives, diagnostics);
  const auto encoding =
      encode::EncodePlan::compile(mapping->layout, options, mapping->alternatives, {}, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  if (decoding == nullptr || encoding == nullptr) return 0;
  encode::Encoder encoder(*encoding);
  std::size_t count = 0;
  TextBuffer json;
  ByteBuffer record;
  for (const framing::RecordSpan& span : sample.spans) {
    const ByteView bytes = sample.bytes.view(span.offset, span.size);
    if (mapping->match.evaluate(bytes) != condition::Truth::yes) continue;
    json.clear();
    record.clear();
    if (!decoding->decode(bytes, json)) continue;
    EXPECT_TRUE(encoder.encode(json.view(), record)) << encoder.refusal().message << "\n"
                                                     << json.view();
    EXPECT_EQ(to_hex(record.view()), to_hex(bytes)) << json.view();
    ++count;
  }
  return count;
}

TEST(EncodeSamples, RecordsComeBackByteForByte) {
  for (const bool keep_raw : {false, true}) {
    const Sample account("account/sample/account.dat", framing::Recfm::fixed, 200);
    EXPECT_EQ(round_trips("account/account.yaml", account, keep_raw), 1000U);
    const Sample payment("payment/sample/payment.lp", framing::Recfm::length_prefixed);
    EXPECT_GE(round_trips("payment/payment.yaml", payment, keep_raw), 30U);
    const Sample policy("policy/sample/policy.vb", framing::Recfm::variable_blocked);
    std::size_t records = 0;
    for (const char* const file :
         {"policy/policy-header.yaml", "policy/policy-coverage.yaml", "policy/policy-claim.yaml"})
      records += round_trips(file, policy, keep_raw);
    EXPECT_EQ(records, policy.spans.size());
  }
}

}  // namespace
}  // namespace copybridge
