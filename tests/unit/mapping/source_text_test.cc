// Places inside YAML scalars, whatever quotes, escapes and folded lines stand before them.
#include "codecs/mapping/source_text.h"

#include <gtest/gtest.h>

namespace copybridge::mapping {
namespace {

/// The place, as line:column, of the first `X` in the value of the text's member `a`.
std::string place_of_x(const std::string& text) {
  Diagnostics diagnostics;
  const ConfigNode root = parse_yaml(text, "f", diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  const ConfigNode* scalar = root.find("a");
  if (scalar == nullptr) return "no member";
  const Where where = SourceText(text).place(*scalar, scalar->scalar.find('X'));
  return std::to_string(where.line) + ":" + std::to_string(where.column);
}

TEST(SourceText, CountsFromTheFirstCharacterOfAPlainScalar) {
  EXPECT_EQ(place_of_x("a: X"), "1:4");
  EXPECT_EQ(place_of_x("b: 1\na:   1 2 X"), "2:10");
}

TEST(SourceText, CountsQuotesBeforeTheValue) {
  EXPECT_EQ(place_of_x("a: 'X'"), "1:5");
  EXPECT_EQ(place_of_x("a: \"bX\""), "1:6");
}

TEST(SourceText, CountsADoubledQuoteAsTwoCharacters) {
  EXPECT_EQ(place_of_x("a: 'it''s X'"), "1:11");
}

TEST(SourceText, CountsEscapesInFull) {
  EXPECT_EQ(place_of_x("a: \"\\tX\""), "1:7");
  EXPECT_EQ(place_of_x("a: \"\\x41X\""), "1:9");
  EXPECT_EQ(place_of_x("a: \"\\u00e9X\""), "1:11");
  EXPECT_EQ(place_of_x("a: \"\\u20acX\""), "1:11");
  EXPECT_EQ(place_of_x("a: \"\\U0001F600X\""), "1:15");
  EXPECT_EQ(place_of_x("a: \"\\NX\""), "1:7");
  EXPECT_EQ(place_of_x("a: \"\\LX\""), "1:7");
}

TEST(SourceText, CountsColumnsInBytes) { EXPECT_EQ(place_of_x("a: äX"), "1:6"); }

TEST(SourceText, FollowsFoldedLines) {
  EXPECT_EQ(place_of_x("a: one\n   two X"), "2:8");
  EXPECT_EQ(place_of_x("a: one  \n\n   X"), "3:4");
  EXPECT_EQ(place_of_x("a: 'one\r\n  X'"), "2:3");
}

TEST(SourceText, FollowsEscapedLineEnds) { EXPECT_EQ(place_of_x("a: \"C1\\\n    X0\""), "2:5"); }

TEST(SourceText, PointsToTheStartOfBlockScalars) {
  EXPECT_EQ(place_of_x("a: |\n  one X\n"), "1:4");
  EXPECT_EQ(place_of_x("a: >-\n  X\n"), "1:4");
}

TEST(SourceText, PointsToTheStartOfTaggedScalars) { EXPECT_EQ(place_of_x("a: !t one X"), "1:4"); }

TEST(SourceText, PointsBehindTheValueForItsEnd) {
  Diagnostics diagnostics;
  const std::string text = "a: 'bc'\n";
  const ConfigNode root = parse_yaml(text, "f", diagnostics);
  EXPECT_EQ(to_string(SourceText(text).place(*root.find("a"), 2)), "f:1:7");
  EXPECT_EQ(to_string(SourceText(text).place(*root.find("a"), 99)), "f:1:7");
}

TEST(SourceText, KeepsPlacesThatAreNotInTheText) {
  ConfigNode scalar;
  scalar.scalar = "abc";
  scalar.where = {"f", 9, 9};
  EXPECT_EQ(to_string(SourceText("a: b").place(scalar, 1)), "f:9:9");
}

}  // namespace
}  // namespace copybridge::mapping
