// Option tables: what they take, what they report and where; secrets.
#include "bridge/core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "tests/support/mistakes.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using support::Mistake;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::array kTable = {
    OptionSpec{.name = "path", .required = true},
    OptionSpec{.name = "title", .default_value = "none"},
    OptionSpec{.name = "wait_ms",
               .type = OptionType::integer,
               .default_value = "100",
               .min = 1,
               .max = 1000},
    OptionSpec{.name = "offset", .type = OptionType::integer, .min = -5},
    OptionSpec{.name = "follow", .type = OptionType::boolean, .default_value = "no"},
    OptionSpec{.name = "mode",
               .type = OptionType::choice,
               .default_value = "binary",
               .choices = "binary|structured|null"},
    OptionSpec{.name = "password", .type = OptionType::secret},
    OptionSpec{.name = "brokers", .type = OptionType::text_list, .default_value = ""},
    OptionSpec{.name = "headers", .type = OptionType::text_map},
    OptionSpec{.name = "rules", .type = OptionType::node},
};
constexpr std::array<std::string_view, 1> kKind = {"kind"};

Options read(const std::string& text) {
  Diagnostics diagnostics;
  const ConfigNode root = parse_yaml(text, "bridge.yaml", diagnostics);
  Options options = read_options(root, kTable, kKind, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return options;
}

class OptionMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(OptionMistakes, AreReportedAtTheirPlace) {
  support::expect_mistake(
      GetParam(), [](const std::string& text, const std::string& file, Diagnostics& diagnostics) {
        const ConfigNode root = parse_yaml(text, file, diagnostics);
        static_cast<void>(read_options(root, kTable, kKind, diagnostics));
      });
}

INSTANTIATE_TEST_SUITE_P(
    Options, OptionMistakes,
    ::testing::Values(
        Mistake{"UnknownKey", "path: x\n§colour: red\n", "unknown key 'colour'"},
        Mistake{"UnknownKeyWithHint", "path: x\n§folow: yes\n", "did you mean 'follow'?"},
        Mistake{"UnknownKeyNearOneReadElsewhere", "path: x\n§kindd: file\n", "'kind'?"},
        Mistake{"MissingRequired", "§title: x\n", "the key 'path' is missing"},
        Mistake{"RequiredWithoutValue", "§path:\ntitle: x\n", "must be a single value"},
        Mistake{"TextAsList", "path: §[x]\n", "'path' must be a single value, not a list"},
        Mistake{"TextAsMap", "path: §{x: y}\n", "'path' must be a single value, not a map"},
        Mistake{"IntegerAsWord", "path: x\nwait_ms: §soon\n", "not a whole number"},
        Mistake{"IntegerWithFraction", "path: x\nwait_ms: §1.5\n", "not a whole number"},
        Mistake{"IntegerWithUnit", "path: x\nwait_ms: §10s\n", "not a whole number"},
        Mistake{"IntegerTooSmall", "path: x\nwait_ms: §0\n", "at least 1 and at most 1000"},
        Mistake{"IntegerTooLarge", "path: x\nwait_ms: §1001\n", "at least 1 and at most 1000"},
        Mistake{"IntegerBeyondAll", "path: x\noffset: §9223372036854775808\n", "whole number"},
        Mistake{"IntegerBelowItsMinimum", "path: x\noffset: §-6\n", "must be at least -5"},
        Mistake{"BooleanAsNumber", "path: x\nfollow: §1\n", "must be yes or no"},
        Mistake{"ChoiceUnknown", "path: x\nmode: §xml\n", "binary|structured|null, not 'xml'"},
        Mistake{"ChoiceWithHint", "path: x\nmode: §binari\n", "did you mean 'binary'?"},
        Mistake{"SecretInPlainText", "path: x\npassword: §hunter2\n", "a secret in plain text"},
        Mistake{"SecretPartlyPlain", "path: x\npassword: §x${env:A}\n", "in plain text"},
        Mistake{"ListOfLists", "path: x\nbrokers: [a, §[b]]\n", "not of a list"},
        Mistake{"ListAsMap", "path: x\nbrokers: §{a: b}\n", "'brokers' must be a list"},
        Mistake{"MapAsWord", "path: x\nheaders: §a\n", "'headers' must be a map"},
        Mistake{"RequiredAndEmpty", "path: §''\n", "'path' must not be empty"},
        Mistake{"SecretOfNoVariable", "path: x\npassword: §${env:}\n", "in plain text"},
        Mistake{"ListInsteadOfAll", "§[path]\n", "expected a map"},
        Mistake{"MapOfLists", "path: x\nheaders: {a: §[b]}\n", "a map of single values"}),
    support::title_of);

TEST(Options, NeverRepeatsAPlainSecretInItsMessage) {
  Diagnostics diagnostics;
  const ConfigNode root = parse_yaml("path: x\npassword: hunter2\n", "f", diagnostics);
  static_cast<void>(read_options(root, kTable, kKind, diagnostics));
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    EXPECT_EQ(to_string(diagnostic).find("hunter2"), std::string::npos);
  }
}

