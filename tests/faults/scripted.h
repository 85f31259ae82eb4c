// A source and an endpoint that fail by a script drawn from a seed, for the real pipeline.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::tests {

/// Counts what a schedule does, and lets just one step of it fail. Thread-safe.
struct Steps {
  std::atomic<std::uint64_t> taken{0};
  std::uint64_t fails_at = 0;  ///< 0: none
  [[nodiscard]] bool is_failure() { return ++taken == fails_at; }
};

/// How often things go wrong, in percent.
struct Script {
  std::uint32_t seed = 1;
  int read_fails = 5;
  int settle_fails = 5;
  int retry_unstored = 10;       ///< the endpoint answers retry and has nothing
  int retry_stored = 5;          ///< the endpoint has it, the answer was lost
  int throttled = 2;             ///< of the failures
  int refused = 1;               ///< likewise
  int permanent_modulus = 0;     ///< every n-th record number is refused for itself; 0: none
  Milliseconds unit_age_max{0};  ///< above 0: the source has one unit of work at a time
  Steps* steps = nullptr;

  /// Nothing goes wrong.
  [[nodiscard]] static Script calm() {
    return {.read_fails = 0,
            .settle_fails = 0,
            .retry_unstored = 0,
            .retry_stored = 0,
            .throttled = 0,
            .refused = 0};
  }
  [[nodiscard]] bool fails_now() const { return steps != nullptr && steps->is_failure(); }
};

/// Runs so many times faster than the machine's, so that back-offs and waits cost next to nothing.
class FastClock : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override {
    return start_ + kSpeed * (std::chrono::steady_clock::now() - start_);
  }
  [[nodiscard]] WallTime wall_now() const override { return std::chrono::system_clock::now(); }
  [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds wait) const override {
    return std::chrono::nanoseconds(wait) / kSpeed;
  }

 private:
  static constexpr int kSpeed = 500;
  const SteadyTime start_ = std::chrono::steady_clock::now();
};

/// The queue at the source: what a crash cannot take away. Shared by the runs of a test.
struct ScriptedQueue {
  std::vector<std::string> records;
  std::size_t settled = 0;  ///< all before it are settled
  std::uint64_t reads_failed = 0;
  std::uint64_t read_again = 0;
  std::uint64_t units_backed_out = 0;
  std::function<bool()> is_endpoint_away = {};
  std::uint64_t reads_in_outage = 0;  ///< of batches, after the unit was backed out
  std::map<std::size_t, adapters::Fate> fates;
};

/// Reads the queue from its settled position on. A batch with a retry in it, and every later one,
/// comes again from that record on.
class ScriptedAdapter : public adapters::Adapter {
 public:
  ScriptedAdapter(ScriptedQueue& queue, const Script& script, const Clock& clock)
      : queue_(queue), script_(script), clock_(clock), random_(script.seed) {}

  Result<void> open() override;
  Result<adapters::ReadStatus> read(adapters::RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t) override {}
  Result<void> settle(const adapters::Settlement& settlement) override;
  void interrupt() override;
  void close() override {}
  [[nodiscard]] std::size_t batches_in_flight_max() const override {
    return unit_age_max().count() > 0 ? 1 : 8;
  }
  [[nodiscard]] Milliseconds unit_age_max() const override { return script_.unit_age_max; }
  [[nodiscard]] adapters::SourceStatus status() const override { return {}; }

 private:
  bool draw(int percent) { return static_cast<int>(random_() % 100) < percent; }
  adapters::ReadStatus wait(adapters::ReadStatus status, Milliseconds wait);

  ScriptedQueue& queue_;
  Script script_;
  const Clock& clock_;
  std::minstd_rand random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_interrupted_ = false;
  std::size_t next_ = 0;
  std::size_t furthest_ = 0;
  bool has_hole_ = false;
  std::deque<std::pair<std::size_t, std::size_t>> out_;  ///< first record and count
};

/// What an endpoint has, over all runs of a test.
struct ScriptedStore {
  struct Entry {
    std::string id, key, body;
  };
  std::vector<Entry> entries;
  std::uint64_t retries = 0;
  std::atomic<std::uint64_t> requests = 0;
  /// Requests, counted from 1, that find the endpoint away: from the first to before the second.
  std::pair<std::uint64_t, std::uint64_t> away = {0, 0};
  std::uint64_t requests_until_stop = 0;  ///< then `stop` is called; 0: never
  std::function<void()> stop = {};
};

/// Answers from a thread of its own, in any order its limits allow.
class ScriptedPublisher : public publishers::Publisher {
 public:
  ScriptedPublisher(ScriptedStore& store, const Script& script, publishers::Limits limits);
  ~ScriptedPublisher() override;

  Result<void> open(publishers::CompletionPort port) override;
  [[nodiscard]] publishers::Limits limits() const override { return limits_; }
  void publish(publishers::Request request) override;
  void close(Milliseconds limit) override;

 private:
  void run();
  publishers::Response answer(const publishers::Request& request);
  [[nodiscard]] bool note_request();
  publishers::Response answer_as_one(const publishers::Request& request);
  publishers::Response answer_each(const publishers::Request& request);
  void hand_back_rest(std::uint64_t epoch);
  void post_retry(const publishers::Request& request);
  publishers::Outcome attempt(const publishers::Event& event);
  publishers::Outcome failure();
  publishers::Outcome refusal_of_event();
  [[nodiscard]] bool is_refused_for_itself(const publishers::Event& event) const;
  void store(const publishers::Event& event);
  bool draw(int percent) { return static_cast<int>(random_() % 100) < percent; }

  ScriptedStore& store_;
  Script script_;
  publishers::Limits limits_;
  publishers::CompletionPort port_;
  std::minstd_rand random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<publishers::Request> waiting_;
  bool fails_rest_ = false;      ///< keeps_order: what follows a failure fails too
  std::uint64_t epoch_min_ = 0;  ///< keeps_order: earlier requests are handed back
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace copybridge::tests
