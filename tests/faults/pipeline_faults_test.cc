// The real pipeline between a scripted source and scripted endpoints: whatever fails, nothing is
// missing, invented, altered or out of order. Every seed is printed when it fails.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "bridge/pipeline.h"
#include "tests/faults/scripted.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using bridge::Delivery;
using bridge::Pipeline;
using bridge::PipelineSettings;
using bridge::Route;

constexpr int kKeys = 5;

/// EBCDIC digits of a number.
std::string ebcdic(std::size_t number, int width) {
  std::string text(static_cast<std::size_t>(width), '\xF0');
  for (int i = width - 1; i >= 0; --i, number /= 10) {
    text[static_cast<std::size_t>(i)] = static_cast<char>(0xF0 + number % 10);
  }
  return text;
}

/// Key, number, S9(5) COMP-3; a bad one has no sign nibble.
std::string record(std::size_t number, bool is_bad) {
  return ebcdic(number % kKeys, 2) + ebcdic(number, 6) + std::string("\x01\x23", 2) +
         (is_bad ? '\x44' : '\x4C');
}

class World {
 public:
  explicit World(std::size_t count, std::size_t bad_modulus = 0) {
    directory_.write("record.cpy",
                     "       01 REC.\n"
                     "          05 REC-KEY PIC X(2).\n"
                     "          05 REC-NO  PIC 9(6).\n"
                     "          05 REC-AMT PIC S9(5) COMP-3.\n");
    const auto file = directory_.write("record.yaml",
                                       "name: record\n"
                                       "copybook: record.cpy\n"
                                       "event: {type: com.example.record, key: REC-KEY}\n");
    Diagnostics diagnostics;
    mapping_ = mapping::load(file, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      ADD_FAILURE() << to_string(diagnostic);
    }
    for (std::size_t number = 1; number <= count; ++number) {
      const bool is_bad = bad_modulus != 0 && number % bad_modulus == 0;
      queue_.records.push_back(record(number, is_bad));
    }
  }

  /// One run of the pipeline, until the source is dry or, where `stop_after` is not 0, so many
  /// answers of the first endpoint have come.
  int run(const Script& script, const std::vector<publishers::Limits>& endpoints,
          std::uint64_t stop_after = 0) {
    while (stores_.size() < endpoints.size()) stores_.emplace_back();
    const bridge::RetryPolicy policy{.seed = script.seed};
    Route route;
    route.blocks_keys = blocks_keys_;
    route.mappings = {mapping_};
    std::vector<std::unique_ptr<Delivery>> destinations;
    for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
      Script own = script;
      own.seed += i;
      const std::string name = "endpoint-" + std::to_string(i);
      destinations.push_back(std::make_unique<Delivery>(
          name, std::make_unique<ScriptedPublisher>(stores_[i], own, endpoints[i]), policy, clock_,
          log_));
      if (blocks_keys_) destinations.back()->block_keys();
      route.destinations.push_back(i);
      route.destination_names += (i == 0 ? "" : ",") + name;
    }
    PipelineSettings settings;
    settings.source = "queue";
    settings.event_source = "/test/queue";
    settings.decode_threads = 1 + script.seed % 3;
    settings.bad_in_row_max = 0;
    settings.bad_percent_max = 0;
    settings.drain_limit = Milliseconds(5'000);
    settings.until_idle = true;
    auto state = StateDirectory::open(directory_.path() / "state");
    auto dead_letters = bridge::DeadLetterStore::open(std::move(*state->open_database()));
    Pipeline pipeline(settings, std::make_unique<ScriptedAdapter>(queue_, script, clock_), {route},
                      std::move(destinations), std::move(*dead_letters), clock_, log_);
    stores_[0].requests_until_stop = stop_after;
    stores_[0].stop = [&pipeline] { pipeline.stop(); };
    const int code = pipeline.run();
    blocked_ += log_.count("key_blocked") > logged_blocks_ ? 1U : 0U;
    logged_blocks_ = log_.count("key_blocked");
    totals_ = pipeline.totals();
    EXPECT_EQ(totals_.read, totals_.delivered + totals_.filtered + totals_.dead_lettered +
                                totals_.handed_back + totals_.in_flight);
    EXPECT_EQ(totals_.in_flight, 0U);
    return code;
  }

  std::set<std::string> dead_ids(const std::string& destination) {
    auto state = StateDirectory::open(directory_.path() / "state");
    auto store = bridge::DeadLetterStore::open(std::move(*state->open_database()));
    std::set<std::string> ids;
    std::int64_t row = 0;
    for (;;) {
      const auto page = store->list("", "", 100, row);
      if (!page || page->empty()) return ids;
      for (const bridge::DeadLetter& letter : *page) {
        const bool is_owed =
            ("," + letter.destination + ",").find("," + destination + ",") != std::string::npos;
        if (is_owed) ids.insert(letter.id);
      }
    }
  }

