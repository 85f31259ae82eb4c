// COMP-1 and COMP-2: shortest text that reads back to the same bytes' value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "codecs/condition/float_text.h"
#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

std::string value(std::string_view usage, std::string_view hex,
                  plan::FloatFormat format = plan::FloatFormat::ibm,
                  plan::ByteOrder order = plan::ByteOrder::big) {
  plan::PlanOptions options = options_of();
  options.float_format = format;
  options.native_order = order;
  std::string json = decode("01 R. 05 A " + std::string(usage) + ".", hex, options);
  if (json.rfind("{\"A\":", 0) == 0) json = json.substr(5, json.size() - 6);
  return json;
}

TEST(IbmFloat, KnownValues) {
  EXPECT_EQ(value("COMP-1", "42640000"), "100");
  EXPECT_EQ(value("COMP-1", "C276A000"), "-118.625");
  EXPECT_EQ(value("COMP-1", "43142EFC"), "322.9365");
  EXPECT_EQ(value("COMP-2", "43142EFCCAF709B7"), "322.936717");
  EXPECT_EQ(value("COMP-1", "00000000"), "0");
  EXPECT_EQ(value("COMP-2", "8000000000000000"), "0");
  EXPECT_EQ(value("COMP-1", "4019999A"), "0.1");
  EXPECT_EQ(value("COMP-2", "401999999999999A"), "0.1");
  EXPECT_EQ(value("COMP-2", "4110000000000000"), "1");
}

TEST(IbmFloat, LongKeepsAll56Bits) {
  EXPECT_EQ(value("COMP-2", "4E20000000000001"), "9007199254740993");
  EXPECT_EQ(value("COMP-2", "4EFFFFFFFFFFFFFF"), "72057594037927935");
  EXPECT_EQ(value("COMP-2", "4110000000000001"), "1.0000000000000002");
}

TEST(IbmFloat, ExtremesAreWritten) {
  EXPECT_EQ(value("COMP-1", "7FFFFFFF"), "7.237005e+75");
  EXPECT_EQ(value("COMP-1", "00100000"), "5.397605e-79");
  EXPECT_EQ(value("COMP-2", "7FFFFFFFFFFFFFFF"), "7.2370055773322621e+75");
  EXPECT_EQ(value("COMP-2", "0010000000000000"), "5.397605346934028e-79");
}

TEST(IbmFloat, UnnormalizedBytesHaveTheSameValue) {
  EXPECT_EQ(value("COMP-1", "44006400"), "100");
  EXPECT_EQ(value("COMP-2", "4400640000000000"), "100");
}

// The bits of the hexadecimal float nearest to a decimal text, 0 where it is as near to two of
// them; a double is exact enough for single precision.
std::uint32_t read_back_single(const std::string& text) {
  double number = std::strtod(text.c_str(), nullptr);
  const bool negative = number < 0;
  number = std::fabs(number);
  if (number == 0) return 0;
  int exponent = 64;
  while (number >= 1) number /= 16, ++exponent;
  while (number < 1.0 / 16) number *= 16, --exponent;
  if (number * 16777216.0 - std::floor(number * 16777216.0) == 0.5) return 0;
  auto fraction = static_cast<std::uint64_t>(std::nearbyint(number * 16777216.0));
  if (fraction == 0x1000000) fraction >>= 4U, ++exponent;
  return (negative ? 0x80000000U : 0U) | (static_cast<std::uint32_t>(exponent) << 24U) |
         static_cast<std::uint32_t>(fraction);
}

TEST(IbmFloat, EveryShortTextReadsBackAndNoShorterOneDoes) {
  std::mt19937 random(20240607);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t exponent = i % 2 == 0 ? 60 + random() % 12 : 20 + random() % 90;
    const auto bits = static_cast<std::uint32_t>((exponent << 24U) |
                                                 (0x100000U + random() % (0x1000000U - 0x100000U)));
    condition::ShortestDecimal shortest;
    ASSERT_TRUE(condition::shortest_decimal(bits, condition::FloatKind::ibm_single, shortest));
    std::string digits;
    for (std::uint32_t d = 0; d < shortest.count; ++d)
      digits += static_cast<char>('0' + shortest.digits[d]);
    const std::string suffix = "e" + std::to_string(shortest.exponent);
    ASSERT_EQ(read_back_single("0." + digits + suffix), bits) << digits << suffix;
    if (digits.size() == 1) continue;
    // One digit less, rounded either way, is another value.
    const std::string shorter = digits.substr(0, digits.size() - 1);
    const std::string up = std::to_string(std::stoull(shorter) + 1);
    const std::string up_exponent =
        "e" + std::to_string(shortest.exponent - static_cast<int>(shorter.size()));
    EXPECT_NE(read_back_single(shorter + up_exponent), bits) << digits << suffix;
    EXPECT_NE(read_back_single(up + up_exponent), bits) << digits << suffix;
  }
}

