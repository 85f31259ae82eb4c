// The proactor's loop.
#include "bridge/amqp/connection.h"

#include <proton/connection.h>
#include <proton/link.h>
#include <proton/sasl.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

#include <algorithm>
#include <array>

namespace copybridge::amqp {
namespace {

constexpr std::uint32_t kFrameBytesMax = 65'536;

constexpr std::array<std::string_view, 9> kRefusals = {
    "amqp:not-found",        "amqp:unauthorized-access", "amqp:not-allowed",
    "amqp:not-implemented",  "amqp:invalid-field",       "amqp:link:redirect",
    "amqp:resource-deleted", "amqp:precondition-failed", "amqp:access-refused"};

pn_bytes_t bytes_of(std::string_view text) { return {text.size(), text.data()}; }

Error error_of(pn_condition_t* condition, std::string_view what, const std::string& place) {
  const char* name = pn_condition_get_name(condition);
  const std::string text = text_of(condition);
  const bool is_refused = (name != nullptr && is_refusal(name)) ||
                          text.find("certificate verify failed") != std::string::npos ||
                          text.find("hostname") != std::string::npos;
  return {is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away,
          "amqp: " + place + ": " + std::string(what) + (text.empty() ? "" : ": " + text),
          {}};
}

}  // namespace

std::string text_of(pn_condition_t* condition) {
  if (condition == nullptr || !pn_condition_is_set(condition)) return {};
  const char* description = pn_condition_get_description(condition);
  std::string text = pn_condition_get_name(condition);
  if (description != nullptr) text += ": " + std::string(description);
  return text;
}

bool is_refusal(std::string_view condition_name) {
  return std::ranges::find(kRefusals, condition_name) != kRefusals.end();
}

void set_capabilities(pn_data_t& data, const std::vector<std::string>& names) {
  if (names.empty()) return;
  pn_data_put_array(&data, false, PN_SYMBOL);
  pn_data_enter(&data);
  for (const std::string& name : names) pn_data_put_symbol(&data, bytes_of(name));
  pn_data_exit(&data);
}

void Connection::start() {
  if (thread_.joinable()) return;
  proactor_.reset(pn_proactor());
  is_open_ = is_stopping_ = is_done_ = false;
  wants_connection_ = wants_wake_ = false;
  wants_stop_.reset();
  thread_ = std::thread([this] { run(); });
}

void Connection::connect() {
  const std::scoped_lock lock(mutex_);
  wants_connection_ = true;
  notify();
}

void Connection::wake() {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(wants_wake_, true)) return;
  notify();
}

void Connection::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    wants_stop_ = limit;
    notify();
  }
  thread_.join();
  proactor_.reset();
}

/// With the mutex locked. Objects of a connection may only be used among its own events.
void Connection::notify() {
  if (connection_ != nullptr) {
    pn_connection_wake(connection_);
  } else if (proactor_ != nullptr) {
    pn_proactor_interrupt(proactor_.get());
  }
}

void Connection::run() {
  while (!is_done_) {
    pn_event_batch_t* const batch = pn_proactor_wait(proactor_.get());
    while (pn_event_t* const event = pn_event_batch_next(batch)) handle(*event);
    pn_proactor_done(proactor_.get(), batch);
  }
}

