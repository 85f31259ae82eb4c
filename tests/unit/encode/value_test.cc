// Every usage, both ways, and what each refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using testing::HasSubstr;

TEST(EncodeText, IsPaddedWithTheSpacesOfItsCodePage) {
  EXPECT_EQ(encode("01 R. 05 A PIC X(4).", R"({"A":"ab"})"), "81824040");
  EXPECT_EQ(encode("01 R. 05 A PIC X(4).", R"({"A":""})"), "40404040");
  EXPECT_EQ(encode("01 R. 05 A PIC A(2).", R"({"A":"AB"})", options_of("ISO-8859-1")), "4142");
  EXPECT_EQ(encode("01 R. 05 A PIC X(3).", " { \"A\" : \"abc\" } "), "818283");
}

TEST(EncodeText, TakesEscapesAndCharactersBeyondAscii) {
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4).", hex_of("a\"\\\n")), R"({"A":"a\"\\\n"})");
  EXPECT_EQ(encode("01 R. 05 A PIC X(3).", R"({"A":"\u0061\u00e9é"})"), "815151");
  EXPECT_EQ(encode("01 R. 05 A PIC X.", R"({"A":"\/"})"), hex_of("/"));
}

TEST(EncodeText, RefusesWhatDoesNotFit) {
  EXPECT_EQ(encode("01 R. 05 A PIC X(2).", R"({"A":"abc"})"),
            "refused: /A: 3 characters, but PIC X(2) has room for 2");
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":"\u4e2d"})"), HasSubstr("U+4E2D"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":"\ud800"})"), HasSubstr("escape"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":"\x"})"), HasSubstr("escape"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":12})"), HasSubstr("is no text"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":null})"), HasSubstr("null is no value"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(2).", R"({"A":["a"]})"), HasSubstr("is no text"));
}

TEST(EncodeText, JustifiedRightMovesToTheEndUnlessNothingIsTrimmed) {
  plan::PlanOptions options = options_of();
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4) JUST.", hex_of("  ab")), R"({"A":"ab"})");
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4) JUST.", hex_of(" ab ")), R"({"A":"ab "})");
  options.trim = plan::Trim::both;
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4) JUST.", hex_of("  ab"), options), R"({"A":"ab"})");
  options.trim = plan::Trim::none;
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4) JUST.", hex_of("  ab"), options), R"({"A":"  ab"})");
}

TEST(EncodeText, JustifiedRightHoldsForTextOfEveryUsage) {
  const plan::PlanOptions japanese = options_of("IBM-939");
  EXPECT_EQ(round_trip("01 R. 05 A PIC N(4) NATIONAL JUST.", "0020002000610062"), R"({"A":"ab"})");
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(7) JUST.", "4040C10E455C0F", japanese), R"({"A":"A中"})");
  EXPECT_EQ(round_trip("01 R. 05 A PIC G(3) DISPLAY-1 JUST.", "40404040455C", japanese),
            R"({"A":"中"})");
}

TEST(EncodeNational, IsLittleEndianByOption) {
  plan::PlanOptions options = options_of();
  options.national_order = plan::ByteOrder::little;
  EXPECT_EQ(round_trip("01 R. 05 A PIC N(3) NATIONAL. 05 B PIC S9(2) NATIONAL SIGN TRAILING "
                       "SEPARATE. 05 C PIC Z9 NATIONAL.",
                       "61002D4E2000300037002D0020003900", options),
            R"({"A":"a中","B":-7,"C":9})");
}

TEST(EncodeMixed, ShiftsInAndOut) {
  const plan::PlanOptions japanese = options_of("IBM-939");
  EXPECT_EQ(encode("01 R. 05 A PIC X(8).", R"({"A":"A中B"})", japanese), "C10E455C0FC24040");
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(8).", "C10E455C0FC24040", japanese), R"({"A":"A中B"})");
  EXPECT_THAT(encode("01 R. 05 A PIC X(3).", R"({"A":"中"})", japanese), HasSubstr("room for 3"));
  EXPECT_THAT(encode("01 R. 05 A PIC X(9).", R"({"A":"\ud83d\ude00"})", japanese),
              HasSubstr("U+01F600"));
  EXPECT_EQ(round_trip("01 R. 05 A PIC G(3) DISPLAY-1.", "455C455C4040", japanese),
            R"({"A":"中中"})");
}

