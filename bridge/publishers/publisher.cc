// The completion queue.
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

void CompletionQueue::post(Response response) {
  {
    const std::scoped_lock lock(mutex_);
    responses_.push_back(std::move(response));
  }
  changed_.notify_one();
}

std::vector<Response> CompletionQueue::take(std::chrono::nanoseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return woken_ || !responses_.empty(); });
  woken_ = false;
  return std::exchange(responses_, {});
}

void CompletionQueue::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

}  // namespace copybridge::publishers
