// One AMQP 1.0 connection at a time on a thread of its own: servers are tried in turn, heartbeats
// go on whatever the bridge is doing, and what the peer says is handed to the connection's user.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "bridge/amqp/client.h"
#include "bridge/amqp/handles.h"
#include "bridge/core/error.h"

namespace copybridge::amqp {

/// What a user of a connection does on the connection's thread. Nothing of it may wait.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  /// The peer has taken the connection: time for a link on the session, which is open.
  virtual void opened(pn_session_t& session) = 0;
  /// The link has been taken, or something has happened on it.
  virtual void happened(pn_event_t& event) = 0;
  /// Connection::wake() was called while the connection was open. Also called before it closes.
  virtual void woken() = 0;
  /// The alarm went off.
  virtual void timed_out() {}
  /// The connection is over, or none could be made; nothing of it may be used any more.
  /// ErrorKind::peer_away, or peer_refused where somebody has to correct something.
  virtual void ended(const Error& error) = 0;
};

/// start, connect, wake and stop may be called by any thread.
class Connection {
 public:
  Connection(ClientSettings settings, ConnectionUser& user)
      : settings_(std::move(settings)), user_(user) {}
  ~Connection() { stop(Milliseconds{0}); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts the thread, without a connection.
  void start();
  /// Asks for a connection where there is none; each server is tried once. Comes to opened() or
  /// ended().
  void connect();
  /// Has woken() called.
  void wake();
  /// Closes the connection, waiting for the peer's answer up to `limit`, and ends the thread.
  void stop(Milliseconds limit);

  /// Has timed_out() called once after `time` while the connection is open. For the connection's
  /// thread, as the next.
  void set_alarm(Milliseconds time) { set_timer(time); }
  /// Ends the connection with an error of the user's own.
  void give_up(Error error);
  [[nodiscard]] const ClientSettings& settings() const { return settings_; }

 private:
  void run();
  void notify();
  void handle(pn_event_t& event);
  void do_commands();
  void begin_attempt();
  void begin_stop();
  void close_connection(Milliseconds limit);
  /// Fails where credentials or TLS files cannot be used.
  Result<void> set_up(const broker::Server& server, pn_connection_t& connection,
                      pn_transport_t& transport);
  Result<void> set_up_tls(const broker::Server& server, pn_transport_t& transport);
  void set_timer(Milliseconds time);
  void note(pn_condition_t* condition, std::string_view what);
  void closed(pn_transport_t& transport);
  void attempt_failed(Error error);

  const ClientSettings settings_;
  ConnectionUser& user_;
  std::thread thread_;
  ProactorHandle proactor_;

  std::mutex mutex_;                       ///< of what notify() uses
  pn_connection_t* connection_ = nullptr;  ///< the proactor's
  bool wants_connection_ = false;
  bool wants_wake_ = false;
  std::optional<Milliseconds> wants_stop_;

  // Of the thread alone.
  std::size_t server_ = 0;         ///< that is tried, or was last
  std::size_t attempts_left_ = 0;  ///< servers that were not tried yet
  bool is_open_ = false;
  bool is_stopping_ = false;
  bool is_done_ = false;
  std::optional<Error> error_;  ///< the first of this connection
  std::string failures_;        ///< of the attempts before
};

/// `amqp:not-found: no queue 'x'`; empty where nothing is set.
[[nodiscard]] std::string text_of(pn_condition_t* condition);
/// Whether somebody has to correct something before it can work.
[[nodiscard]] bool is_refusal(std::string_view condition_name);
/// Sets the names as a terminus's capabilities.
void set_capabilities(pn_data_t& data, const std::vector<std::string>& names);

}  // namespace copybridge::amqp
