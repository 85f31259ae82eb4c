// Bridge files: what they say, and their mistakes at their places.
#include "bridge/bridge_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mistakes.h"
#include "tests/unit/bridge/records.h"

namespace copybridge::tests {
namespace {

using support::Mistake;

/// Loads a text as the bridge file of a folder that holds `a.yaml`, `b.yaml` and `same.yaml`.
std::optional<bridge::BridgeConfig> load(const std::string& text, const std::string& file,
                                         Diagnostics& diagnostics) {
  const Mappings mappings;
  EXPECT_NE(mappings.load("a"), nullptr);
  EXPECT_NE(mappings.load("b"), nullptr);
  std::filesystem::copy_file(mappings.path() / "a.yaml", mappings.path() / "same.yaml");
  std::ofstream(mappings.path() / file, std::ios::binary) << text;
  // Places name the file as it was given.
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(mappings.path());
  auto config = bridge::load_bridge(file, diagnostics);
  std::filesystem::current_path(before);
  return config;
}

const std::string kGood =
    "state: var/state\n"
    "adapters:\n"
    "  accounts: {kind: file, path: in/*.dat, recfm: F, lrecl: 7}\n"
    "publishers:\n"
    "  archive: {kind: file, path: out/x.jsonl}\n"
    "routes:\n"
    "  - {from: accounts, mappings: [a.yaml], to: archive}\n";

bridge::BridgeConfig good(const std::string& more = "") {
  Diagnostics diagnostics;
  auto config = load(kGood + more, "bridge.yaml", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return config.value_or(bridge::BridgeConfig{});
}

TEST(BridgeConfig, TakesTheDefaultsOfItsTables) {
  const bridge::BridgeConfig config = good();
  EXPECT_TRUE(config.state.is_absolute()) << config.state;
  EXPECT_TRUE(config.state.string().ends_with("/var/state")) << config.state;
  EXPECT_EQ(config.event_source, "/copybridge");
  EXPECT_EQ(config.log_format, LogFormat::json);
  EXPECT_EQ(config.window_batches, 4U);
  EXPECT_EQ(config.bad_records_max, 100U);
  EXPECT_EQ(config.bad_records_percent, 5U);
  EXPECT_EQ(config.drain_limit, Milliseconds(10'000));
  EXPECT_EQ(config.retry.initial, Milliseconds(100));
}

TEST(BridgeConfig, TakesWhatTheFileSays) {
  const bridge::BridgeConfig config = good(
      "log: {level: warn, format: text}\n"
      "delivery: {window_batches: 2, retry_max_ms: 5, bad_records_max: 0}\n");
  EXPECT_EQ(config.log_level, LogLevel::warn);
  EXPECT_EQ(config.log_format, LogFormat::text);
  EXPECT_EQ(config.window_batches, 2U);
  EXPECT_EQ(config.retry.max, Milliseconds(5));
  EXPECT_EQ(config.bad_records_max, 0U);
}

TEST(BridgeConfig, ReadsRoutesWithTheirMappings) {
  const bridge::BridgeConfig config =
      good("  - {from: accounts, mappings: [b.yaml, a.yaml], to: [archive], unmatched: ignore}\n");
  ASSERT_EQ(config.routes.size(), 2U);
  EXPECT_FALSE(config.routes[0].ignore_unmatched);
  EXPECT_TRUE(config.routes[1].ignore_unmatched);
  EXPECT_EQ(config.routes[1].mappings.at(0)->name, "b");
  EXPECT_EQ(config.routes[1].mappings.at(1), config.routes[0].mappings.at(0)) << "loaded once";
}

TEST(BridgeConfig, HasADigestOfAllThatCounts) {
  EXPECT_EQ(good().digest, good().digest);
  EXPECT_NE(good().digest, good("log: {level: warn}\n").digest);
}

TEST(BridgeConfig, WarnsOfWhatIsInNoRoute) {
  Diagnostics diagnostics;
  const std::string text = kGood + "# more\n";
  const std::string spare = "  spare: {kind: stdout}\n";
  std::string with = text;
  with.insert(with.find("routes:"), spare);
  EXPECT_TRUE(load(with, "bridge.yaml", diagnostics));
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(to_string(diagnostics.all()[0]), "bridge.yaml:6:3: warning: 'spare' is in no route");
}

/// The good file with one piece replaced.
std::string with(const std::string& piece, const std::string& replacement) {
  std::string text = kGood;
  return text.replace(text.find(piece), piece.size(), replacement);
}

class BridgeMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(BridgeMistakes, AreReportedAtTheirPlace) {
  // A row is the piece of the good file to be replaced, an arrow, and what stands there instead.
  Mistake row = GetParam();
  const std::size_t arrow = row.text.find(" => ");
  const std::string text =
      with(std::string(row.text.substr(0, arrow)), std::string(row.text.substr(arrow + 4)));
  row.text = text;
  support::expect_mistake(
      row, [](const std::string& file_text, const std::string& file, Diagnostics& diagnostics) {
        static_cast<void>(load(file_text, file, diagnostics));
      });
}

INSTANTIATE_TEST_SUITE_P(
    Bridge, BridgeMistakes,
    ::testing::Values(
        Mistake{"UnknownTopKey", "state: => §sate: x\nstate:", "did you mean 'state'?"},
        Mistake{"UnknownAdapterKind", "kind: file, path: in => kind: §fil, path: in", "'file'?"},
        Mistake{"UnknownPublisherKind", "kind: file, path: out => kind: §s3, path: out",
                "`copybridge components`"},
        Mistake{"UnknownAdapterInRoute", "from: accounts => from: §acounts",
                "did you mean 'accounts'?"},
        Mistake{"UnknownPublisherInRoute", "to: archive => to: §archiv", "there is no publisher"},
        Mistake{"PublisherTwiceInRoute", "to: archive => to: [archive, §archive]", "twice"},
        Mistake{"MissingMappingFile", "[a.yaml] => [§gone.yaml]", "cannot be read"},
        Mistake{"TwoMappingsOfOneName", "[a.yaml] => [a.yaml, §same.yaml]", "is also that of"},
        Mistake{"EmptyListOfMappings", "[a.yaml] => §[]", "at least one entry"},
        Mistake{"NameWithSlash",
                "  accounts: =>   §x/y: {kind: file, path: in, recfm: line}\n"
                "  accounts:",
                "letters, digits"},
        Mistake{"ComponentThatIsNoMap", "publishers:\n => publishers:\n  x: §stdout\n",
                "must be a map with a kind"},
        Mistake{"ComponentWithoutKind", "publishers:\n => publishers:\n  §x: {path: y}\n",
                "has no kind"},
        Mistake{"RouteToNothing", "to: archive => to: §[]", "at least one entry"},
        Mistake{"UnknownOptionOfAComponent", "recfm: F => §recfmt: F", "did you mean 'recfm'?"},
        Mistake{"StateMissing", "state: var/state\n => §", "the key 'state' is missing"},
        Mistake{"WindowOfNothing",
                "state: => delivery: {window_batches: §0}\nstate:", "at least 1 and at most 64"},
        Mistake{"WaitBeyondAnyClock",
                "state: => delivery: {drain_limit_ms: §9223372036854775807}\nstate:",
                "at least 0 and at most 86400000"},
        Mistake{"FirstWaitBeyondAnyClock",
                "state: => delivery: {retry_initial_ms: §9223372036854775807}\nstate:",
                "at least 1 and at most 86400000"}),
    support::title_of);

}  // namespace
}  // namespace copybridge::tests
