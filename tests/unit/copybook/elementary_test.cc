// Sizes of elementary items by usage, picture and dialect.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Sized {
  const char* clauses;
  Usage usage;
  Category category;
  unsigned size;
};

class ElementaryTable : public testing::TestWithParam<Sized> {};

TEST_P(ElementaryTable, HasTheSizeOfEnterpriseCobol) {
  const Item item = item_with(GetParam().clauses);
  EXPECT_EQ(item.usage, GetParam().usage);
  EXPECT_EQ(item.category, GetParam().category);
  EXPECT_EQ(item.size, GetParam().size);
}

INSTANTIATE_TEST_SUITE_P(
    Display, ElementaryTable,
    testing::Values(Sized{"PIC X(7)", Usage::display, Category::alphanumeric, 7},
                    Sized{"PICTURE IS A(3)", Usage::display, Category::alphabetic, 3},
                    Sized{"PIC S9(5)V99", Usage::display, Category::numeric, 7},
                    Sized{"PIC S9(5) SIGN LEADING SEPARATE", Usage::display, Category::numeric, 6},
                    Sized{"PIC 9(3)PP", Usage::display, Category::numeric, 3},
                    Sized{"USAGE IS DISPLAY PIC Z9.99-", Usage::display, Category::numeric_edited,
                          6}));

INSTANTIATE_TEST_SUITE_P(
    Binary, ElementaryTable,
    testing::Values(Sized{"PIC 9 COMP", Usage::binary, Category::numeric, 2},
                    Sized{"PIC S9(4) BINARY", Usage::binary, Category::numeric, 2},
                    Sized{"PIC S9(5) COMP-4", Usage::binary, Category::numeric, 4},
                    Sized{"PIC S9(9) COMPUTATIONAL", Usage::binary, Category::numeric, 4},
                    Sized{"PIC S9(10) COMPUTATIONAL-4", Usage::binary, Category::numeric, 8},
                    Sized{"PIC S9(16)V99 USAGE COMP", Usage::binary, Category::numeric, 8},
                    Sized{"PIC S9(4) COMP-5", Usage::native_binary, Category::numeric, 2},
                    Sized{"PIC 9(18) COMPUTATIONAL-5", Usage::native_binary, Category::numeric, 8},
                    Sized{"PIC X(3) COMP-X", Usage::binary, Category::numeric, 3},
                    Sized{"PIC 9(7) COMP-X", Usage::binary, Category::numeric, 3},
                    Sized{"PIC 9(8) COMPUTATIONAL-X", Usage::binary, Category::numeric, 4},
                    Sized{"PIC 9(5) COMP-N", Usage::native_binary, Category::numeric, 3},
                    Sized{"BINARY-CHAR", Usage::native_binary, Category::numeric, 1},
                    Sized{"BINARY-SHORT SIGNED", Usage::native_binary, Category::numeric, 2},
                    Sized{"BINARY-LONG UNSIGNED", Usage::native_binary, Category::numeric, 4},
                    Sized{"USAGE IS BINARY-DOUBLE", Usage::native_binary, Category::numeric, 8}));

INSTANTIATE_TEST_SUITE_P(
    Packed, ElementaryTable,
    testing::Values(Sized{"PIC S9 COMP-3", Usage::packed, Category::numeric, 1},
                    Sized{"PIC S9(2) COMPUTATIONAL-3", Usage::packed, Category::numeric, 2},
                    Sized{"PIC 9(7)V99 PACKED-DECIMAL", Usage::packed, Category::numeric, 5},
                    Sized{"PIC S9(31) COMP-3", Usage::packed, Category::numeric, 16},
                    Sized{"PIC 9(5) COMP-6", Usage::unsigned_packed, Category::numeric, 3},
                    Sized{"PIC 9(6) COMPUTATIONAL-6", Usage::unsigned_packed, Category::numeric,
                          3}));

