// Messages out, confirms and returned messages in.
#include "bridge/publishers/rabbitmq_peer.h"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bridge/core/threads.h"

namespace copybridge::publishers::rabbitmq {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kChannelsMax = 1;
constexpr int kFrameMax = 131'072;
constexpr int kPollMs = 100;
constexpr std::uint8_t kPersistent = 2;
constexpr int kAccessRefused = 403;
constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 406;
constexpr int kNotAllowed = 530;
constexpr timeval kCloseWait{1, 0};
/// RabbitMQ looks at the certificate alone, but librabbitmq takes no empty one.
constexpr const char* kIdentity = "copybridge";

amqp_bytes_t bytes_of(std::string_view text) {
  // librabbitmq reads only, but its interface does not say so.
  return {text.size(), const_cast<char*>(text.data())};
}

std::string_view view_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

timeval left_until(SteadyTime until) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      std::max(until - std::chrono::steady_clock::now(), SteadyTime::duration(1'000)));
  return {static_cast<time_t>(left.count() / 1'000'000),
          static_cast<suseconds_t>(left.count() % 1'000'000)};
}

/// What OpenSSL said last, where it is about a certificate; librabbitmq says only that TLS failed.
std::string certificate_fault() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  const std::string words = reason == nullptr ? "" : reason;
  ERR_clear_error();
  return words.find("certificate") != std::string::npos ? words : "";
}

Error connection_error(int status, const broker::Server& server) {
  const std::string fault = certificate_fault();
  const bool is_refused = !fault.empty() || status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED ||
                          status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED;
  return {is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away,
          server.address() + ": " +
              (fault.empty() ? std::string(amqp_error_string2(status)) : plain_words(fault)),
          {}};
}

/// What a reply says beside success.
Error reply_error(const amqp_rpc_reply_t& reply) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
    return {ErrorKind::peer_away, amqp_error_string2(reply.library_error), {}};
  int code = 0;
  std::string_view text = "no answer";
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
      reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* close = static_cast<amqp_connection_close_t*>(reply.reply.decoded);
    code = close->reply_code;
    text = view_of(close->reply_text);
  } else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
             reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* close = static_cast<amqp_channel_close_t*>(reply.reply.decoded);
    code = close->reply_code;
    text = view_of(close->reply_text);
  }
  const bool is_refused = outcome_of_end(code, 0) == Outcome::refused;
  return {is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away, plain_words(text), {}};
}

/// The texts of a message's properties and headers, which stay where `message` is.
amqp_basic_properties_t properties_of(const OutMessage& message, bool is_persistent,
                                      std::vector<amqp_table_entry_t>& headers) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG;
  properties.delivery_mode = is_persistent ? kPersistent : 1;
  for (const auto& [name, value] : message.headers) {
    if (name == kContentTypeHeader) {
      properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
      properties.content_type = bytes_of(value);
    } else if (name == kMessageId) {
      properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
      properties.message_id = bytes_of(value);
    } else if (name == kType) {
      properties._flags |= AMQP_BASIC_TYPE_FLAG;
      properties.type = bytes_of(value);
    } else {
      amqp_table_entry_t entry{};
      entry.key = bytes_of(name);
      entry.value.kind = AMQP_FIELD_KIND_UTF8;
      entry.value.value.bytes = bytes_of(value);
      headers.push_back(entry);
    }
  }
  properties.headers = {static_cast<int>(headers.size()), headers.data()};
  return properties;
}

