// Text fields: translation, trimming, escapes, UTF-16, UTF-8 and bytes as hexadecimal.
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

std::string text(std::string_view hex, plan::Trim trim = plan::Trim::right) {
  plan::PlanOptions options = options_of();
  options.trim = trim;
  const std::string copybook = "01 R. 05 A PIC X(" + std::to_string(hex.size() / 2) + ").";
  return decode(copybook, hex, options);
}

TEST(Text, TrimsTrailingSpacesOnly) {
  EXPECT_EQ(text("40C1404040"), R"({"A":" A"})");
  EXPECT_EQ(text(std::string(100, '4') + ""), text(std::string(100, '4')));
  EXPECT_EQ(text("40404040404040404040404040"), R"({"A":""})");
}

TEST(Text, TrimsBothSidesOrNone) {
  EXPECT_EQ(text("4040C140", plan::Trim::both), R"({"A":"A"})");
  EXPECT_EQ(text("404040", plan::Trim::both), R"({"A":""})");
  EXPECT_EQ(text("40C140", plan::Trim::none), R"({"A":" A "})");
}

TEST(Text, TrimsAtEveryLengthAndPlace) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t used = 0; used <= size; ++used) {
      std::string hex;
      for (std::size_t i = 0; i < size; ++i) hex += i < used ? "C1" : "40";
      EXPECT_EQ(text(hex), R"({"A":")" + std::string(used, 'A') + R"("})") << size << " " << used;
    }
  }
}

TEST(Text, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(text(hex_of("say \"\\\"")), R"({"A":"say \"\\\""})");
}

TEST(Text, EscapesControlCharacters) {
  EXPECT_EQ(text("0015250D0516"), "{\"A\":\"\\u0000\xC2\x85\\n\\r\\t\\b\"}");
  EXPECT_EQ(text("01FF"), "{\"A\":\"\\u0001\xC2\x9F\"}");
}

TEST(Text, WritesCharactersBeyondAsciiAsUtf8) {
  plan::PlanOptions options = options_of("IBM-1141");
  EXPECT_EQ(decode("01 R. 05 A PIC X(7).", hex_of("Größe€ ", "IBM-1141"), options),
            R"({"A":"Größe€"})");
}

TEST(Text, EveryByteOfEveryPageIsText) {
  for (const char* name : {"IBM-1047", "IBM-037", "IBM-1140", "ASCII", "ISO-8859-1"}) {
    const plan::PlanOptions options = options_of(name);
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto value = static_cast<std::uint8_t>(byte);
      const std::string json = decode("01 R. 05 A PIC X.", to_hex({&value, 1}), options);
      EXPECT_EQ(json.substr(0, 6), R"({"A":")") << name << " " << byte;
    }
  }
}

TEST(Text, AlphabeticAndAlphanumericEditedItemsAreText) {
  EXPECT_EQ(
      decode("01 R. 05 A PIC A(3). 05 E PIC ZZ9.99. 05 B PIC XX/XX.", hex_of("ab  12.50a /b ")),
      R"({"A":"ab","E":12.50,"B":"a /b"})");
}

TEST(National, IsUtf16) {
  EXPECT_EQ(decode("01 R. 05 A PIC N(5) NATIONAL.", "004100E420ACD83DDE00"),
            "{\"A\":\"A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"}");
  EXPECT_EQ(decode("01 R. 05 A PIC N(4) NATIONAL.", "0020004100200020"), R"({"A":" A"})");
}

TEST(National, RefusesHalfPairs) {
  EXPECT_EQ(decode("01 R. 05 A PIC N(2) NATIONAL.", "0041D83D"),
            "misfit: national: A at offset 0, byte 2: 0xD83D is half of a UTF-16 pair");
  EXPECT_EQ(decode("01 R. 05 A PIC N(2) NATIONAL.", "DE000041"),
            "misfit: national: A at offset 0, byte 0: 0xDE00 is half of a UTF-16 pair");
}

TEST(Utf8Item, IsCheckedAndTrimmed) {
  EXPECT_EQ(decode("01 R. 05 A PIC U(2).", "C3A4222020202020"), "{\"A\":\"\xC3\xA4\\\"\"}");
  EXPECT_EQ(decode("01 R. 05 A PIC U(1).", "41C08020"),
            "misfit: utf-8: A at offset 0, byte 1: 0xC0 does not begin a UTF-8 character");
  EXPECT_EQ(decode("01 R. 05 A PIC U(1).", "20EDA080"),
            "misfit: utf-8: A at offset 0, byte 1: 0xED does not begin a UTF-8 character");
}

TEST(Utf8Item, HasAsManyCharactersAsThePictureAndSpacesBehindThem) {
  EXPECT_EQ(decode("01 R. 05 A PIC U(2).", "F09F9880F09F9880"), R"({"A":"😀😀"})");
  EXPECT_EQ(decode("01 R. 05 A PIC U(2).", "4142432020202020"),
            "misfit: utf-8: A at offset 0, byte 2: 0x43 stands behind the picture's characters");
  EXPECT_EQ(decode("01 R. 05 A PIC U(2).", "2020204120202020").substr(0, 6), "misfit");
  EXPECT_EQ(decode("01 R. 05 A PIC U(2) BYTE-LENGTH 4.", "41424320"), R"({"A":"ABC"})");
  plan::PlanOptions options = options_of();
  options.trim = plan::Trim::none;
  EXPECT_EQ(decode("01 R. 05 A PIC U(2).", "C3A9202020202020", options), R"({"A":"é "})");
  options.lenient.text = true;
  EXPECT_EQ(decode("01 R. 05 A PIC U(1).", "41424344", options), R"({"A":"ABCD"})");
}

TEST(Opaque, PointersAndDbcsAreHexadecimal) {
  EXPECT_EQ(decode("01 R. 05 P POINTER. 05 I INDEX. 05 G PIC G(2) DISPLAY-1.",
                   "0102030405060708C1C24040"),
            R"({"P":"01020304","I":"05060708","G":"C1C24040"})");
}

}  // namespace
}  // namespace copybridge::test
