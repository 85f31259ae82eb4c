// MQGET: finding, waiting, taking.
#include <algorithm>
#include <vector>

#include "tests/support/mq_double/queue_manager.h"
#include "tests/support/mq_double/rfh2.h"

namespace copybridge::mq_double {
namespace {

namespace flags = mqi::msg_flags;
namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace rc = mqi::rc;

constexpr Long kBrowseOptions = gmo::kBrowseFirst | gmo::kBrowseNext | gmo::kBrowseMsgUnderCursor;

bool is_browse(const GetRequest& request) { return (request.options & kBrowseOptions) != 0; }

Outcome check_get(const Handle& handle, const GetRequest& request) {
  constexpr Long kInput = oo::kInputAsQDef | oo::kInputShared | oo::kInputExclusive;
  if (!handle.queue) return failed(rc::kNotOpenForInput);
  if (handle.queue->is_deleted) return failed(rc::kQDeleted);
  const Long needs_browse = kBrowseOptions | gmo::kMsgUnderCursor;
  if ((request.options & needs_browse) != 0 && (handle.options & oo::kBrowse) == 0)
    return failed(rc::kNotOpenForBrowse);
  if (!is_browse(request) && (handle.options & kInput) == 0) return failed(rc::kNotOpenForInput);
  if (handle.queue->definition.is_get_inhibited) return failed(rc::kGetInhibited);
  return {};
}

char status_of(const mqi::MQMD& md, Long more, Long last, char letter) {
  if ((md.msg_flags & last) != 0) return 'L';
  return (md.msg_flags & more) != 0 ? letter : ' ';
}

Long left_of(const Message& message) {
  if (!message.expires_at) return mqi::kExpiryUnlimited;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(*message.expires_at - Clock::now());
  return std::max<Long>(0, static_cast<Long>(left.count() / 100));
}

std::vector<Messages::iterator> segments_of(Queue& queue, const mqi::MQMD& first) {
  std::vector<Messages::iterator> segments;
  for (auto message = queue.messages.begin(); message != queue.messages.end(); ++message)
    if (message->second.md.group_id == first.group_id &&
        message->second.md.msg_seq_number == first.msg_seq_number)
      segments.push_back(message);
  std::sort(segments.begin(), segments.end(), [](const auto& left, const auto& right) {
    return left->second.md.offset < right->second.md.offset;
  });
  return segments;
}

/// The segments as the one message they were.
Message assembled(const std::vector<Messages::iterator>& segments) {
  Message whole = segments.front()->second;
  whole.body.clear();
  for (const auto& segment : segments) whole.body += segment->second.body;
  whole.md.msg_flags &= ~(flags::kSegment | flags::kLastSegment);
  if ((whole.md.msg_flags & (flags::kMsgInGroup | flags::kLastMsgInGroup)) == 0)
    whole.md.group_id = {};
  return whole;
}

/// Parts the properties from the message, as the options ask.
std::string_view without_properties(const GetRequest& request, mqi::MQMD& md, std::string_view body,
                                    std::string_view& properties) {
  if ((request.options & (gmo::kPropertiesInHandle | gmo::kNoProperties)) == 0) return body;
  const std::optional<LeadingRfh2> rfh2 = leading_rfh2(md, body);
  if (!rfh2) return body;
  if ((request.options & gmo::kPropertiesInHandle) != 0) properties = rfh2->bytes;
  md.format = rfh2->format;
  md.encoding = rfh2->encoding;
  if (rfh2->ccsid != mqi::ccsid::kInherit) md.coded_char_set_id = rfh2->ccsid;
  return body.substr(rfh2->bytes.size());
}

/// In front of a message that says more than version 1 of the descriptor can, for a program that
/// gave one of version 1; nothing otherwise.
std::string extension_for(const GetRequest& request, Long ccsid, mqi::MQMD& md) {
  const bool says_more = !is_none(md.group_id) || md.msg_seq_number != 1 || md.offset != 0 ||
                         md.msg_flags != 0 || md.original_length != -1;
  if (request.md.version != 1 || !says_more) return {};
  mqi::MQMDE extension;
  extension.encoding = md.encoding;
  extension.coded_char_set_id = md.coded_char_set_id;
  extension.format = md.format;
  extension.group_id = md.group_id;
  extension.msg_seq_number = md.msg_seq_number;
  extension.offset = md.offset;
  extension.msg_flags = md.msg_flags;
  extension.original_length = md.original_length;
  md.format = mqi::format::kMdExtension;
  md.encoding = mqi::encoding::kNative;
  md.coded_char_set_id = ccsid;
  std::string bytes;
  append(bytes, extension);
  return bytes;
}

}  // namespace

void QueueManager::remove(Session& session, const std::shared_ptr<Queue>& queue, bool is_in_unit,
                          Messages::iterator message) {
  if (is_in_unit) {
    session.gets.push_back({queue, queue->messages.extract(message)});
    return;
  }
  journal_->add_taken(message->first, message->second);
  journal_->write();
  queue->messages.erase(message);
}

Reply QueueManager::deliver(Session& session, Handle& handle, const GetRequest& request,
                            Messages::iterator found) {
  std::vector<Messages::iterator> physical{found};
  const bool is_reassembled = (request.options & gmo::kCompleteMsg) != 0 &&
                              (found->second.md.msg_flags & flags::kSegment) != 0;
  if (is_reassembled) physical = segments_of(*handle.queue, found->second.md);
  std::optional<Message> whole;
  if (is_reassembled) whole = assembled(physical);
  const Message& message = whole ? *whole : found->second;

  GetReply answer;
  answer.md = message.md;
  answer.md.expiry = left_of(message);
  std::string_view properties;
  std::string_view body = without_properties(request, answer.md, message.body, properties);
  const std::string extension = extension_for(request, definition_.ccsid, answer.md);
  const std::string extended = extension.empty() ? "" : extension + std::string(body);
  if (!extended.empty()) body = extended;
  answer.q = padded<48>(handle.queue->definition.name);
  std::memcpy(answer.token.data(), &found->first.sequence, sizeof found->first.sequence);
  answer.data_length = static_cast<Long>(body.size());
  answer.properties_length = static_cast<Long>(properties.size());
  answer.group_status = status_of(message.md, flags::kMsgInGroup, flags::kLastMsgInGroup, 'G');
  answer.segment_status = status_of(message.md, flags::kSegment, flags::kLastSegment, 'S');
  answer.is_segmentation_allowed = (message.md.msg_flags & flags::kSegmentationAllowed) != 0;

  Reply reply;
  const bool is_cut = answer.data_length > request.buffer_length;
  const bool stays = is_cut && (request.options & gmo::kAcceptTruncatedMsg) == 0;
  if (is_cut) reply.outcome = warned(stays ? rc::kTruncatedMsgFailed : rc::kTruncatedMsgAccepted);
  body = body.substr(0, static_cast<std::size_t>(request.buffer_length));
  reply.bytes.reserve(sizeof answer + properties.size() + body.size());
  append(reply.bytes, answer);
  reply.bytes.append(properties);
  reply.bytes.append(body);
  if (stays) return reply;
  if ((request.options & gmo::kLogicalOrder) != 0)
    advance(handle.getting, message.md, message.body.size());
  if (is_browse(request)) {
    handle.cursor = found->first;
    return reply;
  }
  handle.saved_context = message.md;
  const bool is_persistent = message.md.persistence == mqi::persistence::kPersistent;
  const bool is_in_unit = this->is_in_unit(request.options, gmo::kSyncpoint,
                                           gmo::kNoSyncpoint | gmo::kSyncpointIfPersistent) ||
                          ((request.options & gmo::kSyncpointIfPersistent) != 0 && is_persistent);
  for (const auto& one : physical) remove(session, handle.queue, is_in_unit, one);
  return reply;
}

std::optional<Reply> QueueManager::try_get(Session& session, Handle& handle,
                                           const GetRequest& request) {
  const Outcome outcome = check_get(handle, request);
  if (outcome.comp_code != mqi::cc::kOk) return Reply{outcome, {}};
  const std::size_t uncommitted = session.puts.size() + session.gets.size();
  if (!is_browse(request) && is_in_unit(request.options, gmo::kSyncpoint, gmo::kNoSyncpoint) &&
      uncommitted >= static_cast<std::size_t>(definition_.max_uncommitted))
    return Reply{failed(rc::kSyncpointLimitReached), {}};
  const auto found = find_message(*handle.queue, handle, request);
  if (found != handle.queue->messages.end()) return deliver(session, handle, request, found);
  if ((request.options & (gmo::kMsgUnderCursor | gmo::kBrowseMsgUnderCursor)) != 0)
    return Reply{failed(rc::kNoMsgUnderCursor), {}};
  return {};
}

std::optional<Reply> QueueManager::get(Session& session, const GetRequest& request) {
  const auto handle = session.handles.find(request.hobj);
  if (handle == session.handles.end()) return Reply{failed(rc::kHobjError), {}};
  if ((request.options & gmo::kBrowseFirst) != 0) handle->second.cursor.reset();
  std::optional<Reply> reply = try_get(session, handle->second, request);
  if (reply) return reply;
  if ((request.options & gmo::kWait) == 0 || request.wait_interval == 0)
    return Reply{failed(rc::kNoMsgAvailable), {}};
  session.waiting = request;
  session.deadline = request.wait_interval == mqi::kWaitUnlimited
                         ? Clock::time_point()
                         : Clock::now() + std::chrono::milliseconds(request.wait_interval);
  handle->second.queue->waiting.push_back(&session);
  waiting_.push_back(&session);
  return {};
}

void QueueManager::stop_waiting(Session& session) {
  if (!session.waiting) return;
  const auto handle = session.handles.find(session.waiting->hobj);
  if (handle != session.handles.end()) handle->second.queue->waiting.remove(&session);
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), &session), waiting_.end());
  session.waiting.reset();
}

void QueueManager::wake(Queue& queue) {
  const std::list<Session*> waiting = queue.waiting;
  for (Session* session : waiting) {
    Handle& handle = session->handles.at(session->waiting->hobj);
    std::optional<Reply> reply = try_get(*session, handle, *session->waiting);
    if (!reply) continue;
    stop_waiting(*session);
    woken_.emplace_back(session, std::move(*reply));
  }
}

int QueueManager::expire_waits() {
  const Clock::time_point now = Clock::now();
  Clock::time_point next = Clock::time_point::max();
  for (Session* session : std::vector<Session*>(waiting_)) {
    if (session->deadline == Clock::time_point()) continue;
    if (session->deadline > now) {
      next = std::min(next, session->deadline);
      continue;
    }
    stop_waiting(*session);
    woken_.emplace_back(session, Reply{failed(rc::kNoMsgAvailable), {}});
  }
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now);
  return static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
}

}  // namespace copybridge::mq_double
