// Eclipse Paho's asynchronous client, one client per connection.
#include "bridge/publishers/mqtt_peer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <future>

namespace copybridge::publishers::mqtt {
namespace {

constexpr int kProtocolSuccessMax = 0x7F;
constexpr int kBufferedMax = 1'000'000;
constexpr std::array kRefusals = {MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID,
                                  MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD,
                                  MQTTREASONCODE_NOT_AUTHORIZED,
                                  MQTTREASONCODE_BANNED,
                                  MQTTREASONCODE_BAD_AUTHENTICATION_METHOD,
                                  MQTTREASONCODE_TOPIC_NAME_INVALID,
                                  MQTTREASONCODE_QOS_NOT_SUPPORTED,
                                  MQTTREASONCODE_RETAIN_NOT_SUPPORTED,
                                  MQTTREASONCODE_USE_ANOTHER_SERVER,
                                  MQTTREASONCODE_SERVER_MOVED};

bool is_refusal(int code) {
  return std::ranges::any_of(kRefusals, [&](int refusal) { return refusal == code; });
}

std::string words_of(int code, const char* message) {
  const char* name = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(code));
  if (message == nullptr) message = name;
  return plain_words(message == nullptr ? "no reason given" : message);
}

/// The end of an attempt to connect; lives until Paho has said how it ended.
struct Attempt {
  std::promise<Result<void>> ended;
  std::string tls_error;
};

void note_failure(Attempt& attempt, int code, const char* message) {
  const bool is_certificate = attempt.tls_error.find("certificate") != std::string::npos;
  const bool is_refused = is_certificate || is_refusal(code);
  attempt.ended.set_value(
      fail(is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away,
           is_certificate ? plain_words(attempt.tls_error) : words_of(code, message)));
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

MQTTAsync_SSLOptions tls_options(const Connection& connection, Attempt& attempt) {
  MQTTAsync_SSLOptions options = MQTTAsync_SSLOptions_initializer;
  options.trustStore = text_or_null(connection.ca_bundle);
  options.keyStore = text_or_null(connection.client_certificate);
  options.privateKey = text_or_null(connection.client_key);
  options.privateKeyPassword = text_or_null(connection.client_key_password);
  options.enableServerCertAuth = connection.verify ? 1 : 0;
  options.verify = connection.verify ? 1 : 0;
  options.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
  options.ssl_error_context = &attempt;
  options.ssl_error_cb = [](const char* text, std::size_t size, void* context) {
    static_cast<Attempt*>(context)->tls_error.append(text, size);
    return 1;
  };
  return options;
}

void add_property(MQTTProperties& properties, MQTTPropertyCodes code, const std::string& value) {
  MQTTProperty property{};
  property.identifier = code;
  property.value.data = {static_cast<int>(value.size()), const_cast<char*>(value.data())};
  MQTTProperties_add(&properties, &property);
}

void add_user_property(MQTTProperties& properties, const std::string& name,
                       const std::string& value) {
  MQTTProperty property{};
  property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
  property.value.data = {static_cast<int>(name.size()), const_cast<char*>(name.data())};
  property.value.value = {static_cast<int>(value.size()), const_cast<char*>(value.data())};
  MQTTProperties_add(&properties, &property);
}

}  // namespace

Outcome outcome_of(int reason_code) {
  if (reason_code >= 0 && reason_code <= kProtocolSuccessMax) return Outcome::accepted;
  if (is_refusal(reason_code)) return Outcome::refused;
  switch (reason_code) {
    case MQTTREASONCODE_QUOTA_EXCEEDED:
    case MQTTREASONCODE_MESSAGE_RATE_TOO_HIGH:
    case MQTTREASONCODE_SERVER_BUSY:
      return Outcome::throttled;
    case MQTTREASONCODE_PAYLOAD_FORMAT_INVALID:
    case MQTTREASONCODE_PACKET_TOO_LARGE:
      return Outcome::permanent;
    case MQTTREASONCODE_UNSPECIFIED_ERROR:
    case MQTTREASONCODE_IMPLEMENTATION_SPECIFIC_ERROR:
      return Outcome::doubtful;
    default:
      return Outcome::retry;
  }
}

/// Paho takes the proxy of these variables whatever `no_proxy` says, and does not read all of its
/// answer.
bool is_led_astray() {
  return std::getenv("http_proxy") != nullptr || std::getenv("https_proxy") != nullptr;
}

Result<void> Peer::ensure_relay(const Connection& connection) {
  const sockets::Egress& egress = connection.egress;
  const bool is_plain = egress.proxy.host.empty() && egress.interface.empty();
  if (relay_ != nullptr || (is_plain && !is_led_astray())) return {};
  auto relay = sockets::Relay::start(egress, connection.connect_timeout);
  if (!relay) return pass_on(relay);
  relay_ = std::move(*relay);
  return {};
}

Result<void> Peer::connect() {
  const Result<Connection> made = make_();
  if (!made) return pass_on(made);
  const Connection& connection = *made;
  if (Result<void> relayed = ensure_relay(connection); !relayed) return relayed;
  retain_ = connection.retain;
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
  create.maxBufferedMessages = kBufferedMax;  // The pipeline bounds what is in flight.
  const std::string& first = connection.servers.front();
  if (MQTTAsync_createWithOptions(&client_, first.c_str(), connection.client_id.c_str(),
                                  MQTTCLIENT_PERSISTENCE_NONE, nullptr,
                                  &create) != MQTTASYNC_SUCCESS) {
    client_ = nullptr;
    return fail(ErrorKind::peer_refused, "the client cannot be made for " + first);
  }
  MQTTAsync_setCallbacks(
      client_, this, [](void* peer, char*) { static_cast<Peer*>(peer)->session_.reconnect(); },
      [](void*, char* topic, int, MQTTAsync_message* message) {
        MQTTAsync_freeMessage(&message);  // Nothing is subscribed to.
        MQTTAsync_free(topic);
        return 1;
      },
      nullptr);
  Attempt attempt;
  MQTTAsync_SSLOptions tls = tls_options(connection, attempt);
  std::vector<char*> servers;
  for (const std::string& server : connection.servers) {
    servers.push_back(const_cast<char*>(server.c_str()));
  }
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
  options.cleanstart = 1;
  options.keepAliveInterval = connection.keep_alive_s;
  options.connectTimeout =
      static_cast<int>(std::chrono::ceil<std::chrono::seconds>(connection.connect_timeout).count());
  options.username = text_or_null(connection.user);
  options.password = text_or_null(connection.password);
  options.ssl = &tls;
  const std::string place = relay_ == nullptr ? "" : relay_->place();
  const std::string proxy = "http://" + place;
  const std::string proxy_of_tls = "https://" + place;
  if (relay_ != nullptr) {
    options.httpProxy = proxy.c_str();
    options.httpsProxy = proxy_of_tls.c_str();
  }
  options.serverURIs = servers.data();
  options.serverURIcount = static_cast<int>(servers.size());
  options.context = &attempt;
  options.onSuccess5 = [](void* context, MQTTAsync_successData5*) {
    static_cast<Attempt*>(context)->ended.set_value({});
  };
  options.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
    // A CONNACK's reason stands in the one or the other.
    const int code = data->reasonCode > 0 ? static_cast<int>(data->reasonCode) : data->code;
    note_failure(*static_cast<Attempt*>(context), code, data->message);
  };
  Result<void> result = fail(ErrorKind::peer_away, "no connection");
  // Paho ends every attempt that it has begun, a silent server's after the time-out.
  if (MQTTAsync_connect(client_, &options) == MQTTASYNC_SUCCESS) {
    result = attempt.ended.get_future().get();
  }
  if (result) return result;
  disconnect();
  // It knows better why nothing was reached.
  if (auto failure = relay_ == nullptr ? std::nullopt : relay_->take_failure())
    return tl::make_unexpected(std::move(*failure));
  return result;
}

