// Which message is the next: matching, browsing, groups and segments in logical order.
#include "tests/support/mq_double/queue.h"

#include <algorithm>
#include <vector>

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace match = mqi::match;
namespace flags = mqi::msg_flags;

bool is_wanted(const mqi::Id& wanted, const mqi::Id& id) { return is_none(wanted) || wanted == id; }

/// An identifier of all zero is no wish, whatever the match options say.
bool matches(const mqi::MQMD& md, const Position& position, const GetRequest& request) {
  const Long options = request.match_options;
  const mqi::MQMD& wanted = request.md;
  if ((options & match::kMsgId) != 0 && !is_wanted(wanted.msg_id, md.msg_id)) return false;
  if ((options & match::kCorrelId) != 0 && !is_wanted(wanted.correl_id, md.correl_id)) return false;
  if ((options & match::kGroupId) != 0 && !is_wanted(wanted.group_id, md.group_id)) return false;
  if ((options & match::kMsgSeqNumber) != 0 && wanted.msg_seq_number != md.msg_seq_number)
    return false;
  if ((options & match::kOffset) != 0 && wanted.offset != md.offset) return false;
  if ((options & match::kMsgToken) != 0) {
    std::uint64_t sequence = 0;
    std::memcpy(&sequence, request.token.data(), sizeof sequence);
    if (sequence != position.sequence) return false;
  }
  return true;
}

bool is_group_message(const mqi::MQMD& md) {
  return (md.msg_flags & (flags::kMsgInGroup | flags::kLastMsgInGroup)) != 0;
}

bool is_segment(const mqi::MQMD& md) {
  return (md.msg_flags & (flags::kSegment | flags::kLastSegment)) != 0;
}

/// In logical order the next of the group or of the segments that the handle is in, or the first
/// of another.
bool is_next_in_order(const Handle& handle, const mqi::MQMD& md) {
  const GroupCursor& cursor = handle.getting;
  if (cursor.is_in_segments)
    return md.group_id == cursor.id && md.msg_seq_number == cursor.sequence &&
           md.offset == cursor.offset;
  if (cursor.is_in_group)
    return md.group_id == cursor.id && md.msg_seq_number == cursor.sequence + 1 && md.offset == 0;
  return (!is_group_message(md) || md.msg_seq_number == 1) && md.offset == 0;
}

bool is_complete(const Queue& queue, const Handle& handle, const GetRequest& request,
                 const mqi::MQMD& md) {
  const Long options = request.options;
  const bool wants_segments =
      (options & (gmo::kCompleteMsg | gmo::kAllSegmentsAvailable)) != 0 && is_segment(md);
  if (wants_segments && !handle.getting.is_in_segments &&
      (md.offset != 0 || !has_all_segments(queue, md)))
    return false;
  const bool wants_group = (options & gmo::kAllMsgsAvailable) != 0 && is_group_message(md);
  return !wants_group || handle.getting.is_in_group || has_whole_group(queue, md.group_id);
}

bool is_expired(const Message& message, Clock::time_point now) {
  return message.expires_at && *message.expires_at <= now;
}

Messages::iterator at_cursor(Queue& queue, const Handle& handle) {
  return handle.cursor ? queue.messages.find(*handle.cursor) : queue.messages.end();
}

}  // namespace

Messages::iterator find_message(Queue& queue, const Handle& handle, const GetRequest& request) {
  if ((request.options & (gmo::kMsgUnderCursor | gmo::kBrowseMsgUnderCursor)) != 0)
    return at_cursor(queue, handle);
  auto message = queue.messages.begin();
  if ((request.options & gmo::kBrowseNext) != 0 && handle.cursor)
    message = queue.messages.upper_bound(*handle.cursor);
  const bool is_logical = (request.options & gmo::kLogicalOrder) != 0;
  const Clock::time_point now = Clock::now();
  while (message != queue.messages.end()) {
    if (is_expired(message->second, now)) {
      message = queue.messages.erase(message);
      continue;
    }
    const mqi::MQMD& md = message->second.md;
    if (matches(md, message->first, request) && (!is_logical || is_next_in_order(handle, md)) &&
        is_complete(queue, handle, request, md))
      return message;
    ++message;
  }
  return message;
}

bool has_all_segments(const Queue& queue, const mqi::MQMD& first) {
  std::vector<std::pair<Long, Long>> pieces;  // offset and end
  Long end = -1;
  for (const auto& [position, message] : queue.messages) {
    const mqi::MQMD& md = message.md;
    if (md.group_id != first.group_id || md.msg_seq_number != first.msg_seq_number) continue;
    pieces.emplace_back(md.offset, md.offset + static_cast<Long>(message.body.size()));
    if ((md.msg_flags & flags::kLastSegment) != 0) end = pieces.back().second;
  }
  std::sort(pieces.begin(), pieces.end());
  Long reached = 0;
  for (const auto& [from, to] : pieces)
    if (from == reached) reached = to;
  return end >= 0 && reached == end;
}

bool has_whole_group(const Queue& queue, const mqi::Id& group) {
  std::vector<Long> numbers;
  Long last = -1;
  for (const auto& [position, message] : queue.messages) {
    const mqi::MQMD& md = message.md;
    if (md.group_id != group) continue;
    numbers.push_back(md.msg_seq_number);
    if ((md.msg_flags & flags::kLastMsgInGroup) != 0) last = md.msg_seq_number;
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return last >= 0 && static_cast<Long>(numbers.size()) == last;
}

void advance(GroupCursor& cursor, const mqi::MQMD& md, std::size_t length) {
  cursor.id = md.group_id;
  cursor.sequence = md.msg_seq_number;
  cursor.offset = md.offset + static_cast<Long>(length);
  cursor.is_in_segments =
      (md.msg_flags & flags::kSegment) != 0 && (md.msg_flags & flags::kLastSegment) == 0;
  cursor.is_in_group =
      (md.msg_flags & flags::kMsgInGroup) != 0 && (md.msg_flags & flags::kLastMsgInGroup) == 0;
  // The segments of the group's last message end the group with the last of them.
  if (cursor.is_in_segments) cursor.is_in_group = is_group_message(md);
}

}  // namespace copybridge::mq_double