void Connection::handle(pn_event_t& event) {
  const pn_event_type_t type = pn_event_type(&event);
  switch (static_cast<int>(type)) {
    case PN_PROACTOR_INTERRUPT:
    case PN_CONNECTION_WAKE:
      return do_commands();
    case PN_PROACTOR_TIMEOUT:
      if (is_open_ && !is_stopping_ && !error_) return user_.timed_out();
      note(nullptr, "no connection within " +
                        std::to_string(settings_.access.connect_timeout.count()) + " ms");
      return pn_proactor_disconnect(proactor_.get(), nullptr);
    case PN_CONNECTION_REMOTE_OPEN: {
      is_open_ = true;
      failures_.clear();
      pn_proactor_cancel_timeout(proactor_.get());
      pn_session_t* const session = pn_session(pn_event_connection(&event));
      pn_session_open(session);
      if (!is_stopping_) user_.opened(*session);
      return;
    }
    case PN_CONNECTION_REMOTE_CLOSE:
      note(pn_connection_remote_condition(pn_event_connection(&event)),
           "the connection was closed");
      return close_connection(settings_.access.connect_timeout);
    case PN_SESSION_REMOTE_CLOSE:
      note(pn_session_remote_condition(pn_event_session(&event)),
           settings_.address + ": the session was ended");
      return close_connection(settings_.access.connect_timeout);
    case PN_LINK_REMOTE_CLOSE:
    case PN_LINK_REMOTE_DETACH:
      note(pn_link_remote_condition(pn_event_link(&event)),
           settings_.address + ": the link was detached");
      return close_connection(settings_.access.connect_timeout);
    case PN_TRANSPORT_CLOSED:
      return closed(*pn_event_transport(&event));
    default:
      if (is_open_ && !is_stopping_ && pn_event_connection(&event) != nullptr && !error_)
        user_.happened(event);
  }
}

void Connection::do_commands() {
  std::unique_lock lock(mutex_);
  const bool wants_connection = std::exchange(wants_connection_, false);
  const bool wants_wake = std::exchange(wants_wake_, false);
  const bool wants_stop = wants_stop_.has_value();
  const bool has_connection = connection_ != nullptr;
  lock.unlock();
  if (wants_connection && !has_connection && !wants_stop) {
    attempts_left_ = settings_.access.servers.size();
    begin_attempt();
  }
  if ((wants_wake || wants_stop) && is_open_ && !error_ && !is_stopping_) user_.woken();
  if (wants_stop && !is_stopping_) begin_stop();
}

void Connection::begin_stop() {
  is_stopping_ = true;
  Milliseconds limit{0};
  {
    const std::scoped_lock lock(mutex_);
    limit = *wants_stop_;
    is_done_ = connection_ == nullptr;
  }
  if (is_done_) return;
  // Without a login there is nothing to be closed in good order.
  if (is_open_) return close_connection(limit);
  pn_proactor_disconnect(proactor_.get(), nullptr);
}

/// With a limit for the peer's answer.
void Connection::close_connection(Milliseconds limit) {
  set_timer(limit);
  const std::scoped_lock lock(mutex_);
  if (connection_ != nullptr) pn_connection_close(connection_);
}

void Connection::set_timer(Milliseconds time) {
  pn_proactor_set_timeout(proactor_.get(), static_cast<pn_millis_t>(time.count()));
}

void Connection::begin_attempt() {
  const broker::Server& server = settings_.access.servers[server_];
  error_.reset();
  pn_connection_t* const connection = pn_connection();
  pn_transport_t* const transport = pn_transport();
  if (Result<void> ready = set_up(server, *connection, *transport); !ready) {
    pn_connection_free(connection);
    pn_transport_free(transport);
    return attempt_failed(ready.error());
  }
  pn_connection_open(connection);
  const std::scoped_lock lock(mutex_);
  connection_ = connection;
  set_timer(settings_.access.connect_timeout);
  pn_proactor_connect2(proactor_.get(), connection, transport, server.address().c_str());
}

Result<void> Connection::set_up(const broker::Server& server, pn_connection_t& connection,
                                pn_transport_t& transport) {
  const std::string& host = settings_.virtual_host;
  pn_connection_set_container(&connection, settings_.container_id.c_str());
  pn_connection_set_hostname(&connection, host.empty() ? server.host.c_str() : host.c_str());
  if (settings_.mechanism == "PLAIN") {
    const Result<std::string> password = settings_.access.password.resolve();
    if (!password) return fail(ErrorKind::peer_refused, password.error().message);
    pn_connection_set_user(&connection, settings_.access.user.c_str());
    pn_connection_set_password(&connection, password->c_str());
  }
  pn_sasl_t* const sasl = pn_sasl(&transport);
  pn_sasl_allowed_mechs(sasl, settings_.mechanism.c_str());
  // Whether a password may travel without TLS was decided when the settings were read.
  pn_sasl_set_allow_insecure_mechs(sasl, true);
  pn_transport_set_idle_timeout(&transport, static_cast<pn_millis_t>(settings_.heartbeat.count()));
  pn_transport_set_max_frame(&transport, kFrameBytesMax);
  if (!server.has_tls) return {};
  return set_up_tls(server, transport);
}

