// A connection to Redis.
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "bridge/broker/access.h"
#include "bridge/publishers/answered_session.h"
#include "bridge/sockets/egress.h"

namespace copybridge::publishers::redis {

struct Settings {
  broker::Access access;
  sockets::Egress egress;
  std::int64_t database = 0;
  bool creates_stream = false;
  std::int64_t entries_max = 0;  ///< that a stream keeps, about; 0: all
};

/// XADD with the message's headers as fields, the body as the field `data`, as RESP. The address
/// is the stream's key.
[[nodiscard]] std::string append_command(const Settings& settings, const OutMessage& message);

/// What a reply to it says. The first words of errors: the reference of commands, "Redis cluster
/// specification", ACL.
[[nodiscard]] Response read_reply(const redisReply& reply);

/// Whether another server of the list is to be asked: this one is a replica, or not ready.
[[nodiscard]] bool is_of_another_server(const redisReply& reply);

/// Replies come in the order of the commands, and are taken by a thread of its own.
class Peer final : public AnsweredPeer {
 public:
  Peer(AnsweredSession& session, std::shared_ptr<const Settings> settings);
  ~Peer() override;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  Result<void> connect() override;
  std::optional<Response> send(std::uint64_t number, const OutMessage& message) override;
  void disconnect() override;

 private:
  class Link;

  AnsweredSession& session_;
  const std::shared_ptr<const Settings> settings_;
  std::size_t server_ = 0;  ///< the next to be tried; of the link's thread while there is one
  std::unique_ptr<Link> link_;
};

}  // namespace copybridge::publishers::redis
