// The messages of one queue: those that are committed and that nobody has taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/mq_double/definitions.h"
#include "tests/support/mq_double/wire.h"

namespace copybridge::mq_double {

/// The order of delivery: by priority, then by arrival.
struct Position {
  Long priority = 0;
  std::uint64_t sequence = 0;
  bool operator<(const Position& other) const {
    return priority != other.priority ? priority > other.priority : sequence < other.sequence;
  }
};

using Clock = std::chrono::system_clock;

struct Message {
  mqi::MQMD md;
  std::string body;
  std::optional<Clock::time_point> expires_at;
};

using Messages = std::map<Position, Message>;

/// A message that an open unit of work has taken, out of its queue.
using TakenMessage = Messages::node_type;

struct Session;

struct Queue {
  QueueDefinition definition;
  Messages messages;
  Long uncommitted_puts = 0;
  Long open_inputs = 0;
  Long open_outputs = 0;
  bool is_exclusive = false;
  bool is_deleted = false;
  bool is_temporary = false;      ///< made from a model; goes with the handle that made it
  std::list<Session*> waiting{};  ///< sessions in MQGET with wait, in the order they came

  /// As MQIA_CURRENT_Q_DEPTH counts: uncommitted puts are in it, uncommitted gets are not.
  [[nodiscard]] Long depth() const { return static_cast<Long>(messages.size()) + uncommitted_puts; }
};

/// Which group, and which message and segment of it, a handle is at in logical order.
struct GroupCursor {
  mqi::Id id{};
  Long sequence = 0;
  Long offset = 0;
  bool is_in_segments = false;
  bool is_in_group = false;
};

/// An object that a session has opened.
struct Handle {
  std::shared_ptr<Queue> queue{};  ///< none: the queue manager
  Long options = 0;
  bool is_maker = false;                     ///< its queue was made from a model for it
  std::optional<Position> cursor;            ///< of browsing
  std::optional<mqi::MQMD> saved_context{};  ///< of the last message that was taken
  GroupCursor getting{};
  GroupCursor putting{};
};

/// The first message that the request asks for, or the end. Removes what has expired.
Messages::iterator find_message(Queue& queue, const Handle& handle, const GetRequest& request);

/// Whether all segments of the logical message that begins at `first` are there.
bool has_all_segments(const Queue& queue, const mqi::MQMD& first);

/// Whether all messages of the group are there.
bool has_whole_group(const Queue& queue, const mqi::Id& group);

/// Moves a handle's place in logical order behind a message.
void advance(GroupCursor& cursor, const mqi::MQMD& md, std::size_t length);

}  // namespace copybridge::mq_double
