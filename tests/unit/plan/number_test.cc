// Zoned, packed and binary numbers: signs, decimals, sizes, bad bytes and their messages.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

std::string value(std::string_view clauses, std::string_view hex,
                  const plan::PlanOptions& options = options_of()) {
  std::string json = decode("01 R. 05 A " + std::string(clauses) + ".", hex, options);
  if (json.rfind("{\"A\":", 0) == 0) json = json.substr(5, json.size() - 6);
  return json;
}

std::string byte_hex(unsigned byte) {
  const auto value = static_cast<std::uint8_t>(byte);
  return to_hex({&value, 1});
}

TEST(Zoned, PrintsExactlyThePicturesDecimals) {
  EXPECT_EQ(value("PIC S9(3)V99", "F0F1F2F5D0"), "-12.50");
  EXPECT_EQ(value("PIC S9(3)V99", "F0F0F0F0C0"), "0.00");
  EXPECT_EQ(value("PIC 9(5)", "F0F0F0F0F7"), "7");
  EXPECT_EQ(value("PIC V999", "F0F1F2"), "0.012");
}

TEST(Zoned, MinusZeroIsZero) {
  EXPECT_EQ(value("PIC S99V9", "F0F0D0"), "0.0");
  EXPECT_EQ(value("PIC S9(12)", "F0F0F0F0F0F0F0F0F0F0F0D0"), "0");
}

TEST(Zoned, EverySignByteIsReadAsDefined) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const unsigned zone = byte >> 4U;
    const unsigned digit = byte & 0x0FU;
    const bool valid = zone >= 10 && digit <= 9;
    const bool minus = zone == 0x0B || zone == 0x0D;
    const std::string number = "3" + std::to_string(digit);
    const std::string trailing = value("PIC S99", "F3" + byte_hex(byte));
    EXPECT_EQ(trailing.rfind("misfit", 0) == 0, !valid) << byte;
    if (valid) {
      EXPECT_EQ(trailing, (minus ? "-" : "") + number) << byte;
    }
    const std::string plain = value("PIC 99", "F3" + byte_hex(byte));
    EXPECT_EQ(plain.rfind("misfit", 0) == 0, !valid || minus) << byte;
    const std::string leading = value("PIC S99 SIGN LEADING", byte_hex(byte) + "F1");
    EXPECT_EQ(leading.rfind("misfit", 0) == 0, !valid) << byte;
  }
}

TEST(Zoned, EveryByteThatIsNoDigitIsRefusedAtEveryPlace) {
  for (const unsigned size : {3U, 8U, 9U, 12U, 16U, 17U, 20U}) {
    const std::string clauses = "PIC S9(" + std::to_string(size) + ")";
    for (unsigned place = 0; place + 1 < size; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        if (byte >= 0xF0 && byte <= 0xF9) continue;
        if (byte % 7 != place % 7) continue;
        std::string hex;
        for (unsigned i = 0; i < size; ++i) hex += i == place ? byte_hex(byte) : "F1";
        EXPECT_EQ(value(clauses, hex), "misfit: zoned: A at offset 0, byte " +
                                           std::to_string(place) + ": 0x" + byte_hex(byte) +
                                           " is not a digit");
      }
    }
  }
}

TEST(Zoned, EverySizeAndScalePrintsItsDigits) {
  const std::string digits = "123456789012345678";
  for (std::size_t size = 1; size <= 18; ++size) {
    for (std::size_t scale = 0; scale <= size; ++scale) {
      const std::string whole = size > scale ? digits.substr(0, size - scale) : "0";
      std::string expected = "-" + whole;
      if (scale > 0) expected += "." + digits.substr(size - scale, scale);
      std::string picture = "PIC S";
      if (size > scale) picture += "9(" + std::to_string(size - scale) + ")";
      if (scale > 0) picture += "V9(" + std::to_string(scale) + ")";
      const std::string plain = hex_of(digits.substr(0, size));
      std::string trailing = plain;
      trailing[trailing.size() - 2] = 'D';
      EXPECT_EQ(value(picture, trailing), expected);
      std::string leading = plain;
      leading[0] = 'D';
      EXPECT_EQ(value(picture + " SIGN LEADING", leading), expected);
      EXPECT_EQ(value(picture + " SIGN TRAILING SEPARATE", plain + "60"), expected);
      EXPECT_EQ(value(picture + " SIGN LEADING SEPARATE", "60" + plain), expected);
    }
  }
}

