// The worker's thread.
#include "adapters/remote/worker.h"

#include "bridge/core/threads.h"

namespace copybridge::adapters::remote {

void Worker::start(std::function<void()> wake) {
  wake_ = std::move(wake);
  is_stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  queue_.clear();
  open_questions_ = 0;
}

void Worker::run() {
  block_signals_in_this_thread();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (is_stopping_) return;
    const std::function<void()> work = queue_.front();
    lock.unlock();
    work();
    lock.lock();
    queue_.pop_front();
    lock.unlock();
    wake_();
    lock.lock();
  }
}

}  // namespace copybridge::adapters::remote
