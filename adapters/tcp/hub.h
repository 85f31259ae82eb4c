// The connections of a source: takes or makes them, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/tcp/connection.h"
#include "bridge/broker/access.h"
#include "bridge/core/log.h"
#include "bridge/sockets/egress.h"
#include "bridge/sockets/listener.h"

namespace copybridge::adapters::tcp {

struct HubSettings {
  std::string name;  ///< of the adapter, for the log
  /// Where it listens; nothing: it connects to the servers of `access`, one connection at a time.
  std::optional<sockets::ListenAddress> listen;
  sockets::TlsSettings tls;  ///< of the listener
  broker::Access access;
  sockets::Egress egress;  ///< of connections to those
  std::size_t connections_max = 1;
  ConnectionSettings connection;
  /// Of a new connection. ErrorKind::config: a secret that is not there.
  std::function<Result<std::unique_ptr<Conversation>>()> make_conversation;
};

/// What became of the connection that the bridge makes.
struct Link {
  enum class State : std::uint8_t {
    none,  ///< none is tried
    trying,
    open,
    finished,  ///< the server had no more to say
    failed
  };
  State state = State::none;
  std::optional<Error> failure;  ///< of the last attempt or connection, until one is open
};

class Hub {
 public:
  Hub(HubSettings settings, Intake& intake, const Clock& clock, Log& log);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// Listens, or gets ready to connect. ErrorKind::config: files of TLS, secrets; source: the
  /// address cannot be had.
  Result<void> open();
  /// Answers what was settled, and ends within `limit`. Twice it does nothing.
  void close(Milliseconds limit);

  /// Any thread, as the following. Begins to connect where it is not connected.
  void connect();
  [[nodiscard]] Link link() const;
  /// So many records of a connection are safe, or not kept.
  void settle(std::uint64_t connection, std::size_t records, bool are_safe);
  /// There is room in the intake again.
  void resume();
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] bool has_broken() const;

 private:
  class Loop;
  const HubSettings settings_;
  Intake& intake_;
  const Clock& clock_;
  Log& log_;
  std::shared_ptr<Loop> loop_;
};

}  // namespace copybridge::adapters::tcp
