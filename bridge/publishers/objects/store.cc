// The channel, and what all stores make of an answer.
#include "bridge/publishers/objects/store.h"

#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers::objects {
namespace {

/// An answer that one thread waits for and another brings.
class Awaited {
 public:
  void bring(http::Answer answer) {
    {
      const std::scoped_lock lock(mutex_);
      answer_ = std::move(answer);
    }
    changed_.notify_one();
  }
  http::Answer wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answer_.has_value(); });
    return std::move(*answer_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<http::Answer> answer_;
};

http::Answer stopped() {
  return {.failure = http::Failure::stopped, .body = {}, .message = "stopped"};
}

}  // namespace

Channel::Channel(http::ClientSettings settings, std::unique_ptr<http::Authorizer> authorizer)
    : settings_(std::move(settings)), authorizer_(std::move(authorizer)) {}

Result<void> Channel::open() {
  const std::scoped_lock lock(mutex_);
  if (auto started = client_.start(settings_); !started) return started;
  is_stopped_ = false;
  return authorizer_->open(client_);
}

http::Answer Channel::exchange(http::Call call) {
  // Whoever brings the answer may still hold it when the waiting one has gone.
  const auto awaited = std::make_shared<Awaited>();
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopped_) return stopped();
    authorizer_->authorize(std::move(call), [this, awaited](Result<http::Call> ready) {
      if (!ready) {
        const bool is_away = ready.error().kind == ErrorKind::peer_away;
        return awaited->bring({.failure = is_away ? http::Failure::away : http::Failure::refused,
                               .body = {},
                               .message = ready.error().message});
      }
      client_.send(std::move(*ready),
                   [awaited](http::Answer answer) { awaited->bring(std::move(answer)); });
    });
  }
  return awaited->wait();
}

Result<bool> Channel::renew() {
  const std::scoped_lock lock(mutex_);
  return authorizer_->renew();
}

void Channel::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
  }
  client_.stop(Milliseconds(0));
}

std::optional<Response> failure_of(const http::Answer& answer) {
  switch (answer.failure) {
    case http::Failure::none:
      return std::nullopt;
    case http::Failure::away:
    case http::Failure::stopped:
      return Response{.outcomes = {Outcome::retry}, .reason = answer.message};
    case http::Failure::refused:
      return Response{.outcomes = {Outcome::refused}, .reason = answer.message};
  }
  return std::nullopt;
}

std::string header_of(const http::Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

Response refused_by_status(const http::Answer& answer, std::string_view details) {
  Outcome outcome = classify_http(answer.status, answer.retry_after);
  // Of an object, not of one event: nobody else's is sent beside it.
  const bool is_the_objects = outcome == Outcome::permanent || outcome == Outcome::doubtful;
  if (is_the_objects || outcome == Outcome::accepted) outcome = Outcome::refused;
  return refuse(outcome, answer, details);
}

void note_part_sent() { crash_point("object_part_sent"); }

Response unexpected(std::string_view what) {
  return {.outcomes = {Outcome::retry}, .reason = std::string(what)};
}

}  // namespace copybridge::publishers::objects