TEST(EncodeNational, IsUtf16) {
  EXPECT_EQ(encode("01 R. 05 A PIC N(3) NATIONAL.", R"({"A":"a中"})"), "00614E2D0020");
  EXPECT_EQ(encode("01 R. 05 A PIC N(2) NATIONAL.", R"({"A":"\ud83d\ude00"})"), "D83DDE00");
  EXPECT_THAT(encode("01 R. 05 A PIC N NATIONAL.", R"({"A":"😀"})"), HasSubstr("room for 1"));
}

TEST(EncodeUtf8, IsFilledWithSpaces) {
  EXPECT_EQ(encode("01 R. 05 A PIC U BYTE-LENGTH 6.", R"({"A":"é中"})"), "C3A9E4B8AD20");
  EXPECT_THAT(encode("01 R. 05 A PIC U BYTE-LENGTH 4.", R"({"A":"é中"})"), HasSubstr("room"));
}

TEST(EncodeUtf8, HasAsManyCharactersAsThePicture) {
  EXPECT_EQ(encode("01 R. 05 A PIC U(2).", R"({"A":"é"})"), "C3A9202020202020");
  EXPECT_EQ(encode("01 R. 05 A PIC U(2).", R"({"A":"😀😀"})"), "F09F9880F09F9880");
  EXPECT_THAT(encode("01 R. 05 A PIC U(2).", R"({"A":"abc"})"),
              HasSubstr("/A: 3 characters, but PIC U(2) has room for 2"));
}

TEST(EncodePacked, ThePadNibbleIsADigitByOption) {
  plan::PlanOptions lenient = options_of();
  lenient.lenient.packed_pad = true;
  EXPECT_THAT(encode("01 R. 05 A PIC S9(4) COMP-3.", R"({"A":12345})"), HasSubstr("more digits"));
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) COMP-3.", R"({"A":12345})", lenient), "12345C");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3) COMP-6.", R"({"A":1234})", lenient), "1234");
  EXPECT_THAT(encode("01 R. 05 A PIC S9(4) COMP-3.", R"({"A":123456})", lenient),
              HasSubstr("more digits"));
}

TEST(EncodeEdited, CurrencySymbolsKeepTheirCase) {
  const std::string program =
      "ID DIVISION. SPECIAL-NAMES. CURRENCY SIGN IS 'h' CURRENCY '£'. DATA DIVISION. 01 R. ";
  EXPECT_EQ(encode(program + "05 A PIC hhh9.", R"({"A":12})"), hex_of(" h12"));
  EXPECT_EQ(encode(program + "05 A PIC £££9.", R"({"A":12})"), "40B1F1F2");
  EXPECT_EQ(round_trip(program + "05 A PIC hhh9. 05 B PIC ££9.", hex_of(" h12") + "40B1F3"),
            R"({"A":12,"B":3})");
}

TEST(EncodeZoned, SignsStandWhereTheyShould) {
  EXPECT_EQ(encode("01 R. 05 A PIC 9(4).", R"({"A":12})"), "F0F0F1F2");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4).", R"({"A":12})"), "F0F0F1C2");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4).", R"({"A":-12})"), "F0F0F1D2");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) SIGN LEADING.", R"({"A":-12})"), "D0F0F1F2");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) SIGN LEADING SEPARATE.", R"({"A":-12})"), "60F0F0F1F2");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) SIGN TRAILING SEPARATE.", R"({"A":12})"), "F0F0F1F24E");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(2)V99.", R"({"A":-0.00})"), "F0F0F0C0");
  EXPECT_EQ(encode("01 R. 05 A PIC S99.", R"({"A":-12})", options_of("ISO-8859-1")), "3172");
  EXPECT_EQ(encode("01 R. 05 A PIC S99.", R"({"A":12})", options_of("ISO-8859-1")), "3132");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(20).", R"({"A":12345678901234567890})"),
            hex_of("12345678901234567890"));
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3) BLANK WHEN ZERO.", R"({"A":0})"), "404040");
}

