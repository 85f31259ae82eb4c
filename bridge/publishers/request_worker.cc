// The worker thread of blocking publishers.
#include "bridge/publishers/request_worker.h"

#include "bridge/core/threads.h"

namespace copybridge::publishers {
namespace {

constexpr Milliseconds kIdleInterval{1000};

}  // namespace

void RequestWorker::start(CompletionPort port, Hooks hooks) {
  port_ = port;
  hooks_ = std::move(hooks);
  stopping_ = false;
  cancelled_ = false;
  thread_ = std::thread([this] { run(); });
}

void RequestWorker::push(Request request) {
  {
    const std::scoped_lock lock(mutex_);
    if (thread_.joinable()) {
      requests_.push_back(std::move(request));
      changed_.notify_all();
      return;
    }
  }
  post_stopped(request);
}

void RequestWorker::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return requests_.empty(); });
    stopping_ = true;
    cancelled_ = true;
  }
  changed_.notify_all();
  if (hooks_.cancel) hooks_.cancel();
  thread_.join();
  thread_ = {};
  for (const Request& request : requests_) post_stopped(request);
  requests_.clear();
}

void RequestWorker::post_stopped(const Request& request) const {
  port_.post({.number = request.number,
              .outcomes = {Outcome::retry},
              .reason = "stopped before the request was sent"});
}

void RequestWorker::run() {
  block_signals_in_this_thread();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (requests_.empty()) {
      lock.unlock();
      if (hooks_.idle) hooks_.idle();
      lock.lock();
      changed_.wait_for(lock, kIdleInterval, [this] { return stopping_ || !requests_.empty(); });
      continue;
    }
    // References into a deque outlive push_back; only this thread takes from the front.
    const Request& request = requests_.front();
    lock.unlock();
    Response response = hooks_.handle(request);
    response.number = request.number;
    lock.lock();
    requests_.pop_front();
    port_.post(std::move(response));
    changed_.notify_all();
  }
}

}  // namespace copybridge::publishers
