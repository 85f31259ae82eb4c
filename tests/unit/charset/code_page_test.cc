// Code pages by name and number, and their tables.
#include "codecs/charset/code_page.h"

#include <gtest/gtest.h>

namespace copybridge::charset {
namespace {

std::shared_ptr<const CodePage> page_of(std::string_view name) {
  const auto page = CodePage::load(name);
  EXPECT_TRUE(page.has_value()) << name;
  return page ? *page : nullptr;
}

TEST(CodePage, IsFoundByIcuNameAndByNumber) {
  for (const char* name : {"IBM-1047", "ibm-1047_P100-1995", "1047", "cp1047", "01047"}) {
    const auto page = page_of(name);
    ASSERT_NE(page, nullptr) << name;
    EXPECT_EQ(page->byte_of('['), 0xAD) << name;
  }
  for (const char* name : {"IBM-037", "37", "037", "cp037"}) {
    const auto page = page_of(name);
    ASSERT_NE(page, nullptr) << name;
    EXPECT_EQ(page->byte_of('['), 0xBA) << name;
  }
}

TEST(CodePage, IsFoundByTheNamesOfJava) {
  for (const char* name : {"1399", "cp1399", "Cp1399", "x-IBM1399", "IBM01399"}) {
    const auto page = page_of(name);
    ASSERT_NE(page, nullptr) << name;
    EXPECT_TRUE(page->has_pairs()) << name;
  }
}

TEST(CodePage, EveryCommonSingleBytePageLoadsAndHasDigits) {
  for (const char* name :
       {"273",  "277",  "278",  "280",  "284",  "285",  "297",   "500",        "838",
        "870",  "871",  "875",  "1025", "1026", "1140", "1141",  "1142",       "1143",
        "1144", "1145", "1146", "1147", "1148", "1149", "ASCII", "ISO-8859-1", "windows-1252"}) {
    const auto page = page_of(name);
    ASSERT_NE(page, nullptr) << name;
    const int zero = page->byte_of('0');
    EXPECT_TRUE(zero == 0xF0 || zero == 0x30) << name;
    for (char digit = '0'; digit <= '9'; ++digit)
      EXPECT_EQ(page->byte_of(digit), zero + (digit - '0')) << name;
  }
}

TEST(CodePage, EuroPagesDifferFromTheirOriginals) {
  EXPECT_EQ(page_of("1140")->entry(0x9F).code_point, 0x20AC);
  EXPECT_EQ(page_of("37")->entry(0x9F).code_point, 0x00A4);
  EXPECT_EQ(page_of("1140")->entry(0x9F).size, 3);
}

TEST(CodePage, UnknownNamesAreConfigurationErrors) {
  for (const char* name : {"", "IBM-4711", "nonsense", "99999999999999999999"}) {
    const auto page = CodePage::load(name);
    ASSERT_FALSE(page.has_value()) << name;
    EXPECT_EQ(page.error().kind, ErrorKind::config);
  }
}

TEST(CodePage, PagesThatRecordsDoNotHaveAreRefused) {
  for (const char* name : {"UTF-16BE", "UTF-32", "gb18030", "ISO-2022-JP", "SCSU"}) {
    const auto page = CodePage::load(name);
    ASSERT_FALSE(page.has_value()) << name;
    EXPECT_NE(page.error().message.find("of a kind that records do not have"), std::string::npos);
  }
}

TEST(CodePage, NumbersMayBeCalledCcsid) {
  EXPECT_EQ(page_of("CCSID 1047")->byte_of('['), 0xAD);
  EXPECT_EQ(page_of("ccsid00037")->byte_of('['), 0xBA);
}

TEST(CodePage, NewLineIsAChoice) {
  for (const NewLine choice : {NewLine::page, NewLine::nel, NewLine::lf}) {
    const auto page = CodePage::load("IBM-1047", {choice, {}});
    ASSERT_TRUE(page.has_value());
    const bool is_lf = choice == NewLine::lf;
    EXPECT_EQ((*page)->entry(0x15).code_point, is_lf ? 0x0AU : 0x85U);
    EXPECT_EQ((*page)->entry(0x25).code_point, is_lf ? 0x85U : 0x0AU);
    EXPECT_EQ((*page)->byte_of('\n'), is_lf ? 0x15 : 0x25);
    EXPECT_EQ((*page)->from_utf8("a\nb\xC2\x85").value(),
              is_lf ? "\x81\x15\x82\x25" : "\x81\x25\x82\x15");
  }
}

TEST(CodePage, NewLineOfIcusSwappedVariantCanBeSwappedBack) {
  EXPECT_EQ(page_of("ibm-1047-s390")->entry(0x15).code_point, 0x0AU);
  const auto page = CodePage::load("ibm-1047-s390", {NewLine::nel, {}});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ((*page)->entry(0x15).code_point, 0x85U);
}

TEST(CodePage, PagesWithoutNelHaveNoChoice) {
  const auto page = CodePage::load("ASCII", {NewLine::lf, {}});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().kind, ErrorKind::config);
}

TEST(CodePage, TranslatesBothWays) {
  const auto page = page_of("IBM-273");
  const auto bytes = page->from_utf8("Größe {1}");
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(page->to_utf8({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()}),
            "Größe {1}");
}

TEST(CodePage, EveryByteThatHasACharacterComesBack) {
  const auto page = page_of("IBM-1047");
  for (unsigned byte = 0; byte < 256; ++byte) {
    const CodePage::Entry& entry = page->entry(static_cast<std::uint8_t>(byte));
    const auto back = page->from_utf8({entry.utf8.data(), entry.size});
    ASSERT_TRUE(back.has_value()) << byte;
    EXPECT_EQ(static_cast<unsigned char>(back->front()), byte);
  }
}

TEST(CodePage, NamesTheCharacterThatItLacks) {
  const auto bytes = page_of("IBM-037")->from_utf8("a€");
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().kind, ErrorKind::bad_record);
  EXPECT_EQ(bytes.error().message, "code page: IBM-037 has no character U+20AC");
}

TEST(CodePage, RefusesTextThatIsNotUtf8) {
  const auto page = page_of("IBM-037");
  EXPECT_FALSE(page->from_utf8("\xC3").has_value());
  EXPECT_FALSE(page->from_utf8("\xFF").has_value());
  EXPECT_FALSE(page->from_utf8("a\xC3(").has_value());
}

TEST(CodePage, LacksNonAsciiBytesInAscii) {
  const auto page = page_of("ASCII");
  EXPECT_EQ(page->entry(0x80).code_point, 0xFFFD);
  EXPECT_EQ(page_of("IBM-037")->byte_of('\x7F'), 0x07);
}

}  // namespace
}  // namespace copybridge::charset
