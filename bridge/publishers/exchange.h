// The contract of endpoints that answer: a request goes to a program's queue, and the reply that
// belongs to it comes back. One attempt is made; a request is never sent twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/error.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

struct ExchangeRequest {
  std::uint64_t number = 0;  ///< of the caller's own; not 0
  Event event;
  std::shared_ptr<const void> owner;  ///< what the event's views lie in
  SteadyTime deadline;                ///< what is not sent by then is not sent; it expires then
};

struct Reply {
  std::string id;  ///< where it came from, for a dead letter
  ByteBuffer body;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::int64_t time_ms = 0;
};

/// Who sends requests. Called by the exchange's threads.
class ExchangeUser {
 public:
  virtual ~ExchangeUser() = default;
  /// Once per request: accepted = it is sent, or may have been; permanent = refused for its own
  /// content or size; anything else: it was not sent.
  virtual void on_sent(std::uint64_t number, Outcome outcome, const std::string& reason) = 0;
  /// A reply; number 0: to no request that is known here. True where it needs to be kept no longer:
  /// it answered its request, or is a dead letter. False: it stays where it is for now.
  [[nodiscard]] virtual bool on_reply(std::uint64_t number, Reply reply) = 0;
  /// The way `what` (requests, replies) is well, or not: the reason. At every attempt.
  virtual void on_link(std::string_view what, const std::string& reason) = 0;
};

/// open and close are called by one thread, send and forget by any between them.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// Prepares sending; must not wait for the peer. ErrorKind::config or storage where it cannot
  /// ever work. `identity`: of this bridge, the same in every run and no other's.
  virtual Result<void> open(ExchangeUser& user, const std::string& identity) = 0;
  /// Returns without waiting for the peer. on_sent() says what became of it.
  virtual void send(ExchangeRequest request) = 0;
  /// Nobody waits for the reply any more: it comes with number 0.
  virtual void forget(std::uint64_t number) = 0;
  /// Ends within the limit. What was not sent is told so; what comes later stays with the peer.
  virtual void close(Milliseconds limit) = 0;
};

}  // namespace copybridge::publishers
