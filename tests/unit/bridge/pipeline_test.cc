// A whole pipeline in process: what reaches the endpoints, what the source is told, how it ends.
// Schedules of faults are in tests/faults.
#include "bridge/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>

#include "tests/unit/bridge/records.h"
#include "tests/unit/bridge/support.h"

namespace copybridge::tests {
namespace {

using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using adapters::Settlement;
using bridge::Delivery;
using bridge::Pipeline;
using bridge::PipelineSettings;
using bridge::Route;
using publishers::Event;
using publishers::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What the source holds and was told.
struct SourceScript {
  std::vector<std::vector<std::string>> batches;
  std::vector<std::size_t> notices;  ///< indexes of batches that are notices
  bool settles = true;
  int exit_code = 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::vector<Fate>> fates;
  std::size_t settle_attempts = 0;

  template <typename Condition>
  [[nodiscard]] bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, condition);
  }
};

class ScriptAdapter : public adapters::Adapter {
 public:
  explicit ScriptAdapter(SourceScript& script) : script_(script) {}

  Result<void> open() override { return {}; }
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds) override {
    batch.reset();
    if (next_ == script_.batches.size()) {
      return settled_ == next_ ? ReadStatus::dry : ReadStatus::idle;
    }
    batch = std::move(*batch_of(script_.batches[next_]));
    batch.is_notice = std::ranges::find(script_.notices, next_) != script_.notices.end();
    batch.first_number = next_ * 100 + 1;
    batch.token = next_++;
    return ReadStatus::batch;
  }
  Result<void> settle(const Settlement& settlement) override {
    {
      const std::scoped_lock lock(script_.mutex);
      ++script_.settle_attempts;
      if (script_.settles) script_.fates.push_back(settlement.fates);
    }
    script_.changed.notify_all();
    if (!script_.settles) return fail(ErrorKind::source, "accounts: away");
    ++settled_;
    return {};
  }
  void interrupt() override {}
  void close() override {}
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 100; }
  [[nodiscard]] adapters::SourceStatus status() const override { return {"", script_.exit_code}; }

 private:
  SourceScript& script_;
  std::size_t next_ = 0;
  std::size_t settled_ = 0;
};

/// Answers each event at once as the test says.
struct EndpointScript {
  std::function<Outcome(const Event&)> outcome = [](const Event&) { return Outcome::accepted; };
  std::optional<Error> open_error;
  std::vector<std::string> accepted;  ///< ids
};

class ScriptPublisher : public publishers::Publisher {
 public:
  explicit ScriptPublisher(EndpointScript& script) : script_(script) {}

  Result<void> open(publishers::CompletionPort port) override {
    if (script_.open_error) return tl::make_unexpected(*script_.open_error);
    port_ = port;
    return {};
  }
  [[nodiscard]] publishers::Limits limits() const override {
    return {.events_per_request = 10, .splits_outcomes = true};
  }
  void publish(publishers::Request request) override {
    publishers::Response response;
    response.number = request.number;
    response.reason = "cloud: no";
    for (const Event* event : request.events) {
      response.outcomes.push_back(script_.outcome(*event));
      if (response.outcomes.back() == Outcome::accepted) script_.accepted.emplace_back(event->id);
    }
    port_.post(std::move(response));
  }
  void close(Milliseconds) override {}

 private:
  EndpointScript& script_;
  publishers::CompletionPort port_;
};

/// A pipeline of one route with one destination per script.
class World {
 public:
  explicit World(const std::string& mapping = "", std::size_t endpoint_count = 1)
      : endpoints_(endpoint_count), mapping_(mappings_.load("record", mapping)) {
    settings_.source = "accounts";
    settings_.event_source = "/bridge/accounts";
    settings_.until_idle = true;
  }

