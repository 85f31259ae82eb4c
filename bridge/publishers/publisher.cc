// The completion queue.
#include "bridge/publishers/publisher.h"

#include <algorithm>

namespace copybridge::publishers {

void CompletionQueue::post(Response response) {
  {
    const std::scoped_lock lock(mutex_);
    responses_.push_back(std::move(response));
  }
  changed_.notify_one();
}

std::vector<Response> CompletionQueue::take(Milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return woken_ || !responses_.empty(); });
  woken_ = false;
  return std::exchange(responses_, {});
}

bool CompletionQueue::holds_failure_of(std::uint32_t destination) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(responses_, [&](const Response& response) {
    return response.destination == destination &&
           std::ranges::any_of(response.outcomes, [](Outcome outcome) {
             return outcome == Outcome::retry || outcome == Outcome::refused;
           });
  });
}

void CompletionQueue::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

}  // namespace copybridge::publishers