TEST(Zoned, SeparateSignsAreOnlyPlusAndMinus) {
  EXPECT_EQ(value("PIC S99 SIGN TRAILING SEPARATE", "F1F24E"), "12");
  EXPECT_EQ(value("PIC S99 SIGN LEADING SEPARATE", "4EF1F2"), "12");
  EXPECT_EQ(value("PIC S99 SIGN LEADING SEPARATE", "40F1F2"),
            "misfit: zoned: A at offset 0, byte 0: 0x40 is not a sign");
  EXPECT_EQ(value("PIC S99 SIGN TRAILING SEPARATE", "F1C24E"),
            "misfit: zoned: A at offset 0, byte 1: 0xC2 is not a digit");
}

TEST(Zoned, AsciiPagesKnowThreeKindsOfSigns) {
  const plan::PlanOptions ascii = options_of("ASCII");
  EXPECT_EQ(value("PIC S99", "3132", ascii), "12");
  EXPECT_EQ(value("PIC S99", "3172", ascii), "-12");
  EXPECT_EQ(value("PIC S99", "317B", ascii), "10");
  EXPECT_EQ(value("PIC S99", "317D", ascii), "-10");
  EXPECT_EQ(value("PIC S99", "3142", ascii), "12");
  EXPECT_EQ(value("PIC S99", "314B", ascii), "-12");
  EXPECT_EQ(value("PIC S99", "3153", ascii),
            "misfit: zoned: A at offset 0, byte 1: 0x53 is not a sign");
  EXPECT_EQ(value("PIC S9(12)", "313131313131313131313179", ascii), "-111111111119");
  EXPECT_EQ(value("PIC 99", "3172", ascii),
            "misfit: zoned: A at offset 0, byte 1: the sign is minus, but the item is unsigned");
}

TEST(Zoned, BlanksAreZeroOnlyWhereThePictureSaysSo) {
  EXPECT_EQ(value("PIC 9(3)V99 BLANK WHEN ZERO", "4040404040"), "0.00");
  EXPECT_EQ(value("PIC 9(5) BLANK WHEN ZERO", "40404040F1"),
            "misfit: zoned: A at offset 0, byte 0: 0x40 is not a digit");
  EXPECT_EQ(value("PIC 9(3)", "404040"),
            "misfit: zoned: A at offset 0, byte 0: 0x40 is not a digit");
}

TEST(Scaling, PositionsCountWithoutBytes) {
  EXPECT_EQ(value("PIC 9(3)PP", "F0F1F2"), "1200");
  EXPECT_EQ(value("PIC 9(3)PP", "F0F0F0"), "0");
  EXPECT_EQ(value("PIC SPP9(3)", "F0F1D2"), "-0.00012");
  EXPECT_EQ(value("PIC S9(3)PP COMP-3", "123D"), "-12300");
  EXPECT_EQ(value("PIC SP(4)9(2) COMP-3", "012C"), "0.000012");
  EXPECT_EQ(value("PIC S9(3)P COMP", "0007"), "70");
}

TEST(Packed, SignNibblesAreReadAsDefined) {
  for (unsigned nibble = 0; nibble < 16; ++nibble) {
    const bool minus = nibble == 0x0B || nibble == 0x0D;
    const std::string hex = "12" + byte_hex(0x30U | nibble);
    const std::string with_sign = value("PIC S999 COMP-3", hex);
    const std::string without = value("PIC 999 COMP-3", hex);
    if (nibble < 10) {
      EXPECT_EQ(with_sign, "misfit: packed: A at offset 0, byte 1: nibble 0x" +
                               byte_hex(nibble).substr(1) + " is not a sign");
      EXPECT_EQ(without.rfind("misfit", 0), 0U);
    } else {
      EXPECT_EQ(with_sign, minus ? "-123" : "123");
      EXPECT_EQ(without, minus ? "misfit: packed: A at offset 0, byte 1: the sign is minus, but "
                                 "the item is unsigned"
                               : "123");
    }
  }
}

TEST(Packed, EveryBadNibbleIsRefusedAtEveryPlace) {
  for (const unsigned digits : {1U, 3U, 7U, 9U, 15U, 17U, 31U}) {
    const unsigned nibbles = digits / 2 * 2 + 1;
    for (unsigned place = 0; place < nibbles; ++place) {
      for (unsigned nibble = 10; nibble < 16; ++nibble) {
        std::string hex(nibbles, '1');
        hex[place] = byte_hex(nibble)[1];
        EXPECT_EQ(value("PIC S9(" + std::to_string(digits) + ") COMP-3", hex + "C"),
                  "misfit: packed: A at offset 0, byte " + std::to_string(place / 2) +
                      ": nibble 0x" + byte_hex(nibble)[1] + " is not a digit");
      }
    }
  }
}