  Pipeline& pipeline() {
    if (pipeline_ == nullptr) make();
    return *pipeline_;
  }
  /// Runs to the end, which must come before patience ends.
  int run() {
    Pipeline& running = pipeline();
    std::future<int> code = std::async(std::launch::async, [&running] { return running.run(); });
    if (code.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "the pipeline does not end";
      running.stop();
      running.stop();
    }
    return code.get();
  }
  [[nodiscard]] bridge::DeadLetterStore dead_letters() {
    return std::move(*bridge::DeadLetterStore::open(std::move(*Database::open(database()))));
  }
  void execute(std::string_view sql) {
    auto other = Database::open(database());
    const Result<void> done = other->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] std::filesystem::path database() const { return mappings_.path() / "letters.db"; }

  SourceScript source_;
  std::vector<EndpointScript> endpoints_;
  PipelineSettings settings_;
  KeptLog log_;

 private:
  void make() {
    Route route;
    route.mappings = {mapping_};
    std::vector<std::unique_ptr<Delivery>> destinations;
    for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
      const std::string name = "endpoint" + std::to_string(i);
      route.destination_names += (i == 0 ? "" : ",") + name;
      route.destinations.push_back(i);
      destinations.push_back(std::make_unique<Delivery>(
          name, std::make_unique<ScriptPublisher>(endpoints_[i]),
          bridge::RetryPolicy{Milliseconds(1), Milliseconds(10), Milliseconds(10)}, system_clock(),
          log_));
    }
    pipeline_ = std::make_unique<Pipeline>(settings_, std::make_unique<ScriptAdapter>(source_),
                                           std::vector<Route>{route}, std::move(destinations),
                                           dead_letters(), system_clock(), log_);
  }

  Mappings mappings_;
  std::shared_ptr<const mapping::Mapping> mapping_;
  std::unique_ptr<Pipeline> pipeline_;
};

std::string good(std::string_view number = "0001") { return record('A', "K1", number); }
std::string bad() { return record('A', "K1", "BADN"); }

TEST(Pipeline, DeliversRecordsAndTellsTheSourceInReadOrder) {
  World world;
  world.source_.batches = {{good(), good()}, {good()}};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.endpoints_[0].accepted,
              ElementsAre("in/1/record", "in/2/record", "in/101/record"));
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::delivered),
                                               ElementsAre(Fate::delivered)));
}

TEST(Pipeline, SettlesWhatIsFiltered) {
  World world("only_if: REC-NO > 5\n");
  world.source_.batches = {{good("0001"), good("0006")}};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::filtered, Fate::delivered)));
  EXPECT_EQ(world.pipeline().totals().filtered, 1U);
}

TEST(Pipeline, KeepsABadRecordInTheDeadLettersAndEndsWith2) {
  World world;
  world.source_.batches = {{good(), bad(), good()}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates,
              ElementsAre(ElementsAre(Fate::delivered, Fate::dead_lettered, Fate::delivered)));
  const auto letters = world.dead_letters().find("in/2/record");
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ(letters->at(0).record, bad());
  EXPECT_EQ(letters->at(0).field.path, "REC-NO");
  EXPECT_EQ(letters->at(0).position, 7U);
  EXPECT_EQ(letters->at(0).destination, "endpoint0");
}

TEST(Pipeline, OwesARecordToEveryDestination) {
  World world("", 2);
  world.source_.batches = {{good()}};
  world.endpoints_[1].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
  EXPECT_EQ(world.dead_letters().find("in/1/record")->at(0).destination, "endpoint1");
  EXPECT_EQ(world.pipeline().totals().delivered, 1U);
}

TEST(Pipeline, DeadLettersWhatEveryDestinationRefused) {
  World world("", 2);
  world.source_.batches = {{good()}};
  for (EndpointScript& endpoint : world.endpoints_) {
    endpoint.outcome = [](const Event&) { return Outcome::permanent; };
  }
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::dead_lettered)));
  EXPECT_EQ(*world.dead_letters().count(), 2U);
}

TEST(Pipeline, DeliversANoticeWithoutCountingIt) {
  World world;
  world.source_.batches = {{R"({"read":7})"}};
  world.source_.notices = {0};
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.endpoints_[0].accepted, ElementsAre("in/1"));
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
  EXPECT_EQ(world.pipeline().totals().read, 0U);
}

