// The node $cbs of a connection (AMQP Claims-based Security 1.0, draft 01): tokens that say who the
// bridge is go there, the peer's answers come back.
#pragma once

#include <proton/event.h>

#include <cstdint>
#include <optional>
#include <string>

#include "bridge/amqp/client.h"
#include "bridge/amqp/handles.h"
#include "bridge/amqp/incoming.h"
#include "bridge/core/error.h"

namespace copybridge::amqp {

/// What a token is for.
struct Claim {
  std::string audience;  ///< URI of what it opens
  std::string type;      ///< `jwt`, `servicebus.windows.net:sastoken`
  std::string token;
};

/// For the connection's thread.
class TokenLink {
 public:
  explicit TokenLink(std::string label) : label_(std::move(label)) {}

  /// Opens the links of a new connection.
  void open(pn_session_t& session, const ClientSettings& settings);
  /// Whether the event is of these links.
  [[nodiscard]] bool owns(pn_event_t& event) const;
  /// Takes one of those. The answer to put(), once: ErrorKind::peer_refused where somebody has to
  /// correct something, peer_away where trying again can help.
  [[nodiscard]] std::optional<Result<void>> happened(pn_event_t& event);
  /// Sends a token. Not before the one before is answered.
  void put(const Claim& claim);

 private:
  void send();
  [[nodiscard]] std::optional<Result<void>> receive(pn_delivery_t& delivery);
  [[nodiscard]] std::optional<Result<void>> answered(const std::string& bytes);
  [[nodiscard]] Result<void> verdict(std::int64_t status, const std::string& description) const;

  const std::string label_;  ///< begins messages
  pn_link_t* requests_ = nullptr;
  pn_link_t* answers_ = nullptr;
  std::string reply_to_;
  std::string waiting_;  ///< for credit; empty: nothing
  bool is_asking_ = false;
  std::uint64_t number_ = 0;
  IncomingMessage incoming_;
};

}  // namespace copybridge::amqp
