// One waits for many.
#include "bridge/http/perform.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace copybridge::http {

struct AwaitedCalls::Answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Answer> all;
  std::size_t missing = 0;

  std::size_t add() {
    const std::scoped_lock lock(mutex);
    ++missing;
    all.emplace_back();
    return all.size() - 1;
  }
  void bring(std::size_t call, Answer answer) {
    {
      const std::scoped_lock lock(mutex);
      all[call] = std::move(answer);
      --missing;
    }
    changed.notify_one();
  }
};

AwaitedCalls::AwaitedCalls() : answers_(std::make_shared<Answers>()) {}

void AwaitedCalls::send(Client& client, Authorizer& authorizer, Call call) {
  const std::size_t number = answers_->add();
  authorizer.authorize(
      std::move(call), [&client, answers = answers_, number](Result<Call> authorized) {
        if (!authorized) {
          const bool is_away = authorized.error().kind == ErrorKind::peer_away;
          return answers->bring(number, {.failure = is_away ? Failure::away : Failure::refused,
                                         .body = {},
                                         .message = authorized.error().message});
        }
        client.send(std::move(*authorized), [answers, number](Answer answer) {
          answers->bring(number, std::move(answer));
        });
      });
}

std::vector<Answer> AwaitedCalls::wait() {
  std::unique_lock lock(answers_->mutex);
  answers_->changed.wait(lock, [this] { return answers_->missing == 0; });
  return std::move(answers_->all);
}

}  // namespace copybridge::http