TEST(Packed, EverySizeAndScalePrintsItsDigits) {
  const std::string digits = "1234567890123456789012345678901";
  for (std::size_t size = 1; size <= 31; ++size) {
    for (std::size_t scale = 0; scale <= size; scale += size > 18 ? 5 : 1) {
      const std::string used = digits.substr(0, size);
      std::string expected = "-" + (size > scale ? used.substr(0, size - scale) : "0");
      if (scale > 0) expected += "." + used.substr(size - scale);
      std::string picture = "PIC S";
      if (size > scale) picture += "9(" + std::to_string(size - scale) + ")";
      if (scale > 0) picture += "V9(" + std::to_string(scale) + ")";
      EXPECT_EQ(value(picture + " COMP-3", (size % 2 == 0 ? "0" : "") + used + "D"), expected);
    }
  }
}

TEST(Packed, LeadingZerosGoAtEveryLength) {
  for (unsigned zeros = 0; zeros <= 15; ++zeros) {
    const std::string digits = std::string(zeros, '0') + std::string(15 - zeros, '7');
    EXPECT_EQ(value("PIC S9(15) COMP-3", digits + "C"),
              zeros == 15 ? "0" : std::string(15 - zeros, '7'));
  }
}

TEST(Packed, MessageNamesItemOffsetByteAndNibble) {
  const auto plan =
      plan_of(layout_of("01 R. 05 F PIC X(41). 05 ACCT-BAL PIC S9(9)V99 COMP-3."), options_of());
  const ByteBuffer record = record_of(std::string(82, '4') + "123456B8901C");
  TextBuffer out;
  ASSERT_FALSE(plan->decode(record.view(), out));
  const plan::BadField bad = plan->explain(record.view());
  EXPECT_EQ(bad.message, "packed: ACCT-BAL at offset 41, byte 3: nibble 0xB is not a digit");
  EXPECT_EQ(bad.path, "ACCT-BAL");
  EXPECT_EQ(bad.offset, 41U);
  EXPECT_EQ(bad.byte, 3U);
  EXPECT_EQ(bad.found, "123456B8901C");
  EXPECT_EQ(bad.expected, "a digit 0-9 in each nibble");
}

TEST(Packed, TheNibbleInFrontOfAnEvenNumberOfDigitsIsZero) {
  for (const char* picture : {"PIC S9(4) COMP-3", "PIC S9(3)V9 COMP-3", "PIC 9(5) COMP-6"}) {
    const bool is_signed = std::string_view(picture).find('S') != std::string_view::npos;
    EXPECT_EQ(value(picture, is_signed ? "12345C" : "123456"),
              "misfit: packed: A at offset 0, byte 0: nibble 0x1 stands in front of the picture's "
              "digits")
        << picture;
    EXPECT_EQ(value(picture, is_signed ? "A2345C" : "A23456").substr(0, 6), "misfit") << picture;
  }
  for (const char* digits : {"S9(8)", "S9(10)", "S9(14)", "S9(16)", "S9(18)", "S9(30)"}) {
    const std::string picture = "PIC " + std::string(digits) + " COMP-3";
    const auto count = static_cast<std::size_t>(std::stoi(std::string(digits).substr(3)));
    const std::string nines = std::string(count, '9') + "D";
    EXPECT_EQ(value(picture, "0" + nines), "-" + std::string(count, '9'));
    EXPECT_EQ(value(picture, "1" + nines).substr(0, 6), "misfit") << picture;
    plan::PlanOptions lenient = options_of();
    lenient.lenient.packed_pad = true;
    EXPECT_EQ(value(picture, "1" + nines, lenient), "-1" + std::string(count, '9')) << picture;
  }
}

TEST(UnsignedPacked, HasNoSignNibble) {
  EXPECT_EQ(value("PIC 9(4) COMP-6", "0123"), "123");
  EXPECT_EQ(value("PIC 9(3)V99 COMP-6", "012345"), "123.45");
  EXPECT_EQ(value("PIC 9(4) COMP-6", "012C"),
            "misfit: packed: A at offset 0, byte 1: nibble 0xC is not a digit");
  EXPECT_EQ(value("PIC 9(18) COMP-6", "123456789012345678"), "123456789012345678");
}

