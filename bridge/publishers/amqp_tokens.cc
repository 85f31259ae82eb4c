// One token at a time, from its source to the peer.
#include "bridge/publishers/amqp_tokens.h"

#include <algorithm>
#include <utility>

namespace copybridge::publishers {
namespace {

constexpr Milliseconds kSoon{100};
/// Where nothing is left of a token and there is no other.
constexpr Milliseconds kRetry{1'000};

}  // namespace

Result<void> AmqpTokens::open(http::Client& client, std::function<void()> wake) {
  wake_ = std::move(wake);
  return settings_.source->open(client);
}

void AmqpTokens::begin(pn_session_t& session, const copybridge::amqp::ClientSettings& client) {
  is_admitted_ = is_putting_ = false;
  link_.open(session, client);
  {
    // One that came when there was no connection may have been refused on the last one.
    const std::scoped_lock lock(mutex_);
    arrived_.reset();
  }
  ask();
}

void AmqpTokens::ask() {
  due_ = SteadyTime::max();
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(is_asking_, true)) return;
  }
  settings_.source->get([this](const Result<http::Token>& token) {
    {
      const std::scoped_lock lock(mutex_);
      is_asking_ = false;
      arrived_ = token;
    }
    wake_();
  });
}

Result<void> AmqpTokens::proceed() {
  std::optional<Result<http::Token>> arrived;
  if (!is_putting_) {
    const std::scoped_lock lock(mutex_);
    arrived.swap(arrived_);
  }
  if (arrived) {
    if (Result<void> taken = take(*arrived); !taken) return taken;
  }
  if (clock_.now() >= due_) ask();
  return {};
}

Result<void> AmqpTokens::take(const Result<http::Token>& token) {
  if (!token && !is_admitted_) return pass_on(token);
  // The old one holds for a while: the next is asked for again.
  if (!token || (is_admitted_ && token->value == token_.value)) {
    schedule();
    return {};
  }
  offered_ = *token;
  is_putting_ = true;
  link_.put({.audience = settings_.audience, .type = settings_.type, .token = token->value});
  return {};
}

Result<void> AmqpTokens::happened(pn_event_t& event) {
  std::optional<Result<void>> answer = link_.happened(event);
  if (!answer) return {};
  is_putting_ = false;
  if (*answer) {
    token_ = std::move(offered_);
    is_admitted_ = true;
  } else if (!is_admitted_) {
    return *answer;
  } else if (Result<bool> renewed = settings_.source->renew(); !renewed) {
    return pass_on(renewed);
  }
  schedule();
  return {};
}

void AmqpTokens::schedule() {
  due_ = SteadyTime::max();
  if (token_.ends == SteadyTime::max()) return;
  const SteadyTime now = clock_.now();
  const auto left = std::chrono::floor<Milliseconds>(token_.ends - now);
  due_ = now + (left.count() > 0 ? std::max(left * 4 / 5, kSoon) : kRetry);
}

std::optional<Milliseconds> AmqpTokens::time_left() const {
  if (due_ == SteadyTime::max()) return std::nullopt;
  const auto left = std::chrono::ceil<Milliseconds>(due_ - clock_.now());
  return std::chrono::ceil<Milliseconds>(clock_.machine_time(std::max(left, Milliseconds{1})));
}

}  // namespace copybridge::publishers