Result<void> Connection::set_up_tls(const broker::Server& server, pn_transport_t& transport) {
  const broker::Access& access = settings_.access;
  const SslDomainHandle domain(pn_ssl_domain(PN_SSL_MODE_CLIENT));
  if (domain == nullptr) return fail(ErrorKind::peer_refused, "amqp: Qpid Proton has no TLS");
  if (!access.client_certificate.empty()) {
    const Result<std::string> password = access.client_key_password.is_empty()
                                             ? std::string()
                                             : access.client_key_password.resolve();
    if (!password) return fail(ErrorKind::peer_refused, password.error().message);
    if (pn_ssl_domain_set_credentials(domain.get(), access.client_certificate.c_str(),
                                      access.client_key.c_str(),
                                      password->empty() ? nullptr : password->c_str()) != 0) {
      return fail(ErrorKind::peer_refused,
                  "amqp: 'client_certificate' and 'client_key' cannot be used");
    }
  }
  if (!access.ca_bundle.empty() &&
      pn_ssl_domain_set_trusted_ca_db(domain.get(), access.ca_bundle.c_str()) != 0) {
    return fail(ErrorKind::peer_refused, "amqp: 'ca_bundle' cannot be used");
  }
  const pn_ssl_verify_mode_t mode =
      access.is_insecure ? PN_SSL_ANONYMOUS_PEER : PN_SSL_VERIFY_PEER_NAME;
  if (pn_ssl_domain_set_peer_authentication(domain.get(), mode, nullptr) != 0) {
    return fail(ErrorKind::peer_refused, "amqp: certificates cannot be verified");
  }
  pn_ssl_t* const ssl = pn_ssl(&transport);
  pn_ssl_init(ssl, domain.get(), nullptr);
  pn_ssl_set_peer_hostname(ssl, server.host.c_str());
  return {};
}

void Connection::note(pn_condition_t* condition, std::string_view what) {
  if (error_ || is_stopping_) return;
  error_ = error_of(condition, what, settings_.access.servers[server_].address());
}

void Connection::give_up(Error error) {
  if (!error_) error_ = std::move(error);
  close_connection(settings_.access.connect_timeout);
}

void Connection::closed(pn_transport_t& transport) {
  const bool is_refused = pn_sasl_outcome(pn_sasl(&transport)) == PN_SASL_AUTH;
  note(pn_transport_condition(&transport), "the connection is lost");
  {
    const std::scoped_lock lock(mutex_);
    connection_ = nullptr;
  }
  pn_proactor_cancel_timeout(proactor_.get());
  const bool was_open = std::exchange(is_open_, false);
  Error error = error_.value_or(Error{ErrorKind::peer_away, "amqp: closed by the bridge", {}});
  if (is_refused) error.kind = ErrorKind::peer_refused;
  if (is_stopping_) {
    is_done_ = true;
    user_.ended(error);
    return;
  }
  if (!was_open) return attempt_failed(std::move(error));
  // The one that is tried next is another one: this one may be going down.
  server_ = (server_ + 1) % settings_.access.servers.size();
  user_.ended(error);
}

void Connection::attempt_failed(Error error) {
  server_ = (server_ + 1) % settings_.access.servers.size();
  failures_ += (failures_.empty() ? "" : "; ") + error.message;
  if (attempts_left_ > 1) {
    --attempts_left_;
    return begin_attempt();
  }
  error.message = std::exchange(failures_, {});
  user_.ended(error);
}

}  // namespace copybridge::amqp