INSTANTIATE_TEST_SUITE_P(
    Others, ElementaryTable,
    testing::Values(Sized{"COMP-1", Usage::float_single, Category::floating, 4},
                    Sized{"FLOAT-SHORT", Usage::float_single, Category::floating, 4},
                    Sized{"USAGE COMPUTATIONAL-2", Usage::float_double, Category::floating, 8},
                    Sized{"FLOAT-LONG", Usage::float_double, Category::floating, 8},
                    Sized{"PIC N(5)", Usage::national, Category::national, 10},
                    Sized{"PIC N(5) USAGE NATIONAL", Usage::national, Category::national, 10},
                    Sized{"PIC N(5) DISPLAY-1", Usage::dbcs, Category::dbcs, 10},
                    Sized{"PIC 9(4) NATIONAL", Usage::national, Category::numeric, 8},
                    Sized{"PIC S9(4) NATIONAL SIGN TRAILING SEPARATE", Usage::national,
                          Category::numeric, 10},
                    Sized{"PIC ZZ9 NATIONAL", Usage::national, Category::numeric_edited, 6},
                    Sized{"PIC G(5) DISPLAY-1", Usage::dbcs, Category::dbcs, 10},
                    Sized{"PIC G(5)", Usage::dbcs, Category::dbcs, 10},
                    Sized{"PIC U(5)", Usage::utf8, Category::utf8, 20},
                    Sized{"PIC U BYTE-LENGTH IS 7 USAGE UTF-8", Usage::utf8, Category::utf8, 7},
                    Sized{"INDEX", Usage::index, Category::opaque, 4},
                    Sized{"USAGE POINTER", Usage::pointer, Category::opaque, 4},
                    Sized{"FUNCTION-POINTER", Usage::pointer, Category::opaque, 4},
                    Sized{"PROCEDURE-POINTER", Usage::procedure_pointer, Category::opaque, 8},
                    Sized{"USAGE OBJECT REFERENCE MY-CLASS", Usage::pointer, Category::opaque, 4}));

unsigned binary_size(const std::string& picture, Dialect dialect) {
  return item_with("PIC " + picture + " COMP", with_dialect(dialect)).size;
}

TEST(Elementary, GnuCobolHasOneByteBinaries) {
  EXPECT_EQ(binary_size("9(2)", Dialect::gnucobol), 1U);
  EXPECT_EQ(binary_size("9(3)", Dialect::gnucobol), 2U);
  EXPECT_EQ(binary_size("9(5)", Dialect::gnucobol), 4U);
  EXPECT_EQ(binary_size("9(10)", Dialect::gnucobol), 8U);
  EXPECT_EQ(binary_size("9(19)", Dialect::gnucobol), 16U);
  // -std=ibm: binary-size 2-4-8.
  EXPECT_EQ(binary_size("9(2)", Dialect::gnucobol_ibm), 2U);
  EXPECT_EQ(binary_size("9(5)", Dialect::gnucobol_ibm), 4U);
  EXPECT_EQ(binary_size("9(10)", Dialect::gnucobol_ibm), 8U);
}

TEST(Elementary, MicroFocusBinariesAreAsSmallAsTheirDigits) {
  const unsigned is_signed[] = {1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8};
  const unsigned is_unsigned[] = {1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 8};
  for (unsigned digits = 1; digits <= 18; ++digits) {
    const std::string picture = "9(" + std::to_string(digits) + ")";
    EXPECT_EQ(binary_size("S" + picture, Dialect::micro_focus), is_signed[digits - 1]) << digits;
    EXPECT_EQ(binary_size(picture, Dialect::micro_focus), is_unsigned[digits - 1]) << digits;
  }
}

TEST(Elementary, GnuCobolRoundsNativeBytesUp) {
  EXPECT_EQ(item_with("PIC X(3) COMP-5", with_dialect(Dialect::gnucobol)).size, 4U);
  EXPECT_EQ(item_with("PIC X(3) COMP-5", with_dialect(Dialect::micro_focus)).size, 3U);
}

TEST(Elementary, OtherPlatformsHaveEightBytePointers) {
  EXPECT_EQ(item_with("POINTER", with_dialect(Dialect::gnucobol)).size, 8U);
}

TEST(Elementary, AddressesHaveEightBytesUnderLp64) {
  ParseOptions options = with_dialect(Dialect::ibm);
  EXPECT_EQ(item_with("POINTER", options).size, 4U);
  EXPECT_EQ(item_with("INDEX", options).size, 4U);
  options.address_size = AddressSize::lp_64;
  for (const char* usage : {"POINTER", "FUNCTION-POINTER", "INDEX", "PROCEDURE-POINTER"})
    EXPECT_EQ(item_with(usage, options).size, 8U) << usage;
  EXPECT_EQ(item_with("POINTER-32", options).size, 4U);
  options = with_dialect(Dialect::gnucobol);
  options.address_size = AddressSize::lp_32;
  EXPECT_EQ(item_with("POINTER", options).size, 4U);
  EXPECT_EQ(item_with("INDEX", options).size, 4U);
}

TEST(Elementary, NationalSymbolsAreDbcsWhereTheCompilerWasToldSo) {
  ParseOptions options = with_dialect(Dialect::ibm);
  EXPECT_EQ(item_with("PIC N(3)", options).usage, Usage::national);
  options.n_symbol = NSymbol::dbcs;
  EXPECT_EQ(item_with("PIC N(3)", options).usage, Usage::dbcs);
  EXPECT_EQ(item_with("PIC N(3)", options).size, 6U);
  EXPECT_EQ(item_with("PIC N(3) NATIONAL", options).usage, Usage::national);
}

