// Sessions as coroutines on one thread; Qpid Proton has the protocol, the bytes go through here.
#include "bridge/amqp/connection.h"

#include <proton/link.h>
#include <proton/sasl.h>
#include <proton/session.h>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cstring>

#include "bridge/amqp/web_socket.h"
#include "bridge/sockets/client_tls.h"

namespace copybridge::amqp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

constexpr std::uint32_t kFrameBytesMax = 65'536;
constexpr std::size_t kReadBytes = 65'536;
/// Beyond it Proton keeps what it has until the socket has taken some.
constexpr std::size_t kOutBytes = 262'144;

constexpr std::array<std::string_view, 9> kRefusals = {
    "amqp:not-found",        "amqp:unauthorized-access", "amqp:not-allowed",
    "amqp:not-implemented",  "amqp:invalid-field",       "amqp:link:redirect",
    "amqp:resource-deleted", "amqp:precondition-failed", "amqp:access-refused"};

pn_bytes_t bytes_of(std::string_view text) { return {text.size(), text.data()}; }

Error error_of(pn_condition_t* condition, std::string_view what, const std::string& place) {
  const bool is_set = condition != nullptr && pn_condition_is_set(condition);
  const char* name = is_set ? pn_condition_get_name(condition) : nullptr;
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
  {
    const std::scoped_lock lock(mutex_);
    context_ = std::make_unique<asio::io_context>(1);
  }
  out_changed_ = std::make_unique<asio::steady_timer>(*context_);
  timer_ = std::make_unique<asio::steady_timer>(*context_);
  heart_ = std::make_unique<asio::steady_timer>(*context_);
  work_.emplace(context_->get_executor());
  is_trying_ = is_open_ = is_stopping_ = false;
  thread_ = std::thread([this] { context_->run(); });
}

void Connection::post(std::function<void()> command) {
  const std::scoped_lock lock(mutex_);
  if (context_ != nullptr) asio::post(*context_, std::move(command));
}

void Connection::connect() {
  post([this] {
    if (is_trying_ || is_stopping_) return;
    is_trying_ = true;
    asio::co_spawn(*context_, try_servers(), asio::detached);
  });
}

void Connection::note_message(pn_link_t& link) {
  if (!settings_.sends_batches) return;
  sending_ = &link;
  batch_format_.expect();
}

void Connection::wake() {
  post([this] {
    if (!is_open_ || error_ || is_stopping_) return;
    user_.woken();
    process();
  });
}

void Connection::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  post([this, limit] { begin_stop(limit); });
  thread_.join();
  const std::scoped_lock lock(mutex_);
  work_.reset();
  out_changed_.reset();
  timer_.reset();
  heart_.reset();
  context_.reset();
}

void Connection::begin_stop(Milliseconds limit) {
  // Timers that are left need not run out.
  if (!is_trying_) return context_->stop();
  if (is_open_ && !error_) user_.woken();
  is_stopping_ = true;
  // Without a login there is nothing to be closed in good order.
  if (!is_open_) return close_socket();
  close_connection(limit);
  process();
}

Connection::Nothing Connection::try_servers() {
  std::string failures;
  bool was_open = false;
  const std::size_t count = settings_.access.servers.size();
  for (std::size_t i = 0; i < count && !was_open && !is_stopping_; ++i) {
    error_.reset();
    ++session_;
    co_await try_server(settings_.access.servers[server_]);
    was_open = std::exchange(is_open_, false);
    // The one that is tried next is another one: this one may be going down.
    server_ = (server_ + 1) % count;
    if (was_open) failures.clear();
    if (error_) failures += (failures.empty() ? "" : "; ") + error_->message;
  }
  Error error = error_.value_or(Error{ErrorKind::peer_away, "amqp: closed by the bridge", {}});
  if (!failures.empty()) error.message = failures;
  error_.reset();
  is_trying_ = false;
  user_.ended(error);
  if (is_stopping_) context_->stop();
}

Connection::Nothing Connection::try_server(const broker::Server& server) {
  set_timer(settings_.access.connect_timeout);
  driver_.emplace();
  out_.clear();
  batch_format_ = {};
  sending_ = nullptr;
  if (const Result<void> ready = set_up(server); !ready) {
    note(ready.error());
  } else {
    try {
      co_await reach(server);
    } catch (const boost::system::system_error& failure) {
      const std::string text = failure.code().message();
      const bool is_refused = text.find("certificate") != std::string::npos;
      note({is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away,
            "amqp: " + server.address() + ": " + text,
            {}});
    }
    end_session();
  }
  socket_ = nullptr;
  driver_.reset();
  ++timer_number_;
}

