// Code pages from table files.
#include <gtest/gtest.h>

#include "codecs/charset/code_page.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::charset {
namespace {

// IBM-037 with a euro sign at 9F, as a table of one's own.
std::string table() {
  const auto page = CodePage::load("IBM-037").value();
  std::string text = "# my page\n";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint8_t code[] = {
        static_cast<std::uint8_t>(page->entry(static_cast<std::uint8_t>(byte)).code_point >> 8U),
        static_cast<std::uint8_t>(page->entry(static_cast<std::uint8_t>(byte)).code_point)};
    text += byte == 0x9F ? "U+20AC" : byte == 0x9E ? "-" : to_hex(code);
    text += byte % 16 == 15 ? " # line\n" : ", ";
  }
  return text;
}

std::string mistake(std::string_view text) {
  const auto page = CodePage::parse_table(text, "my.txt");
  EXPECT_FALSE(page.has_value());
  return page ? "" : page.error().message;
}

TEST(TableFile, IsAPageLikeAnyOther) {
  const auto page = CodePage::parse_table(table(), "my.txt");
  ASSERT_TRUE(page.has_value()) << page.error().message;
  EXPECT_EQ((*page)->entry(0x9F).code_point, 0x20ACU);
  EXPECT_EQ((*page)->entry(0x9E).code_point, kReplacement);
  EXPECT_EQ((*page)->from_utf8("A€").value(), "\xC1\x9F");
  EXPECT_EQ((*page)->byte_of('0'), 0xF0);
}

TEST(TableFile, IsNamedByItsPathFromAFolder) {
  const tests::TemporaryDirectory folder;
  folder.write("my.txt", table());
  const auto page = CodePage::load("file:my.txt", {NewLine::lf, folder.path()});
  ASSERT_TRUE(page.has_value()) << page.error().message;
  EXPECT_EQ((*page)->entry(0x9F).code_point, 0x20ACU);
  EXPECT_EQ((*page)->entry(0x15).code_point, 0x0AU);
  const auto missing = CodePage::load("file:other.txt", {NewLine::page, folder.path()});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, ErrorKind::config);
}

TEST(TableFile, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(mistake("0041\n0042\n"),
            "code page: my.txt:2: a table has 256 code points, this one 2");
  EXPECT_EQ(mistake("0041\nXY\n"),
            "code page: my.txt:2: 'XY' is no code point; write 0041, U+0041 or - for none");
  EXPECT_NE(mistake("110000").find("is no code point"), std::string::npos);
  EXPECT_NE(mistake("D800").find("is no code point"), std::string::npos);
  EXPECT_NE(mistake(table() + "0041").find("more than 256"), std::string::npos);
  EXPECT_NE(mistake("").find("256 code points"), std::string::npos);
}

}  // namespace
}  // namespace copybridge::charset
