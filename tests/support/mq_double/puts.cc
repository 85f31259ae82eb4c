// MQPUT and MQPUT1.
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "tests/support/mq_double/queue_manager.h"

namespace copybridge::mq_double {
namespace {

namespace flags = mqi::msg_flags;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

void copy_identity(const mqi::MQMD& from, mqi::MQMD& to) {
  to.user_identifier = from.user_identifier;
  to.accounting_token = from.accounting_token;
  to.appl_identity_data = from.appl_identity_data;
}

void copy_origin(const mqi::MQMD& from, mqi::MQMD& to) {
  to.put_appl_type = from.put_appl_type;
  to.put_appl_name = from.put_appl_name;
  to.put_date = from.put_date;
  to.put_time = from.put_time;
  to.appl_origin_data = from.appl_origin_data;
}

mqi::MQMD no_context() {
  mqi::MQMD md;
  md.user_identifier.fill(' ');
  md.appl_identity_data.fill(' ');
  md.put_appl_name.fill(' ');
  md.put_date.fill(' ');
  md.put_time.fill(' ');
  md.appl_origin_data.fill(' ');
  return md;
}

/// What a queue manager puts down about the program and the moment (in UTC).
mqi::MQMD default_context(const ConnectRequest& client) {
  mqi::MQMD md = no_context();
  md.user_identifier = client.user_identifier;
  md.put_appl_type = mqi::at::kUnix;
  md.put_appl_name = client.appl_name;
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm moment{};
  ::gmtime_r(&now.tv_sec, &moment);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &moment);
  std::memcpy(md.put_date.data(), text, 8);
  std::memcpy(md.put_time.data(), text + 8, 6);
  const Long hundredths = static_cast<Long>(now.tv_nsec / 10'000'000);
  md.put_time[6] = static_cast<char>('0' + hundredths / 10);
  md.put_time[7] = static_cast<char>('0' + hundredths % 10);
  return md;
}

struct ContextRule {
  Long option;
  Long needed;  ///< of the MQOPEN options
  Long reason;
};

constexpr ContextRule kContextRules[] = {
    {pmo::kPassIdentityContext,
     oo::kPassIdentityContext | oo::kPassAllContext | oo::kSetIdentityContext | oo::kSetAllContext,
     rc::kNotOpenForPassIdent},
    {pmo::kPassAllContext, oo::kPassAllContext | oo::kSetIdentityContext | oo::kSetAllContext,
     rc::kNotOpenForPassAll},
    {pmo::kSetIdentityContext, oo::kSetIdentityContext | oo::kSetAllContext,
     rc::kNotOpenForSetIdent},
    {pmo::kSetAllContext, oo::kSetAllContext, rc::kNotOpenForSetAll},
};

Outcome set_context(const Session& session, const Handle& handle, const PutRequest& request,
                    mqi::MQMD& md) {
  for (const ContextRule& rule : kContextRules)
    if ((request.options & rule.option) != 0 && (handle.options & rule.needed) == 0)
      return failed(rule.reason);
  mqi::MQMD context =
      (request.options & pmo::kNoContext) != 0 ? no_context() : default_context(session.client);
  if ((request.options & (pmo::kPassIdentityContext | pmo::kPassAllContext)) != 0) {
    const auto source = session.handles.find(request.context);
    if (source == session.handles.end() || (source->second.options & oo::kSaveAllContext) == 0)
      return failed(rc::kContextHandleError);
    if (!source->second.saved_context) return failed(rc::kContextNotAvailable);
    copy_identity(*source->second.saved_context, context);
    if ((request.options & pmo::kPassAllContext) != 0)
      copy_origin(*source->second.saved_context, context);
  }
  if ((request.options & (pmo::kSetIdentityContext | pmo::kSetAllContext)) != 0)
    copy_identity(request.md, context);
  if ((request.options & pmo::kSetAllContext) != 0) copy_origin(request.md, context);
  copy_identity(context, md);
  copy_origin(context, md);
  return {};
}

bool is_in_group(const mqi::MQMD& md) {
  return (md.msg_flags & (flags::kMsgInGroup | flags::kLastMsgInGroup | flags::kSegment |
                          flags::kLastSegment)) != 0;
}

/// Gives the message its place in the group that the handle is putting.
void number_in_order(GroupCursor& cursor, mqi::MQMD& md, const mqi::Id& fresh) {
  if (cursor.is_in_segments) {
    md.group_id = cursor.id;
    md.msg_seq_number = cursor.sequence;
    md.offset = cursor.offset;
  } else if (cursor.is_in_group) {
    md.group_id = cursor.id;
    md.msg_seq_number = cursor.sequence + 1;
    md.offset = 0;
  } else if (is_in_group(md)) {
    md.group_id = fresh;
    md.msg_seq_number = 1;
    md.offset = 0;
  }
}

std::optional<Clock::time_point> end_of_life(Long expiry) {
  if (expiry == mqi::kExpiryUnlimited) return {};
  return Clock::now() + std::chrono::milliseconds(std::int64_t{expiry} * 100);
}

}  // namespace

