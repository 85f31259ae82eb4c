// A source over an adapter that does what the test says.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/source.h"
#include "tests/unit/bridge/support.h"

namespace copybridge::tests {

using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using adapters::Settlement;
using bridge::Source;

/// What the test has the adapter do, and what it did. Guarded by its mutex.
struct Play {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t batches = 0;            ///< to be read in all
  std::optional<Error> open_error;    ///< of every open()
  std::optional<Error> read_error;    ///< of every read()
  std::optional<Error> settle_error;  ///< of every settle()
  std::size_t read_errors_max = 1'000'000;
  std::size_t window = 100;
  std::size_t batch_bytes = 0;

  bool has_ended = false;  ///< where there is nothing to be read

  std::size_t records_max = 0;  ///< as the adapter was told last
  std::size_t opens = 0;
  std::size_t reads = 0;
  std::size_t read_batches = 0;
  std::size_t settle_attempts = 0;
  std::vector<std::uint64_t> settled;
  bool is_closed = false;
  std::function<void()> on_read = [] {};  ///< called as a read begins

  /// Changes the play under its lock.
  template <typename Change>
  void set(Change change) {
    {
      const std::scoped_lock lock(mutex);
      change();
    }
    changed.notify_all();
  }
  /// Whether the condition comes true before patience ends.
  template <typename Condition>
  [[nodiscard]] bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, condition);
  }
};

class PlayedAdapter : public adapters::Adapter {
 public:
  explicit PlayedAdapter(Play& play) : play_(play) {}

  Result<void> open() override {
    return act([&]() -> Result<void> {
      ++play_.opens;
      if (play_.open_error) return tl::make_unexpected(*play_.open_error);
      return {};
    });
  }
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override {
    batch.reset();
    play_.on_read();
    std::unique_lock lock(play_.mutex);
    ++play_.reads;
    play_.changed.notify_all();
    if (play_.read_error && errors_++ < play_.read_errors_max) {
      return tl::make_unexpected(*play_.read_error);
    }
    if (play_.read_batches < play_.batches) {
      batch.token = ++play_.read_batches;
      batch.records.resize(1);
      batch.bytes.resize(play_.batch_bytes);
      return ReadStatus::batch;
    }
    if (play_.settled.size() == play_.read_batches) return ReadStatus::dry;
    if (play_.has_ended) return ReadStatus::ended;
    play_.changed.wait_for(lock, wait, [&] { return std::exchange(is_interrupted_, false); });
    return ReadStatus::idle;
  }
  void limit_batches(std::size_t records_max) override {
    play_.set([&] { play_.records_max = records_max; });
  }
  Result<void> settle(const Settlement& settlement) override {
    return act([&]() -> Result<void> {
      ++play_.settle_attempts;
      if (play_.settle_error) return tl::make_unexpected(*play_.settle_error);
      play_.settled.push_back(settlement.token);
      return {};
    });
  }
  void interrupt() override {
    play_.set([&] { is_interrupted_ = true; });
  }
  void close() override {
    play_.set([&] { play_.is_closed = true; });
  }
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return play_.window; }
  [[nodiscard]] adapters::SourceStatus status() const override { return {"3 files", 0}; }

 private:
  template <typename Action>
  Result<void> act(Action action) {
    Result<void> result;
    play_.set([&] { result = action(); });
    return result;
  }

  Play& play_;
  bool is_interrupted_ = false;
  std::size_t errors_ = 0;
};

/// A source over a play, taken from as the pipeline would.
struct Reading {
  explicit Reading(Play& played, std::size_t window = 4, MemoryBudget* memory = nullptr)
      : play(played),
        source(
            "accounts", std::make_unique<PlayedAdapter>(played), window, system_clock(), log,
            [this] {
              {
                const std::scoped_lock lock(mutex);
                ++wakes;
              }
              woken.notify_all();
            },
            memory) {}

  /// Takes the next batch; null where none comes before patience ends.
  std::unique_ptr<RecordBatch> take() {
    std::unique_ptr<RecordBatch> batch;
    std::unique_lock lock(mutex);
    const bool got = woken.wait_for(lock, kPatience, [&] {
      batch = source.take();
      return batch != nullptr;
    });
    EXPECT_TRUE(got) << "no batch has come";
    return batch;
  }
  /// Whether the source calls itself dry before patience ends.
  bool wait_dry() {
    std::unique_lock lock(mutex);
    return woken.wait_for(lock, kPatience, [&] { return source.is_dry(); });
  }
  void settle(std::uint64_t token) { source.settle({token, {Fate::delivered}}); }
  bool finish(Milliseconds limit = kPatience) {
    return source.finish(system_clock().now() + limit);
  }

  Play& play;
  KeptLog log;
  std::mutex mutex;
  std::condition_variable woken;
  std::size_t wakes = 0;
  Source source;
};

}  // namespace copybridge::tests