TEST(Pipeline, SettlesNothingBeforeItIsConfirmed) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].outcome = [&](const Event&) {
    const std::scoped_lock lock(world.source_.mutex);
    EXPECT_THAT(world.source_.fates, IsEmpty());
    return Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 0);
}

TEST(Pipeline, GivesUpOnAnEndpointThatIsAwayAndHandsBack) {
  World world;
  world.source_.batches = {{good()}};
  world.settings_.give_up_after = Milliseconds(20);
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::retry; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
  EXPECT_EQ(world.pipeline().totals().handed_back, 1U);
  EXPECT_EQ(*world.dead_letters().count(), 0U);
}

TEST(Pipeline, GivesUpAtOnceOnAnEndpointThatRefuses) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::refused; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
}

TEST(Pipeline, EndsWithTheSourcesExitCode) {
  World world;
  world.source_.batches = {{bad()}};
  world.source_.exit_code = 3;
  EXPECT_EQ(world.run(), 3);
}

TEST(Pipeline, HandsBackWhatIsNotConfirmedWhenItIsStopped) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = Milliseconds(20);
  world.source_.batches = {{good("0001"), good("0002")}};
  Pipeline& pipeline = world.pipeline();
  world.endpoints_[0].outcome = [&](const Event& event) {
    if (event.id == "in/1/record") return Outcome::accepted;
    pipeline.stop();
    return Outcome::retry;
  };
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered, Fate::retry)));
}

TEST(Pipeline, WaitsForRecordsUnderWayWhenItIsStopped) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = kPatience;
  world.source_.batches = {{good()}};
  Pipeline& pipeline = world.pipeline();
  int attempts = 0;
  world.endpoints_[0].outcome = [&](const Event&) {
    if (++attempts == 1) pipeline.stop();
    return attempts < 4 ? Outcome::retry : Outcome::accepted;
  };
  EXPECT_EQ(world.run(), 0);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::delivered)));
}

TEST(Pipeline, KeepsARecordAtTheSourceWhileTheDeadLettersCannotBeWritten) {
  World world;
  world.source_.batches = {{bad()}};
  world.settings_.give_up_after = Milliseconds(20);
  static_cast<void>(world.pipeline());
  world.execute("DROP TABLE dead_letters");
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry)));
  EXPECT_EQ(world.log_.count("storage_lost"), 1U);
  EXPECT_EQ(world.log_.count("dead_letter"), 0U);
}

TEST(Pipeline, GoesOnByItselfWhenTheDeadLettersCanBeWrittenAgain) {
  World world;
  world.source_.batches = {{bad()}};
  static_cast<void>(world.pipeline());
  world.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON dead_letters"
      " BEGIN SELECT RAISE(ABORT, 'no room'); END");
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.log_.wait_for("storage_lost"));
  world.execute("DROP TRIGGER refuse");
  EXPECT_EQ(code.get(), 2);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::dead_lettered)));
  EXPECT_EQ(world.log_.count("storage_recovered"), 1U);
}

TEST(Pipeline, LogsTenDeadLettersAndCountsTheRest) {
  World world;
  world.settings_.bad_in_row_max = 0;
  world.source_.batches = {std::vector<std::string>(25, bad())};
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.count("dead_letter"), 10U);
  EXPECT_THAT(world.log_.last("dead_letters_more"), HasSubstr("source=accounts count=15"));
}

TEST(Pipeline, NeverLogsARecordsContents) {
  World world;
  world.source_.batches = {{record('A', "ZZ", "BADN")}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.last("dead_letter").find("BADN"), std::string::npos);
  EXPECT_EQ(world.log_.last("dead_letter").find("ZZ"), std::string::npos);
}

TEST(Pipeline, CountsWhatItReadByFate) {
  World world("only_if: REC-NO > 0\n");
  world.source_.batches = {{good(), bad(), good("0000")}, {good()}};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("stopped"),
              HasSubstr("source=accounts read=4 delivered=2 filtered=1 dead_lettered=1 "
                        "handed_back=0 in_flight=0 retried=0 exit_code=2"));
}

