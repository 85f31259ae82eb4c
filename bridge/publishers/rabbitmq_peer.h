// A connection to RabbitMQ by AMQP 0-9-1, with publisher confirms.
#pragma once

#include <amqp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "bridge/broker/access.h"
#include "bridge/publishers/answered_session.h"

namespace copybridge::publishers::rabbitmq {

/// The headers that become properties of the message; Content-Type does, too.
inline constexpr std::string_view kMessageId = "message-id";
inline constexpr std::string_view kType = "type";

struct PeerSettings {
  broker::Access access;
  std::string virtual_host;
  std::string exchange;
  bool is_mandatory = true;
  bool is_persistent = true;
  int heartbeat_s = 0;
  /// What a message that no queue takes means: refused where nothing of the event is in the
  /// routing key, else doubtful.
  Outcome unroutable = Outcome::refused;
};

/// What the end of a channel or connection means for what waited (AMQP 0-9-1, 1.8): what the
/// `code` blames on one message is `doubtful` where only one waited.
[[nodiscard]] Outcome outcome_of_end(int code, std::size_t waiting);

/// Publishes on channel 1. librabbitmq's connections are for one thread at a time: the session's
/// thread sends and a thread of its own takes what the broker says, each under the mutex.
class Peer final : public AnsweredPeer {
 public:
  Peer(AnsweredSession& session, const PeerSettings& settings)
      : session_(session), settings_(settings) {}
  ~Peer() override { disconnect(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  Result<void> connect() override;
  std::optional<Response> send(std::uint64_t number, const OutMessage& message) override;
  void disconnect() override;

 private:
  struct Destroy {
    void operator()(amqp_connection_state_t_* connection) const {
      amqp_destroy_connection(connection);
    }
  };
  using Handle = std::unique_ptr<amqp_connection_state_t_, Destroy>;
  /// A message that has been sent, by its delivery tag.
  struct Sent {
    std::uint64_t number = 0;
    std::string id;
    std::string returned = {};  ///< why; empty: it was not
  };
  using Answers = std::map<std::uint64_t, Response>;

  Result<void> connect_to(const broker::Server& server);
  Result<void> open_socket(const broker::Server& server, SteadyTime until);
  Result<void> log_in();
  void receive();
  [[nodiscard]] bool take_frames();
  [[nodiscard]] bool take_method(const amqp_method_t& method);
  void take_returned(const amqp_basic_properties_t& properties);
  void confirm(std::uint64_t tag, bool is_multiple, bool is_accepted);
  void take_end(int code, std::string_view text);

  AnsweredSession& session_;
  const PeerSettings settings_;
  std::size_t server_ = 0;  ///< the one that worked last

  std::mutex mutex_;
  Handle connection_;
  std::uint64_t next_tag_ = 1;
  std::map<std::uint64_t, Sent> sent_;
  std::string returned_;  ///< why the message whose header follows was returned
  std::string blocked_;   ///< why the broker takes nothing at the moment; empty: it does
  Answers answers_;       ///< found under the mutex, given without it

  std::atomic<bool> is_receiving_{false};
  std::thread receiver_;
};

}  // namespace copybridge::publishers::rabbitmq
