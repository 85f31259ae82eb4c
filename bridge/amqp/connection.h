// One AMQP 1.0 connection at a time on a thread of its own: servers are tried in turn, heartbeats
// go on whatever the bridge is doing, and what the peer says is handed to the connection's user.
#pragma once

#include <proton/connection.h>
#include <proton/event.h>
#include <proton/transport.h>

#include <boost/asio.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "bridge/amqp/batch_format.h"
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
  /// ErrorKind::peer_away; peer_refused where somebody has to correct something; config where this
  /// program cannot send what it should.
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
  /// A message with a delivery_tag has been given to the link: where the connection sends batches,
  /// what goes out is checked for it.
  void note_message(pn_link_t& link);
  /// Ends the connection with an error of the user's own.
  void give_up(Error error);
  [[nodiscard]] const ClientSettings& settings() const { return settings_; }

 private:
  using Nothing = boost::asio::awaitable<void>;

  void post(std::function<void()> command);
  Nothing try_servers();
  Nothing try_server(const broker::Server& server);
  Nothing reach(const broker::Server& server);
  template <typename Stream>
  Nothing meet(Stream& stream, const broker::Server& server);
  template <typename Stream>
  Nothing talk(Stream& stream);
  template <typename Stream>
  Nothing read_all(Stream& stream);
  template <typename Stream>
  Nothing write_all(Stream& stream);
  /// Fails where the password is gone.
  Result<void> set_up(const broker::Server& server);
  void process();
  void handle(pn_event_t& event);
  [[nodiscard]] bool collect();
  void tick();
  void feed(std::string_view bytes);
  [[nodiscard]] bool is_over() const;
  void end_session();
  void begin_stop(Milliseconds limit);
  void close_connection(Milliseconds limit);
  void close_socket();
  void set_timer(Milliseconds time);
  void timer_rang();
  void note(pn_condition_t* condition, std::string_view what);
  void note(Error error);

  const ClientSettings settings_;
  ConnectionUser& user_;
  std::thread thread_;
  std::mutex mutex_;  ///< of what post() uses
  std::unique_ptr<boost::asio::io_context> context_;

  // Of the thread alone.
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  boost::asio::ip::tcp::socket* socket_ = nullptr;  ///< of the session
  std::unique_ptr<boost::asio::steady_timer> out_changed_;
  std::unique_ptr<boost::asio::steady_timer> timer_;  ///< of set_timer
  std::unique_ptr<boost::asio::steady_timer> heart_;
  std::uint64_t timer_number_ = 0;
  SteadyTime heart_at_;  ///< when it goes off
  std::optional<Driver> driver_;
  BatchFormat batch_format_;
  pn_link_t* sending_ = nullptr;  ///< whose messages batch_format_ expects
  std::string out_;               ///< not yet given to the socket
  bool is_writing_ = false;
  std::size_t server_ = 0;     ///< that is tried, or was last
  std::uint64_t session_ = 0;  ///< counts connections tried
  bool is_trying_ = false;
  bool is_open_ = false;
  bool is_stopping_ = false;
  std::optional<Error> error_;  ///< the first of this connection
};

/// `amqp:not-found: no queue 'x'`; empty where nothing is set.
[[nodiscard]] std::string text_of(pn_condition_t* condition);
/// Whether somebody has to correct something before it can work.
[[nodiscard]] bool is_refusal(std::string_view condition_name);
/// Sets the names as a terminus's capabilities.
void set_capabilities(pn_data_t& data, const std::vector<std::string>& names);

}  // namespace copybridge::amqp
