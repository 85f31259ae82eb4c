// A source and an endpoint that fail by a script drawn from a seed, for the real pipeline.
#pragma once

#include <deque>
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

/// How often things go wrong, in percent.
struct Script {
  std::uint32_t seed = 1;
  int read_fails = 5;
  int settle_fails = 5;
  int retry_unstored = 10;  ///< the endpoint answers retry and has nothing
  int retry_stored = 5;     ///< the endpoint has it, the answer was lost
  int refused = 1;
  int permanent_modulus = 0;  ///< every n-th record number is refused for itself; 0: none
};

/// The queue at the source: what a crash cannot take away. Shared by the runs of a test.
struct ScriptedQueue {
  std::vector<std::string> records;
  std::size_t settled = 0;  ///< all before it are settled
  std::uint64_t reads_failed = 0;
  std::uint64_t read_again = 0;
  std::map<std::size_t, adapters::Fate> fates;
};

/// Reads the queue from its settled position on. A batch with a retry in it, and every later one,
/// comes again from that record on.
class ScriptedAdapter : public adapters::Adapter {
 public:
  ScriptedAdapter(ScriptedQueue& queue, const Script& script)
      : queue_(queue), script_(script), random_(script.seed) {}

  Result<void> open() override;
  Result<adapters::ReadStatus> read(adapters::RecordBatch& batch, Milliseconds wait) override;
  Result<void> settle(const adapters::Settlement& settlement) override;
  void interrupt() override {}
  void close() override {}
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 8; }
  [[nodiscard]] adapters::SourceStatus status() const override { return {}; }

 private:
  bool draw(int percent) { return static_cast<int>(random_() % 100) < percent; }

  ScriptedQueue& queue_;
  Script script_;
  std::minstd_rand random_;
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
  void answer(const publishers::Request& request);
  void post_retry(const publishers::Request& request);
  publishers::Outcome attempt(const publishers::Event& event);
  bool draw(int percent) { return static_cast<int>(random_() % 100) < percent; }

  ScriptedStore& store_;
  Script script_;
  publishers::Limits limits_;
  publishers::CompletionPort port_;
  std::minstd_rand random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<publishers::Request> waiting_;
  bool fail_rest_ = false;       ///< keeps_order: what follows a failure fails too
  std::uint64_t epoch_min_ = 0;  ///< keeps_order: earlier requests are handed back
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace copybridge::tests
