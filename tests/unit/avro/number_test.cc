// Numbers by Avro's specification, written from their own characters.
#include <gtest/gtest.h>

#include "tests/unit/avro/support.h"

namespace copybridge::avro {
namespace {

TEST(AvroInteger, IsAZigZagVarint) {
  const Type type = of(Kind::int32);
  EXPECT_EQ(value_of(type, "0"), "00");
  EXPECT_EQ(value_of(type, "-0"), "00");
  EXPECT_EQ(value_of(type, "-1"), "01");
  EXPECT_EQ(value_of(type, "1"), "02");
  EXPECT_EQ(value_of(type, "-64"), "7F");
  EXPECT_EQ(value_of(type, "64"), "8001");
  EXPECT_EQ(value_of(type, "2147483647"), "FEFFFFFF0F");
  EXPECT_EQ(value_of(type, "-2147483648"), "FFFFFFFF0F");
}

TEST(AvroInteger, OfALongHas64Bits) {
  const Type type = of(Kind::int64);
  EXPECT_EQ(value_of(type, "9223372036854775807"), "FEFFFFFFFFFFFFFFFF01");
  EXPECT_EQ(value_of(type, "-9223372036854775808"), "FFFFFFFFFFFFFFFFFF01");
  EXPECT_EQ(value_of(type, "12e2"), "E012");
  EXPECT_EQ(value_of(type, "1200.0"), "E012");
}

TEST(AvroInteger, IsRefusedBeyondItsRange) {
  constexpr const char* kRange = "avro: /A: beyond the range of the schema's type";
  EXPECT_EQ(value_of(of(Kind::int32), "2147483648"), kRange);
  EXPECT_EQ(value_of(of(Kind::int32), "-2147483649"), kRange);
  EXPECT_EQ(value_of(of(Kind::int64), "9223372036854775808"), kRange);
  EXPECT_EQ(value_of(of(Kind::int64), "-9223372036854775809"), kRange);
  EXPECT_EQ(value_of(of(Kind::int64), "1e99"), kRange);
  EXPECT_EQ(value_of(of(Kind::int32), "1.5"),
            "avro: /A: decimals, where the schema has whole numbers");
}

TEST(AvroFloat, IsRoundedOnceToItsOwnType) {
  EXPECT_EQ(value_of(of(Kind::float32), "1.5"), "0000C03F");
  EXPECT_EQ(value_of(of(Kind::float32), "-0.0"), "00000080");
  // Half a unit more than a float's last place, which a double rounds away first.
  EXPECT_EQ(value_of(of(Kind::float32), "1.00000005960464477540"), "0100803F");
  EXPECT_EQ(value_of(of(Kind::float64), "1.5"), "000000000000F83F");
  EXPECT_EQ(value_of(of(Kind::float64), "-2.5E-3"), "7B14AE47E17A64BF");
  EXPECT_EQ(value_of(of(Kind::float64), "5e-324"), "0100000000000000");
  EXPECT_EQ(value_of(of(Kind::float64), "1.7976931348623157e308"), "FFFFFFFFFFFFEF7F");
}

TEST(AvroFloat, IsRefusedBeyondItsRange) {
  constexpr const char* kRange = "avro: /A: beyond the range of the schema's type";
  EXPECT_EQ(value_of(of(Kind::float32), "1e39"), kRange);
  EXPECT_EQ(value_of(of(Kind::float64), "-1e309"), kRange);
  EXPECT_EQ(value_of(of(Kind::float64), "-infinity"), "avro: /A: no JSON");
}

TEST(AvroDecimal, IsTwosComplementAtTheSchemasScale) {
  const Type type = decimal(9, 2);
  EXPECT_EQ(value_of(type, "0"), "0200");
  EXPECT_EQ(value_of(type, "-0.00"), "0200");
  EXPECT_EQ(value_of(type, "0.01"), "0201");
  EXPECT_EQ(value_of(type, "-0.01"), "02FF");
  EXPECT_EQ(value_of(type, "1.27"), "027F");
  EXPECT_EQ(value_of(type, "1.28"), "040080");
  EXPECT_EQ(value_of(type, "-1.28"), "0280");
  EXPECT_EQ(value_of(type, "-1.29"), "04FF7F");
  EXPECT_EQ(value_of(type, "1.5"), "040096");
  EXPECT_EQ(value_of(type, "1.5000"), "040096");
  EXPECT_EQ(value_of(type, "-9999999.99"), "08C4653601");
}

TEST(AvroDecimal, TakesExponents) {
  EXPECT_EQ(value_of(decimal(9, 2), "1.5e0"), "040096");
  EXPECT_EQ(value_of(decimal(9, 2), "150E-2"), "040096");
  EXPECT_EQ(value_of(decimal(9, 2), "15e+3"), "0616E360");
}

TEST(AvroDecimal, HasUpTo38Digits) {
  const std::string nines(38, '9');
  EXPECT_EQ(value_of(decimal(38, 0), nines), "204B3B4CA85A86C47A098A223FFFFFFFFF");
  EXPECT_EQ(value_of(decimal(38, 0), "-" + nines), "20B4C4B357A5793B85F675DDC000000001");
  EXPECT_EQ(value_of(decimal(38, 38), "0." + nines), "204B3B4CA85A86C47A098A223FFFFFFFFF");
  EXPECT_EQ(value_of(decimal(38, 10), "1"), "0A02540BE400");
}

TEST(AvroDecimal, HasMoreDigitsWhereTheSchemaHas) {
  // PIC 9(38)PP; 2^128, 2^127 and -2^127, which need the most bytes, one more, and no more.
  EXPECT_EQ(value_of(decimal(40, 0), "340282366920938463463374607431768211456"),
            "220100000000000000000000000000000000");
  EXPECT_EQ(value_of(decimal(39, 0), "170141183460469231731687303715884105728"),
            "220080000000000000000000000000000000");
  EXPECT_EQ(value_of(decimal(39, 0), "-170141183460469231731687303715884105728"),
            "2080000000000000000000000000000000");
  EXPECT_EQ(value_of(decimal(45, 2), "-1.28"), "0280");
  EXPECT_EQ(value_of(decimal(45, 2), "0"), "0200");
  EXPECT_EQ(value_of(decimal(45, 2), "12e1"), "042EE0");
  EXPECT_EQ(value_of(decimal(40, 0), "1" + std::string(40, '0')),
            "avro: /A: more digits than the schema has");
  EXPECT_EQ(value_of(decimal(40, 0), "1e2147483648"), "avro: /A: more digits than the schema has");
}

TEST(AvroDecimal, IsRefusedWhereDigitsWouldBeLost) {
  EXPECT_EQ(value_of(decimal(9, 2), "1.234"), "avro: /A: more decimals than the schema has");
  EXPECT_EQ(value_of(decimal(9, 2), "1e-40"), "avro: /A: more decimals than the schema has");
  EXPECT_EQ(value_of(decimal(9, 2), "0." + std::string(45, '1')),
            "avro: /A: more decimals than the schema has");
  EXPECT_EQ(value_of(decimal(9, 2), "12345678.90"), "avro: /A: more digits than the schema has");
  EXPECT_EQ(value_of(decimal(9, 2), "1e30"), "avro: /A: more digits than the schema has");
  EXPECT_EQ(value_of(decimal(9, 2), "1e99"), "avro: /A: more digits than the schema has");
}

TEST(AvroBigDecimal, HasTheValuesOwnScale) {
  const Type type = of(Kind::big_decimal);
  EXPECT_EQ(value_of(type, "1.10"), "06026E04");
  EXPECT_EQ(value_of(type, "-1.10"), "06029204");
  EXPECT_EQ(value_of(type, "0.00"), "06020004");
  EXPECT_EQ(value_of(type, "7"), "06020700");
  EXPECT_EQ(value_of(type, "-0.001"), "0602FF06");
  EXPECT_EQ(value_of(type, "1.10e2"), "06026E00");
  EXPECT_EQ(value_of(type, "11E+3"), "06020B05");
}

TEST(AvroBigDecimal, HasAsManyDigitsAsTheValue) {
  const Type type = of(Kind::big_decimal);
  EXPECT_EQ(value_of(type, "-1234567890123456789012345678901.50"),
            "201CF9E9C199A41483595D1E59BDBB1A04");
  EXPECT_EQ(value_of(type, "1" + std::string(10'000, '0')),
            "avro: /A: more digits than the schema has");
  EXPECT_EQ(value_of(type, "1E9999999999"), "avro: /A: beyond the range of the schema's type");
}

TEST(AvroNumber, IsNoTextAndNoTextIsANumber) {
  constexpr const char* kKind = "avro: /A: another kind of value than the schema has";
  EXPECT_EQ(value_of(of(Kind::int32), "\"1\""), kKind);
  EXPECT_EQ(value_of(decimal(9, 2), "true"), kKind);
  EXPECT_EQ(value_of(of(Kind::float64), "null"), kKind);
  EXPECT_EQ(value_of(of(Kind::string), "1"), kKind);
  EXPECT_EQ(value_of(of(Kind::int32), "[1]"), kKind);
  for (const char* text : {"1x", "01", "+1", "-.1", "1.", "1e", "-"})
    EXPECT_EQ(value_of(decimal(9, 2), text), "avro: /A: no JSON") << text;
}

}  // namespace
}  // namespace copybridge::avro
