// From a bridge file's parts to pipelines: who gets which publisher, what is noted and replayed.
#include "bridge/bridge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/proven_endpoints.h"
#include "bridge/replay.h"
#include "tests/unit/bridge/records.h"
#include "tests/unit/bridge/support.h"

namespace copybridge::tests {
namespace {

using adapters::ReadStatus;
using bridge::BridgeConfig;
using bridge::DeadLetter;
using bridge::DeadLetterStore;
using bridge::ProvenEndpoints;
using bridge::ReplayTotals;
using publishers::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the components below do and did. One test at a time.
struct World {
  std::vector<std::string> publisher_names;
  std::function<Outcome(const publishers::Event&)> outcome = [](const publishers::Event&) {
    return Outcome::accepted;
  };
  std::vector<std::string> accepted;  ///< ids
};
World& world() {
  static World only;
  return only;
}

class EmptyAdapter : public adapters::Adapter {
 public:
  Result<void> open() override { return {}; }
  Result<ReadStatus> read(adapters::RecordBatch& batch, Milliseconds) override {
    batch.reset();
    return ReadStatus::dry;
  }
  void limit_batches(std::size_t) override {}
  Result<void> settle(const adapters::Settlement&) override { return {}; }
  void interrupt() override {}
  void close() override {}
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 1; }
  [[nodiscard]] adapters::SourceStatus status() const override { return {}; }
};

std::unique_ptr<adapters::Adapter> make_empty(const adapters::AdapterContext&, const Options&,
                                              Diagnostics&) {
  return std::make_unique<EmptyAdapter>();
}

class WorldPublisher : public publishers::Publisher {
 public:
  Result<void> open(publishers::CompletionPort port) override {
    port_ = port;
    return {};
  }
  [[nodiscard]] publishers::Limits limits() const override { return {}; }
  void publish(publishers::Request request) override {
    const publishers::Event& event = *request.events.front();
    const Outcome outcome = world().outcome(event);
    if (outcome == Outcome::accepted) world().accepted.emplace_back(event.id);
    publishers::Response response;
    response.number = request.number;
    response.outcomes = {outcome};
    response.reason = "cloud: no";
    port_.post(std::move(response));
  }
  void close(Milliseconds) override {}

 private:
  publishers::CompletionPort port_;
};

std::unique_ptr<publishers::Publisher> make_world(const publishers::PublisherContext& context,
                                                  const Options&, Diagnostics&) {
  world().publisher_names.push_back(context.name);
  return std::make_unique<WorldPublisher>();
}

constexpr adapters::AdapterKind kEmptyAdapter{"empty", "", {}, make_empty};
constexpr publishers::PublisherKind kWorldPublisher{"world", "", {}, make_world};

class Bridges : public ::testing::Test {
 protected:
  Bridges() {
    world() = World{};
    config_.state = mappings_.path() / "state";
    config_.event_source = "/bridge";
    config_.retry = {Milliseconds(1), Milliseconds(10), Milliseconds(10)};
    for (const std::string name : {"accounts", "policies"}) {
      config_.adapters.push_back({name, &kEmptyAdapter, {}});
    }
    for (const std::string name : {"cloud", "archive"}) {
      config_.publishers.push_back({name, &kWorldPublisher, {}});
    }
  }

