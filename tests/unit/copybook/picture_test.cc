// PICTURE strings: categories, digits, scale, sizes, and what is refused.
#include "codecs/copybook/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace copybridge::copybook {
namespace {

using testing::HasSubstr;

Picture picture(std::string_view text, bool comma = false, const CurrencySign& currency = {}) {
  const PictureOutcome outcome = read_picture(text, comma, {currency});
  EXPECT_TRUE(outcome.picture.has_value()) << text << ": " << outcome.error.message;
  return outcome.picture.value_or(Picture{});
}

std::string refusal(std::string_view text) {
  const PictureOutcome outcome = read_picture(text, false, {CurrencySign{}});
  EXPECT_FALSE(outcome.picture.has_value()) << text;
  return outcome.error.message;
}

struct Expected {
  const char* text;
  Category category;
  int digits;
  int scale;
  bool is_signed;
  int characters;
};

class PictureTable : public testing::TestWithParam<Expected> {};

TEST_P(PictureTable, IsReadAsCompilersDo) {
  const Expected& expected = GetParam();
  const Picture found = picture(expected.text);
  EXPECT_EQ(found.category, expected.category);
  EXPECT_EQ(found.digits, expected.digits);
  EXPECT_EQ(found.scale, expected.scale);
  EXPECT_EQ(found.is_signed, expected.is_signed);
  EXPECT_EQ(found.characters, static_cast<std::uint64_t>(expected.characters));
}

INSTANTIATE_TEST_SUITE_P(Numeric, PictureTable,
                         testing::Values(Expected{"9", Category::numeric, 1, 0, false, 1},
                                         Expected{"S9(7)V99", Category::numeric, 9, 2, true, 9},
                                         Expected{"s9(07)v9(2)", Category::numeric, 9, 2, true, 9},
                                         Expected{"V99", Category::numeric, 2, 2, false, 2},
                                         Expected{"SV9", Category::numeric, 1, 1, true, 1},
                                         Expected{"99V", Category::numeric, 2, 0, false, 2},
                                         Expected{"9(3)PP", Category::numeric, 3, -2, false, 3},
                                         Expected{"9(3)PPV", Category::numeric, 3, -2, false, 3},
                                         Expected{"PP9(3)", Category::numeric, 3, 5, false, 3},
                                         Expected{"SVP(2)9", Category::numeric, 1, 3, true, 1},
                                         Expected{"9(38)", Category::numeric, 38, 0, false, 38}));

INSTANTIATE_TEST_SUITE_P(
    Text, PictureTable,
    testing::Values(Expected{"X", Category::alphanumeric, 0, 0, false, 1},
                    Expected{"X(10)X", Category::alphanumeric, 0, 0, false, 11},
                    Expected{"A(5)", Category::alphabetic, 0, 0, false, 5},
                    Expected{"AX9", Category::alphanumeric, 0, 0, false, 3},
                    Expected{"A9", Category::alphanumeric, 0, 0, false, 2},
                    Expected{"XXBXX/00", Category::alphanumeric_edited, 0, 0, false, 8},
                    Expected{"AB", Category::alphanumeric_edited, 0, 0, false, 2},
                    Expected{"N(4)", Category::national, 0, 0, false, 4},
                    Expected{"NBN", Category::national, 0, 0, false, 3},
                    Expected{"G(4)", Category::dbcs, 0, 0, false, 4},
                    Expected{"U(4)", Category::utf8, 0, 0, false, 4}));

INSTANTIATE_TEST_SUITE_P(
    Edited, PictureTable,
    testing::Values(Expected{"ZZ9", Category::numeric_edited, 3, 0, false, 3},
                    Expected{"Z(6)9.99", Category::numeric_edited, 9, 2, false, 10},
                    Expected{"ZZ,ZZ9.99-", Category::numeric_edited, 7, 2, true, 10},
                    Expected{"--,---,---9.99", Category::numeric_edited, 10, 2, true, 14},
                    Expected{"+999", Category::numeric_edited, 3, 0, true, 4},
                    Expected{"999+", Category::numeric_edited, 3, 0, true, 4},
                    Expected{"$$,$$9.99CR", Category::numeric_edited, 6, 2, true, 11},
                    Expected{"$ZZ9DB", Category::numeric_edited, 3, 0, true, 6},
                    Expected{"***,**9.99", Category::numeric_edited, 8, 2, false, 10},
                    Expected{"99/99/9999", Category::numeric_edited, 8, 0, false, 10},
                    Expected{"9B9", Category::numeric_edited, 2, 0, false, 3},
                    Expected{"Z.ZZ", Category::numeric_edited, 3, 2, false, 4},
                    Expected{"ZZV99", Category::numeric_edited, 4, 2, false, 4},
                    Expected{"$$$.$$", Category::numeric_edited, 4, 2, false, 6},
                    Expected{"ZZZPP", Category::numeric_edited, 3, -2, false, 3},
                    Expected{"+9(2).9(4)E+99", Category::numeric_edited, 6, 4, true, 12},
                    Expected{"-9V99E-99", Category::numeric_edited, 3, 2, true, 8},
                    Expected{"S9(3).99", Category::numeric_edited, 5, 2, true, 6}));

TEST(Picture, DecimalPointIsCommaSwapsThePoints) {
  EXPECT_EQ(picture("Z.ZZ9,99", true).scale, 2);
  EXPECT_EQ(picture("Z.ZZ9,99", true).digits, 6);
  EXPECT_EQ(picture("Z.ZZ9", true).scale, 0);
}

TEST(Picture, CurrencySignIsTheOneChosen) {
  EXPECT_EQ(picture("FF,FF9", false, {"F", "F"}).digits, 4);
  EXPECT_THAT(read_picture("$9", false, {CurrencySign{"F", "F"}}).error.message,
              HasSubstr("no picture symbol"));
}

TEST(Picture, SBesideEditingSymbolsIsNoticed) {
  EXPECT_TRUE(picture("S9.9").has_edited_s);
  EXPECT_FALSE(picture("S9V9").has_edited_s);
}

TEST(Picture, RefusalsNameTheCharacter) {
  EXPECT_EQ(read_picture("X(3)Q", false, {CurrencySign{}}).error.index, 4U);
  EXPECT_EQ(read_picture("9V9V9", false, {CurrencySign{}}).error.index, 3U);
}

TEST(Picture, RefusesWhatNoCompilerReads) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("9S9"), HasSubstr("S stands once"));
  EXPECT_THAT(refusal("SS9"), HasSubstr("S stands once"));
  EXPECT_THAT(refusal("S"), HasSubstr("no digit"));
  EXPECT_THAT(refusal("V"), HasSubstr("no digit"));
  EXPECT_THAT(refusal("9.9.9"), HasSubstr("second decimal point"));
  EXPECT_THAT(refusal("9V9.9"), HasSubstr("second decimal point"));
  EXPECT_THAT(refusal("9P9"), HasSubstr("digits behind a trailing P"));
  EXPECT_THAT(refusal("PP9PP"), HasSubstr("in one place"));
  EXPECT_THAT(refusal("9V9P"), HasSubstr("follow the decimal point"));
  EXPECT_THAT(refusal("P9V9"), HasSubstr("behind P and digits"));
  EXPECT_THAT(refusal("9P(39)"), HasSubstr("too many P"));
  EXPECT_THAT(refusal("9(39)"), HasSubstr("38 digits"));
  EXPECT_THAT(refusal("9Z"), HasSubstr("behind a 9"));
  EXPECT_THAT(refusal("Z*9"), HasSubstr("two kinds"));
  EXPECT_THAT(refusal("+++Z9"), HasSubstr("two kinds"));
  EXPECT_THAT(refusal("+9-"), HasSubstr("one kind of sign"));
  EXPECT_THAT(refusal("9CR9"), HasSubstr("CR and DB"));
  EXPECT_THAT(refusal("9+9"), HasSubstr("between digits"));
  EXPECT_THAT(refusal("XZ"), HasSubstr("does not go with"));
  EXPECT_THAT(refusal("SX"), HasSubstr("does not go with"));
  EXPECT_THAT(refusal("NX"), HasSubstr("does not go with"));
  EXPECT_THAT(refusal("9E9"), HasSubstr("floating point"));
  EXPECT_THAT(refusal("X()"), HasSubstr("repetition count"));
  EXPECT_THAT(refusal("X(3"), HasSubstr("repetition count"));
  EXPECT_THAT(refusal("X(A)"), HasSubstr("repetition count"));
  EXPECT_THAT(refusal("X(0)"), HasSubstr("count of 0"));
  EXPECT_THAT(refusal("(3)X"), HasSubstr("no picture symbol"));
}

TEST(Picture, RefusesHugeCountsAtOnce) {
  EXPECT_THAT(refusal("X(999999999)"), HasSubstr("too large"));
  EXPECT_THAT(refusal("X(99999999999999999999999999)"), HasSubstr("too large"));
  EXPECT_THAT(refusal("X(268435456)X"), HasSubstr("too many characters"));
  EXPECT_THAT(refusal("Z9B(99999)"), HasSubstr("too many characters"));
  EXPECT_THAT(refusal(std::string(1000, 'X')), HasSubstr("longer than 255"));
}

}  // namespace
}  // namespace copybridge::copybook
