// The acknowledged protocol between two bridges, or a bridge and anybody who keeps to
// docs/zeromq.md: messages as bytes. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge::zeromq {

/// Tells a sender's records from those of others; random.
using Session = std::array<char, 16>;

enum class MessageKind : std::uint8_t {
  open = 1,      ///< sender: a session begins or goes on with the record `first`
  record = 2,    ///< sender: the record `number`; its bytes are the next frame
  state = 3,     ///< receiver: how far the session is
  returned = 4,  ///< receiver: records from `first` on are not kept; the session is over
  unknown = 5    ///< receiver: the session is not known (any more)
};

/// Names and values that stand beside a record. Views.
using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

/// A message's head frame. Which members count says the kind.
struct Message {
  MessageKind kind = MessageKind::open;
  Session session{};
  std::uint64_t first = 0;     ///< open, returned
  std::uint64_t number = 0;    ///< record
  std::uint64_t received = 0;  ///< state: all up to this one have come
  std::uint64_t settled = 0;   ///< state: all up to this one are safe
  std::uint64_t limit = 0;     ///< state: so far the sender may go
  bool misses = false;         ///< state: what follows `received` has to be sent again
  Fields fields = {};          ///< record; names of up to 255 bytes
};

[[nodiscard]] std::string encode(const Message& message);

/// The fields are views into `frame`. ErrorKind::framing where it is no such message.
[[nodiscard]] Result<Message> parse(std::string_view frame);

[[nodiscard]] Session new_session();

}  // namespace copybridge::zeromq