TEST(Binary, IsBigEndianTwosComplement) {
  EXPECT_EQ(value("PIC S9(4) COMP", "FFFE"), "-2");
  EXPECT_EQ(value("PIC 9(4) COMP", "FFFE"), "65534");
  EXPECT_EQ(value("PIC S9(4) COMP", "8000"), "-32768");
  EXPECT_EQ(value("PIC S9(9) BINARY", "80000000"), "-2147483648");
  EXPECT_EQ(value("PIC S9(18) COMP-4", "8000000000000000"), "-9223372036854775808");
  EXPECT_EQ(value("PIC 9(18) COMP", "FFFFFFFFFFFFFFFF"), "18446744073709551615");
}

TEST(Binary, ValuesBeyondThePictureAreWhatTheBytesSay) {
  EXPECT_EQ(value("PIC S9(4) COMP", "4E20"), "20000");
  EXPECT_EQ(value("PIC S9(3)V9 COMP", "4E20"), "2000.0");
}

TEST(Binary, ScalesAtEveryMagnitude) {
  EXPECT_EQ(value("PIC S9(7)V99 COMP", "00000001"), "0.01");
  EXPECT_EQ(value("PIC S9(7)V99 COMP", "FFFFFF9C"), "-1.00");
  EXPECT_EQ(value("PIC S9(16)V99 COMP", "7FFFFFFFFFFFFFFF"), "92233720368547758.07");
  EXPECT_EQ(value("PIC SV9(16) COMP", "8000000000000000"), "-922.3372036854775808");
  EXPECT_EQ(value("PIC SV9(18) COMP", "0000000000000001"), "0.000000000000000001");
}

TEST(Binary, EveryPowerOfTenAndItsNeighbours) {
  std::uint64_t power = 1;
  for (int exponent = 0; exponent <= 19; ++exponent) {
    for (const std::uint64_t number : {power - 1, power, power + 1}) {
      char hex[17];
      std::snprintf(hex, sizeof hex, "%016llX", static_cast<unsigned long long>(number));
      EXPECT_EQ(value("PIC 9(18) COMP", hex), std::to_string(number));
      std::string scaled = std::to_string(number);
      if (scaled.size() < 4) scaled.insert(0, 4 - scaled.size(), '0');
      scaled.insert(scaled.size() - 3, ".");
      EXPECT_EQ(value("PIC 9(15)V999 COMP", hex), scaled);
    }
    if (exponent < 19) power *= 10;
  }
}

TEST(NativeBinary, HasTheOrderOfItsMachine) {
  EXPECT_EQ(value("PIC S9(4) COMP-5", "0102"), "258");
  plan::PlanOptions little = options_of();
  little.native_order = plan::ByteOrder::little;
  EXPECT_EQ(value("PIC S9(4) COMP-5", "0201", little), "258");
  EXPECT_EQ(value("PIC S9(4) COMP-5", "FEFF", little), "-2");
  EXPECT_EQ(value("PIC S9(9)V99 COMP-5", "9CFFFFFFFFFFFFFF", little), "-1.00");
  EXPECT_EQ(value("PIC S9(4) COMP", "0102", little), "258");
}

TEST(Numbers, AsStringsAreQuoted) {
  plan::PlanOptions options = options_of();
  options.numbers = plan::Numbers::string;
  EXPECT_EQ(value("PIC S9(3)V99 COMP-3", "01250D", options), R"("-12.50")");
  EXPECT_EQ(value("PIC 9(3)", "F0F0F7", options), R"("7")");
}

TEST(Numbers, SafeQuotesWhatADoubleCannotHold) {
  plan::PlanOptions options = options_of();
  options.numbers = plan::Numbers::safe;
  EXPECT_EQ(value("PIC 9(15) COMP-3", "000000000000012C", options), "12");
  EXPECT_EQ(value("PIC 9(16) COMP-3", "00000000000000012C", options), R"("12")");
  EXPECT_EQ(value("PIC 9(10) COMP-5", "0000000000000001", options), R"("1")");
}

TEST(NationalNumber, IsUtf16Digits) {
  EXPECT_EQ(value("PIC 9(2)V9 NATIONAL", "003100320033"), "12.3");
  EXPECT_EQ(value("PIC 9(2) NATIONAL", "003100F2"),
            "misfit: national: A at offset 0, byte 2: 0xF2 is not a digit");
}

}  // namespace
}  // namespace copybridge::test
