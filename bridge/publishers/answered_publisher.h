// The publisher around a broker that answers each message: a broker says only how it is connected
// to and what stands beside a body.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/publishers/answered_session.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// What differs. The functions are called by several threads; what they refer to is theirs.
struct AnsweredBroker {
  std::string kind;     ///< begins the messages
  std::string address;  ///< subject, topic
  /// What an event counts beside body and headers, and each header beside its texts.
  std::size_t bytes_per_event = 0;
  std::size_t bytes_per_header = 0;
  /// Whether a connection could be made: secrets and files are there. ErrorKind::config.
  std::function<Result<void>()> check;
  AnsweredSession::MakePeer make_peer;
  /// Where each event has an address of its own; null: `address`.
  std::function<std::string(const Event& event)> address_of = {};
  /// The headers of an event beside Content-Type.
  std::function<OutMessage::Headers(const Event& event, LineFormat format)> headers_of;
};

/// `options` of a table with kMessageFormatOption, event_bytes_max, requests_in_flight and
/// answer_timeout_ms.
[[nodiscard]] std::unique_ptr<Publisher> make_answered_publisher(AnsweredBroker broker,
                                                                 const Options& options);

}  // namespace copybridge::publishers
