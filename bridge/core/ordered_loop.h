// A loop whose turns several threads share, with its results in order.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace copybridge {

/// Every thread takes a job, works on it and delivers what is next in order, so that a job stays in
/// the cache of the core that read it and nobody waits for a thread that only hands on. Jobs are
/// used again. `Job` says how much memory it holds: `std::size_t bytes_held() const`.
template <typename Job>
class OrderedLoop {
 public:
  struct Limits {
    std::size_t threads = 1;    ///< that of run() among them
    std::size_t jobs_max = 1;   ///< at least one per thread, more where deliver() may block
    std::size_t bytes_max = 0;  ///< held by all jobs, where more than one is needed
    std::uint64_t alone = 0;    ///< jobs that run()'s thread does before it starts the others
  };
  struct Steps {
    std::function<bool(Job&)> take;     ///< by one thread at a time; false: nothing is left
    std::function<void(Job&)> work;     ///< by any number of threads at once
    std::function<bool(Job&)> deliver;  ///< by one thread at a time, in the order of take(); false:
                                        ///< no more, what was taken is dropped
    /// Where taking a job has a long part that needs no order, take() claims it only. Both or none.
    std::function<void(Job&)> fetch = {};  ///< by any number of threads at once
    std::function<bool(Job&)> cut = {};    ///< by one thread at a time, in the order of take();
                                           ///< false: it and what is taken behind it is nothing
  };

  OrderedLoop(const Limits& limits, Steps steps)
      : limits_(limits),
        steps_(std::move(steps)),
        ring_(std::max<std::size_t>(1, limits.jobs_max)) {
    spare_.reserve(ring_.size());
  }

  /// Returns when all that was taken has been delivered. Called once.
  void run() {
    go_round();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    while (front_ < next_) release(std::move(ring_[front_++ % ring_.size()].job));
  }

 private:
  struct Slot {
    std::unique_ptr<Job> job;
    std::uint64_t number = 0;
    bool is_done = false;
  };

  void go_round() {
    while (Slot* slot = take()) {
      if (!is_cut(*slot)) continue;
      steps_.work(*slot->job);
      hand_over(*slot);
    }
  }

  /// Whether it came true soon: going to sleep and being woken takes longer than what a thread
  /// waits for here.
  template <typename Condition>
  static bool is_soon(Condition condition) {
    constexpr std::chrono::microseconds kAwake{100};
    const auto until = std::chrono::steady_clock::now() + kAwake;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= until) return false;
    }
    return true;
  }

  /// Fetches a job and cuts it in its turn; false where it is nothing.
  bool is_cut(Slot& slot) {
    if (!steps_.cut) return true;
    const std::uint64_t number = slot.number;
    steps_.fetch(*slot.job);
    if (!is_soon([&] { return turn_ == number; })) {
      for (std::uint64_t seen = turn_; seen != number; seen = turn_) turn_.wait(seen);
    }
    const bool goes_on = !has_ended_ && steps_.cut(*slot.job);
    has_ended_ = !goes_on;
    ++turn_;
    turn_.notify_all();
    if (goes_on) return true;
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
    return false;
  }

  /// The next job in order; null where there is none.
  Slot* take() {
    std::unique_lock taking(taking_, std::defer_lock);
    if (!is_soon([&] { return taking.try_lock(); })) taking.lock();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_over_ || has_room(); });
    if (is_over_) return nullptr;
    std::unique_ptr<Job> job = spare_job();
    lock.unlock();
    const bool is_taken = steps_.take(*job);
    lock.lock();
    if (!is_taken || is_over_) {
      is_over_ = true;
      release(std::move(job));
      return nullptr;
    }
    Slot& slot = ring_[next_ % ring_.size()];
    slot = {std::move(job), next_++, false};
    if (++taken_ > limits_.alone && threads_.empty() && !is_short_of_threads_) start();
    return &slot;
  }

  /// A machine that has no more threads to give leaves the work to those there are.
  void start() {
    try {
      while (threads_.size() + 1 < limits_.threads) threads_.emplace_back([this] { go_round(); });
    } catch (const std::system_error&) {
      is_short_of_threads_ = true;
    }
  }

  /// Marks a job as done, and delivers what is next in order unless another thread does.
  void hand_over(Slot& slot) {
    std::unique_lock lock(mutex_);
    slot.is_done = true;
    if (is_delivering_) return;
    is_delivering_ = true;
    while (!is_stopped_ && front_ < next_ && ring_[front_ % ring_.size()].is_done) {
      std::unique_ptr<Job> job = std::move(ring_[front_ % ring_.size()].job);
      lock.unlock();
      const bool goes_on = steps_.deliver(*job);
      lock.lock();
      ++front_;
      release(std::move(job));
      if (!goes_on) is_over_ = is_stopped_ = true;
      changed_.notify_all();
    }
    is_delivering_ = false;
  }

  [[nodiscard]] bool has_room() const {
    if (!spare_.empty() || alive_ == 0) return true;
    return alive_ < ring_.size() && (alive_ + 1) * largest_ <= limits_.bytes_max;
  }

  std::unique_ptr<Job> spare_job() {
    if (spare_.empty()) {
      ++alive_;
      return std::make_unique<Job>();
    }
    std::unique_ptr<Job> job = std::move(spare_.back());
    spare_.pop_back();
    return job;
  }

  /// Keeps a job for the next turn, or drops it where jobs have grown too large to be so many.
  void release(std::unique_ptr<Job> job) {
    if (job == nullptr) return;
    largest_ = std::max(largest_, job->bytes_held());
    if (alive_ > 1 && alive_ * largest_ > limits_.bytes_max) {
      --alive_;
      return;
    }
    spare_.push_back(std::move(job));
  }

  const Limits limits_;
  const Steps steps_;
  std::mutex taking_;                   ///< held by the thread that takes
  std::atomic<std::uint64_t> turn_{0};  ///< number of the job that is cut next
  bool has_ended_ = false;              ///< of the thread whose turn it is: nothing more is cut
  std::mutex mutex_;                    ///< of all below
  std::condition_variable changed_;
  std::vector<Slot> ring_;  ///< jobs front_ to next_, each at its number modulo the ring's size
  std::uint64_t front_ = 0;
  std::uint64_t next_ = 0;
  std::vector<std::unique_ptr<Job>> spare_;
  std::size_t alive_ = 0;    ///< jobs in the ring, spare or being taken
  std::size_t largest_ = 0;  ///< bytes of the largest job so far
  std::uint64_t taken_ = 0;
  bool is_delivering_ = false;
  bool is_short_of_threads_ = false;
  bool is_over_ = false;     ///< nothing more is taken
  bool is_stopped_ = false;  ///< nothing more is delivered
  std::vector<std::thread> threads_;
};

}  // namespace copybridge