TEST(Pipeline, PausesWhenEndpointsRefuseTooManyRecords) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = std::vector<std::vector<std::string>>(20, {good()});
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_EQ(world.log_.count("bad_records_pause"), 1U);
  EXPECT_LT(world.source_.fates.size(), 20U) << "the rest stays at the source";
}

TEST(Pipeline, SaysWhyItPausesAlsoInTheFirstBatch) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = {std::vector<std::string>(5, bad())};
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("bad_records_pause"), HasSubstr("REC-NO"));
}

TEST(Pipeline, SaysWhyItPausesForAnEndpointThatRefusesRecords) {
  World world;
  world.settings_.bad_in_row_max = 3;
  world.source_.batches = {std::vector<std::string>(5, good())};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::permanent; };
  EXPECT_EQ(world.run(), 2);
  EXPECT_THAT(world.log_.last("bad_records_pause"), HasSubstr("cloud: no"));
}

TEST(Pipeline, DoesNotWaitForAnswersWhereNothingIsSent) {
  World world("only_if: REC-NO > 5\n");
  world.settings_.window_batches = 1;
  world.source_.batches = std::vector<std::vector<std::string>>(1'000, {good("0001")});
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(world.source_.fates.size(), 1'000U);
}

TEST(Pipeline, GivesUpOnAnEndpointAlsoWhileItIsPaused) {
  World world;
  world.settings_.bad_in_row_max = 1;
  world.settings_.give_up_after = Milliseconds(20);
  world.source_.batches = {{good(), bad()}};
  world.endpoints_[0].outcome = [](const Event&) { return Outcome::retry; };
  EXPECT_EQ(world.run(), 4);
  EXPECT_THAT(world.source_.fates, ElementsAre(ElementsAre(Fate::retry, Fate::dead_lettered)));
}

TEST(Pipeline, SaysThatItDoesNotRunWhereAnEndpointCannotBeOpened) {
  World world;
  world.source_.batches = {{good()}};
  world.endpoints_[0].open_error = Error{ErrorKind::config, "cloud: no such certificate", {}};
  EXPECT_EQ(world.run(), 1);
  EXPECT_THAT(world.log_.last("not_started"),
              HasSubstr(R"(source=accounts reason="cloud: no such certificate")"));
  EXPECT_EQ(world.log_.count("source_lost"), 0U);
  EXPECT_THAT(world.source_.fates, IsEmpty());
}

TEST(Pipeline, EndsSoonAfterASecondStopWhereTheSourceTakesNothing) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = 10 * kPatience;
  world.source_.batches = {{good()}};
  world.source_.settles = false;
  Pipeline& pipeline = world.pipeline();
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 0; }));
  pipeline.stop();
  pipeline.stop();
  EXPECT_EQ(code.get(), 4);
}

TEST(Pipeline, EndsSoonAfterASecondStopThatComesWhileTheSourceSettles) {
  World world;
  world.settings_.until_idle = false;
  world.settings_.drain_limit = 10 * kPatience;
  world.source_.batches = {{good()}};
  world.source_.settles = false;
  Pipeline& pipeline = world.pipeline();
  std::future<int> code = std::async(std::launch::async, [&] { return world.run(); });
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 0; }));
  pipeline.stop();
  ASSERT_TRUE(world.source_.wait([&] { return world.source_.settle_attempts > 5; }));
  pipeline.stop();
  EXPECT_EQ(code.get(), 4);
}

TEST(Pipeline, DeliversInReadOrderWhatSeveralThreadsDecode) {
  World world;
  world.settings_.decode_threads = 4;
  world.settings_.window_batches = 16;
  // A long batch before short ones: the short ones are decoded first.
  std::vector<std::string> expected;
  for (std::size_t batch = 0; batch < 50; ++batch) {
    const std::size_t count = batch % 5 == 0 ? 90 : 1;
    world.source_.batches.emplace_back(count, good());
    for (std::size_t record = 1; record <= count; ++record) {
      expected.push_back("in/" + std::to_string(batch * 100 + record) + "/record");
    }
  }
  EXPECT_EQ(world.run(), 0);
  EXPECT_EQ(world.endpoints_[0].accepted, expected);
}

}  // namespace
}  // namespace copybridge::tests
