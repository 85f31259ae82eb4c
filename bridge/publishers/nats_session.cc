// The thread that sends, and the library's that answers.
#include "bridge/publishers/nats_session.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bridge/core/threads.h"

namespace copybridge::publishers::nats {
namespace {

constexpr std::size_t kDescriptionMax = 120;
constexpr Milliseconds kReceiveWait{100};

Response outcome(Outcome outcome, std::string reason) {
  return {.outcomes = {outcome}, .reason = std::move(reason)};
}

/// Words of a server may stand in the log, nothing else of theirs.
std::string plain(std::string_view text) {
  std::string words(text.substr(0, kDescriptionMax));
  std::ranges::replace_if(
      words, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
  return words;
}

/// Whether somebody has to correct something before another attempt can help.
bool is_refusal(natsStatus status) {
  return status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
         status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED ||
         status == NATS_SECURE_CONNECTION_WANTED;
}

std::uint64_t number_of(const char* subject) {
  const std::string_view text(subject);
  std::uint64_t number = 0;
  const std::size_t dot = text.rfind('.');
  std::from_chars(text.data() + std::min(dot + 1, text.size()), text.data() + text.size(), number);
  return number;
}

}  // namespace

Response read_ack(std::string_view json) {
  constexpr std::int64_t kTooLarge = 10054;  // message size exceeds maximum allowed
  constexpr std::int64_t kBadRequest = 400;
  constexpr std::int64_t kForbidden = 403;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return outcome(Outcome::retry, "the answer cannot be read");
  }
  simdjson::dom::element error;
  if (root["error"].get(error) != simdjson::SUCCESS) {
    const bool is_there = root["stream"].error() == simdjson::SUCCESS;
    return is_there ? Response{.outcomes = {Outcome::accepted}}
                    : outcome(Outcome::retry, "the answer names no stream");
  }
  std::int64_t code = 0;
  std::int64_t detail = 0;
  std::string_view words;
  if (error["code"].get(code) != simdjson::SUCCESS) code = 0;
  if (error["err_code"].get(detail) != simdjson::SUCCESS) detail = 0;
  if (error["description"].get(words) != simdjson::SUCCESS) words = {};
  const std::string reason = "answered " + std::to_string(code) + " " + plain(words);
  if (detail == kTooLarge) return outcome(Outcome::permanent, reason);
  // A stream that is full and discards what is new says 400 or 503 and that a maximum is exceeded.
  if (words.find("maximum") != std::string_view::npos) return outcome(Outcome::throttled, reason);
  if (code == kForbidden || code == kForbidden - 2) return outcome(Outcome::refused, reason);
  return outcome(code == kBadRequest ? Outcome::doubtful : Outcome::retry, reason);
}

Session::Session(Settings settings, CompletionPort port)
    : settings_(std::move(settings)), port_(port), thread_([this] { run(); }) {}

void Session::send(std::uint64_t number, Message message) {
  {
    const std::scoped_lock lock(mutex_);
    outgoing_.push_back({number, std::move(message)});
  }
  changed_.notify_all();
}

void Session::reconnect() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

void Session::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_at_ = std::chrono::steady_clock::now() + limit;
  }
  changed_.notify_all();
  thread_.join();
}

void Session::run() {
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
  for (const Outgoing& one : outgoing_) {
    answer(one.number, outcome(Outcome::retry, "stopped before it was sent"));
  }
  outgoing_.clear();
}

/// Until there is something to do; false when it is time to end.
bool Session::wait() {
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

/// Answers come to subjects below one of this connection's own.
Result<void> Session::connect() {
  const Result<OptionsHandle> options = settings_.make_options();
  if (!options) return pass_on(options);
  natsConnection* connection = nullptr;
  natsStatus status = natsConnection_Connect(&connection, options->get());
  connection_.reset(connection);
  natsInbox* inbox = nullptr;
  if (status == NATS_OK) status = natsInbox_Create(&inbox);
  if (status == NATS_OK) {
    inbox_ = inbox;
    natsInbox_Destroy(inbox);
    natsSubscription* subscription = nullptr;
    status = natsConnection_SubscribeSync(&subscription, connection, (inbox_ + ".*").c_str());
    subscription_.reset(subscription);
  }
  if (status == NATS_OK) {
    is_receiving_ = true;
    receiver_ = std::thread([this] { receive(); });
    return {};
  }
  connection_.reset();
  return fail(is_refusal(status) ? ErrorKind::peer_refused : ErrorKind::peer_away,
              natsStatus_GetText(status));
}

void Session::receive() {
  block_signals_in_this_thread();
  while (is_receiving_) {
    natsMsg* raw = nullptr;
    const natsStatus status =
        natsSubscription_NextMsg(&raw, subscription_.get(), kReceiveWait.count());
    const MessageHandle message(raw);
    if (status == NATS_OK) {
      take_ack(raw);
    } else if (status == NATS_NO_RESPONDERS) {
      refuse_first();
    } else if (status != NATS_TIMEOUT) {
      return reconnect();
    }
  }
}

/// Nobody listens on the subject. The library does not say whose message that is: the first that
/// waits, or a later one, and then the first comes again with an id that the stream knows.
void Session::refuse_first() {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (pending_.empty()) return;
    number = pending_.begin()->first;
  }
  answer(number,
         outcome(Outcome::refused, "no stream takes this subject, or JetStream is not enabled"));
}

