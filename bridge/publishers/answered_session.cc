// The thread that sends.
#include "bridge/publishers/answered_session.h"

#include <algorithm>

#include "bridge/core/threads.h"

namespace copybridge::publishers {

Response respond(Outcome outcome, std::string reason) {
  return {.outcomes = {outcome}, .reason = std::move(reason)};
}

std::string plain_words(std::string_view text) {
  constexpr std::size_t kMax = 120;
  std::string words(text.substr(0, kMax));
  std::ranges::replace_if(
      words, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
  return words;
}

AnsweredSession::AnsweredSession(std::string kind, const MakePeer& make, Milliseconds timeout,
                                 CompletionPort port)
    : kind_(std::move(kind)), timeout_(timeout), port_(port), peer_(make(*this)), thread_([this] {
        run();
      }) {}

void AnsweredSession::send(std::uint64_t number, OutMessage message) {
  {
    const std::scoped_lock lock(mutex_);
    outgoing_.push_back({number, std::move(message)});
  }
  changed_.notify_all();
}

void AnsweredSession::reconnect() {
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }
  changed_.notify_all();
}

void AnsweredSession::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_at_ = std::chrono::steady_clock::now() + limit;
  }
  changed_.notify_all();
  thread_.join();
}

void AnsweredSession::run() {
  block_signals_in_this_thread();
  while (wait()) {
    std::deque<Outgoing> next;
    bool is_closed = false;
    {
      const std::scoped_lock lock(mutex_);
      next.swap(outgoing_);
      is_closed = std::exchange(is_closed_, false);
    }
    if (is_closed) disconnect();
    expire();
    for (const Outgoing& one : next) send_one(one);
  }
  disconnect();
  const std::scoped_lock lock(mutex_);
  for (const Outgoing& one : outgoing_) {
    port_.post({.number = one.number,
                .outcomes = {Outcome::retry},
                .reason = kind_ + ": stopped before it was sent"});
  }
  outgoing_.clear();
}

/// Until there is something to do; false when it is time to end.
bool AnsweredSession::wait() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const bool is_idle = outgoing_.empty() && pending_.empty();
    if (stop_at_ != SteadyTime::max() && (is_idle || now >= stop_at_)) return false;
    SteadyTime until = stop_at_;
    if (!pending_.empty()) until = std::min(until, pending_.begin()->second);
    if (!outgoing_.empty() || is_closed_ || now >= until) return true;
    if (until == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, until);
    }
  }
}

void AnsweredSession::send_one(const Outgoing& outgoing) {
  {
    const std::scoped_lock lock(mutex_);
    pending_[outgoing.number] = std::chrono::steady_clock::now() + timeout_;
  }
  if (!is_connected_) {
    const Result<void> connected = peer_->connect();
    is_connected_ = connected.has_value();
    if (!connected) {
      const bool is_away = connected.error().kind == ErrorKind::peer_away;
      return answer(outgoing.number, respond(is_away ? Outcome::retry : Outcome::refused,
                                             connected.error().message));
    }
  }
  std::optional<Response> response = peer_->send(outgoing.number, outgoing.message);
  if (response) answer(outgoing.number, std::move(*response));
}

void AnsweredSession::disconnect() {
  peer_->disconnect();
  is_connected_ = false;
  std::map<std::uint64_t, SteadyTime> pending;
  {
    const std::scoped_lock lock(mutex_);
    pending = pending_;
    is_closed_ = false;
  }
  for (const auto& [number, limit] : pending) {
    answer(number, respond(Outcome::retry, "the connection has ended"));
  }
}

void AnsweredSession::expire() {
  std::vector<std::uint64_t> late;
  {
    const std::scoped_lock lock(mutex_);
    const SteadyTime now = std::chrono::steady_clock::now();
    for (const auto& [number, limit] : pending_) {
      if (limit <= now) late.push_back(number);
    }
  }
  if (late.empty()) return;
  const std::string denial = is_connected_ ? peer_->denial() : "";
  for (const std::uint64_t number : late) {
    answer(number, denial.empty() ? respond(Outcome::retry, "no answer within the time-out")
                                  : respond(Outcome::refused, denial));
  }
}

void AnsweredSession::answer(std::uint64_t number, Response response) {
  {
    const std::scoped_lock lock(mutex_);
    if (pending_.erase(number) == 0) return;  // It has its answer.
  }
  response.number = number;
  if (!response.reason.empty()) response.reason = kind_ + ": " + response.reason;
  port_.post(std::move(response));
  changed_.notify_all();
}

void AnsweredSession::answer_first(Response response) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (pending_.empty()) return;
    number = pending_.begin()->first;
  }
  answer(number, std::move(response));
}

}  // namespace copybridge::publishers