  [[nodiscard]] bool is_through() const { return queue_.settled == queue_.records.size(); }

  /// Missing, invented, altered, out of order: all must be nothing.
  void check(std::size_t endpoint) {
    const std::set<std::string> dead = dead_ids("endpoint-" + std::to_string(endpoint));
    std::map<std::string, std::string> bodies;
    std::map<std::string, std::size_t> last_of_key;
    for (const ScriptedStore::Entry& entry : stores_[endpoint].entries) {
      const bool is_first = bodies.emplace(entry.id, entry.body).second;
      EXPECT_EQ(bodies[entry.id], entry.body) << "altered " << entry.id;
      duplicates_ += is_first ? 0U : 1U;
      if (!is_first) continue;
      const std::size_t number = std::stoul(entry.id.substr(6));
      EXPECT_LE(number, queue_.records.size()) << "invented " << entry.id;
      EXPECT_LT(last_of_key[entry.key], number) << "out of order, key " << entry.key;
      last_of_key[entry.key] = number;
      EXPECT_NE(entry.body.find("\"REC-NO\":" + std::to_string(number) + ","), std::string::npos)
          << entry.body;
    }
    for (std::size_t number = 1; number <= queue_.records.size(); ++number) {
      const std::string id = "queue/" + std::to_string(number) + "/record";
      const bool is_dropped = dropped_.contains(id + "@endpoint-" + std::to_string(endpoint));
      EXPECT_TRUE(bodies.contains(id) || dead.contains(id) || is_dropped) << "missing " << id;
    }
    retries_ += stores_[endpoint].retries;
    dead_letters_ += dead.size();
  }

  /// Where a key has a dead letter, nothing behind it has reached the endpoint.
  void check_blocked(std::size_t endpoint) {
    std::map<std::size_t, std::size_t> first_dead;  // by key
    for (const std::string& id : dead_ids("endpoint-" + std::to_string(endpoint))) {
      const std::size_t number = std::stoul(id.substr(6));
      const auto known = first_dead.emplace(number % kKeys, number).first;
      known->second = std::min(known->second, number);
    }
    for (const ScriptedStore::Entry& entry : stores_[endpoint].entries) {
      const std::size_t number = std::stoul(entry.id.substr(6));
      const auto dead = first_dead.find(number % kKeys);
      const bool is_behind = dead != first_dead.end() && number > dead->second;
      EXPECT_FALSE(is_behind) << entry.id;
    }
  }
  /// As an operator does. The ids are not missing.
  void drop_dead_letters() {
    auto state = StateDirectory::open(directory_.path() / "state");
    auto store = bridge::DeadLetterStore::open(std::move(*state->open_database()));
    std::int64_t row = 0;
    const auto page = store->list("", "", 1000, row);
    for (const bridge::DeadLetter& letter : *page) {
      dropped_.insert(letter.id + "@" + letter.destination);
      EXPECT_TRUE(store->remove(letter.id, letter.destination));
    }
  }

  ScriptedQueue queue_;
  bool blocks_keys_ = false;
  std::uint64_t blocked_ = 0;  ///< runs in which a key was
  std::uint64_t logged_blocks_ = 0;
  std::set<std::string> dropped_;
  std::deque<ScriptedStore> stores_;
  RouteTotals totals_;
  std::uint64_t duplicates_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t dead_letters_ = 0;
  TemporaryDirectory directory_{memory_parent()};
  std::shared_ptr<const mapping::Mapping> mapping_;
  FastClock clock_;
  Log log_{LogLevel::error, LogFormat::text, clock_, [](std::string_view) {}};
};

publishers::Limits one_by_one() {
  publishers::Limits limits;
  limits.requests_in_flight = 6;
  return limits;
}

publishers::Limits whole_batches() {
  publishers::Limits limits;
  limits.events_per_request = 5;
  limits.requests_in_flight = 4;
  return limits;
}

publishers::Limits split_batches() {
  publishers::Limits limits = whole_batches();
  limits.splits_outcomes = true;
  return limits;
}

publishers::Limits ordered_log() {
  publishers::Limits limits;
  limits.events_per_request = 20;
  limits.requests_in_flight = 3;
  limits.keeps_order = true;
  return limits;
}