std::optional<Response> Peer::send(std::uint64_t number, const OutMessage& message) {
  MQTTAsync_message content = MQTTAsync_message_initializer;
  content.payload = const_cast<char*>(message.body.data());
  content.payloadlen = static_cast<int>(message.body.size());
  content.qos = 1;
  content.retained = retain_ ? 1 : 0;
  for (const auto& [name, value] : message.headers) {
    if (name == kContentTypeHeader) {
      add_property(content.properties, MQTTPROPERTY_CODE_CONTENT_TYPE, value);
    } else {
      add_user_property(content.properties, name, value);
    }
  }
  MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
  {
    const std::scoped_lock lock(mutex_);
    tickets_[number] = std::make_unique<Ticket>(Ticket{this, number});
    options.context = tickets_[number].get();
  }
  options.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
    const Ticket ticket = *static_cast<Ticket*>(context);
    ticket.peer->take(ticket, data->reasonCode, nullptr);
  };
  options.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
    const Ticket ticket = *static_cast<Ticket*>(context);
    ticket.peer->take(ticket, data->reasonCode, data->message);
  };
  const int status = MQTTAsync_sendMessage(client_, message.address.c_str(), &content, &options);
  MQTTProperties_free(&content.properties);
  if (status == MQTTASYNC_SUCCESS) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  tickets_.erase(number);
  if (status == MQTTASYNC_DISCONNECTED) session_.reconnect();
  return respond(status == MQTTASYNC_BAD_UTF8_STRING ? Outcome::permanent : Outcome::retry,
                 MQTTAsync_strerror(status) == nullptr ? "not sent" : MQTTAsync_strerror(status));
}

void Peer::take(const Ticket& ticket, int reason_code, const char* words) {
  {
    const std::scoped_lock lock(mutex_);
    tickets_.erase(ticket.number);
  }
  const Outcome outcome = outcome_of(reason_code);
  if (outcome == Outcome::accepted) return session_.answer(ticket.number, {.outcomes = {outcome}});
  session_.answer(ticket.number, respond(outcome, words_of(reason_code, words)));
}

void Peer::disconnect() {
  if (client_ == nullptr) return;
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
  MQTTAsync_disconnect(client_, &options);
  MQTTAsync_destroy(&client_);
  client_ = nullptr;
  const std::scoped_lock lock(mutex_);
  tickets_.clear();
}

}  // namespace copybridge::publishers::mqtt
