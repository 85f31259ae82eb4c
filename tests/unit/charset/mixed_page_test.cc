// Pages of one and two bytes: shifting, broken text, and text into fields.
#include <gtest/gtest.h>

#include <array>

#include "codecs/charset/code_page.h"
#include "codecs/charset/utf16.h"

namespace copybridge::charset {
namespace {

std::shared_ptr<const CodePage> page_of(std::string_view name) {
  const auto page = CodePage::load(name);
  EXPECT_TRUE(page.has_value()) << name;
  return page ? *page : nullptr;
}

std::string hex(const Result<std::string>& bytes) {
  if (!bytes) return bytes.error().message;
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
}

std::string text(const CodePage& page, std::string_view digits, Form form = Form::text) {
  ByteBuffer bytes;
  EXPECT_TRUE(from_hex(digits, bytes));
  return page.to_utf8(bytes.view(), form);
}

constexpr const char* kBad = "\xEF\xBF\xBD";

TEST(MixedPage, ShiftsWhereTwoByteCharactersBeginAndEnd) {
  const auto page = page_of("939");
  EXPECT_EQ(hex(page->from_utf8("A日本B")), "C10E456245660FC2");
  EXPECT_EQ(hex(page->from_utf8("日本")), "0E456245660F");
  EXPECT_EQ(hex(page->from_utf8("AB")), "C1C2");
  EXPECT_EQ(hex(page->from_utf8("")), "");
  EXPECT_EQ(text(*page, "C10E456245660FC2"), "A日本B");
}

TEST(MixedPage, GraphicTextHasNoShifts) {
  const auto page = page_of("939");
  EXPECT_EQ(hex(page->from_utf8("日本", Form::graphic)), "45624566");
  EXPECT_EQ(text(*page, "456245664040", Form::graphic), "日本\xE3\x80\x80");
  EXPECT_EQ(page->pair_space(), 0x4040);
  EXPECT_EQ(hex(page->from_utf8("日A", Form::graphic)),
            "code page: 939 has no double-byte character U+0041");
}

TEST(MixedPage, BrokenTextIsReplacedAndReadOn) {
  const auto page = page_of("939");
  EXPECT_EQ(text(*page, "C10FC2"), std::string("A") + kBad + "B");            // SI alone
  EXPECT_EQ(text(*page, "0E45620E45660F"), std::string("日") + kBad + "本");  // SO twice
  EXPECT_EQ(text(*page, "0E4562450FC2"), std::string("日") + kBad + "B");     // half
  EXPECT_EQ(text(*page, "0E4562"), "日");                                     // no SI
  EXPECT_EQ(text(*page, "0E456245"), std::string("日") + kBad);
  EXPECT_EQ(text(*page, "0EFDFD0F"), kBad);  // no character
}

TEST(MixedPage, CharactersOfTwoCodePointsAreOnePair) {
  const auto page = page_of("1399");
  const std::string ka_with_mark = "か゚";  // U+304B U+309A
  const std::string bytes = hex(page->from_utf8(ka_with_mark));
  EXPECT_EQ(bytes.size(), 8U) << bytes;
  EXPECT_EQ(text(*page, bytes), ka_with_mark);
  EXPECT_NE(hex(page->from_utf8("か")), bytes);
  EXPECT_EQ(hex(page->from_utf8("かか゚か")).size(), 16U);
}

TEST(MixedPage, HalvesHaveTheNumbersOfDoubleBytePages) {
  const auto page = page_of("300");
  EXPECT_EQ(page->kind(), CodePage::Kind::double_byte);
  EXPECT_EQ(text(*page, "45624566", Form::graphic), "日本");
  EXPECT_EQ(hex(page->from_utf8("日", Form::graphic)), "4562");
  EXPECT_EQ(page->byte_of(' '), -1);
  EXPECT_TRUE(page_of("16684")->has_pairs());
  EXPECT_TRUE(page_of("834")->has_pairs());
}

TEST(MixedPage, HalvesHaveNamesToo) {
  for (const char* number : {"300", "834", "835", "837", "4396", "4930", "4933", "9027"})
    for (const char* prefix : {"IBM-", "ibm", "cp", "x-IBM", "CCSID ", "0"})
      EXPECT_EQ(page_of(std::string(prefix) + number)->kind(), CodePage::Kind::double_byte)
          << prefix << number;
}

TEST(MixedPage, LeadBytesBeginPairs) {
  const auto page = page_of("IBM-943");
  EXPECT_EQ(page->kind(), CodePage::Kind::lead_byte);
  EXPECT_EQ(hex(page->from_utf8("A日本ｱ")), "4193FA967BB1");
  EXPECT_EQ(text(*page, "4193FA967BB1"), "A日本ｱ");
  EXPECT_EQ(text(*page, "4193"), std::string("A") + kBad);
}

TEST(MixedPage, Utf8IsAPageToo) {
  const auto page = page_of("UTF-8");
  EXPECT_EQ(page->kind(), CodePage::Kind::utf8);
  EXPECT_EQ(page->byte_of('0'), 0x30);
  EXPECT_EQ(text(*page, "41E697A5FFF09F9880"), std::string("A日") + kBad + "😀");
  EXPECT_EQ(hex(page->from_utf8("A日😀")), "41E697A5F09F9880");
}

TEST(Encode, SaysHowMuchATextTakesThatDoesNotFit) {
  const auto page = page_of("939");
  std::array<std::uint8_t, 6> target{};
  const Encoded fits = page->encode("日本", Form::text, target);
  EXPECT_EQ(fits.size, 6U);
  EXPECT_EQ(to_hex(target), "0E456245660F");
  EXPECT_EQ(page->encode("日本A", Form::text, target).size, 7U);
  EXPECT_EQ(page->encode("日本語", Form::text, {}).size, 8U);
}

TEST(Encode, NamesWhatThePageLacksOrPutsItsSubstitute) {
  const auto page = page_of("IBM-037");
  std::array<std::uint8_t, 4> target{};
  const Encoded refused = page->encode("a€b", Form::text, target);
  EXPECT_EQ(refused.fault, Encoded::Fault::unmappable);
  EXPECT_EQ(refused.at, 1U);
  EXPECT_EQ(refused.code_point, 0x20ACU);
  const Encoded replaced = page->encode("a€b", Form::text, target, Unmappable::replace);
  EXPECT_EQ(replaced.fault, Encoded::Fault::none);
  EXPECT_EQ(replaced.replaced, 1U);
  EXPECT_EQ(to_hex({target.data(), replaced.size}), "813F82");
}

TEST(Encode, SubstitutesPairsInGraphicText) {
  std::array<std::uint8_t, 4> target{};
  const Encoded replaced =
      page_of("939")->encode("日A", Form::graphic, target, Unmappable::replace);
  EXPECT_EQ(replaced.replaced, 1U);
  EXPECT_EQ(to_hex(target), "4562FEFE");
}

TEST(Encode, RefusesWhatIsNotUtf8) {
  std::array<std::uint8_t, 4> target{};
  const Encoded refused = page_of("939")->encode("a\xED\xA0\x80", Form::text, target);
  EXPECT_EQ(refused.fault, Encoded::Fault::not_utf8);
  EXPECT_EQ(refused.at, 1U);
}

TEST(EncodeUtf16, WritesPairsForWhatIsBeyondTheFirstPlane) {
  std::array<std::uint8_t, 8> target{};
  EXPECT_EQ(encode_utf16("A€😀", target).size, 8U);
  EXPECT_EQ(to_hex(target), "004120ACD83DDE00");
  EXPECT_EQ(encode_utf16("A€😀B", target).size, 10U);
  EXPECT_EQ(encode_utf16("\xC3", target).fault, Encoded::Fault::not_utf8);
}

}  // namespace
}  // namespace copybridge::charset
