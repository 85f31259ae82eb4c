// put-token, and what the answer says.
#include "bridge/amqp/token_link.h"

#include <proton/delivery.h>
#include <proton/link.h>
#include <proton/message.h>

#include <utility>

#include "bridge/amqp/connection.h"
#include "bridge/amqp/encode.h"
#include "bridge/amqp/links.h"
#include "bridge/core/http_status.h"

namespace copybridge::amqp {
namespace {

constexpr const char* kNode = "$cbs";
constexpr std::size_t kAnswerBytesMax = 65'536;
constexpr std::size_t kDescriptionMax = 200;
constexpr int kCredit = 10;

pn_bytes_t bytes_of(std::string_view text) { return {text.size(), text.data()}; }

void put_property(pn_data_t* map, std::string_view name, std::string_view value) {
  pn_data_put_string(map, bytes_of(name));
  pn_data_put_string(map, bytes_of(value));
}

std::int64_t integer_of(pn_data_t* data) {
  switch (static_cast<int>(pn_data_type(data))) {
    case PN_INT:
      return pn_data_get_int(data);
    case PN_LONG:
      return pn_data_get_long(data);
    case PN_UINT:
      return pn_data_get_uint(data);
    default:
      return 0;
  }
}

struct Status {
  std::int64_t code = 0;
  std::string description;
};

Status status_of(pn_data_t* properties) {
  Status status;
  pn_data_rewind(properties);
  if (!pn_data_next(properties) || pn_data_type(properties) != PN_MAP) return status;
  pn_data_enter(properties);
  while (pn_data_next(properties)) {
    const pn_bytes_t name =
        pn_data_type(properties) == PN_STRING ? pn_data_get_string(properties) : pn_bytes_t{};
    const std::string_view word(name.size == 0 ? "" : name.start, name.size);
    if (!pn_data_next(properties)) break;
    if (word == "status-code") status.code = integer_of(properties);
    if (word == "status-description" && pn_data_type(properties) == PN_STRING) {
      const pn_bytes_t text = pn_data_get_string(properties);
      status.description.assign(text.start, std::min(text.size, kDescriptionMax));
    }
  }
  return status;
}

}  // namespace

void TokenLink::open(pn_session_t& session, const ClientSettings& settings) {
  waiting_.clear();
  incoming_.clear();
  is_asking_ = false;
  reply_to_ = settings.container_id;
  requests_ = open_sender(session, settings, "copybridge-put-token", kNode);
  answers_ =
      open_receiver(session, settings, "copybridge-put-token-answers", kNode, kAnswerBytesMax);
  pn_link_flow(answers_, kCredit);
}

bool TokenLink::owns(pn_event_t& event) const {
  pn_link_t* const link = pn_event_link(&event);
  return link != nullptr && (link == requests_ || link == answers_);
}

std::optional<Result<void>> TokenLink::happened(pn_event_t& event) {
  if (pn_event_type(&event) != PN_DELIVERY) {
    send();
    return std::nullopt;
  }
  pn_delivery_t& delivery = *pn_event_delivery(&event);
  if (pn_event_link(&event) == answers_) return receive(delivery);
  const std::uint64_t state = pn_delivery_remote_state(&delivery);
  if (!pn_delivery_updated(&delivery) || state == 0) return std::nullopt;
  pn_delivery_settle(&delivery);
  // The answer says the rest.
  if (state == PN_ACCEPTED || !std::exchange(is_asking_, false)) return std::nullopt;
  return fail(ErrorKind::peer_away, label_ + ": the token was not taken");
}

void TokenLink::put(const Claim& claim) {
  const MessageHandle message(pn_message());
  pn_data_put_string(pn_message_id(message.get()), bytes_of(std::to_string(++number_)));
  pn_message_set_address(message.get(), kNode);
  pn_message_set_reply_to(message.get(), reply_to_.c_str());
  pn_data_t* const map = pn_message_properties(message.get());
  pn_data_put_map(map);
  pn_data_enter(map);
  put_property(map, "operation", "put-token");
  put_property(map, "type", claim.type);
  put_property(map, "name", claim.audience);
  pn_data_exit(map);
  pn_data_put_string(pn_message_body(message.get()), bytes_of(claim.token));
  std::string buffer;
  waiting_ = encode(*message, buffer);
  is_asking_ = true;
  send();
}

void TokenLink::send() {
  if (waiting_.empty() || pn_link_credit(requests_) <= 0) return;
  pn_delivery(requests_, pn_dtag(reinterpret_cast<const char*>(&number_), sizeof number_));
  pn_link_send(requests_, waiting_.data(), waiting_.size());
  pn_link_advance(requests_);
  waiting_.clear();
}

std::optional<Result<void>> TokenLink::receive(pn_delivery_t& delivery) {
  switch (incoming_.read(delivery, kAnswerBytesMax)) {
    case IncomingMessage::State::incomplete:
      return std::nullopt;
    case IncomingMessage::State::too_large:
      return fail(ErrorKind::peer_away, label_ + ": the answer to the token is too large");
    case IncomingMessage::State::complete:
      break;
  }
  pn_delivery_update(&delivery, PN_ACCEPTED);
  pn_delivery_settle(&delivery);
  pn_link_flow(answers_, 1);
  return answered(incoming_.take());
}

std::optional<Result<void>> TokenLink::answered(const std::string& bytes) {
  const MessageHandle message(pn_message());
  if (pn_message_decode(message.get(), bytes.data(), bytes.size()) != 0) return std::nullopt;
  pn_data_t* const correlation = pn_message_correlation_id(message.get());
  pn_data_rewind(correlation);
  if (pn_data_next(correlation) && pn_data_type(correlation) == PN_STRING) {
    const pn_bytes_t id = pn_data_get_string(correlation);
    if (std::string_view(id.start, id.size) != std::to_string(number_)) return std::nullopt;
  }
  if (!std::exchange(is_asking_, false)) return std::nullopt;
  const Status status = status_of(pn_message_properties(message.get()));
  return verdict(status.code, status.description);
}

Result<void> TokenLink::verdict(std::int64_t status, const std::string& description) const {
  if (status >= 200 && status <= 299) return {};
  return fail(is_refusal_status(status) ? ErrorKind::peer_refused : ErrorKind::peer_away,
              label_ + ": the token was refused: " + std::to_string(status) + " " + description);
}

}  // namespace copybridge::amqp