TEST(Elementary, DecimalFloatsAndHandlesAreOfOtherCompilers) {
  EXPECT_EQ(item_with("FLOAT-DECIMAL-16", with_dialect(Dialect::gnucobol)).size, 8U);
  EXPECT_EQ(item_with("FLOAT-DECIMAL-34", with_dialect(Dialect::gnucobol)).size, 16U);
  EXPECT_EQ(item_with("HANDLE", with_dialect(Dialect::gnucobol)).size, 4U);
  EXPECT_THAT(only_finding(parse_free("01 R. 05 A FLOAT-DECIMAL-16.")),
              HasSubstr("no decimal floating point"));
}

TEST(Elementary, BinaryOfBytesIsUnsignedWithTheDigitsOfItsRange) {
  const Item item = item_with("PIC X(2) COMP-X");
  EXPECT_FALSE(item.is_signed);
  EXPECT_EQ(item.digits, 5);
}

TEST(Elementary, UnsignedSaysSo) {
  EXPECT_FALSE(item_with("BINARY-DOUBLE UNSIGNED").is_signed);
  EXPECT_EQ(item_with("BINARY-DOUBLE UNSIGNED").digits, 20);
  EXPECT_TRUE(item_with("BINARY-DOUBLE").is_signed);
  EXPECT_EQ(item_with("BINARY-DOUBLE").digits, 19);
}

TEST(Elementary, SignPlaces) {
  EXPECT_EQ(item_with("PIC 9").sign, SignPlace::none);
  EXPECT_EQ(item_with("PIC S9").sign, SignPlace::trailing);
  EXPECT_EQ(item_with("PIC S9 LEADING").sign, SignPlace::leading);
  EXPECT_EQ(item_with("PIC S9 SIGN IS TRAILING SEPARATE CHARACTER").sign,
            SignPlace::trailing_separate);
  EXPECT_EQ(item_with("PIC S9 SIGN LEADING SEPARATE").sign, SignPlace::leading_separate);
  EXPECT_EQ(item_with("PIC S9 COMP-3").sign, SignPlace::none);
}

TEST(Elementary, ClausesComeInAnyOrder) {
  const Item item = item_with("VALUE IS -1.5 COMP-3 SYNCHRONIZED RIGHT PICTURE IS S9(3)V9");
  EXPECT_EQ(item.size, 3U);
  EXPECT_TRUE(item.is_synchronized);
  EXPECT_EQ(item.value->kind, Literal::Kind::number);
  EXPECT_EQ(item.value->text, "-1.5");
}

TEST(Elementary, JustifiedAndBlankWhenZeroAreKept) {
  EXPECT_TRUE(item_with("PIC X(3) JUST RIGHT").is_justified);
  EXPECT_TRUE(item_with("PIC 9(3) BLANK WHEN ZEROES").blank_when_zero);
  EXPECT_TRUE(item_with("PIC ZZ9 BLANK ZERO").blank_when_zero);
}

TEST(Elementary, WordsWithoutBytesAreAccepted) {
  EXPECT_EQ(item_with("PIC X IS EXTERNAL AS 'a' GLOBAL VOLATILE").size, 1U);
  EXPECT_EQ(item_with("PIC 9(6) DATE FORMAT IS YYXXXX").size, 6U);
}

TEST(Elementary, DetachedRepetitionCountIsReadWithAWarning) {
  const auto outcome = parse_free("01 R. 05 A PIC 9 (4).");
  EXPECT_THAT(only_finding(outcome), HasSubstr("warning 1:18 "));
  EXPECT_EQ(outcome.copybook.records.at(0).size_max, 4U);
}

TEST(Elementary, SignedComp6IsStoredAsComp3) {
  const auto outcome = parse_free("01 R. 05 A PIC S9(4) COMP-6.");
  EXPECT_THAT(only_finding(outcome), HasSubstr("stored as COMP-3"));
  EXPECT_EQ(outcome.copybook.records.at(0).items.at(1).usage, Usage::packed);
}

struct Refused {
  const char* clauses;
  const char* message;
};

class ElementaryRefusals : public testing::TestWithParam<Refused> {};

