// Numeric-edited items as numbers: every kind of editing, read and made.
#include "codecs/condition/edited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

std::string edited(const std::string& picture, std::string_view characters,
                   plan::PlanOptions options = options_of()) {
  const std::string json = decode("01 R. 05 A PIC " + picture + ".", hex_of(characters), options);
  return json.substr(0, 5) == "{\"A\":" ? json.substr(5, json.size() - 6) : json.substr(0, 6);
}

constexpr const char* kBad = "misfit";

TEST(Edited, ZeroSuppression) {
  EXPECT_EQ(edited("ZZ9", " 42"), "42");
  EXPECT_EQ(edited("ZZZ", "   "), "0");
  EXPECT_EQ(edited("Z,ZZ9.99", "1,234.50"), "1234.50");
  EXPECT_EQ(edited("Z,ZZ9.99", "    7.00"), "7.00");
  EXPECT_EQ(edited("ZZZ.99", "   .05"), "0.05");
  EXPECT_EQ(edited("ZZZ.ZZ", "   .05"), "0.05");
  EXPECT_EQ(edited("**,***.99", "**1,234.50"), kBad);
  EXPECT_EQ(edited("***,***.99", "**1,234.50"), "1234.50");
  EXPECT_EQ(edited("***.**", "***.**"), "0.00");
}

TEST(Edited, SignsFixedAndFloating) {
  EXPECT_EQ(edited("-999", "-042"), "-42");
  EXPECT_EQ(edited("-999", " 042"), "42");
  EXPECT_EQ(edited("+999", "+042"), "42");
  EXPECT_EQ(edited("999-", "042-"), "-42");
  EXPECT_EQ(edited("----9.99", "  -12.50"), "-12.50");
  EXPECT_EQ(edited("++++9.99", "  +12.50"), "12.50");
  EXPECT_EQ(edited("999CR", "042CR"), "-42");
  EXPECT_EQ(edited("999DB", "042  "), "42");
  EXPECT_EQ(edited("999DB", "042CR"), kBad);
}

TEST(Edited, CurrencyFixedAndFloating) {
  EXPECT_EQ(edited("$ZZ9.99", "$ 12.50"), "12.50");
  EXPECT_EQ(edited("$$$9.99CR", " $12.50CR"), "-12.50");
  EXPECT_EQ(edited("$$,$$9.99", "   $12.50"), "12.50");
}

TEST(Edited, InsertionsAndScaling) {
  EXPECT_EQ(edited("99/99/9999", "31/12/2024"), "31122024");
  EXPECT_EQ(edited("9B9", "1 2"), "12");
  EXPECT_EQ(edited("9900", "1200"), "12");
  EXPECT_EQ(edited("ZZ9PP", " 12"), "1200");
  EXPECT_EQ(edited("99V99", "1250"), "12.50");
}

TEST(Edited, BlankWhenZeroIsZero) {
  EXPECT_EQ(edited("999.99 BLANK WHEN ZERO", "      "), "0.00");
  EXPECT_EQ(edited("999.99", "      "), kBad);
}

TEST(Edited, WhatNoEditingMakesIsBadData) {
  EXPECT_EQ(edited("ZZ9", "042"), kBad);
  EXPECT_EQ(edited("Z,ZZ9", "1.234"), kBad);
  EXPECT_EQ(edited("ZZ9", "4 2"), kBad);
  EXPECT_EQ(edited("-ZZ9", " -42"), kBad);
  EXPECT_EQ(
      decode("01 R. 05 A PIC ZZ9.", hex_of("x42")),
      "misfit: edited: A at offset 0, byte 0: the characters are none that the picture makes");
}

TEST(Edited, AnyFormByLeniency) {
  plan::PlanOptions options = options_of();
  options.lenient.edited = true;
  EXPECT_EQ(edited("ZZ9.99", "042.5 ", options), "42.50");
  EXPECT_EQ(edited("ZZ9.99", "-42.50", options), "-42.50");
  EXPECT_EQ(edited("Z,ZZ9.99", "1,234.5-", options), "-1234.50");
  EXPECT_EQ(edited("Z(6)VZZ-", "1234567 -", options), "-12345.67");
  EXPECT_EQ(edited("ZZ9.99", "4x2.50", options), kBad);
  EXPECT_EQ(edited("ZZ9.99", "      ", options), kBad);
}

