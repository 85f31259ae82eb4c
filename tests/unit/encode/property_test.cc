// Seeded random layouts and records: what decoding prints becomes the same record again, byte for
// byte with _raw, and a record that decodes to the same JSON without it.
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"
#include "tests/unit/plan/generator.h"

namespace copybridge::test {
namespace {

plan::PlanOptions random_options(std::uint32_t seed) {
  plan::PlanOptions options = options_of(seed % 3 == 0 ? "ISO-8859-1" : "IBM-1047");
  options.keep_fillers = seed % 2 == 0;
  options.on_bad_field = static_cast<plan::OnBadField>(seed % 3);
  options.short_records = options.long_records =
      seed % 4 == 0 ? plan::Acceptance::accept : plan::Acceptance::reject;
  options.list_errors = seed % 5 == 0;
  options.trim = static_cast<plan::Trim>(seed % 3);
  options.odo = seed % 11 == 0 ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
  options.numbers = static_cast<plan::Numbers>(seed / 3 % 3);
  options.names = static_cast<plan::Names>(seed / 5 % 3);
  options.float_format = seed % 7 == 0 ? plan::FloatFormat::ieee : plan::FloatFormat::ibm;
  options.native_order = seed % 13 == 0 ? plan::ByteOrder::little : plan::ByteOrder::big;
  return options;
}

/// Encodes; empty with the reason in `message` where it is refused.
std::string encoded(encode::Encoder& encoder, std::string_view json, std::string& message) {
  std::string text(json);
  text.append(kReadableTail, ']');
  ByteBuffer out;
  if (encoder.encode(std::string_view(text).substr(0, json.size()), out)) return to_hex(out.view());
  message = encoder.refusal().message;
  EXPECT_FALSE(message.empty());
  return {};
}

TEST(EncodeProperty, WithRawEveryRecordComesBackByteForByte) {
  std::size_t records = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R." + generator.items(2, 0);
    const auto layout = layout_of(copybook);
    plan::PlanOptions options = random_options(seed);
    options.keep_raw = true;
    const auto decoding = plan_of(layout, options);
    const auto encoding = encode_plan_of(layout, options);
    encode::Encoder encoder(*encoding);
    for (int i = 0; i < 30; ++i) {
      const std::size_t size =
          i % 4 == 0 ? generator.below(layout->size_max + 3) : layout->size_max;
      const ByteBuffer record = random_record(generator, size, 0xFF);
      TextBuffer json;
      if (!decoding->decode(record.view(), json)) continue;
      ++records;
      std::string message;
      ASSERT_EQ(encoded(encoder, json.view(), message), to_hex(record.view()))
          << "seed " << seed << ": " << message << "\n"
          << copybook << "\n"
          << json.view();
    }
  }
  EXPECT_GT(records, 1000U) << "the generator must make records that fit";
}

TEST(EncodeProperty, WithoutRawTheRecordDecodesToTheSame) {
  std::size_t records = 0;
  std::size_t same_bytes = 0;
  std::size_t refused = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R." + generator.items(2, 0);
    const auto layout = layout_of(copybook);
    plan::PlanOptions options = random_options(seed);
    if (options.on_bad_field == plan::OnBadField::null) options.on_bad_field = {};
    const auto decoding = plan_of(layout, options);
    const auto encoding = encode_plan_of(layout, options);
    encode::Encoder encoder(*encoding);
    for (int i = 0; i < 30; ++i) {
      const ByteBuffer record = random_record(generator, layout->size_max, 0xFF);
      TextBuffer json;
      if (!decoding->decode(record.view(), json)) continue;
      ++records;
      std::string message;
      const std::string back = encoded(encoder, json.view(), message);
      if (back.empty()) {
        ++refused;
        // A fifth nibble of a picture of four digits, and characters that are none.
        EXPECT_TRUE(message.find("more digits") != std::string::npos ||
                    message.find("U+FFFD") != std::string::npos ||
                    message.find("shares its bytes") != std::string::npos)
            << "seed " << seed << ": " << message << "\n"
            << copybook << "\n"
            << json.view();
        continue;
      }
      if (back == to_hex(record.view())) ++same_bytes;
      ASSERT_EQ(decode(*decoding, back), json.view()) << "seed " << seed << "\n"
                                                      << copybook << "\n"
                                                      << to_hex(record.view());
    }
  }
  EXPECT_GT(records, 1000U);
  EXPECT_LT(refused, records / 5);
  EXPECT_GT(same_bytes, 50U);
}

}  // namespace
}  // namespace copybridge::test