TEST_P(ElementaryRefusals, NameTheItem) {
  const auto outcome = parse_free(std::string("01 R. 05 A ") + GetParam().clauses + ".");
  const std::string finding = only_finding(outcome);
  EXPECT_THAT(finding, testing::StartsWith("error 1:"));
  EXPECT_THAT(finding, HasSubstr("copybook: A: "));
  EXPECT_THAT(finding, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ElementaryRefusals,
    testing::Values(Refused{"COMP-3", "neither a PICTURE nor items"},
                    Refused{"VALUE 1", "neither a PICTURE nor items"},
                    Refused{"PIC X COMP-3", "does not go with its USAGE"},
                    Refused{"PIC X COMP-5", "does not go with its USAGE"},
                    Refused{"PIC ZZ9 COMP", "does not go with its USAGE"},
                    Refused{"PIC X NATIONAL", "does not go with its USAGE"},
                    Refused{"PIC 9 DISPLAY-1", "does not go with its USAGE"},
                    Refused{"PIC G NATIONAL", "does not go with its USAGE"},
                    Refused{"PIC 9(4) COMP-1", "takes no PICTURE"},
                    Refused{"PIC 9(4) INDEX", "takes no PICTURE"},
                    Refused{"PIC 9(19) COMP", "at most 18 digits"},
                    Refused{"PIC X(9) COMP-X", "at most 8 bytes"},
                    Refused{"PIC 9 SIGN LEADING", "SIGN needs"},
                    Refused{"PIC S9 COMP-3 SIGN LEADING", "SIGN needs"},
                    Refused{"PIC 9 JUSTIFIED", "JUSTIFIED is for text"},
                    Refused{"PIC X BLANK WHEN ZERO", "BLANK WHEN ZERO is for"},
                    Refused{"PIC 9 COMP BLANK WHEN ZERO", "BLANK WHEN ZERO is for"},
                    Refused{"PIC 9V9V9", "PICTURE 9V9V9: a second decimal point"}));

TEST(Elementary, UsagesOfOtherCompilersAreNamesInFrontOfClauses) {
  EXPECT_EQ(item_with("FLOAT").usage, Usage::float_single);
  EXPECT_EQ(item_with("USAGE IS DOUBLE").size, 8U);
  EXPECT_FALSE(item_with("UNSIGNED-INT").is_signed);
  EXPECT_EQ(item_with("SIGNED-LONG").size, 8U);
  EXPECT_FALSE(item_with("BINARY-INT UNSIGNED").is_signed);
  EXPECT_EQ(item_of(free_layout("01 R. 05 FLOAT PIC X. 05 DOUBLE. 10 B PIC X."), "FLOAT").size, 1U);
}

TEST(Elementary, UnsignedOfAGroupHoldsForItsItems) {
  const Layout layout =
      free_layout("01 R. 05 G BINARY-LONG UNSIGNED. 10 A. 10 B BINARY-SHORT. 05 C BINARY-LONG.");
  EXPECT_FALSE(item_of(layout, "A").is_signed);
  EXPECT_TRUE(item_of(layout, "B").is_signed);
  EXPECT_TRUE(item_of(layout, "C").is_signed);
}

TEST(Elementary, Pointers32HaveFourBytesEverywhere) {
  EXPECT_EQ(item_with("POINTER-32", with_dialect(Dialect::gnucobol)).size, 4U);
}

TEST(Elementary, GnucobolGivesSignedCompXTheBytesOfUnsigned) {
  const ParseOptions gnucobol = with_dialect(Dialect::gnucobol);
  const ParseOptions micro_focus = with_dialect(Dialect::micro_focus);
  EXPECT_EQ(item_with("PIC S9(12) COMP-X", gnucobol).size, 5U);
  EXPECT_EQ(item_with("PIC S9(12) COMP-X", micro_focus).size, 6U);
  EXPECT_EQ(item_with("PIC 9(20) COMP-X", gnucobol).size, 9U);
  EXPECT_EQ(item_with("PIC 9(38) COMP-X", gnucobol).size, 16U);
}

TEST(Elementary, WarnsOfAValueThatIsTooLong) {
  const std::string text =
      "01 R.\n05 A PIC X(4) VALUE 'M\u00fcll'.\n05 B PIC X(3) VALUE 'M\u00fcll'.\n"
      "05 C PIC S99V9 COMP-3 VALUE -0099.9.\n05 D PIC 99 VALUE 100.\n"
      "05 E PIC S9(4) COMP-5 VALUE 32000.\n";
  const auto outcome = parse_free(text);
  EXPECT_THAT(findings(outcome),
              ElementsAre("warning 3:10 copybook: B: its VALUE 'M\u00fcll' is too long for X(3)",
                          "warning 5:10 copybook: D: its VALUE '100' is too long for 99"));
}

}  // namespace
}  // namespace copybridge::copybook