Connection::Nothing Connection::reach(const broker::Server& server) {
  const auto note_at = [&](const Error& error) {
    note({error.kind, "amqp: " + server.address() + ": " + error.message, {}});
  };
  const auto found = co_await sockets::resolve(context_->get_executor(), settings_.egress, server);
  if (!found) co_return note_at(found.error());
  // Files are read again each time: a new certificate counts.
  asio::ssl::context tls(asio::ssl::context::tls_client);
  if (server.has_tls) {
    if (Result<void> ready = sockets::set_up_context("amqp", settings_.access, tls); !ready) {
      note(ready.error());
      co_return;
    }
  }
  if (is_stopping_ || error_) co_return;
  sockets::TlsStream stream(*context_, tls);
  socket_ = &stream.next_layer();
  const Result<void> reached =
      co_await sockets::connect(stream.next_layer(), *found, settings_.egress, server);
  if (!reached) {
    socket_ = nullptr;
    co_return note_at(reached.error());
  }
  if (server.has_tls) {
    sockets::set_up_stream(settings_.access, server, stream);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await meet(stream, server);
  } else {
    co_await meet(stream.next_layer(), server);
  }
  socket_ = nullptr;
}

template <typename Stream>
Connection::Nothing Connection::meet(Stream& stream, const broker::Server& server) {
  if (settings_.web_socket_path.empty()) {
    co_await talk(stream);
    co_return;
  }
  constexpr std::uint16_t kUsualPort = 443;
  WebSocket<Stream> socket(stream);
  // As names of their own: g++ 12 destroys temporaries of a co_await twice.
  const std::string host = server.port == kUsualPort ? server.host : server.address();
  const Result<void> met = co_await socket.shake_hands(host, settings_.web_socket_path);
  if (!met) {
    note({met.error().kind, "amqp: " + server.address() + ": " + met.error().message, {}});
    co_return;
  }
  co_await talk(socket);
}

template <typename Stream>
Connection::Nothing Connection::talk(Stream& stream) {
  heart_at_ = SteadyTime::max();
  pn_connection_open(driver_->get()->connection);
  process();
  co_await (read_all(stream) || write_all(stream));
}

template <typename Stream>
Connection::Nothing Connection::read_all(Stream& stream) {
  std::string piece(kReadBytes, '\0');
  while (!is_over()) {
    const auto [error, size] =
        co_await stream.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
    if (error && error != asio::error::eof)
      pn_connection_driver_errorf(driver_->get(), "proton:io", "%s", error.message().c_str());
    if (error) break;
    feed(std::string_view(piece).substr(0, size));
  }
  close_socket();
}

template <typename Stream>
Connection::Nothing Connection::write_all(Stream& stream) {
  std::string writing;
  while (!is_over()) {
    if (out_.empty()) {
      out_changed_->expires_at(SteadyTime::max());
      co_await out_changed_->async_wait(asio::as_tuple(asio::use_awaitable));
      if (socket_ == nullptr || !socket_->is_open()) break;
      continue;
    }
    writing.clear();
    writing.swap(out_);
    is_writing_ = true;
    const auto [error, size] = co_await asio::async_write(stream, asio::buffer(writing),
                                                          asio::as_tuple(asio::use_awaitable));
    is_writing_ = false;
    if (error) {
      pn_connection_driver_errorf(driver_->get(), "proton:io", "%s", error.message().c_str());
      break;
    }
    process();
  }
  close_socket();
}

/// To Proton, as far as it takes them.
void Connection::feed(std::string_view bytes) {
  pn_connection_driver_t* const driver = driver_->get();
  while (!bytes.empty()) {
    const pn_rwbytes_t room = pn_connection_driver_read_buffer(driver);
    const std::size_t size = std::min(room.size, bytes.size());
    if (size == 0) break;
    std::memcpy(room.start, bytes.data(), size);
    pn_connection_driver_read_done(driver, size);
    bytes.remove_prefix(size);
    process();
  }
}

/// After anything that may have given Proton something to say.
void Connection::process() {
  if (!driver_) return;
  do {
    while (pn_event_t* const event = pn_connection_driver_next_event(driver_->get()))
      handle(*event);
  } while (collect());
  tick();
  // Heartbeats, and nobody waits for what ended.
  static_cast<void>(collect());
  if (!out_.empty() || is_over()) out_changed_->cancel();
}

/// What goes out. Whether there was anything: that may bring events.
bool Connection::collect() {
  pn_connection_driver_t* const driver = driver_->get();
  bool is_any = false;
  bool is_known = true;
  while (out_.size() < kOutBytes) {
    const pn_bytes_t bytes = pn_connection_driver_write_buffer(driver);
    if (bytes.size == 0) {
      // What Proton has not queued any more it has given out.
      const auto queued = sending_ == nullptr ? 0 : pn_link_queued(sending_);
      is_known = is_known && !batch_format_.is_missing(static_cast<std::uint64_t>(queued));
      break;
    }
    is_any = true;
    const std::string_view text(bytes.start, bytes.size);
    if (!settings_.sends_batches) {
      out_.append(text);
    } else {
      is_known = batch_format_.pass(text, out_) && is_known;
    }
    pn_connection_driver_write_done(driver, bytes.size);
  }
  if (!is_known) {
    // Before the socket has it whole: the peer would take a batch for one message.
    out_.clear();
    note({ErrorKind::config,
          "amqp: this Qpid Proton writes transfers in a way that is not known here: batches cannot "
          "be sent (they can with 'transport: https')",
          {}});
    close_socket();
  }
  return is_any;
}

