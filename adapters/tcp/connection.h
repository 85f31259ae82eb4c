// One connection: bytes in, records to the intake, acknowledgements out. Everything happens on the
// thread of the connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "adapters/tcp/conversation.h"
#include "adapters/tcp/intake.h"
#include "bridge/core/clock.h"
#include "bridge/sockets/client_tls.h"

namespace copybridge::adapters::tcp {

/// Why a connection ended.
struct Ending {
  enum class Kind : std::uint8_t {
    finished,  ///< the other end had no more to say
    lost,      ///< it broke
    limited,   ///< a limit was reached
    broken,    ///< what came is not framed as it should be
    stopped    ///< the bridge ends it
  };
  Kind kind = Kind::stopped;
  std::string reason;
  std::uint64_t records = 0;    ///< how many it has brought
  bool is_within_work = false;  ///< a record was not whole, or not answered
};

struct ConnectionSettings {
  Milliseconds idle{0};          ///< 0: no limit
  Milliseconds record_limit{0};  ///< how long a record may take to come in
};

/// What a connection is given. The functions are called by its own thread.
struct ConnectionContext {
  std::uint64_t number = 0;
  std::shared_ptr<boost::asio::io_context> context;
  ConnectionSettings settings;
  Intake* intake = nullptr;
  const Clock* clock = nullptr;
  std::function<void(std::uint64_t number, const Ending& ending)> ended;
};

class Connection {
 public:
  Connection(ConnectionContext context, Attributes attributes,
             std::unique_ptr<Conversation> conversation);
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] std::uint64_t number() const { return context_.number; }
  /// Greets and reads.
  void start();
  /// So many further records are safe.
  void settled(std::size_t records);
  /// Further ones are not kept: the sender has them.
  void refused();
  /// There is room in the intake again.
  void resume();
  /// Ends it once what was answered has left, or now.
  void end(bool at_once);
  /// Ends it where a limit of time is reached.
  void check_time(SteadyTime now);

 protected:
  static constexpr std::size_t kReadBytes = 65'536;

  /// Each calls back once, later: read_some() note_read(), write() note_written().
  virtual void read_some(std::uint8_t* into, std::size_t size) = 0;
  virtual void write(const std::string& bytes) = 0;
  /// `may_say_so`: nothing is under way that a goodbye would meet.
  virtual void close(bool may_say_so) = 0;

  /// `is_end`: nothing follows, for certain.
  void note_read(std::size_t size, bool is_end, const boost::system::error_code& error);
  void note_written(const boost::system::error_code& error);

 private:
  void take(bool is_end);
  void go_on();
  void send();
  void finish_if_done();
  void close_for(Ending::Kind kind, std::string reason);

  const ConnectionContext context_;
  const std::shared_ptr<const Attributes> attributes_;
  const std::unique_ptr<Conversation> conversation_;
  ByteBuffer input_;
  std::size_t kept_ = 0;  ///< of input_, before what is being read
  std::string out_;
  std::string writing_;
  std::size_t counted_ = 0;  ///< bytes that the intake counts as parts of records
  std::uint64_t records_ = 0;
  std::uint64_t unsettled_ = 0;
  SteadyTime active_at_;
  SteadyTime record_since_;  ///< where input_ has a part of a record
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool has_ended_ = false;  ///< nothing more is read
  bool is_closed_ = false;
  Ending ending_;
};

/// A connection over a socket that is there. `client`: the name in the peer's certificate.
[[nodiscard]] std::shared_ptr<Connection> make_connection(
    ConnectionContext context, boost::asio::ip::tcp::socket socket,
    std::unique_ptr<Conversation> conversation);
[[nodiscard]] std::shared_ptr<Connection> make_connection(
    ConnectionContext context, std::unique_ptr<sockets::TlsStream> stream, std::string client,
    std::unique_ptr<Conversation> conversation);

}  // namespace copybridge::adapters::tcp
