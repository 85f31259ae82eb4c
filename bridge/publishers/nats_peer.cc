// Messages out, answers in.
#include "bridge/publishers/nats_peer.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bridge/core/threads.h"

namespace copybridge::publishers::nats {
namespace {

constexpr Milliseconds kReceiveWait{100};

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
    return respond(Outcome::retry, "the answer cannot be read");
  }
  simdjson::dom::element error;
  if (root["error"].get(error) != simdjson::SUCCESS) {
    const bool is_there = root["stream"].error() == simdjson::SUCCESS;
    return is_there ? Response{.outcomes = {Outcome::accepted}}
                    : respond(Outcome::retry, "the answer names no stream");
  }
  std::int64_t code = 0;
  std::int64_t detail = 0;
  std::string_view words;
  if (error["code"].get(code) != simdjson::SUCCESS) code = 0;
  if (error["err_code"].get(detail) != simdjson::SUCCESS) detail = 0;
  if (error["description"].get(words) != simdjson::SUCCESS) words = {};
  const std::string reason = "answered " + std::to_string(code) + " " + plain_words(words);
  if (detail == kTooLarge) return respond(Outcome::permanent, reason);
  // A stream that is full and discards what is new says 400 or 503 and that a maximum is exceeded.
  if (words.find("maximum") != std::string_view::npos) return respond(Outcome::throttled, reason);
  if (code == kForbidden || code == kForbidden - 2) return respond(Outcome::refused, reason);
  return respond(code == kBadRequest ? Outcome::doubtful : Outcome::retry, reason);
}

Result<void> Peer::connect() {
  const Result<OptionsHandle> options = make_options_();
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

void Peer::receive() {
  block_signals_in_this_thread();
  while (is_receiving_) {
    natsMsg* raw = nullptr;
    const natsStatus status =
        natsSubscription_NextMsg(&raw, subscription_.get(), kReceiveWait.count());
    const MessageHandle message(raw);
    if (status == NATS_OK) {
      session_.answer(
          number_of(natsMsg_GetSubject(raw)),
          read_ack({natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))}));
    } else if (status == NATS_NO_RESPONDERS) {
      session_.answer_first(
          respond(Outcome::refused, "no stream takes this subject, or JetStream is not enabled"));
    } else if (status != NATS_TIMEOUT) {
      return session_.reconnect();
    }
  }
}

std::optional<Response> Peer::send(std::uint64_t number, const OutMessage& message) {
  const std::string reply = inbox_ + "." + std::to_string(number);
  natsMsg* raw = nullptr;
  natsStatus status = natsMsg_Create(&raw, message.address.c_str(), reply.c_str(),
                                     message.body.data(), static_cast<int>(message.body.size()));
  const MessageHandle owner(raw);
  for (const auto& [name, value] : message.headers) {
    if (status == NATS_OK) status = natsMsgHeader_Set(raw, name.c_str(), value.c_str());
  }
  if (status == NATS_OK) status = natsConnection_PublishMsg(connection_.get(), raw);
  if (status == NATS_OK) return std::nullopt;
  return respond(status == NATS_MAX_PAYLOAD ? Outcome::permanent : Outcome::retry,
                 natsStatus_GetText(status));
}

/// What the server does not permit, it says to the connection, not to a message.
std::string Peer::denial() {
  const char* text = nullptr;
  natsConnection_GetLastError(connection_.get(), &text);
  const std::string error = plain_words(text == nullptr ? "" : text);
  return error.find("ermission") != std::string::npos ? error : "";
}

void Peer::disconnect() {
  is_receiving_ = false;
  if (receiver_.joinable()) receiver_.join();
  subscription_.reset();
  connection_.reset();
}

}  // namespace copybridge::publishers::nats
