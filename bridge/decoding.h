// Decoding of a pipeline's batches by several threads, given back in read order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bridge/passage.h"

namespace copybridge::bridge {

/// Makes the events of passages (see make_events). submit, take and stop are called by one
/// thread. Bounded by whoever submits: the source's window.
class Decoding {
 public:
  /// `routes` outlives the object. `wake` is called from the decoding threads when there is
  /// something to take.
  Decoding(const std::vector<Route>& routes, std::string event_source, std::size_t threads,
           std::function<void()> wake);
  ~Decoding() { stop(); }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  /// Starts the threads.
  void start();
  /// Gives a passage to be decoded. Its batch is set, the rest is empty.
  void submit(std::unique_ptr<Passage> passage);
  /// The next passage in the order of submission; null where it is not decoded yet.
  [[nodiscard]] std::unique_ptr<Passage> take();
  /// Whether everything that was submitted has been taken.
  [[nodiscard]] bool is_empty() const;
  /// Ends the threads after what each has in hand. What is left is forgotten: the source keeps it.
  void stop();

 private:
  struct Job {
    std::unique_ptr<Passage> passage;
    bool is_decoded = false;
  };

  void run();

  const std::vector<Route>& routes_;
  const std::string event_source_;
  const std::size_t thread_count_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;     ///< in order; a deque's elements stay where they are
  std::size_t started_ = 0;  ///< jobs from the front that a thread has or had
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace copybridge::bridge