// No compiler takes S beside editing symbols; copybooks of other tools have it.
TEST(Edited, SignOfAPictureWithSIsOnTheLastDigit) {
  EXPECT_EQ(edited("S9(3).99", "012.5E"), "12.55");
  EXPECT_EQ(edited("S9(3).99", "012.5N"), "-12.55");
  EXPECT_EQ(edited("S9(3).99", "012.50"), "12.50");
  EXPECT_EQ(edited("S9(3).99", "01B.50"), kBad);
  plan::PlanOptions options = options_of();
  options.lenient.edited = true;
  EXPECT_EQ(edited("S9(3).99", "A12.50", options), "112.50");
  EXPECT_EQ(edited("S9(3).99", "-12.50", options), "-12.50");
  EXPECT_EQ(edited("9(3).99", "J12.50", options), kBad);
  options.lenient.overpunch = true;
  EXPECT_EQ(edited("9(3).99", "J12.50", options), "-112.50");
  EXPECT_EQ(edited("9(3).99", "JJ2.50", options), kBad);
}

TEST(Edited, IsTextByOptionOrRule) {
  plan::PlanOptions options = options_of();
  options.edited = plan::Edited::text;
  EXPECT_EQ(edited("ZZ9.99", " 12.50", options), "\" 12.50\"");
}

TEST(Edited, ExternalFloatingPoint) {
  EXPECT_EQ(edited("+9.99E+99", "+1.25E+02"), "125");
  EXPECT_EQ(edited("-9.99E-99", " 1.25E-02"), "0.0125");
  EXPECT_EQ(edited("+9.99E+99", "-1.25E+30"), "-1.25e+30");
  EXPECT_EQ(edited("+9.99E+99", "+1.25e+02"), kBad);
}

TEST(Edited, PointIsComma) {
  const auto picture = [](const char* text) {
    copybook::Item item;
    item.picture = text;
    item.scale = 2;
    item.category = copybook::Category::numeric_edited;
    return condition::EditedPicture::compile(item, true, *options_of().code_page);
  };
  condition::Decimal value;
  const std::u32string text = U"1.234,50";
  ASSERT_TRUE(picture("Z.ZZ9,99")->read({text.data(), text.size()}, {}, value));
  EXPECT_EQ(value.count, 6U);
  EXPECT_EQ(value.scale, 2);
}

// What edit() makes reads back as the same number, for every picture and sign.
TEST(Edited, EditAndReadAreInverse) {
  for (const char* text : {"ZZZ9.99", "-(5)9.99", "$$,$$9.99CR", "***,**9.99DB", "+ZZ,ZZ9.99",
                           "99/99.99-", "Z(4)9V99-", "--,---.--", "9(6).99-"}) {
    const auto layout = layout_of(std::string("01 R. 05 A PIC ") + text + ".");
    const auto picture =
        condition::EditedPicture::compile(layout->items[1], false, *options_of().code_page);
    ASSERT_NE(picture, nullptr) << text;
    for (int number = -9999; number <= 9999; number += 7) {
      condition::Decimal value;
      condition::set_magnitude(value, 0, static_cast<std::uint64_t>(number < 0 ? -number : number));
      value.scale = 2;
      value.is_negative = number < 0;
      std::array<condition::Position, condition::kEditedMax> positions{};
      const auto fault = picture->edit(value, positions.data());
      if (fault == condition::EditFault::negative) continue;
      ASSERT_EQ(fault, condition::EditFault::none) << text << " " << number;
      condition::Decimal back;
      ASSERT_TRUE(picture->read({positions.data(), picture->size()}, {}, back))
          << text << " " << number;
      EXPECT_TRUE(std::is_eq(condition::compare(back, value))) << text << " " << number;
    }
  }
}

TEST(Edited, ThePageHasTheCurrencySign) {
  const std::string program =
      "ID DIVISION. SPECIAL-NAMES. CURRENCY SIGN IS '€'. DATA DIVISION. 01 R. 05 A PIC €€9.";
  EXPECT_THAT(
      mistakes_of(program, options_of("IBM-037")),
      testing::HasSubstr("currency sign € is no character of one byte in code page IBM-037"));
  EXPECT_EQ(decode(program, "409FF1", options_of("IBM-1140")), R"({"A":1})");
}

}  // namespace
}  // namespace copybridge::test