TEST(PipelineFaults, DeliversEveryRecordOnceWhereNothingFails) {
  World world(200);
  const Script script = Script::calm();
  EXPECT_EQ(world.run(script, {one_by_one(), ordered_log()}), 0);
  world.check(0);
  world.check(1);
  EXPECT_EQ(world.stores_[0].entries.size(), 200U);
  EXPECT_EQ(world.stores_[1].entries.size(), 200U);
  EXPECT_EQ(world.totals_.delivered, 200U);
  EXPECT_EQ(world.queue_.settled, 200U);
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COPYBRIDGE_TSAN
#endif
#endif
#ifdef COPYBRIDGE_TSAN
constexpr std::uint32_t kSeeds = 200;  // Each takes many times as long.
#else
constexpr std::uint32_t kSeeds = 3'000;
#endif

// With an endpoint that refuses now and then an --until-idle run ends early by design; those
// schedules are run again until everything is through, as an operator would.
TEST(PipelineFaults, LosesNothingUnderSeededSchedules) {
  std::uint64_t duplicates = 0;
  std::uint64_t retries = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t read_again = 0;
  const char* soak = std::getenv("COPYBRIDGE_SOAK");
  const bool is_soak = soak != nullptr && std::string_view(soak) == "yes";
  const std::uint32_t seeds = is_soak ? 50'000 : kSeeds;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(120, seed % 3 == 0 ? 17 : 0);
    Script script;
    script.seed = seed;
    script.permanent_modulus = seed % 2 == 0 ? 31 : 0;
    const std::vector<publishers::Limits> endpoints = {
        seed % 2 == 0 ? one_by_one() : whole_batches(),
        seed % 3 == 0 ? split_batches() : ordered_log()};
    for (std::uint32_t runs = 0; runs < 400 && !world.is_through(); ++runs) {
      // Some runs are stopped in the middle and hand back what they hold.
      const bool is_cut = runs < 3;
      script.seed = seed * 1000 + runs;
      world.run(script, endpoints, is_cut ? 1 + (seed + runs) % 20 : 0);
    }
    EXPECT_TRUE(world.is_through());
    world.check(0);
    world.check(1);
    duplicates += world.duplicates_;
    retries += world.retries_;
    dead_letters += world.dead_letters_;
    read_again += world.queue_.read_again;
    if (HasFailure()) return;
  }
  // The oracle must not pass because nothing happened.
  EXPECT_GT(duplicates, 0U);
  EXPECT_GT(retries, 0U);
  EXPECT_GT(dead_letters, 0U);
  EXPECT_GT(read_again + duplicates, 0U);
}

TEST(PipelineFaults, HoldsKeysBehindTheirDeadLettersUnderSeededSchedules) {
  std::uint64_t blocked = 0;
  std::uint64_t dropped = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds / 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(80, seed % 2 == 0 ? 17 : 0);
    world.blocks_keys_ = true;
    Script script;
    script.permanent_modulus = seed % 3 == 0 ? 0 : 13;
    const std::vector<publishers::Limits> endpoints = {
        seed % 2 == 0 ? one_by_one() : whole_batches(),
        seed % 3 == 0 ? split_batches() : ordered_log()};
    for (std::uint32_t runs = 0; runs < 400 && !world.is_through(); ++runs) {
      script.seed = seed * 1000 + runs;
      world.run(script, endpoints, runs % 3 == 1 ? 1 + (seed + runs) % 20 : 0);
      world.check_blocked(0);
      world.check_blocked(1);
      if (HasFailure()) return;
      // Some come again before anybody has looked.
      if (runs % 3 == 2) world.drop_dead_letters();
    }
    EXPECT_TRUE(world.is_through());
    world.check(0);
    world.check(1);
    blocked += world.blocked_;
    dropped += world.dropped_.size();
    if (HasFailure()) return;
  }
  EXPECT_GT(blocked, 0U);
  EXPECT_GT(dropped, 0U);
}

// The source counts back-outs: an outage must not use them up.
TEST(PipelineFaults, BacksAUnitOfWorkOutOnceInAnOutageAndReadsNothingInIt) {
  World world(60);
  Script script = Script::calm();
  script.unit_age_max = Milliseconds(200);
  world.stores_.resize(2);
  ScriptedStore& store = world.stores_[0];
  store.away = {3, 20};
  world.queue_.is_endpoint_away = [&] { return store.requests < store.away.second; };
  EXPECT_EQ(world.run(script, {whole_batches(), ordered_log()}), 0);
  world.check(0);
  world.check(1);
  EXPECT_EQ(world.queue_.units_backed_out, 1U);
  EXPECT_EQ(world.queue_.reads_in_outage, 0U);
  EXPECT_GT(world.queue_.read_again, 0U);
  EXPECT_EQ(world.log_.count("unit_backed_out"), 1U);
  EXPECT_EQ(world.totals_.read, 60U + world.totals_.handed_back);
  EXPECT_GT(world.duplicates_, 0U) << "the probe, and what the other endpoint has";
}

