// YAML to a tree with places.
#include "bridge/core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mistakes.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using support::Mistake;
using ::testing::HasSubstr;
using Type = ConfigNode::Type;

ConfigNode parse(const std::string& text) {
  Diagnostics diagnostics;
  ConfigNode root = parse_yaml(text, "bridge.yaml", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return root;
}

class ConfigMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistakes, AreReportedAtTheirPlace) {
  support::expect_mistake(
      GetParam(), [](const std::string& text, const std::string& file, Diagnostics& diagnostics) {
        static_cast<void>(parse_yaml(text, file, diagnostics));
      });
}

INSTANTIATE_TEST_SUITE_P(
    Yaml, ConfigMistakes,
    ::testing::Values(
        Mistake{"DuplicateKey", "a: 1\n§a: 2\n", "key 'a' stands here twice"},
        Mistake{"DuplicateKeyOfAnInnerMap", "x:\n  a: 1\n  §a: 2\n", "stands here twice"},
        Mistake{"DuplicateKeyOfAFlowMap", "x: {a: 1, §a: 2}\n", "stands here twice"},
        Mistake{"Alias", "a: &x 1\nb: §*x\n", "aliases are not allowed"},
        Mistake{"MergeKey", "a: &x {k: 1}\nb:\n  <<: §*x\n", "aliases are not allowed"},
        Mistake{"ListAsKey", "§[a, b]: 1\n", "a key must be a word"},
        Mistake{"NullAsKey", "§~: 1\n", "a key must be a word"},
        Mistake{"SecondDocument", "§a: 1\n---\nb: 2\n", "more than one document"},
        Mistake{"Tab", "a:\n  b: 1\n§\tc: 2\n", "yaml: "}),
    support::title_of);

TEST(Config, SurvivesANestingBomb) {
  Diagnostics diagnostics;
  static_cast<void>(parse_yaml(std::string(200'000, '['), "bomb.yaml", diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Config, SurvivesANestingBombOfMaps) {
  std::string bomb;
  for (int i = 0; i < 20'000; ++i) bomb += "{a: ";
  Diagnostics diagnostics;
  static_cast<void>(parse_yaml(bomb, "bomb.yaml", diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Config, KnowsThePlaceOfEveryNode) {
  const ConfigNode root = parse("log:\n  level: info\nlist: [a, b]\n");
  EXPECT_EQ(to_string(root.members[0].where), "bridge.yaml:1:1");
  EXPECT_EQ(to_string(root.find("log")->find("level")->where), "bridge.yaml:2:10");
  EXPECT_EQ(to_string(root.find("list")->items[1].where), "bridge.yaml:3:11");
}

TEST(Config, KeepsTheOrderOfMembers) {
  const ConfigNode root = parse("b: 1\na: 2\n");
  EXPECT_EQ(root.members[0].key, "b");
  EXPECT_EQ(root.members[1].key, "a");
}

TEST(Config, KeepsScalarsAsWritten) {
  const ConfigNode root = parse("a: 0x1F\nb: 1.10\nc: 'yes'\nd: yes\n");
  EXPECT_EQ(root.find("a")->scalar, "0x1F");
  EXPECT_EQ(root.find("b")->scalar, "1.10");
  EXPECT_TRUE(root.find("c")->is_quoted);
  EXPECT_FALSE(root.find("d")->is_quoted);
}

TEST(Config, TellsNothingFromTheWordNull) {
  const ConfigNode root = parse("a:\nb: null\nc: ~\nd: 'null'\n");
  EXPECT_EQ(root.find("a")->type, Type::null);
  EXPECT_EQ(root.find("a")->scalar, "");
  EXPECT_EQ(root.find("b")->type, Type::null);
  EXPECT_EQ(root.find("b")->scalar, "null");
  EXPECT_EQ(root.find("c")->scalar, "~");
  EXPECT_EQ(root.find("d")->type, Type::scalar);
}

TEST(Config, PlacesAValueThatWasLeftOutAtItsKey) {
  const ConfigNode root = parse("a:\n\n\nb: 1\n");
  EXPECT_EQ(to_string(root.find("a")->where), "bridge.yaml:1:1");
}

TEST(Config, ReadsAnEmptyFileAsNothing) { EXPECT_EQ(parse("").type, Type::null); }

TEST(Config, FindsNoMemberInWhatIsNoMap) { EXPECT_EQ(parse("[a]").find("a"), nullptr); }

TEST(Config, ReportsAFileThatCannotBeRead) {
  Diagnostics diagnostics;
  static_cast<void>(load_yaml("/nonexistent/bridge.yaml", diagnostics));
  EXPECT_EQ(to_string(diagnostics.all().at(0)),
            "/nonexistent/bridge.yaml: error: the file cannot be read");
}

TEST(Config, GivesTheTextItRead) {
  const TemporaryDirectory directory;
  Diagnostics diagnostics;
  std::string text;
  static_cast<void>(load_yaml(directory.write("a.yaml", "a: 1\n"), diagnostics, &text));
  EXPECT_EQ(text, "a: 1\n");
}

TEST(Nearest, FindsAWordWithATypingMistake) {
  EXPECT_EQ(nearest("pubishers", {"adapters", "publishers", "routes"}), "publishers");
}

TEST(Nearest, FindsNothingWhereNothingIsNear) { EXPECT_EQ(nearest("xyz", {"adapters"}), ""); }

TEST(Config, ReportsADirectoryAsAFileThatCannotBeRead) {
  const TemporaryDirectory directory;
  Diagnostics diagnostics;
  static_cast<void>(load_yaml(directory.path(), diagnostics));
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_THAT(diagnostics.all()[0].message, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace copybridge::tests
