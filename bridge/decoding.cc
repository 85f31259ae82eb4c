// The threads that decode.
#include "bridge/decoding.h"

#include <algorithm>
#include <utility>

#include "bridge/route.h"

namespace copybridge::bridge {

Decoding::Decoding(const std::vector<Route>& routes, std::string event_source, std::size_t threads,
                   std::function<void()> wake)
    : routes_(routes),
      event_source_(std::move(event_source)),
      thread_count_(std::max<std::size_t>(1, threads)),
      wake_(std::move(wake)) {}

void Decoding::start() {
  for (std::size_t i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { run(); });
}

void Decoding::submit(std::unique_ptr<Passage> passage) {
  {
    const std::scoped_lock lock(mutex_);
    jobs_.push_back({std::move(passage), false});
  }
  changed_.notify_one();
}

std::unique_ptr<Passage> Decoding::take() {
  const std::scoped_lock lock(mutex_);
  if (jobs_.empty() || !jobs_.front().is_decoded) return nullptr;
  std::unique_ptr<Passage> passage = std::move(jobs_.front().passage);
  jobs_.pop_front();
  --started_;
  return passage;
}

bool Decoding::is_empty() const {
  const std::scoped_lock lock(mutex_);
  return jobs_.empty();
}

void Decoding::stop() {
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

void Decoding::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || started_ < jobs_.size(); });
    if (is_stopping_) return;
    // Neither push_back nor pop_front moves a deque's other elements.
    Job& job = jobs_[started_++];
    lock.unlock();
    make_events(routes_, event_source_, *job.passage);
    lock.lock();
    job.is_decoded = true;
    const bool is_next = &job == &jobs_.front();
    lock.unlock();
    if (is_next) wake_();
    lock.lock();
  }
}

}  // namespace copybridge::bridge