TEST(PipelineFaults, NeverBacksOutAUnitThatAWorkingEndpointTakesItsTimeFor) {
  World world(60);
  Script script = Script::calm();
  script.unit_age_max = Milliseconds(1);
  EXPECT_EQ(world.run(script, {one_by_one()}), 0);
  EXPECT_EQ(world.queue_.units_backed_out, 0U);
}

TEST(PipelineFaults, LosesNothingWhereUnitsOfWorkAreBackedOutUnderSeededSchedules) {
  std::uint64_t backed_out = 0;
  std::uint64_t read_again = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds / 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(60, seed % 3 == 0 ? 17 : 0);
    Script script;
    script.unit_age_max = Milliseconds(1 + seed % 40);
    script.permanent_modulus = seed % 2 == 0 ? 31 : 0;
    const std::vector<publishers::Limits> endpoints = {
        seed % 2 == 0 ? one_by_one() : whole_batches(),
        seed % 3 == 0 ? split_batches() : ordered_log()};
    for (std::uint32_t runs = 0; runs < 400 && !world.is_through(); ++runs) {
      script.seed = seed * 1000 + runs;
      world.run(script, endpoints, runs < 3 ? 1 + (seed + runs) % 20 : 0);
    }
    EXPECT_TRUE(world.is_through());
    world.check(0);
    world.check(1);
    backed_out += world.log_.count("unit_backed_out");
    read_again += world.queue_.read_again;
    if (HasFailure()) return;
  }
  EXPECT_GT(backed_out, 0U);
  EXPECT_GT(read_again, 0U);
}

// Every single thing that can fail does so, one per run: the first, the second, … until a run has
// fewer steps than that.
TEST(PipelineFaults, LosesNothingWhicheverStepFails) {
  const std::vector<std::vector<publishers::Limits>> pairs = {{one_by_one(), ordered_log()},
                                                              {whole_batches(), split_batches()}};
  for (const auto& endpoints : pairs) {
    std::uint64_t duplicates = 0;
    std::uint64_t retries = 0;
    bool is_over = false;
    for (std::uint64_t step = 1; !is_over; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      World world(20, 7);
      Steps steps;
      steps.fails_at = step;
      Script script = Script::calm();
      script.steps = &steps;
      script.permanent_modulus = 9;
      for (int runs = 0; runs < 3 && !world.is_through(); ++runs) world.run(script, endpoints);
      EXPECT_TRUE(world.is_through());
      world.check(0);
      world.check(1);
      EXPECT_GT(world.dead_letters_, 0U);
      is_over = steps.taken < step;
      duplicates += world.duplicates_;
      retries += world.retries_;
      if (HasFailure()) return;
    }
    EXPECT_GT(duplicates, 0U);
    EXPECT_GT(retries, 0U);
  }
}

TEST(PipelineFaults, PausesAndHandsBackWhenTooManyRecordsAreBad) {
  World world(0);
  for (std::size_t number = 1; number <= 300; ++number) {
    world.queue_.records.push_back(record(number, number > 50));
  }
  ScriptedStore store;
  Route route;
  route.mappings = {world.mapping_};
  route.destinations = {0};
  route.destination_names = "endpoint";
  const Script script = Script::calm();
  std::vector<std::unique_ptr<Delivery>> destinations;
  destinations.push_back(std::make_unique<Delivery>(
      "endpoint", std::make_unique<ScriptedPublisher>(store, script, one_by_one()),
      bridge::RetryPolicy{}, system_clock(), world.log_));
  PipelineSettings settings;
  settings.source = "queue";
  settings.bad_in_row_max = 100;
  settings.until_idle = true;
  auto state = StateDirectory::open(world.directory_.path() / "state");
  auto dead_letters = bridge::DeadLetterStore::open(std::move(*state->open_database()));
  Pipeline pipeline(settings, std::make_unique<ScriptedAdapter>(world.queue_, script, world.clock_),
                    {route}, std::move(destinations), std::move(*dead_letters), system_clock(),
                    world.log_);
  EXPECT_EQ(pipeline.run(), 2);
  EXPECT_EQ(store.entries.size(), 50U);
  EXPECT_EQ(world.queue_.settled, 150U) << "the hundred bad ones are kept, the rest is not read on";
  EXPECT_EQ(pipeline.totals().dead_lettered, 100U);
  EXPECT_EQ(world.log_.count("bad_records_pause"), 1U);
}

}  // namespace
}  // namespace copybridge::tests
