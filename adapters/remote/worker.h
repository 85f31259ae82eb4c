// One thread that answers questions in the order they were asked, so that a slow server never
// holds up the source's thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/file/store.h"

namespace copybridge::adapters::remote {

/// Answers of one kind by number, kept until they are taken.
template <typename T>
struct Slots {
  struct Slot {
    std::uint64_t question = 0;
    std::optional<Result<T>> answer;
  };
  std::map<std::uint64_t, Slot> slots;
};

/// All methods belong to one thread, the work to the worker's.
class Worker {
 public:
  ~Worker() { stop(); }
  void start(std::function<void()> wake);
  /// Waits for the work under way, drops what is left.
  void stop();

  /// Whether an answer is on its way, or there and not taken.
  [[nodiscard]] bool is_busy() const {
    const std::scoped_lock lock(mutex_);
    return open_questions_ > 0;
  }

  /// Takes the answer, or asks for it where nobody has yet.
  template <typename T>
  file::Pending<T> ask(Slots<T>& kind, std::uint64_t number, std::function<Result<T>()> work) {
    const std::scoped_lock lock(mutex_);
    const auto found = kind.slots.find(number);
    if (found == kind.slots.end()) {
      const std::uint64_t question = next_question_++;
      kind.slots[number].question = question;
      ++open_questions_;
      queue_.push_back([this, &kind, number, question, work = std::move(work)] {
        answer(kind, number, question, work());
      });
      changed_.notify_all();
      return std::optional<T>();
    }
    if (!found->second.answer) return std::optional<T>();
    Result<T> answer = std::move(*found->second.answer);
    kind.slots.erase(found);
    --open_questions_;
    if (!answer) return pass_on(answer);
    return std::optional<T>(std::move(*answer));
  }
  /// The answer to what was asked before is not wanted any more.
  template <typename T>
  void forget(Slots<T>& kind, std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    open_questions_ -= kind.slots.erase(number);
  }

 private:
  void run();
  template <typename T>
  void answer(Slots<T>& kind, std::uint64_t number, std::uint64_t question, Result<T> answer) {
    const std::scoped_lock lock(mutex_);
    const auto found = kind.slots.find(number);
    if (found == kind.slots.end() || found->second.question != question) return;
    found->second.answer.emplace(std::move(answer));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;  ///< the front one is under way
  std::function<void()> wake_;
  std::uint64_t next_question_ = 1;
  std::size_t open_questions_ = 0;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace copybridge::adapters::remote