TEST(EncodeNumber, IsExactWhateverItsSpelling) {
  const char* const copybook = "01 R. 05 A PIC S9(5)V99 COMP-3.";
  for (const char* const text :
       {"12.50", "12.5", "12.500", "1.25e1", "1.25E+1", "125e-1", "\"12.50\"", "\"+0012.5\""}) {
    EXPECT_EQ(encode(copybook, "{\"A\":" + std::string(text) + "}"), "0001250C") << text;
  }
  EXPECT_EQ(encode("01 R. 05 A PIC 9(31) COMP-3.", R"({"A":1234567890123456789012345678901})"),
            "1234567890123456789012345678901F");
  EXPECT_EQ(encode("01 R. 05 A PIC 9V9(17).", R"({"A":0.10000000000000001})"),
            hex_of("010000000000000001"));
  for (const char* const text : {"012", "1.", ".5", "+1", "-", "1e", "0x1", "1_0", "NaN", "tru",
                                 "\"\"", "\" 1\"", "\"1,5\"", "true", "{}", "[]"}) {
    EXPECT_THAT(encode(copybook, "{\"A\":" + std::string(text) + "}"), HasSubstr("refused"))
        << text;
  }
}

TEST(EncodeNumber, RefusesWhatThePictureCannotSay) {
  EXPECT_EQ(encode("01 R. 05 A PIC S9(3)V99.", R"({"A":1.234})"),
            "refused: /A: the value has more decimals than PIC S9(3)V99");
  EXPECT_THAT(encode("01 R. 05 A PIC S9(3)V99.", R"({"A":1000})"), HasSubstr("more digits"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(3).", R"({"A":-1})"), HasSubstr("unsigned"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(4) COMP-3.", R"({"A":12345})"), HasSubstr("more digits"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(3).", R"({"A":1e99999999999})"), HasSubstr("more digits"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(3).", R"({"A":1e-99999999999})"), HasSubstr("decimals"));
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3).", R"({"A":0e-99999999999})"), "F0F0F0");
}

TEST(EncodeNumber, LosesDecimalsOnlyWhenAskedTo) {
  encode::EncodeOptions options;
  const auto with = [&](const std::string& value) {
    return encode("01 R. 05 A PIC S9(3)V99 COMP-3.", "{\"A\":" + value + "}", options_of(),
                  options);
  };
  options.rounding = encode::Rounding::truncate;
  EXPECT_EQ(with("1.239"), "00123C");
  EXPECT_EQ(with("-1.239"), "00123D");
  EXPECT_EQ(with("-0.001"), "00000C");
  EXPECT_EQ(with("1e-50"), "00000C");
  options.rounding = encode::Rounding::nearest;
  EXPECT_EQ(with("1.235"), "00124C");
  EXPECT_EQ(with("1.2349999"), "00123C");
  EXPECT_EQ(with("-1.235"), "00124D");
  EXPECT_THAT(with("999.995"), HasSubstr("more digits"));
}

TEST(EncodeNational, FollowsTheByteOrderOfUtf16) {
  plan::PlanOptions options = options_of();
  options.national_order = plan::ByteOrder::little;
  EXPECT_EQ(round_trip("01 R. 05 A PIC N(3) NATIONAL.", "6100AC202000", options),
            "{\"A\":\"a\xE2\x82\xAC\"}");
  EXPECT_EQ(
      round_trip("01 R. 05 A PIC S9(2) NATIONAL SIGN TRAILING SEPARATE.", "310032002D00", options),
      R"({"A":-12})");
  EXPECT_EQ(round_trip("01 R. 05 A PIC ZZ9 NATIONAL.", "200031003200", options), R"({"A":12})");
  encode::EncodeOptions initial;
  initial.missing = encode::Missing::initial;
  EXPECT_EQ(encode("01 R. 05 A PIC N(2) NATIONAL VALUE N'x'. 05 B PIC N(1) NATIONAL.", "{}",
                   options, initial),
            "780020002000");
  options.conditions = true;
  EXPECT_EQ(
      decode("01 R. 05 A PIC N(2) NATIONAL. 88 IS-X VALUE N'x'. 88 IS-M VALUE N'a' THRU N'z'.",
             "78002000", options),
      R"({"A":"x","IS-X":true,"IS-M":true})");
}