void Session::send_one(const Outgoing& outgoing) {
  if (connection_ == nullptr) {
    if (const Result<void> connected = connect(); !connected) {
      const bool is_away = connected.error().kind == ErrorKind::peer_away;
      return port_.post({.number = outgoing.number,
                         .outcomes = {is_away ? Outcome::retry : Outcome::refused},
                         .reason = "nats: " + connected.error().message});
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    pending_[outgoing.number] = std::chrono::steady_clock::now() + settings_.answer_timeout;
  }
  const Message& content = outgoing.message;
  const std::string reply = inbox_ + "." + std::to_string(outgoing.number);
  natsMsg* raw = nullptr;
  natsStatus status = natsMsg_Create(&raw, content.subject.c_str(), reply.c_str(),
                                     content.body.data(), static_cast<int>(content.body.size()));
  const MessageHandle message(raw);
  for (const auto& [name, value] : content.headers) {
    if (status == NATS_OK) status = natsMsgHeader_Set(raw, name.c_str(), value.c_str());
  }
  if (status == NATS_OK) status = natsConnection_PublishMsg(connection_.get(), raw);
  if (status == NATS_OK) return;
  const bool is_too_large = status == NATS_MAX_PAYLOAD;
  answer(outgoing.number,
         outcome(is_too_large ? Outcome::permanent : Outcome::retry, natsStatus_GetText(status)));
}

void Session::disconnect() {
  is_receiving_ = false;
  if (receiver_.joinable()) receiver_.join();
  subscription_.reset();
  connection_.reset();
  fail_pending("the connection has ended");
  const std::scoped_lock lock(mutex_);
  is_closed_ = false;
}

void Session::expire() {
  std::vector<std::uint64_t> late;
  {
    const std::scoped_lock lock(mutex_);
    const SteadyTime now = std::chrono::steady_clock::now();
    for (const auto& [number, limit] : pending_) {
      if (limit <= now) late.push_back(number);
    }
  }
  if (late.empty()) return;
  // What the server does not permit, it says to the connection, not to a message.
  const char* text = nullptr;
  if (connection_ != nullptr) natsConnection_GetLastError(connection_.get(), &text);
  const std::string error = plain(text == nullptr ? "" : text);
  const bool is_denied = error.find("ermission") != std::string::npos;
  for (const std::uint64_t number : late) {
    answer(number, is_denied ? outcome(Outcome::refused, error)
                             : outcome(Outcome::retry, "no answer within the time-out"));
  }
}

void Session::fail_pending(const std::string& reason) {
  std::map<std::uint64_t, SteadyTime> pending;
  {
    const std::scoped_lock lock(mutex_);
    pending = pending_;
  }
  for (const auto& [number, limit] : pending) answer(number, outcome(Outcome::retry, reason));
}

void Session::answer(std::uint64_t number, Response response) {
  {
    const std::scoped_lock lock(mutex_);
    const bool is_waiting = pending_.erase(number) > 0;
    const bool is_unsent =
        std::ranges::any_of(outgoing_, [&](const Outgoing& one) { return one.number == number; });
    if (!is_waiting && !is_unsent) return;  // Too late: it has its answer.
  }
  response.number = number;
  if (!response.reason.empty()) response.reason = "nats: " + response.reason;
  port_.post(std::move(response));
  changed_.notify_all();
}

void Session::take_ack(const natsMsg* message) {
  const std::string_view data(natsMsg_GetData(message),
                              static_cast<std::size_t>(natsMsg_GetDataLength(message)));
  answer(number_of(natsMsg_GetSubject(message)), read_ack(data));
}

}  // namespace copybridge::publishers::nats