TEST(IbmFloat, LongAgreesWithDoubleWhereBothAreExact) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t whole = random() % 100000000000ULL;
    const std::uint64_t fraction = (whole << 8U);
    // An integer below 2^48 as 16^14 * 0.fraction.
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llX",
                  static_cast<unsigned long long>((0x4CULL << 56U) | fraction));
    EXPECT_EQ(value("COMP-2", hex), std::to_string(whole)) << hex;
  }
}

TEST(IeeeFloat, IsShortest) {
  EXPECT_EQ(value("COMP-1", "3DCCCCCD", plan::FloatFormat::ieee), "0.1");
  EXPECT_EQ(value("COMP-2", "3FB999999999999A", plan::FloatFormat::ieee), "0.1");
  EXPECT_EQ(value("COMP-2", "40F86A0000000000", plan::FloatFormat::ieee), "100000");
  EXPECT_EQ(value("COMP-2", "C05EDD2F1A9FBE77", plan::FloatFormat::ieee), "-123.456");
  EXPECT_EQ(value("COMP-2", "54B249AD2594C37D", plan::FloatFormat::ieee), "1e+100");
  EXPECT_EQ(value("COMP-2", "8000000000000000", plan::FloatFormat::ieee), "0");
}

TEST(IeeeFloat, FollowsTheOrderOfItsMachine) {
  EXPECT_EQ(value("COMP-1", "CDCCCC3D", plan::FloatFormat::ieee, plan::ByteOrder::little), "0.1");
}

TEST(IbmFloat, MayHaveItsLowByteFirst) {
  const auto little = plan::FloatFormat::ibm_little;
  EXPECT_EQ(value("COMP-1", "00006442", little), "100");
  EXPECT_EQ(value("COMP-2", "00000000008064C2", little), "-100.5");
  EXPECT_EQ(value("COMP-1", "42640000", plan::FloatFormat::ibm, plan::ByteOrder::little), "100");
}

TEST(IeeeFloat, RefusesWhatJsonCannotSay) {
  EXPECT_EQ(value("COMP-1", "7F800000", plan::FloatFormat::ieee),
            "misfit: float: A at offset 0, byte 0: the value is not a finite number");
  EXPECT_EQ(value("COMP-2", "7FF8000000000000", plan::FloatFormat::ieee),
            "misfit: float: A at offset 0, byte 0: the value is not a finite number");
}

std::string decimal(std::string_view usage, std::string_view hex,
                    plan::ByteOrder order = plan::ByteOrder::little) {
  plan::PlanOptions options = options_of();
  options.native_order = order;
  const auto plan = plan_of(
      layout_of("01 R. 05 A " + std::string(usage) + ".", copybook::Dialect::gnucobol), options);
  std::string json = decode(*plan, hex);
  if (json.rfind("{\"A\":", 0) == 0) json = json.substr(5, json.size() - 6);
  return json;
}

// The bytes are those that GnuCOBOL 3.1 writes.
TEST(DecimalFloat, KnownValues) {
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "7D0000000000A0B1"), "-12.5");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "0000000000000000"), "0");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "FFFFC06FF286736C"), "9999999999999999");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "010000000000E030"), "1e-7");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-34", "7D000000000000000000000000003EB0"), "-12.5");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-34", "00000000000000000000000000000000"), "0");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-34", "F2AF967ED05C82DE3297FF6FDE3C4830"),
            "1.234567890123456789012345678901234e+37");
  EXPECT_EQ(decimal("FLOAT-DECIMAL-34", "0F000000000000000000000000006630"), "1.5e+20");
}

TEST(DecimalFloat, FollowsTheByteOrderOfNativeItems) {
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "B1A000000000007D", plan::ByteOrder::big), "-12.5");
}

TEST(DecimalFloat, KeepsItsDecimals) {
  EXPECT_EQ(decimal("FLOAT-DECIMAL-16", "E204000000008031"), "12.50");
}

TEST(DecimalFloat, InfinityAndWhatIsNoNumberDoNotFit) {
  EXPECT_THAT(decimal("FLOAT-DECIMAL-16", "0000000000000078"), testing::HasSubstr("misfit: float"));
  EXPECT_THAT(decimal("FLOAT-DECIMAL-16", "000000000000007C"), testing::HasSubstr("misfit: float"));
  // A coefficient of 17 digits.
  EXPECT_THAT(decimal("FLOAT-DECIMAL-16", "FFFFFFFFFFFFF76F"), testing::HasSubstr("misfit: float"));
}

}  // namespace
}  // namespace copybridge::test
