// A whole pipeline in process: a source and endpoints that do what the test says.
#pragma once

#include <functional>
#include <future>

#include "bridge/pipeline.h"
#include "tests/unit/bridge/records.h"
#include "tests/unit/bridge/support.h"

namespace copybridge::tests {
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

/// What the source holds and was told.
struct SourceScript {
  std::vector<std::vector<std::string>> batches;
  std::vector<std::size_t> notices;  ///< indexes of batches that are notices
  bool settles = true;
  int exit_code = 0;
  std::size_t records_max = 0;  ///< as it was told last

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
  void limit_batches(std::size_t records_max) override {
    const std::scoped_lock lock(script_.mutex);
    script_.records_max = records_max;
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
  bool answers = true;  ///< false: it hangs, and answers with a retry when it is closed
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
    if (!script_.answers) return hanging_.push_back(request.number);
    publishers::Response response;
    response.number = request.number;
    response.reason = "cloud: no";
    for (const Event* event : request.events) {
      response.outcomes.push_back(script_.outcome(*event));
      if (response.outcomes.back() == Outcome::accepted) script_.accepted.emplace_back(event->id);
    }
    port_.post(std::move(response));
  }
  void close(Milliseconds) override {
    for (const std::uint64_t number : hanging_) {
      port_.post({.number = number, .outcomes = {Outcome::retry}});
    }
    hanging_.clear();
  }

 private:
  EndpointScript& script_;
  std::vector<std::uint64_t> hanging_;
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
  bool blocks_keys_ = false;
  KeptLog log_;

 private:
  void make() {
    Route route;
    route.blocks_keys = blocks_keys_;
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
      if (blocks_keys_) destinations.back()->block_keys();
    }
    pipeline_ = std::make_unique<Pipeline>(settings_, std::make_unique<ScriptAdapter>(source_),
                                           std::vector<Route>{route}, std::move(destinations),
                                           dead_letters(), system_clock(), log_);
  }

  Mappings mappings_;
  std::shared_ptr<const mapping::Mapping> mapping_;
  std::unique_ptr<Pipeline> pipeline_;
};

inline std::string good(std::string_view number = "0001") { return record('A', "K1", number); }
inline std::string bad() { return record('A', "K1", "BADN"); }

}  // namespace copybridge::tests
