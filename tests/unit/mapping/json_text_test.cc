// JSON text of expected events, and differences between JSON texts.
#include "codecs/mapping/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string json_of(const std::string& yaml) {
  Diagnostics diagnostics;
  const ConfigNode root = parse_yaml(yaml, "f", diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  return to_json(root);
}

TEST(ExpectedJson, KeepsTheTextOfNumbers) {
  EXPECT_EQ(json_of("[0, -1, 12.50, -0.00, 1E+05, 1234567890123456789012345678901.10]"),
            "[0,-1,12.50,-0.00,1E+05,1234567890123456789012345678901.10]");
}

TEST(ExpectedJson, TakesNumbersThatJsonCannotHoldForStrings) {
  EXPECT_EQ(json_of("[007, +5, .5, 5., 1_000, 0x1F, -, 1e, .inf]"),
            R"(["007","+5",".5","5.","1_000","0x1F","-","1e",".inf"])");
}

TEST(ExpectedJson, TakesQuotedScalarsForStrings) {
  EXPECT_EQ(json_of("['1', \"true\", 'null', '']"), R"(["1","true","null",""])");
}

TEST(ExpectedJson, KnowsTheThreeWordsOfJsonOnly) {
  EXPECT_EQ(json_of("[true, false, null, yes, True, ~]"), R"([true,false,null,"yes","True",null])");
}

TEST(ExpectedJson, KeepsTheOrderOfMembers) {
  EXPECT_EQ(json_of("{b: 1, a: {d: [], c: {}}, e: }"), R"({"b":1,"a":{"d":[],"c":{}},"e":null})");
}

TEST(ExpectedJson, EscapesStrings) {
  EXPECT_EQ(json_of(R"(["a\"b\\c/d", "\n\r\t\b\f", "\x01\x1F\x7F", "ä€😀"])"),
            "[\"a\\\"b\\\\c/d\",\"\\n\\r\\t\\b\\f\",\"\\u0001\\u001f\x7F\",\"ä€😀\"]");
}

TEST(DecimalNumber, HasASignDigitsAndAPoint) {
  EXPECT_TRUE(is_decimal_number("0"));
  EXPECT_TRUE(is_decimal_number("-007.50"));
  EXPECT_TRUE(is_decimal_number("+99999999"));
  EXPECT_FALSE(is_decimal_number(""));
  EXPECT_FALSE(is_decimal_number("-"));
  EXPECT_FALSE(is_decimal_number("1."));
  EXPECT_FALSE(is_decimal_number(".5"));
  EXPECT_FALSE(is_decimal_number("1e5"));
  EXPECT_FALSE(is_decimal_number("1.5x"));
}

TEST(FlatValues, GiveEveryValueItsPath) {
  EXPECT_THAT(
      flat_values(R"({"A":1.50,"B":{"C":"x\"y","D":[true,{"E":null}]},"F":[],"G":{}})"),
      ElementsAre("A: 1.50", R"(B.C: "x\"y")", "B.D[1]: true", "B.D[2].E: null", "F: []", "G: {}"));
}

TEST(FlatValues, TellKeysWithDotsFromPaths) {
  EXPECT_THAT(flat_values(R"({"A.B":1})"), ElementsAre(R"("A.B": 1)"));
  EXPECT_THAT(flat_values(R"({"A":{"B":1}})"), ElementsAre("A.B: 1"));
}

TEST(FlatValues, DoNotDependOnHowCharactersAreEscaped) {
  EXPECT_EQ(flat_values(R"({"A":"\u000a\u00e4"})"), flat_values("{\"A\": \"\\nä\"}"));
}

TEST(FlatValues, GiveATextThatIsNoJsonAsItIs) {
  EXPECT_THAT(flat_values("{\"A\":"), ElementsAre("{\"A\":"));
}

/// `-` before expected lines, `+` before actual ones.
std::vector<std::string> marked(const std::vector<std::string>& expected,
                                const std::vector<std::string>& actual) {
  std::vector<std::string> lines;
  for (const DifferentLine& line : difference(expected, actual)) {
    lines.push_back((line.is_expected ? "-" : "+") + line.text);
  }
  return lines;
}

TEST(Difference, IsEmptyBetweenEqualLists) {
  EXPECT_THAT(marked({"a", "b"}, {"a", "b"}), IsEmpty());
  EXPECT_THAT(marked({}, {}), IsEmpty());
}

TEST(Difference, NamesChangedMissingAndAddedLines) {
  EXPECT_THAT(marked({"a", "b", "c"}, {"a", "x", "c"}), ElementsAre("-b", "+x"));
  EXPECT_THAT(marked({"a", "b", "c"}, {"a", "c"}), ElementsAre("-b"));
  EXPECT_THAT(marked({"a"}, {"a", "b"}), ElementsAre("+b"));
}

TEST(Difference, NamesALineThatMoved) {
  EXPECT_THAT(marked({"a", "b", "c"}, {"b", "c", "a"}), ElementsAre("-a", "+a"));
}

TEST(Difference, OfLongListsShowsThoseNearTheFirst) {
  std::vector<std::string> expected(100'000, "same");
  std::vector<std::string> actual = expected;
  actual[50'000] = "other";
  actual[50'100] = "another";
  const auto lines = marked(expected, actual);
  EXPECT_LE(lines.size(), 400U);
  EXPECT_THAT(lines, ::testing::IsSupersetOf({"+other", "+another"}));
}

}  // namespace
}  // namespace copybridge::mapping