  void add_route(const std::string& from, const std::vector<std::string>& to,
                 std::shared_ptr<const mapping::Mapping> mapping) {
    config_.routes.push_back({from, {std::move(mapping)}, to, false});
  }
  bridge::SourceRoutes routes(const std::string& source,
                              const std::vector<std::string>& only = {}) {
    auto made = bridge::make_routes(config_, source, only, nullptr, system_clock(), log_);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  int run_until_idle() {
    auto made = bridge::Bridge::make(config_, {.until_idle = true}, system_clock(), log_);
    EXPECT_TRUE(made) << made.error().message;
    return (*made)->run("copybridge 0");
  }
  DeadLetterStore letters() {
    std::filesystem::create_directories(config_.state);
    return std::move(
        *DeadLetterStore::open(std::move(*Database::open(database_path(config_.state)))));
  }
  void add_letter(const std::string& record_id, const std::string& bytes,
                  const std::string& destination = "cloud") {
    DeadLetter letter;
    letter.id = record_id + "/all";
    letter.record_id = record_id;
    letter.source = "accounts";
    letter.destination = destination;
    letter.record = bytes;
    DeadLetterStore store = letters();
    EXPECT_TRUE(store.store({&letter, 1}));
  }
  ReplayTotals replay(const std::vector<std::string>& ids = {}) {
    const auto totals = bridge::replay(config_, {ids}, Milliseconds(50), system_clock(), log_);
    EXPECT_TRUE(totals) << totals.error().message;
    return *totals;
  }

  Mappings mappings_;
  BridgeConfig config_;
  KeptLog log_;
};

TEST_F(Bridges, MakeEveryRouteOfASource) {
  add_route("accounts", {"cloud", "archive"}, mappings_.load("a"));
  add_route("policies", {"archive"}, mappings_.load("b"));
  const bridge::SourceRoutes made = routes("accounts");
  ASSERT_EQ(made.routes.size(), 1U);
  EXPECT_EQ(made.routes[0].destination_names, "cloud,archive");
  EXPECT_EQ(made.destinations.size(), 2U);
}

TEST_F(Bridges, ShareADestinationAmongTheRoutesOfASource) {
  add_route("accounts", {"cloud"}, mappings_.load("a"));
  add_route("accounts", {"archive", "cloud"}, mappings_.load("b"));
  const bridge::SourceRoutes made = routes("accounts");
  EXPECT_EQ(made.destinations.size(), 2U);
  EXPECT_THAT(made.routes[1].destinations, ElementsAre(1U, 0U));
}

TEST_F(Bridges, LeaveOutWhatAReplayDoesNotAskFor) {
  add_route("accounts", {"cloud", "archive"}, mappings_.load("a"));
  add_route("accounts", {"cloud"}, mappings_.load("b"));
  const bridge::SourceRoutes made = routes("accounts", {"archive"});
  ASSERT_EQ(made.routes.size(), 1U);
  EXPECT_EQ(made.routes[0].destination_names, "archive");
}

TEST_F(Bridges, GiveAPublisherItsName) {
  add_route("accounts", {"cloud"}, mappings_.load("a"));
  routes("accounts");
  EXPECT_THAT(world().publisher_names, ElementsAre("cloud"));
}

TEST_F(Bridges, RunEveryRoutedSourceAndSayWhatStarts) {
  add_route("accounts", {"cloud"}, mappings_.load("a"));
  add_route("policies", {"cloud"}, mappings_.load("b"));
  config_.digest = "00ff";
  EXPECT_EQ(run_until_idle(), 0);
  EXPECT_EQ(log_.count("stopped"), 2U);
  EXPECT_THAT(log_.last("started"),
              HasSubstr(R"(version="copybridge 0" configuration=00ff sources=accounts,policies )"
                        "endpoints=cloud,archive"));
}

TEST_F(Bridges, RefuseAStateDirectoryInUse) {
  add_route("accounts", {"cloud"}, mappings_.load("a"));
  const auto held = StateDirectory::open(config_.state);
  const auto made = bridge::Bridge::make(config_, {}, system_clock(), log_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::storage);
}

TEST_F(Bridges, SayThatAMappingHasChanged) {
  add_route("accounts", {"cloud"}, mappings_.load("a"));
  EXPECT_EQ(run_until_idle(), 0);
  EXPECT_EQ(run_until_idle(), 0);
  EXPECT_EQ(log_.count("mapping_changed"), 0U);
  config_.routes.clear();
  add_route("accounts", {"cloud"}, mappings_.load("a", "only_if: REC-NO > 5\n"));
  EXPECT_EQ(run_until_idle(), 0);
  EXPECT_THAT(log_.last("mapping_changed"), HasSubstr("source=accounts mapping=a"));
}

TEST_F(Bridges, ReplayDeliversALetterUnderItsIdAndRemovesIt) {
  add_route("accounts", {"cloud"}, mappings_.load("all"));
  add_letter("in/7", record('A', "K1", "0001"));
  const ReplayTotals totals = replay();
  EXPECT_EQ(totals.delivered, 1U);
  EXPECT_THAT(world().accepted, ElementsAre("in/7/all"));
  EXPECT_EQ(*letters().count(), 0U);
}

TEST_F(Bridges, ReplayGoesOnlyToTheDestinationALetterIsOwedTo) {
  add_route("accounts", {"cloud", "archive"}, mappings_.load("all"));
  add_letter("in/7", record('A', "K1", "0001"), "archive");
  replay();
  EXPECT_THAT(world().publisher_names, ElementsAre("archive"));
}

TEST_F(Bridges, ReplayKeepsALetterThatIsStillBad) {
  add_route("accounts", {"cloud"}, mappings_.load("all"));
  add_letter("in/7", record('A', "K1", "BADN"));
  EXPECT_EQ(replay().still_bad, 1U);
  EXPECT_THAT(letters().find("in/7/all")->at(0).field.message, HasSubstr("REC-NO"));
}

TEST_F(Bridges, ReplayRemovesALetterThatIsNotWantedAnyMore) {
  add_route("accounts", {"cloud"}, mappings_.load("all", "only_if: REC-NO > 5\n"));
  add_letter("in/7", record('A', "K1", "0001"));
  EXPECT_EQ(replay().filtered, 1U);
  EXPECT_EQ(*letters().count(), 0U);
}

TEST_F(Bridges, ReplayTakesOnlyTheLettersNamed) {
  add_route("accounts", {"cloud"}, mappings_.load("all"));
  add_letter("in/7", record('A', "K1", "0001"));
  add_letter("in/8", record('A', "K1", "0001"));
  EXPECT_EQ(replay({"in/8/all"}).delivered, 1U);
  EXPECT_THAT(world().accepted, ElementsAre("in/8/all"));
}

TEST_F(Bridges, ReplayRefusesALetterThatNoRouteLeadsFor) {
  add_route("accounts", {"cloud"}, mappings_.load("all"));
  add_letter("in/7", record('A', "K1", "0001"), "gone");
  const auto totals = bridge::replay(config_, {}, Milliseconds(50), system_clock(), log_);
  ASSERT_FALSE(totals);
  EXPECT_THAT(totals.error().message, HasSubstr("no route leads from accounts to gone"));
}

TEST_F(Bridges, TellSourcesOfOnePublisherApart) {
  add_route("accounts", {"cloud", "archive"}, mappings_.load("a"));
  add_route("policies", {"archive"}, mappings_.load("b"));
  routes("accounts");
  routes("policies");
  EXPECT_THAT(world().publisher_names,
              ElementsAre("cloud", "archive-accounts", "archive-policies"));
}

TEST_F(Bridges, NameADestinationAsTheBridgeFileDoes) {
  add_route("accounts", {"archive"}, mappings_.load("a"));
  add_route("policies", {"archive"}, mappings_.load("b"));
  EXPECT_EQ(routes("policies").destinations.at(0)->name(), "archive");
}

TEST_F(Bridges, ReplayCountsWhatItCouldNotSend) {
  add_route("accounts", {"cloud"}, mappings_.load("all"));
  for (int i = 0; i < 20; ++i) {
    add_letter("in/" + std::to_string(i), record('A', "K1", "0001"));
  }
  world().outcome = [](const publishers::Event& event) {
    return event.id == "in/0/all" ? Outcome::accepted : Outcome::refused;
  };
  const ReplayTotals totals = replay();
  EXPECT_EQ(totals.delivered, 1U);
  EXPECT_EQ(totals.kept, 19U);
  EXPECT_EQ(*letters().count(), 19U);
}

TEST_F(Bridges, KnowWhetherADestinationAsConfiguredHasTakenEvents) {
  std::filesystem::create_directories(config_.state);
  auto known = ProvenEndpoints::open(std::move(*Database::open(database_path(config_.state))));
  ASSERT_TRUE(known);
  EXPECT_FALSE(*known->is_proven("accounts", "cloud", "a"));
  ASSERT_TRUE(known->store("accounts", "cloud", "a", true));
  EXPECT_TRUE(*known->is_proven("accounts", "cloud", "a"));
  EXPECT_FALSE(*known->is_proven("accounts", "cloud", "b")) << "another address";
  EXPECT_FALSE(*known->is_proven("policies", "cloud", "a"));
  ASSERT_TRUE(known->store("accounts", "cloud", "a", false));
  EXPECT_FALSE(*known->is_proven("accounts", "cloud", "a"));
}

}  // namespace
}  // namespace copybridge::tests