TEST(Options, ReportsEveryMistake) {
  Diagnostics diagnostics;
  const ConfigNode root = parse_yaml("a: 1\nb: 2\nfollow: 3\n", "f", diagnostics);
  static_cast<void>(read_options(root, kTable, kKind, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 4U);
}

TEST(Options, TakesValuesOfEveryType) {
  const Options options = read(
      "kind: file\npath: in/*.dat\nwait_ms: 7\noffset: -5\nfollow: yes\nmode: structured\n"
      "password: ${env:A}\nbrokers: [a, b]\nheaders: {x: 1, y: 2}\nrules: [{a: b}]\n");
  EXPECT_EQ(options.text("path"), "in/*.dat");
  EXPECT_EQ(options.integer("wait_ms"), 7);
  EXPECT_EQ(options.integer("offset"), -5);
  EXPECT_TRUE(options.boolean("follow"));
  EXPECT_EQ(options.text("mode"), "structured");
  EXPECT_THAT(options.list("brokers"), ElementsAre("a", "b"));
  EXPECT_THAT(options.map("headers"), ElementsAre(Pair("x", "1"), Pair("y", "2")));
  EXPECT_EQ(options.node("rules").items.at(0).find("a")->scalar, "b");
}

TEST(Options, HasTheDefaultsOfWhatIsNotGiven) {
  const Options options = read("path: x\n");
  EXPECT_EQ(options.text("title"), "none");
  EXPECT_EQ(options.integer("wait_ms"), 100);
  EXPECT_FALSE(options.boolean("follow"));
  EXPECT_EQ(options.text("mode"), "binary");
  EXPECT_TRUE(options.secret("password").is_empty());
  EXPECT_THAT(options.list("brokers"), IsEmpty());
  EXPECT_THAT(options.map("headers"), IsEmpty());
  EXPECT_EQ(options.node("rules").type, ConfigNode::Type::null);
}

TEST(Options, KnowsWhatIsGivenAndWhere) {
  const Options options = read("path: x\ntitle: none\n");
  EXPECT_TRUE(options.is_given("title"));
  EXPECT_FALSE(options.is_given("wait_ms"));
  EXPECT_EQ(to_string(options.where("title")), "bridge.yaml:2:8");
  EXPECT_EQ(to_string(options.where("wait_ms")), "bridge.yaml:1:1");
}

TEST(Options, TakesASingleValueForAList) {
  EXPECT_THAT(read("path: x\nbrokers: a\n").list("brokers"), ElementsAre("a"));
}

TEST(Options, TakesTheWordNullForAChoiceThatHasIt) {
  EXPECT_EQ(read("path: x\nmode: null\n").text("mode"), "null");
}

TEST(Booleans, AreYesNoTrueFalseOnOff) {
  bool value = false;
  for (const char* word : {"yes", "true", "on"}) {
    EXPECT_TRUE(parse_boolean(word, value) && value) << word;
  }
  for (const char* word : {"no", "false", "off"}) {
    EXPECT_TRUE(parse_boolean(word, value) && !value) << word;
  }
  for (const char* word : {"", "Yes", "1", "y", "yes "}) {
    EXPECT_FALSE(parse_boolean(word, value)) << word;
  }
}

TEST(Integers, AreWholeAndMayHaveASign) {
  std::int64_t value = 0;
  EXPECT_TRUE(parse_integer("-12", value));
  EXPECT_EQ(value, -12);
  EXPECT_TRUE(parse_integer("9223372036854775807", value));
  for (const char* word : {"", "-", "+", "+-1", "1 ", " 1", "0x1", "1e3", "9223372036854775808"}) {
    EXPECT_FALSE(parse_integer(word, value)) << word;
  }
}

TEST(Secret, ReadsAVariable) {
  ::setenv("COPYBRIDGE_TEST_SECRET", "hunter2", 1);
  EXPECT_EQ(*Secret("${env:COPYBRIDGE_TEST_SECRET}").resolve(), "hunter2");
}

TEST(Secret, NamesAVariableThatIsNotSet) {
  ::unsetenv("COPYBRIDGE_TEST_SECRET");
  const auto value = Secret("${env:COPYBRIDGE_TEST_SECRET}").resolve();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::config);
  EXPECT_THAT(value.error().message, HasSubstr("COPYBRIDGE_TEST_SECRET is not set"));
}

TEST(Secret, ReadsAFileWithoutItsLineEnd) {
  const TemporaryDirectory directory;
  const auto file = directory.write("secret", "hunter2 \r\n\n");
  EXPECT_EQ(*Secret("${file:" + file.string() + "}").resolve(), "hunter2 ");
}

TEST(Secret, ReadsAFileAnewEachTime) {
  const TemporaryDirectory directory;
  const Secret secret("${file:" + directory.write("secret", "old").string() + "}");
  EXPECT_EQ(*secret.resolve(), "old");
  directory.write("secret", "new");
  EXPECT_EQ(*secret.resolve(), "new");
}

TEST(Secret, NamesAFileThatCannotBeRead) {
  const auto value = Secret("${file:/nonexistent/secret}").resolve();
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("/nonexistent/secret cannot be read"));
}

TEST(Secret, IsPlainTextWhereItIsNoReference) {
  EXPECT_EQ(*Secret("application/json").resolve(), "application/json");
}

TEST(Integers, MayHaveAPlus) {
  std::int64_t value = 0;
  EXPECT_TRUE(parse_integer("+12", value));
  EXPECT_EQ(value, 12);
}

TEST(Secret, TakesNoDirectoryForAnEmptySecret) {
  const TemporaryDirectory directory;
  const auto value = Secret("${file:" + directory.path().string() + "}").resolve();
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("cannot be read"));
}

TEST(Secret, TakesNoEmptyFileForASecret) {
  const TemporaryDirectory directory;
  const auto file = directory.write("secret", "\n");
  const auto value = Secret("${file:" + file.string() + "}").resolve();
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("is empty"));
}

}  // namespace
}  // namespace copybridge::tests