std::string_view id_of(const OutMessage& message) {
  const auto found =
      std::ranges::find(message.headers, kMessageId, &OutMessage::Headers::value_type::first);
  return found == message.headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

Outcome outcome_of_end(int code, std::size_t waiting) {
  switch (code) {
    case kAccessRefused:
    case kNotFound:
    case kNotAllowed:
      return Outcome::refused;
    case kPreconditionFailed:
      return waiting == 1 ? Outcome::doubtful : Outcome::retry;
    default:
      return Outcome::retry;
  }
}

Result<void> Peer::connect() {
  const std::size_t count = settings_.access.servers.size();
  Result<void> connected = fail(ErrorKind::peer_away, "no server");
  for (std::size_t tries = 0; tries < count && !connected; ++tries) {
    const broker::Server& server = settings_.access.servers[server_];
    connected = connect_to(server);
    if (!connected) server_ = (server_ + 1) % count;
    if (!connected && connected.error().kind == ErrorKind::config) break;
  }
  return connected;
}

Result<void> Peer::connect_to(const broker::Server& server) {
  const SteadyTime until = std::chrono::steady_clock::now() + settings_.access.connect_timeout;
  const std::scoped_lock lock(mutex_);
  connection_.reset(amqp_new_connection());
  Result<void> connected = open_socket(server, until);
  if (connected) connected = log_in();
  if (!connected) {
    connection_.reset();
    return connected;
  }
  next_tag_ = 1;
  sent_.clear();
  blocked_.clear();
  returned_.clear();
  is_receiving_ = true;
  receiver_ = std::thread([this] { receive(); });
  return connected;
}

Result<void> Peer::open_socket(const broker::Server& server, SteadyTime until) {
  const broker::Access& access = settings_.access;
  amqp_socket_t* socket = server.has_tls ? amqp_ssl_socket_new(connection_.get())
                                         : amqp_tcp_socket_new(connection_.get());
  if (socket == nullptr) return fail(ErrorKind::peer_away, "no socket can be made");
  const Result<std::string> key_password = access.client_key_password.resolve();
  if (!key_password) return pass_on(key_password);
  if (server.has_tls) {
    ERR_clear_error();
    amqp_ssl_socket_set_verify_peer(socket, access.is_insecure ? 0 : 1);
    amqp_ssl_socket_set_verify_hostname(socket, access.is_insecure ? 0 : 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    int status = AMQP_STATUS_OK;
    if (access.ca_bundle.empty()) {
      auto* context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
      SSL_CTX_set_default_verify_paths(context);
    } else {
      status = amqp_ssl_socket_set_cacert(socket, access.ca_bundle.c_str());
    }
    if (status == AMQP_STATUS_OK && !access.client_certificate.empty()) {
      if (!key_password->empty()) amqp_ssl_socket_set_key_passwd(socket, key_password->c_str());
      status = amqp_ssl_socket_set_key(socket, access.client_certificate.c_str(),
                                       access.client_key.c_str());
    }
    if (status != AMQP_STATUS_OK) {
      return fail(ErrorKind::config, "a certificate or its key cannot be read");
    }
  }
  timeval wait = left_until(until);
  amqp_set_handshake_timeout(connection_.get(), &wait);
  amqp_set_rpc_timeout(connection_.get(), &wait);
  const int status = amqp_socket_open_noblock(socket, server.host.c_str(), server.port, &wait);
  if (status == AMQP_STATUS_OK) return {};
  return tl::make_unexpected(connection_error(status, server));
}

Result<void> Peer::log_in() {
  const broker::Access& access = settings_.access;
  const Result<std::string> password = access.password.resolve();
  if (!password) return pass_on(password);
  const bool is_by_certificate = access.user.empty() && !access.client_certificate.empty();
  const bool is_guest = access.user.empty();
  const char* vhost = settings_.virtual_host.c_str();
  amqp_connection_state_t connection = connection_.get();
  const amqp_rpc_reply_t reply =
      is_by_certificate
          ? amqp_login(connection, vhost, kChannelsMax, kFrameMax, settings_.heartbeat_s,
                       AMQP_SASL_METHOD_EXTERNAL, kIdentity)
          : amqp_login(connection, vhost, kChannelsMax, kFrameMax, settings_.heartbeat_s,
                       AMQP_SASL_METHOD_PLAIN, is_guest ? "guest" : access.user.c_str(),
                       is_guest ? "guest" : password->c_str());
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return tl::make_unexpected(reply_error(reply));
  if (amqp_channel_open(connection, kChannel) == nullptr ||
      amqp_confirm_select(connection, kChannel) == nullptr) {
    return tl::make_unexpected(reply_error(amqp_get_rpc_reply(connection)));
  }
  return {};
}

std::optional<Response> Peer::send(std::uint64_t number, const OutMessage& message) {
  std::vector<amqp_table_entry_t> headers;
  const amqp_basic_properties_t properties =
      properties_of(message, settings_.is_persistent, headers);
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return respond(Outcome::retry, "the connection has ended");
  // It would lie in the socket, and the confirm would not come.
  if (!blocked_.empty()) return respond(Outcome::throttled, "the broker is short of " + blocked_);
  sent_.emplace(next_tag_, Sent{number, std::string(id_of(message))});
  const int status = amqp_basic_publish(connection_.get(), kChannel, bytes_of(settings_.exchange),
                                        bytes_of(message.address), settings_.is_mandatory ? 1 : 0,
                                        0, &properties, bytes_of(message.body));
  if (status == AMQP_STATUS_OK) {
    ++next_tag_;
    return std::nullopt;
  }
  sent_.erase(next_tag_);
  const bool is_own = status == AMQP_STATUS_TABLE_TOO_BIG || status == AMQP_STATUS_BAD_AMQP_DATA;
  if (!is_own) session_.reconnect();
  return respond(is_own ? Outcome::permanent : Outcome::retry, amqp_error_string2(status));
}

void Peer::receive() {
  block_signals_in_this_thread();
  while (is_receiving_) {
    int descriptor = -1;
    {
      const std::scoped_lock lock(mutex_);
      if (connection_ != nullptr) descriptor = amqp_get_sockfd(connection_.get());
    }
    pollfd waits{descriptor, POLLIN, 0};
    // What TLS or the library has read already says nothing to poll: hence the short wait.
    poll(&waits, 1, kPollMs);
    bool is_open = true;
    Answers answers;
    {
      const std::scoped_lock lock(mutex_);
      is_open = connection_ != nullptr && take_frames();
      answers.swap(answers_);
    }
    for (auto& [number, response] : answers) session_.answer(number, std::move(response));
    if (!is_open) return session_.reconnect();
  }
}

/// Takes all that has come; false when the connection or the channel has ended.
bool Peer::take_frames() {
  for (;;) {
    timeval at_once{0, 0};
    amqp_frame_t frame{};
    amqp_maybe_release_buffers(connection_.get());
    const int status = amqp_simple_wait_frame_noblock(connection_.get(), &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) return true;
    if (status != AMQP_STATUS_OK) return false;
    if (frame.frame_type == AMQP_FRAME_METHOD && !take_method(frame.payload.method)) return false;
    if (frame.frame_type == AMQP_FRAME_HEADER) {
      take_returned(*static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded));
    }
  }
}

bool Peer::take_method(const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<amqp_basic_ack_t*>(method.decoded);
      confirm(ack->delivery_tag, ack->multiple != 0, true);
      return true;
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<amqp_basic_nack_t*>(method.decoded);
      confirm(nack->delivery_tag, nack->multiple != 0, false);
      return true;
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const auto* back = static_cast<amqp_basic_return_t*>(method.decoded);
      returned_ = std::to_string(back->reply_code) + " " + plain_words(view_of(back->reply_text));
      return true;
    }
    case AMQP_CONNECTION_BLOCKED_METHOD: {
      const auto* blocked = static_cast<amqp_connection_blocked_t*>(method.decoded);
      blocked_ = plain_words(view_of(blocked->reason));
      if (blocked_.empty()) blocked_ = "something";
      return true;
    }
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      blocked_.clear();
      return true;
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto* close = static_cast<amqp_channel_close_t*>(method.decoded);
      take_end(close->reply_code, view_of(close->reply_text));
      return false;
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto* close = static_cast<amqp_connection_close_t*>(method.decoded);
      take_end(close->reply_code, view_of(close->reply_text));
      return false;
    }
    default:
      return true;
  }
}