TEST(EncodeEdited, TakesCurrencySigns) {
  EXPECT_EQ(encode("01 R. 05 A PIC $$,$$9.99-.", R"({"A":-12.5})"), hex_of("   $12.50-"));
  EXPECT_EQ(encode("01 R. 05 A PIC $9(3).", R"({"A":12})"), hex_of("$012"));
  EXPECT_EQ(encode("01 R. 05 A PIC $$$9.", R"({"A":" $12"})"), hex_of(" $12"));
}

TEST(EncodePacked, EvenDigitsKeepTheirFirstNibbleZero) {
  EXPECT_EQ(encode("01 R. 05 A PIC 9(4) COMP-3.", R"({"A":1234})"), "01234F");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) COMP-3.", R"({"A":-1234})"), "01234D");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(17) COMP-3.", R"({"A":-12345678901234567})"),
            "12345678901234567D");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(5) COMP-6.", R"({"A":12345})"), "012345");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3)PP COMP-3.", R"({"A":12300})"), "123F");
  EXPECT_EQ(encode("01 R. 05 A PIC PP9(3) COMP-3.", R"({"A":0.00123})"), "123F");
  EXPECT_THAT(encode("01 R. 05 A PIC 9(3)PP COMP-3.", R"({"A":12345})"), HasSubstr("decimals"));
}

TEST(EncodeBinary, HoldsWhatItsBytesCanUnlessTruncated) {
  encode::EncodeOptions std_rules;
  std_rules.truncates_binary = true;
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) COMP.", R"({"A":20000})"), "4E20");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) COMP.", R"({"A":-32768})"), "8000");
  EXPECT_THAT(encode("01 R. 05 A PIC S9(4) COMP.", R"({"A":32768})"), HasSubstr("beyond"));
  EXPECT_THAT(encode("01 R. 05 A PIC S9(4) COMP.", R"({"A":-32769})"), HasSubstr("beyond"));
  EXPECT_THAT(encode("01 R. 05 A PIC S9(4) COMP.", R"({"A":20000})", options_of(), std_rules),
              HasSubstr("beyond"));
  EXPECT_EQ(encode("01 R. 05 A PIC S9(4) COMP-5.", R"({"A":20000})", options_of(), std_rules),
            "4E20");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(4) COMP.", R"({"A":65535})"), "FFFF");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(7)V99 COMP.", R"({"A":-1.5})"), "FFFFFF6A");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(18) COMP.", R"({"A":18446744073709551615})"),
            "FFFFFFFFFFFFFFFF");
  plan::PlanOptions little = options_of();
  little.native_order = plan::ByteOrder::little;
  EXPECT_EQ(encode("01 R. 05 A PIC S9(9) COMP-5.", R"({"A":1})", little), "01000000");
}

TEST(EncodeFloat, IsRoundedToItsOwnFormat) {
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":100})"), "42640000");
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":-0.1})"), "C019999A");
  EXPECT_EQ(encode("01 R. 05 A COMP-2.", R"({"A":0.1})"), "401999999999999A");
  EXPECT_EQ(encode("01 R. 05 A COMP-2.", R"({"A":0})"), "0000000000000000");
  EXPECT_EQ(encode("01 R. 05 A COMP-2.", R"({"A":7.2370055773322621e75})"), "7FFFFFFFFFFFFFFF");
  EXPECT_THAT(encode("01 R. 05 A COMP-2.", R"({"A":7.3e75})"), HasSubstr("beyond the range"));
  EXPECT_THAT(encode("01 R. 05 A COMP-2.", R"({"A":1e-97})"), HasSubstr("beyond the range"));
  // Halfway between two values of 24 bits: to the even one; the slightest bit more: up.
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":1048576.03125})"), "46100000");
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":1048576.5})"), "46100000");
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":1048577.5})"), "46100002");
  EXPECT_EQ(encode("01 R. 05 A COMP-1.",
                   R"({"A":1048576.5000000000000000000000000000000000000000000000000001})"),
            "46100001");
  plan::PlanOptions ieee = options_of();
  ieee.float_format = plan::FloatFormat::ieee;
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":0.1})", ieee), "3DCCCCCD");
  EXPECT_EQ(encode("01 R. 05 A COMP-2.", R"({"A":-1e-300})", ieee), "81A56E1FC2F8F359");
  EXPECT_THAT(encode("01 R. 05 A COMP-1.", R"({"A":1e39})", ieee), HasSubstr("beyond the range"));
  ieee.native_order = plan::ByteOrder::little;
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":1})", ieee), "0000803F");
  plan::PlanOptions swapped = options_of();
  swapped.float_format = plan::FloatFormat::ibm_little;
  EXPECT_EQ(encode("01 R. 05 A COMP-1.", R"({"A":100})", swapped), "00006442");
}

