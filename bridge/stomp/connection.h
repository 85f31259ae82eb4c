// One STOMP connection at a time on a thread of its own: servers are tried in turn, heart-beats go
// both ways whatever the bridge is doing, and frames are handed to the connection's user.
#pragma once

#include <boost/asio.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "bridge/core/error.h"
#include "bridge/stomp/client.h"
#include "bridge/stomp/frame.h"

namespace copybridge::stomp {

/// What a user of a connection does on the connection's thread. Nothing of it may wait.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  /// The broker has taken the login: frames may be sent.
  virtual void opened() = 0;
  /// A frame that is neither ERROR nor of the login has come.
  virtual void received(Frame frame) = 0;
  /// Whether more frames may come; where not, the broker is not read until wake() is called.
  virtual bool wants_more() { return true; }
  /// Connection::wake() was called while the connection was open. Also called before it closes.
  virtual void woken() = 0;
  /// The alarm went off.
  virtual void timed_out() {}
  /// The broker has sent an ERROR, about what had that receipt where it says so; ended() follows.
  virtual void refused(std::string_view receipt, const Error& error) {
    static_cast<void>(receipt);
    static_cast<void>(error);
  }
  /// The connection is over, or none could be made. ErrorKind::peer_away, or peer_refused where
  /// somebody has to correct something.
  virtual void ended(const Error& error) = 0;
};

/// start, connect, wake and stop are for other threads, everything else for the connection's own.
class Connection {
 public:
  Connection(ClientSettings settings, ConnectionUser& user);
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
  /// Says DISCONNECT, waits for its receipt up to `limit`, and ends the thread.
  void stop(Milliseconds limit);

  /// Sends a frame.
  void send(std::string_view command,
            std::span<const std::pair<std::string_view, std::string_view>> headers,
            std::optional<std::string_view> body = std::nullopt);
  /// Ends the connection with an error of the user's own.
  void give_up(Error error);
  /// DISCONNECT, and the end once the broker has read everything before it.
  void disconnect(Error error);
  /// Has timed_out() called once after `time` while the connection is open.
  void set_alarm(Milliseconds time);
  [[nodiscard]] Version version() const { return version_; }
  /// What the broker calls itself.
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  [[nodiscard]] const ClientSettings& settings() const { return settings_; }

 private:
  using Nothing = boost::asio::awaitable<void>;

  Nothing try_servers();
  Nothing try_server(const broker::Server& server);
  template <typename Stream>
  Nothing talk(Stream& stream, const broker::Server& server);
  template <typename Stream>
  Nothing read_all(Stream& stream);
  template <typename Stream>
  Nothing write_all(Stream& stream);
  Nothing beat();
  Nothing guarded(Nothing loop, std::string place);
  Nothing ring(Milliseconds time, std::uint64_t session);
  Nothing limit_time(Milliseconds time, std::uint64_t session, std::string what);
  Result<void> log_in();
  void take(Frame frame);
  void take_connected(const Frame& frame);
  void take_error(const Frame& frame);
  void note(Error error);
  void close_socket();

  const ClientSettings settings_;
  ConnectionUser& user_;
  std::unique_ptr<boost::asio::io_context> context_;
  std::thread thread_;

  // Of the thread alone.
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  boost::asio::ip::tcp::socket* socket_ = nullptr;  ///< of the session
  std::unique_ptr<boost::asio::steady_timer> out_changed_;
  std::unique_ptr<boost::asio::steady_timer> wants_changed_;
  std::unique_ptr<FrameParser> parser_;
  std::string out_;
  std::size_t server_ = 0;     ///< that is tried, or was last
  std::uint64_t session_ = 0;  ///< counts connections tried
  bool is_trying_ = false;
  bool is_open_ = false;
  bool is_stopping_ = false;
  bool is_leaving_ = false;  ///< DISCONNECT is said
  Version version_ = Version::v1_2;
  std::string server_name_;
  Milliseconds send_every_{0};
  Milliseconds hear_every_{0};
  SteadyTime sent_at_;
  SteadyTime heard_at_;
  std::optional<Error> error_;
};

}  // namespace copybridge::stomp
