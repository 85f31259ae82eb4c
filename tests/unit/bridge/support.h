// What tests of the pipeline's parts need: a clock that is set, a log that is kept, a publisher
// that only notes what it is given, and batches with events.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/delivery.h"

namespace copybridge::tests {

/// Waits of the tests end here; reaching it is a failure.
inline constexpr Milliseconds kPatience{20'000};

/// Stands still until it is moved.
class ManualClock : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return SteadyTime{} + since_start_.load(); }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime{std::chrono::seconds{1'795'406'706}} + since_start_.load();
  }
  void advance(Milliseconds by) { since_start_ = since_start_.load() + by; }

 private:
  std::atomic<Milliseconds> since_start_{Milliseconds{1'000'000}};
};

/// A log and its lines. Thread-safe.
class KeptLog {
 public:
  explicit KeptLog(const Clock& clock = system_clock())
      : log_(LogLevel::debug, LogFormat::text, clock, [this](std::string_view line) {
          {
            const std::scoped_lock lock(mutex_);
            lines_.emplace_back(line);
          }
          changed_.notify_all();
        }) {}

  operator Log&() { return log_; }  // NOLINT(google-explicit-constructor): stands for the log
  [[nodiscard]] std::uint64_t count(std::string_view event) const { return log_.count(event); }
  /// The lines of an event, oldest first.
  [[nodiscard]] std::vector<std::string> lines(std::string_view event) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (line.find(" " + std::string(event) + " ") != std::string::npos) found.push_back(line);
    }
    return found;
  }
  [[nodiscard]] std::string last(std::string_view event) const {
    const std::vector<std::string> found = lines(event);
    return found.empty() ? std::string() : found.back();
  }
  /// Whether the event has come `times` times before patience ends.
  [[nodiscard]] bool wait_for(std::string_view event, std::size_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      return static_cast<std::size_t>(std::ranges::count_if(lines_, [&](const std::string& line) {
               return line.find(" " + std::string(event) + " ") != std::string::npos;
             })) >= times;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  Log log_;
};

/// What a publisher says when it is asked for other credentials, and how often it was asked.
struct Renewal {
  Result<bool> answer = false;
  int asked = 0;
};

/// Notes requests and answers none.
class NotingPublisher : public publishers::Publisher {
 public:
  NotingPublisher(const publishers::Limits& limits, std::vector<publishers::Request>& sent,
                  Renewal& renewal)
      : limits_(limits), sent_(sent), renewal_(renewal) {}

  Result<void> open(publishers::CompletionPort) override { return {}; }
  [[nodiscard]] publishers::Limits limits() const override { return limits_; }
  void publish(publishers::Request request) override { sent_.push_back(std::move(request)); }
  Result<bool> renew_credentials() override {
    ++renewal_.asked;
    return renewal_.answer;
  }
  void close(Milliseconds) override {}

 private:
  publishers::Limits limits_;
  std::vector<publishers::Request>& sent_;
  Renewal& renewal_;
};

/// A batch on its way, of one record and one event per key; ids count from 1.
class Batch {
 public:
  explicit Batch(const std::vector<std::string>& keys, const std::string& body = "{}")
      : keys_(keys), body_(body) {
    auto batch = std::make_unique<adapters::RecordBatch>();
    batch->records.resize(keys_.size());
    passage_.reset(std::move(batch), 1, {});
    for (std::size_t i = 0; i < keys_.size(); ++i) ids_.push_back(std::to_string(i + 1));
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      publishers::Event event;
      event.id = ids_[i];
      event.key = keys_[i];
      event.body = body_;
      passage_.events.push_back(event);
      passage_.origins.push_back({static_cast<std::uint32_t>(i), 0, nullptr});
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  [[nodiscard]] bridge::Passage& passage() { return passage_; }

 private:
  std::vector<std::string> keys_;
  std::string body_;
  std::vector<std::string> ids_;
  bridge::Passage passage_;
};

}  // namespace copybridge::tests