TEST(EncodeNationalNumber, IsDigitsOfUtf16) {
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3) NATIONAL.", R"({"A":12})"), "003000310032");
  EXPECT_EQ(encode("01 R. 05 A PIC S9(2) NATIONAL SIGN LEADING SEPARATE.", R"({"A":-12})"),
            "002D00310032");
}

TEST(EncodePointer, IsItsBytes) {
  EXPECT_EQ(round_trip("01 R. 05 A POINTER. 05 B INDEX.", "DEADBEEF00000001"),
            R"({"A":"DEADBEEF","B":"00000001"})");
  EXPECT_THAT(encode("01 R. 05 A POINTER.", R"({"A":"DEAD"})"), HasSubstr("8 hexadecimal"));
  EXPECT_THAT(encode("01 R. 05 A POINTER.", R"({"A":"DEADBEEX"})"), HasSubstr("8 hexadecimal"));
}

TEST(EncodeEdited, TextMayLackTheSpacesThatTrimCutsOff) {
  plan::PlanOptions options = options_of();
  options.edited = plan::Edited::text;
  for (const plan::Trim trim : {plan::Trim::right, plan::Trim::both, plan::Trim::none}) {
    options.trim = trim;
    round_trip("01 R. 05 A PIC $$,$$9.99CR.", hex_of("    $0.00  "), options);
    round_trip("01 R. 05 A PIC $$,$$9.99CR.", hex_of("   $12.50CR"), options);
    round_trip("01 R. 05 A PIC Z(5)9 BLANK WHEN ZERO.", hex_of("      "), options);
    // Its characters look like another number's.
    round_trip("01 R. 05 A PIC -(5)9V99.", hex_of("     100"), options);
  }
  options.trim = plan::Trim::both;
  EXPECT_EQ(encode("01 R. 05 A PIC $$,$$9.99CR.", R"({"A":"$0.0"})", options),
            "refused: /A: the text is no value of PIC $$,$$9.99CR");
  EXPECT_EQ(encode("01 R. 05 A PIC -(5)9V99.", R"({"A":"12.5"})", options), hex_of("    1250"));
  EXPECT_EQ(encode("01 R. 05 A PIC -(5)9V99.", R"({"A":12.5})", options), hex_of("    1250"));
}

TEST(EncodeEdited, FollowsThePicture) {
  const auto edited = [](const std::string& picture, const std::string& value) {
    return encode("01 R. 05 A PIC " + picture + ".", "{\"A\":" + value + "}");
  };
  EXPECT_EQ(edited("ZZ,ZZ9.99", "1234.5"), hex_of(" 1,234.50"));
  EXPECT_EQ(edited("ZZ,ZZ9.99", "0.05"), hex_of("     0.05"));
  EXPECT_EQ(edited("ZZ,ZZZ.ZZ", "0"), hex_of("         "));
  EXPECT_EQ(edited("**,**9.99", "12"), hex_of("****12.00"));
  EXPECT_EQ(edited("$$,$$9.99", "1234.5"), hex_of("$1,234.50"));
  EXPECT_EQ(edited("$$,$$9.99", "5"), hex_of("    $5.00"));
  EXPECT_EQ(edited("---9", "-5"), hex_of("  -5"));
  EXPECT_EQ(edited("+++9", "5"), hex_of("  +5"));
  EXPECT_EQ(edited("9(3)CR", "-12"), hex_of("012CR"));
  EXPECT_EQ(edited("S9(3).99", "12.5"), hex_of("012.5{"));
  EXPECT_EQ(edited("S9(3).99", "-12.55"), hex_of("012.5N"));
  EXPECT_EQ(edited("9(3)DB", "12"), hex_of("012  "));
  EXPECT_EQ(edited("-99", "12"), hex_of(" 12"));
  EXPECT_EQ(edited("99-", "-12"), hex_of("12-"));
  EXPECT_EQ(edited("99/99/99", "10203"), hex_of("01/02/03"));
  EXPECT_EQ(edited("9B9B9", "123"), hex_of("1 2 3"));
  EXPECT_EQ(edited("+9.99E+99", "12.5"), hex_of("+1.25E+01"));
  EXPECT_EQ(edited("-9.99E-99", "-0.0125"), hex_of("-1.25E-02"));
  EXPECT_EQ(edited("ZZ9", "\" 12\""), hex_of(" 12"));
  EXPECT_THAT(edited("ZZ9", "\"1 2\""), HasSubstr("no value of PIC ZZ9"));
  EXPECT_THAT(edited("ZZ9", "1000"), HasSubstr("more digits"));
  EXPECT_THAT(edited("+9.99E+99", "1.2345"), HasSubstr("digits of"));
}

