// Work shared among threads, given back in the order in which it was handed over.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace copybridge {

/// submit, take and stop are called by one thread. Holds as much as is submitted: whoever submits
/// keeps a limit.
template <typename Job>
class OrderedWork {
 public:
  /// `work` is called by any of `threads` threads (at least one), once per job. `done` is called by
  /// them when the next job in order has become ready to take; it may be empty.
  OrderedWork(std::size_t threads, std::function<void(Job&)> work, std::function<void()> done)
      : thread_count_(std::max<std::size_t>(1, threads)),
        work_(std::move(work)),
        done_(std::move(done)) {}
  ~OrderedWork() { stop(); }
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;

  /// Starts the threads.
  void start() {
    for (std::size_t i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { run(); });
  }

  void submit(std::unique_ptr<Job> job) {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.push_back({std::move(job), false});
    }
    changed_.notify_one();
  }

  /// The next job in the order of submission; null where it is not done yet.
  [[nodiscard]] std::unique_ptr<Job> take() {
    const std::scoped_lock lock(mutex_);
    return take_front();
  }

  /// The same, waiting for it; null where nothing was submitted.
  [[nodiscard]] std::unique_ptr<Job> wait() {
    std::unique_lock lock(mutex_);
    front_done_.wait(lock, [this] { return jobs_.empty() || jobs_.front().is_done; });
    return take_front();
  }

  /// Jobs that were submitted and not taken.
  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return jobs_.size();
  }

  /// Ends the threads after what each has in hand. What is left is forgotten.
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    jobs_.clear();
    started_ = 0;
  }

 private:
  struct Entry {
    std::unique_ptr<Job> job;
    bool is_done = false;
  };

  std::unique_ptr<Job> take_front() {
    if (jobs_.empty() || !jobs_.front().is_done) return nullptr;
    std::unique_ptr<Job> job = std::move(jobs_.front().job);
    jobs_.pop_front();
    --started_;
    return job;
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_stopping_ || started_ < jobs_.size(); });
      if (is_stopping_) return;
      // Neither push_back nor pop_front moves a deque's other elements.
      Entry& entry = jobs_[started_++];
      lock.unlock();
      work_(*entry.job);
      lock.lock();
      entry.is_done = true;
      if (&entry != &jobs_.front()) continue;
      lock.unlock();
      front_done_.notify_one();
      if (done_) done_();
      lock.lock();
    }
  }

  const std::size_t thread_count_;
  const std::function<void(Job&)> work_;
  const std::function<void()> done_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable front_done_;
  std::deque<Entry> jobs_;
  std::size_t started_ = 0;  ///< jobs from the front that a thread has or had
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace copybridge
