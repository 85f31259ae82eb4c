// SUBSCRIBE, MESSAGE, ACK and NACK.
#include "adapters/stomp/subscription.h"

#include <algorithm>
#include <limits>

namespace copybridge::adapters::stomp {
namespace {

using copybridge::stomp::Version;
using Header = std::pair<std::string_view, std::string_view>;

constexpr Milliseconds kCloseLimit{3'000};
constexpr Milliseconds kQuiet{1'000};
/// Where a broker counts bytes, what one message of the prefetch is taken for.
constexpr std::size_t kWindowPerMessage = 1024;
constexpr std::size_t kWindowMax = std::numeric_limits<std::int32_t>::max();
constexpr std::string_view kSubscribed = "subscribed";
constexpr std::string_view kId = "copybridge";

}  // namespace

Result<void> Subscription::open() {
  close();
  ++connection_number_;
  connection_.start();
  std::unique_lock lock(mutex_);
  state_ = State::opening;
  connection_.connect();
  const auto& access = settings_.client.access;
  const auto limit = access.connect_timeout * (access.servers.size() + 1);
  changed_.wait_for(lock, limit, [this] { return state_ != State::opening; });
  if (state_ == State::open) return {};
  const std::string reason =
      error_ ? error_->message
             : "stomp: " + settings_.client.destination + ": the subscription is not answered";
  lock.unlock();
  close();
  return fail(ErrorKind::source, reason);
}

void Subscription::close() {
  connection_.stop(kCloseLimit);
  const std::scoped_lock lock(mutex_);
  state_ = State::closed;
  error_.reset();
  arrived_.clear();
  arrived_bytes_ = 0;
  answers_.clear();
  is_interrupted_ = false;
}

bool Subscription::is_open() {
  const std::scoped_lock lock(mutex_);
  return state_ == State::open;
}

std::string Subscription::server_name() {
  const std::scoped_lock lock(mutex_);
  return server_name_;
}

Result<void> Subscription::wait(Milliseconds wait, bool for_messages) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] {
    return is_interrupted_ || state_ != State::open || (for_messages && !arrived_.empty());
  });
  is_interrupted_ = false;
  if (state_ == State::open) return {};
  return fail(ErrorKind::source, error_ ? error_->message : "stomp: not connected");
}

std::optional<Arrival> Subscription::take() {
  std::unique_lock lock(mutex_);
  if (arrived_.empty()) return std::nullopt;
  Arrival arrival = std::move(arrived_.front());
  arrived_.pop_front();
  const bool was_full = arrived_bytes_ >= settings_.bytes_max;
  arrived_bytes_ -= arrival.frame.body.size();
  lock.unlock();
  if (was_full) connection_.wake();
  return arrival;
}

void Subscription::settle(std::vector<Answer> answers) {
  {
    const std::scoped_lock lock(mutex_);
    if (state_ != State::open) return;
    std::ranges::move(answers, std::back_inserter(answers_));
  }
  connection_.wake();
}

bool Subscription::is_quiet() {
  const std::scoped_lock lock(mutex_);
  return arrived_.empty() && SteadyTime::clock::now() - quiet_since_ >= kQuiet;
}

void Subscription::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_all();
}

void Subscription::opened() {
  const std::string prefetch = std::to_string(settings_.prefetch);
  const std::string window = std::to_string(
      std::min({settings_.prefetch * kWindowPerMessage, settings_.bytes_max, kWindowMax}));
  std::vector<Header> headers = {{"id", kId},
                                 {"destination", settings_.client.destination},
                                 {"ack", "client-individual"},
                                 {"receipt", kSubscribed},
                                 // RabbitMQ, Artemis, ActiveMQ. Artemis counts bytes, and would
                                 // take the last one for them.
                                 {"prefetch-count", prefetch},
                                 {"consumer-window-size", window},
                                 {"activemq.prefetchSize", prefetch}};
  for (const auto& [name, value] : settings_.headers) headers.emplace_back(name, value);
  connection_.send("SUBSCRIBE", headers);
}

void Subscription::received(copybridge::stomp::Frame frame) {
  {
    const std::scoped_lock lock(mutex_);
    quiet_since_ = SteadyTime::clock::now();
    if (frame.command == "MESSAGE") {
      arrived_bytes_ += frame.body.size();
      arrived_.push_back({connection_number_, std::move(frame)});
    } else if (frame.command == "RECEIPT" && frame.header("receipt-id") == kSubscribed) {
      server_name_ = connection_.server_name();
      state_ = State::open;
    }
  }
  changed_.notify_all();
}

bool Subscription::wants_more() {
  const std::scoped_lock lock(mutex_);
  return arrived_bytes_ < settings_.bytes_max;
}

void Subscription::woken() {
  std::vector<Answer> answers;
  {
    const std::scoped_lock lock(mutex_);
    answers.swap(answers_);
  }
  for (const Answer& answer : answers) send(answer);
}

void Subscription::send(const Answer& answer) {
  const Version version = connection_.version();
  // STOMP 1.0 has no NACK; the dead letter is kept here in any case.
  const bool is_nack = answer.kind == Answer::Kind::nack && version != Version::v1_0;
  std::vector<Header> headers;
  if (version == Version::v1_2) {
    headers = {{"id", answer.ack_id}};
  } else {
    headers = {{"message-id", answer.message_id}, {"subscription", kId}};
  }
  // RabbitMQ would put it back on the queue.
  if (is_nack) headers.emplace_back("requeue", "false");
  connection_.send(is_nack ? "NACK" : "ACK", headers);
}

void Subscription::ended(const Error& error) {
  {
    const std::scoped_lock lock(mutex_);
    state_ = State::closed;
    error_ = error;
    arrived_.clear();
    arrived_bytes_ = 0;
  }
  changed_.notify_all();
}

}  // namespace copybridge::adapters::stomp