TEST(EncodeNull, IsWhatTheOptionsReadAsNull) {
  plan::PlanOptions options = options_of();
  options.empty_numbers.spaces = true;
  options.empty_text.low_values = true;
  const char* const copybook =
      "01 R. 05 A PIC 9(3). 05 B PIC S9(3) COMP-3. 05 C PIC ZZ9.9. 05 D PIC X(2). 05 E PIC N(2). "
      "05 F PIC 9(2) NATIONAL.";
  EXPECT_EQ(round_trip(copybook,
                       "404040"
                       "4040"
                       "4040404040"
                       "0000"
                       "00000000"
                       "00200020",
                       options),
            R"({"A":null,"B":null,"C":null,"D":null,"E":null,"F":null})");
  // Spaces are the value zero here, and low-values are not asked for.
  EXPECT_THAT(encode("01 R. 05 A PIC 9(3) BLANK WHEN ZERO.", R"({"A":null})", options),
              HasSubstr("null is no value"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(4) COMP.", R"({"A":null})", options),
              HasSubstr("null is no value"));
  options.empty_numbers = {false, true, true};
  EXPECT_EQ(encode("01 R. 05 A PIC 9(3).", R"({"A":null})", options), "000000");
  EXPECT_EQ(encode("01 R. 05 A PIC 9(4) COMP-6.", R"({"A":null})", options), "FFFF");
  EXPECT_THAT(encode("01 R. 05 D PIC X.", R"({"D":"x"})", options), HasSubstr("A7"));
}

TEST(EncodeDecimalFloat, ComesBackAsItWas) {
  const auto layout =
      layout_of("01 R. 05 A FLOAT-DECIMAL-16. 05 B FLOAT-DECIMAL-34.", copybook::Dialect::gnucobol);
  plan::PlanOptions options = options_of();
  options.native_order = plan::ByteOrder::little;
  const auto encoding = encode_plan_of(layout, options);
  const auto decoding = plan_of(layout, options);
  for (const char* bytes : {"7D0000000000A0B17D000000000000000000000000003EB0",
                            "E204000000008031"
                            "0F000000000000000000000000006630",
                            "FFFFC06FF286736C"
                            "F2AF967ED05C82DE3297FF6FDE3C4830",
                            "0100000000000000"
                            "00000000000000000000000000000000"}) {
    const std::string json = decode(*decoding, bytes);
    EXPECT_EQ(encode(*encoding, json), bytes) << json;
  }
}

TEST(EncodeDecimalFloat, RefusesDigitsAndExponentsBeyondItsFormat) {
  const auto layout = layout_of("01 R. 05 A FLOAT-DECIMAL-16.", copybook::Dialect::gnucobol);
  plan::PlanOptions options = options_of();
  options.native_order = plan::ByteOrder::little;
  const auto plan = encode_plan_of(layout, options);
  EXPECT_THAT(encode(*plan, R"({"A":12345678901234567})"), HasSubstr("refused: /A"));
  EXPECT_THAT(encode(*plan, R"({"A":1e400})"), HasSubstr("refused: /A"));
  EXPECT_EQ(encode(*plan, R"({"A":99999999999999990})"),
            encode(*plan, R"({"A":9999999999999999e1})"));
  EXPECT_EQ(encode(*plan, R"({"A":0.00})"), "0000000000000000");
  EXPECT_EQ(encode(*plan, R"({"A":-0})"), "0000000000000000");
}

}  // namespace
}  // namespace copybridge::test