Outcome QueueManager::check_put(const Session& session, const Handle& handle,
                                const PutRequest& request, std::size_t length) const {
  if (!handle.queue || (handle.options & oo::kOutput) == 0) return failed(rc::kNotOpenForOutput);
  const Queue& queue = *handle.queue;
  if (queue.is_deleted) return failed(rc::kQDeleted);
  if (queue.definition.is_put_inhibited) return failed(rc::kPutInhibited);
  if (queue.is_temporary && request.md.persistence == mqi::persistence::kPersistent)
    return failed(rc::kPersistentNotAllowed);
  const auto size = static_cast<std::int64_t>(length);
  if (size > definition_.max_message_length) return failed(rc::kMsgTooBigForQMgr);
  const bool may_split = (request.md.msg_flags & flags::kSegmentationAllowed) != 0 &&
                         definition_.platform != mqi::platform::kZos;
  if (size > queue.definition.max_message_length && !may_split) return failed(rc::kMsgTooBigForQ);
  if (queue.depth() >= queue.definition.max_depth) return failed(rc::kQFull);
  const std::size_t uncommitted = session.puts.size() + session.gets.size();
  if (is_in_unit(request.options, pmo::kSyncpoint, pmo::kNoSyncpoint) &&
      uncommitted >= static_cast<std::size_t>(definition_.max_uncommitted))
    return failed(rc::kSyncpointLimitReached);
  return {};
}

void QueueManager::fill_in(const Handle& handle, Long options, mqi::MQMD& md) {
  md.version = 2;
  md.backout_count = 0;
  if (is_none(md.msg_id) || (options & pmo::kNewMsgId) != 0) md.msg_id = new_id();
  if ((options & pmo::kNewCorrelId) != 0) md.correl_id = new_id();
  if (md.coded_char_set_id == mqi::ccsid::kQMgr) md.coded_char_set_id = definition_.ccsid;
  if (md.priority < 0) md.priority = 0;
  if (md.persistence == mqi::persistence::kAsQueueDef)
    md.persistence = handle.queue->definition.is_persistent ? mqi::persistence::kPersistent
                                                            : mqi::persistence::kNotPersistent;
  if (is_in_group(md) && is_none(md.group_id)) md.group_id = new_id();
}

void QueueManager::store(Session& session, const std::shared_ptr<Queue>& queue, bool is_in_unit,
                         Message message) {
  const Position position{message.md.priority, ++sequence_};
  if (is_in_unit) {
    ++queue->uncommitted_puts;
    session.puts.push_back({queue, position, std::move(message)});
    return;
  }
  journal_->add_put(*queue, position, message);
  journal_->write();
  queue->messages.emplace(position, std::move(message));
  wake(*queue);
}

Outcome QueueManager::put_message(Session& session, Handle& handle, const PutRequest& request,
                                  std::string_view body, PutReply& reply) {
  Outcome outcome = check_put(session, handle, request, body.size());
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  mqi::MQMD md = request.md;
  outcome = set_context(session, handle, request, md);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  fill_in(handle, request.options, md);
  if ((request.options & pmo::kLogicalOrder) != 0) {
    number_in_order(handle.putting, md, new_id());
    advance(handle.putting, md, body.size());
  }
  reply = {md, padded<48>(handle.queue->definition.name), padded<48>(definition_.name)};
  const bool is_in_unit = this->is_in_unit(request.options, pmo::kSyncpoint, pmo::kNoSyncpoint);
  const auto limit = static_cast<std::size_t>(handle.queue->definition.max_message_length);
  const std::optional<Clock::time_point> expires_at = end_of_life(md.expiry);
  if (body.size() <= limit) {
    store(session, handle.queue, is_in_unit, {md, std::string(body), expires_at});
    return {};
  }
  if (is_none(md.group_id)) md.group_id = new_id();
  const Long start = md.offset;
  const bool is_last =
      (md.msg_flags & flags::kSegment) == 0 || (md.msg_flags & flags::kLastSegment) != 0;
  md.msg_flags = (md.msg_flags | flags::kSegment) & ~flags::kLastSegment;
  for (std::size_t at = 0; at < body.size(); at += limit) {
    md.offset = start + static_cast<Long>(at);
    if (at + limit >= body.size() && is_last) md.msg_flags |= flags::kLastSegment;
    store(session, handle.queue, is_in_unit, {md, std::string(body.substr(at, limit)), expires_at});
  }
  return {};
}

Reply QueueManager::put(Session& session, Received request) {
  const auto put = request.take<PutRequest>();
  const auto handle = session.handles.find(put.hobj);
  if (handle == session.handles.end()) return {failed(rc::kHobjError), {}};
  Reply reply;
  PutReply answer;
  reply.outcome = put_message(session, handle->second, put, request.rest(), answer);
  append(reply.bytes, answer);
  return reply;
}

Reply QueueManager::put1(Session& session, Received request) {
  const auto open = request.take<OpenRequest>();
  const auto put = request.take<PutRequest>();
  Handle handle;
  Reply reply;
  reply.outcome = open_handle(open, handle);
  if (reply.outcome.comp_code != mqi::cc::kOk) return reply;
  PutReply answer;
  reply.outcome = put_message(session, handle, put, request.rest(), answer);
  release(handle);
  append(reply.bytes, answer);
  return reply;
}

}  // namespace copybridge::mq_double
