// Bridge files: what they say.
#include "bridge/bridge_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/records.h"

namespace copybridge::tests {
namespace {

/// Loads a text as the bridge file of a folder that holds `a.yaml` and `b.yaml`.
std::optional<bridge::BridgeConfig> load(const std::string& text, const std::string& file,
                                         Diagnostics& diagnostics) {
  const Mappings mappings;
  EXPECT_NE(mappings.load("a"), nullptr);
  EXPECT_NE(mappings.load("b"), nullptr);
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
  EXPECT_TRUE(config.state.is_absolute());
  EXPECT_EQ(config.state.lexically_relative(config.directory), "var/state");
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

/// What an adapter's section says of its spool, where the kind of source is a socket or a queue.
std::optional<spool::SpoolSettings> spool_of(const std::string& section, bool holds_records,
                                             Diagnostics& diagnostics) {
  adapters::AdapterKind kind{"gate", "", {}, nullptr};
  kind.holds_records = holds_records;
  return spool::read_settings(parse_yaml(section, "bridge.yaml", diagnostics), kind, {},
                              diagnostics);
}

TEST(SpoolSection, GivesASourceASpoolWhereItSaysSo) {
  Diagnostics diagnostics;
  EXPECT_FALSE(spool_of("{kind: gate, port: 1}", true, diagnostics));
  EXPECT_FALSE(spool_of("{kind: gate, spool: no}", true, diagnostics));
  const auto spooled =
      spool_of("{kind: gate, spool: yes, spool_bytes_max: 16777216}", true, diagnostics);
  ASSERT_TRUE(spooled);
  EXPECT_EQ(spooled->bytes_max, 16777216U);
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(SpoolSection, GivesASourceThatCannotHoldRecordsASpoolInAnyCase) {
  Diagnostics diagnostics;
  EXPECT_TRUE(spool_of("{kind: gate, port: 1}", false, diagnostics));
  EXPECT_TRUE(spool_of("{kind: gate, spool: yes}", false, diagnostics));
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(SpoolSection, RefusesToTakeTheSpoolOfASourceThatCannotHoldRecords) {
  Diagnostics diagnostics;
  static_cast<void>(spool_of("kind: gate\nspool: no\n", false, diagnostics));
  ASSERT_TRUE(diagnostics.has_errors());
  const Error error = diagnostics.first_error(ErrorKind::config);
  EXPECT_THAT(error.message, ::testing::HasSubstr("'gate' cannot hold records itself"));
  EXPECT_THAT(to_string(error), ::testing::HasSubstr("bridge.yaml:2:8"));
}

}  // namespace
}  // namespace copybridge::tests