/// The header of a message that comes back, before its confirm.
void Peer::take_returned(const amqp_basic_properties_t& properties) {
  if (returned_.empty() || (properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) == 0) return;
  const std::string_view id = view_of(properties.message_id);
  const auto found = std::ranges::find_if(
      sent_, [&](const auto& one) { return one.second.id == id && one.second.returned.empty(); });
  if (found != sent_.end()) found->second.returned = returned_;
  returned_.clear();
}

void Peer::confirm(std::uint64_t tag, bool is_multiple, bool is_accepted) {
  // 0 with multiple: all.
  const auto first = is_multiple ? sent_.begin() : sent_.find(tag);
  const auto end = is_multiple && tag == 0 ? sent_.end() : sent_.upper_bound(tag);
  for (auto at = first; at != end && at != sent_.end(); at = sent_.erase(at)) {
    const Sent& sent = at->second;
    Response response = {.outcomes = {Outcome::accepted}};
    // A queue that is full and rejects what is published says no.
    if (!is_accepted) response = respond(Outcome::throttled, "the broker did not take it");
    if (!sent.returned.empty()) response = respond(settings_.unroutable, sent.returned);
    answers_.emplace(sent.number, std::move(response));
  }
}

void Peer::take_end(int code, std::string_view text) {
  const Outcome outcome = outcome_of_end(code, sent_.size());
  for (const auto& [tag, sent] : sent_)
    answers_.emplace(sent.number, respond(outcome, plain_words(text)));
  sent_.clear();
}

void Peer::disconnect() {
  is_receiving_ = false;
  if (receiver_.joinable()) receiver_.join();
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return;
  if (sent_.empty()) {
    amqp_set_rpc_timeout(connection_.get(), &kCloseWait);
    amqp_connection_close(connection_.get(), AMQP_REPLY_SUCCESS);
  }
  connection_.reset();
  sent_.clear();
}

}  // namespace copybridge::publishers::rabbitmq
