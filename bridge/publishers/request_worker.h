// One thread that handles a publisher's requests in the order handed over, for endpoints whose
// calls block (a disk, a pipe).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// start, push and stop are called by one thread (the pipeline's).
class RequestWorker {
 public:
  /// What runs on the worker's thread.
  struct Hooks {
    /// Handles a request; returns the outcome, `number` is filled in by the worker.
    std::function<Response(const Request&)> handle;
    /// Called at least once a second while there is nothing to handle; may be empty.
    std::function<void()> idle;
    /// Called once when the limit of stop() is over, by its thread: ends a `handle` that waits; may
    /// be empty.
    std::function<void()> cancel = {};
  };

  RequestWorker() = default;
  ~RequestWorker() { stop(Milliseconds{0}); }
  RequestWorker(const RequestWorker&) = delete;
  RequestWorker& operator=(const RequestWorker&) = delete;

  void start(CompletionPort port, Hooks hooks);
  /// Hands a request over and returns at once. Its Response is posted when it was handled, or by
  /// stop(); also where the worker is not running.
  void push(Request request);
  /// Waits up to `limit` for everything handed over, asks the request under way to give up, posts
  /// `retry` for what is left and ends the thread. Called again it does nothing.
  void stop(Milliseconds limit);
  /// Whether the limit of stop() is over; a long `handle` looks at it and gives up.
  [[nodiscard]] bool is_cancelled() const { return cancelled_; }

 private:
  void run();
  void post_stopped(const Request& request) const;

  CompletionPort port_;
  Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> requests_;  ///< the front one is under way
  bool stopping_ = false;
  std::atomic<bool> cancelled_{false};
  std::thread thread_;
};

}  // namespace copybridge::publishers
