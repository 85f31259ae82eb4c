// Every EBCDIC page that ICU has, against ICU itself: byte by byte, and whole texts both ways.
#include <gtest/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include <array>
#include <random>
#include <set>

#include "codecs/charset/code_page.h"

namespace copybridge::charset {
namespace {

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

Converter open_converter(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter{ucnv_open(name, &status)};
  if (U_FAILURE(status) != 0) return nullptr;
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &status);
  return converter;
}

// ICU's reading as UTF-8; nothing where it stops.
std::string to_utf8(UConverter* converter, const std::string& bytes) {
  std::array<UChar, 512> units{};
  UErrorCode status = U_ZERO_ERROR;
  ucnv_reset(converter);
  const std::int32_t length =
      ucnv_toUChars(converter, units.data(), static_cast<std::int32_t>(units.size()), bytes.data(),
                    static_cast<std::int32_t>(bytes.size()), &status);
  if (U_FAILURE(status) != 0) return {};
  std::array<char, 2048> text{};
  std::int32_t size = 0;
  u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &size, units.data(), length,
              &status);
  return U_FAILURE(status) != 0 ? std::string()
                                : std::string(text.data(), static_cast<std::size_t>(size));
}

// ICU's bytes of a text; nothing where it stops.
std::string from_utf8(UConverter* converter, const std::string& text) {
  std::array<UChar, 1024> units{};
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(units.data(), static_cast<std::int32_t>(units.size()), &length, text.data(),
                static_cast<std::int32_t>(text.size()), &status);
  std::array<char, 4096> bytes{};
  ucnv_reset(converter);
  const std::int32_t size =
      ucnv_fromUChars(converter, bytes.data(), static_cast<std::int32_t>(bytes.size()),
                      units.data(), length, &status);
  return U_FAILURE(status) != 0 ? std::string()
                                : std::string(bytes.data(), static_cast<std::size_t>(size));
}

ByteView view(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

bool is_ebcdic(UConverter* converter) {
  return to_utf8(converter, "\x40") == " " && to_utf8(converter, "\xF0") == "0";
}

TEST(IcuOracle, EveryEbcdicPageLoadsByNameAndNumberAndAgrees) {
  std::size_t pages = 0;
  std::set<std::int32_t> numbers;
  for (std::int32_t i = 0; i < ucnv_countAvailable(); ++i) {
    const char* name = ucnv_getAvailableName(i);
    const Converter converter = open_converter(name);
    if (converter == nullptr || !is_ebcdic(converter.get())) continue;
    ++pages;
    const auto page = CodePage::load(name);
    ASSERT_TRUE(page.has_value()) << name;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (ucnv_getMaxCharSize(converter.get()) > 1 && (byte == kShiftOut || byte == kShiftIn))
        continue;
      const std::string one(1, static_cast<char>(byte));
      const std::string expected = to_utf8(converter.get(), one);
      EXPECT_EQ((*page)->to_utf8(view(one)), expected.empty() ? "\xEF\xBF\xBD" : expected)
          << name << " " << byte;
    }
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t number = ucnv_getCCSID(converter.get(), &status);
    if (number == 0 || std::string(name).find(',') != std::string::npos) continue;
    numbers.insert(number);
    const auto by_number = CodePage::load(std::to_string(number));
    ASSERT_TRUE(by_number.has_value()) << number;
    EXPECT_EQ((*by_number)->entry(0xC1).code_point, (*page)->entry(0xC1).code_point) << number;
  }
  EXPECT_GE(pages, 80U);
  for (const int number :
       {37, 273, 500, 1047, 1140, 930, 933, 935, 937, 939, 1364, 1371, 1388, 1390, 1399})
    EXPECT_EQ(numbers.count(number), 1U) << number;
}

TEST(IcuOracle, EveryCharacterOfSingleBytePagesComesBackAsIcuSays) {
  for (const char* name : {"ibm-37", "ibm-273", "ibm-290", "ibm-420", "ibm-424", "ibm-803",
                           "ibm-838", "ibm-1025", "ibm-1047", "ibm-1140", "ibm-1160", "ibm-1164"}) {
    const Converter converter = open_converter(name);
    const auto page = CodePage::load(name);
    ASSERT_TRUE(page.has_value());
    for (unsigned byte = 0; byte < 256; ++byte) {
      const std::string text = to_utf8(converter.get(), std::string(1, static_cast<char>(byte)));
      if (text.empty()) continue;
      const std::string expected = from_utf8(converter.get(), text);
      if (expected.empty()) continue;  // only readable in ICU
      EXPECT_EQ((*page)->from_utf8(text).value(), expected) << name << " " << byte;
    }
  }
}

class MixedOracle : public testing::TestWithParam<const char*> {};

// Texts of random characters of the page, singles and pairs: ICU's bytes are ours.
TEST_P(MixedOracle, TextsAgreeBothWays) {
  const Converter converter = open_converter(GetParam());
  const auto page = CodePage::load(GetParam());
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ((*page)->kind(), CodePage::Kind::shifted);
  std::mt19937 random(4711);
  std::size_t compared = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    bool is_double = false;
    const auto count = random() % 12;
    for (unsigned i = 0; i < count; ++i) {
      if (random() % 4 == 0) {
        is_double = !is_double;
        bytes += static_cast<char>(is_double ? kShiftOut : kShiftIn);
      }
      bytes += static_cast<char>(0x40 + random() % 0xBF);
      if (is_double) bytes += static_cast<char>(0x40 + random() % 0xBF);
    }
    if (is_double) bytes += static_cast<char>(kShiftIn);
    const std::string text = to_utf8(converter.get(), bytes);
    if (text.empty()) continue;
    EXPECT_EQ((*page)->to_utf8(view(bytes)), text);
    const std::string back = from_utf8(converter.get(), text);
    if (back.empty()) continue;
    EXPECT_EQ((*page)->from_utf8(text).value(), back) << text;
    ++compared;
  }
  EXPECT_GT(compared, 500U);
}

// Every pair of the page.
TEST_P(MixedOracle, PairsAgreeBothWays) {
  const Converter converter = open_converter(GetParam());
  const auto page = CodePage::load(GetParam());
  ASSERT_TRUE(page.has_value());
  std::size_t pairs = 0;
  for (unsigned code = 0x4040; code < 0xFF00; ++code) {
    if ((code & 0xFFU) < 0x40) continue;
    const std::string pair = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    const std::string shifted = "\x0E" + pair + "\x0F";
    const std::string text = to_utf8(converter.get(), shifted);
    EXPECT_EQ((*page)->pair(static_cast<std::uint16_t>(code)).size == 0, text.empty()) << code;
    if (text.empty()) continue;
    ++pairs;
    EXPECT_EQ((*page)->to_utf8(view(pair), Form::graphic), text);
    EXPECT_EQ((*page)->to_utf8(view(shifted)), text);
    if (from_utf8(converter.get(), text) != shifted) continue;
    EXPECT_EQ((*page)->from_utf8(text).value(), shifted);
    EXPECT_EQ((*page)->from_utf8(text, Form::graphic).value(), pair);
  }
  EXPECT_GT(pairs, 6000U);
}

INSTANTIATE_TEST_SUITE_P(Pages, MixedOracle,
                         testing::Values("ibm-930", "ibm-933", "ibm-935", "ibm-937", "ibm-939",
                                         "ibm-1364", "ibm-1371", "ibm-1388", "ibm-1390",
                                         "ibm-1399"));

}  // namespace
}  // namespace copybridge::charset
