// docs/mapping.md against the option tables: every key is described, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "codecs/mapping/keys.h"
#include "tests/support/paths.h"

namespace copybridge::mapping {
namespace {

/// The keys that the table with this head describes: the words in its first column.
std::set<std::string> documented_keys(const std::string& head) {
  std::ifstream file(support::source_path("docs/mapping.md"));
  std::set<std::string> keys;
  std::string line;
  while (std::getline(file, line) && !line.starts_with(head)) {
  }
  std::getline(file, line);  // the rule under the head
  while (std::getline(file, line) && line.starts_with("| `")) {
    keys.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return keys;
}

std::set<std::string> names_of(std::span<const OptionSpec> table) {
  std::set<std::string> names;
  for (const OptionSpec& spec : table) names.emplace(spec.name);
  return names;
}

TEST(MappingReference, NamesEveryKeyOfTheFile) {
  EXPECT_EQ(documented_keys("| key |"), names_of(mapping_keys()));
}

TEST(MappingReference, NamesEveryKeyOfAnItem) {
  EXPECT_EQ(documented_keys("| key of an item |"), names_of(field_keys()));
}

TEST(MappingReference, NamesEveryKeyOfARedefinesEntry) {
  EXPECT_EQ(documented_keys("| key of a `redefines` entry |"), names_of(redefines_keys()));
}

TEST(MappingReference, NamesEveryKeyOfAChildrenEntry) {
  EXPECT_EQ(documented_keys("| key of a `children` entry |"), names_of(child_keys()));
}

TEST(MappingReference, NamesEveryKeyOfTheEvent) {
  EXPECT_EQ(documented_keys("| key of `event` |"), names_of(event_keys()));
}

TEST(MappingReference, NamesEveryKeyOfAnExample) {
  EXPECT_EQ(documented_keys("| key of an `examples` entry |"), names_of(example_keys()));
}

/// The defaults and words of the file's keys, as the reference prints them.
TEST(MappingReference, GivesDefaultsAndWordsOfChoices) {
  std::ifstream file(support::source_path("docs/mapping.md"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const OptionSpec& spec : mapping_keys()) {
    const std::size_t start = text.find("\n| `" + std::string(spec.name) + "` |");
    ASSERT_NE(start, std::string::npos) << spec.name;
    const std::string row = text.substr(start + 1, text.find('\n', start + 1) - start - 1);
    if (!spec.default_value.empty()) {
      EXPECT_NE(row.find("`" + std::string(spec.default_value) + "` |"), std::string::npos) << row;
    }
    for (std::string_view rest = spec.choices; !rest.empty();) {
      const std::size_t bar = rest.find('|');
      EXPECT_NE(row.find("`" + std::string(rest.substr(0, bar)) + "`"), std::string::npos) << row;
      rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
    }
  }
}

}  // namespace
}  // namespace copybridge::mapping