/// Proton's own times: of heartbeats, and of a peer that is silent.
void Connection::tick() {
  const SteadyTime now = SteadyTime::clock::now();
  const auto milliseconds = [](SteadyTime time) {
    return std::chrono::ceil<Milliseconds>(time.time_since_epoch()).count();
  };
  const pn_timestamp_t next = pn_transport_tick(driver_->get()->transport, milliseconds(now));
  if (next == 0) return;
  // Every byte moves it on; only an earlier one needs the timer set anew.
  const SteadyTime at{Milliseconds(next)};
  if (at >= heart_at_) return;
  heart_at_ = at;
  heart_->expires_at(at);
  heart_->async_wait([this, session = session_](const boost::system::error_code& error) {
    if (error || session != session_) return;
    heart_at_ = SteadyTime::max();
    process();
  });
}

void Connection::handle(pn_event_t& event) {
  switch (static_cast<int>(pn_event_type(&event))) {
    case PN_CONNECTION_REMOTE_OPEN: {
      is_open_ = true;
      ++timer_number_;
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
    default:
      if (is_open_ && !is_stopping_ && pn_event_connection(&event) != nullptr && !error_)
        user_.happened(event);
  }
}

/// Whether neither side has anything more to say.
bool Connection::is_over() const {
  pn_connection_driver_t* const driver = driver_->get();
  if (is_writing_ || !out_.empty()) return false;
  // Nothing that the peer says counts any more: it has closed, or refused the login.
  if (pn_connection_driver_read_closed(driver)) return true;
  return pn_connection_driver_write_closed(driver) &&
         (pn_connection_state(driver->connection) & PN_REMOTE_CLOSED) != 0;
}

/// The socket is gone: what that means.
void Connection::end_session() {
  pn_connection_driver_t* const driver = driver_->get();
  is_writing_ = false;
  pn_connection_driver_close(driver);
  while (pn_event_t* const event = pn_connection_driver_next_event(driver)) handle(*event);
  note(pn_transport_condition(driver->transport), "the connection is lost");
  if (error_ && pn_sasl_outcome(pn_sasl(driver->transport)) == PN_SASL_AUTH)
    error_->kind = ErrorKind::peer_refused;
}

/// With a limit for the peer's answer.
void Connection::close_connection(Milliseconds limit) {
  set_timer(limit);
  if (driver_) pn_connection_close(driver_->get()->connection);
}

void Connection::close_socket() {
  boost::system::error_code ignored;
  if (socket_ != nullptr) socket_->close(ignored);
  out_changed_->cancel();
}

void Connection::set_timer(Milliseconds time) {
  timer_->expires_after(time);
  timer_->async_wait([this, number = ++timer_number_](const boost::system::error_code& error) {
    if (!error && number == timer_number_) timer_rang();
  });
}

void Connection::timer_rang() {
  if (is_open_ && !is_stopping_ && !error_) {
    user_.timed_out();
    return process();
  }
  note(nullptr,
       "no connection within " + std::to_string(settings_.access.connect_timeout.count()) + " ms");
  close_socket();
}

Result<void> Connection::set_up(const broker::Server& server) {
  pn_connection_t* const connection = pn_connection();
  pn_transport_t* const transport = pn_transport();
  pn_connection_driver_init(driver_->get(), connection, transport);
  const std::string& host = settings_.virtual_host;
  pn_connection_set_container(connection, settings_.container_id.c_str());
  pn_connection_set_hostname(connection, host.empty() ? server.host.c_str() : host.c_str());
  if (settings_.mechanism == "PLAIN") {
    const Result<std::string> password = settings_.access.password.resolve();
    if (!password) return fail(ErrorKind::peer_refused, password.error().message);
    pn_connection_set_user(connection, settings_.access.user.c_str());
    pn_connection_set_password(connection, password->c_str());
  }
  pn_sasl_t* const sasl = pn_sasl(transport);
  pn_sasl_allowed_mechs(sasl, settings_.mechanism.c_str());
  // Whether a password may travel without TLS was decided when the settings were read.
  pn_sasl_set_allow_insecure_mechs(sasl, true);
  pn_transport_set_idle_timeout(transport, static_cast<pn_millis_t>(settings_.heartbeat.count()));
  pn_transport_set_max_frame(transport, kFrameBytesMax);
  pn_connection_driver_bind(driver_->get());
  return {};
}

void Connection::note(pn_condition_t* condition, std::string_view what) {
  note(error_of(condition, what, settings_.access.servers[server_].address()));
}

void Connection::note(Error error) {
  if (!error_ && !is_stopping_) error_ = std::move(error);
}

void Connection::give_up(Error error) {
  if (!error_) error_ = std::move(error);
  close_connection(settings_.access.connect_timeout);
}

}  // namespace copybridge::amqp
