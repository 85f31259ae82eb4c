// MQINQ and MQSET.
#include "tests/support/mq_double/queue_manager.h"

namespace copybridge::mq_double {
namespace {

namespace ca = mqi::ca;
namespace ia = mqi::ia;
namespace oo = mqi::oo;
namespace rc = mqi::rc;

constexpr Long kCommandLevel = 940;

constexpr bool is_int(Long selector) { return selector >= ia::kFirst && selector <= ia::kLast; }

std::optional<Long> queue_int(const Queue& queue, Long selector) {
  const QueueDefinition& definition = queue.definition;
  switch (selector) {
    case ia::kCurrentQDepth:
      return queue.depth();
    case ia::kMaxQDepth:
      return definition.max_depth;
    case ia::kMaxMsgLength:
      return definition.max_message_length;
    case ia::kBackoutThreshold:
      return definition.backout_threshold;
    case ia::kDefPersistence:
      return definition.is_persistent ? 1 : 0;
    case ia::kHardenGetBackout:
      return 1;
    case ia::kInhibitGet:
      return definition.is_get_inhibited ? 1 : 0;
    case ia::kInhibitPut:
      return definition.is_put_inhibited ? 1 : 0;
    case ia::kShareability:
      return definition.is_shareable ? 1 : 0;
    case ia::kOpenInputCount:
      return queue.open_inputs;
    case ia::kOpenOutputCount:
      return queue.open_outputs;
    case ia::kQType:
      return mqi::q_type::kLocal;
    case ia::kMsgDeliverySequence:
    case ia::kPropertyControl:
    case ia::kIndexType:
      return 0;
    default:
      return {};
  }
}

}  // namespace

std::optional<Long> QueueManager::int_attribute(const Handle& handle, Long selector) const {
  if (handle.queue) return queue_int(*handle.queue, selector);
  switch (selector) {
    case ia::kCodedCharSetId:
      return definition_.ccsid;
    case ia::kPlatform:
      return definition_.platform;
    case ia::kCommandLevel:
      return kCommandLevel;
    case ia::kMaxUncommittedMsgs:
      return definition_.max_uncommitted;
    case ia::kMaxMsgLength:
      return definition_.max_message_length;
    case ia::kSyncpoint:
      return 1;
    default:
      return {};
  }
}

std::optional<std::string> QueueManager::char_attribute(const Handle& handle, Long selector) const {
  const auto fixed = [](std::string text, std::size_t length) {
    text.resize(length, ' ');
    return text;
  };
  if (handle.queue) {
    const QueueDefinition& definition = handle.queue->definition;
    if (selector == ca::kQName) return fixed(definition.name, 48);
    if (selector == ca::kQDesc) return fixed(definition.description, 64);
    if (selector == ca::kBackoutReqQName) return fixed(definition.backout_queue, 48);
    return {};
  }
  if (selector == ca::kQMgrName) return fixed(definition_.name, 48);
  if (selector == ca::kQMgrDesc) return fixed("", 64);
  if (selector == ca::kDeadLetterQName) return fixed(definition_.dead_letter_queue, 48);
  if (selector == ca::kQMgrIdentifier) return fixed(definition_.name + "_double", 48);
  return {};
}

Reply QueueManager::inquire(Session& session, Received request) const {
  const auto inquire = request.take<InquireRequest>();
  const auto handle = session.handles.find(inquire.hobj);
  if (handle == session.handles.end()) return {failed(rc::kHobjError), {}};
  if ((handle->second.options & oo::kInquire) == 0) return {failed(rc::kNotOpenForInquire), {}};
  InquireReply counts;
  std::string ints;
  std::string characters;
  for (Long i = 0; i < inquire.selector_count; ++i) {
    const auto selector = request.take<Long>();
    if (is_int(selector)) {
      const std::optional<Long> value = int_attribute(handle->second, selector);
      if (!value) return {failed(rc::kSelectorError), {}};
      append(ints, *value);
      ++counts.int_count;
    } else {
      const std::optional<std::string> value = char_attribute(handle->second, selector);
      if (!value) return {failed(rc::kSelectorError), {}};
      characters += *value;
    }
  }
  Reply reply;
  append(reply.bytes, counts);
  reply.bytes += ints + characters;
  return reply;
}

Reply QueueManager::set(Session& session, Received request) {
  const auto inquire = request.take<InquireRequest>();
  const auto handle = session.handles.find(inquire.hobj);
  if (handle == session.handles.end()) return {failed(rc::kHobjError), {}};
  if ((handle->second.options & oo::kSet) == 0) return {failed(rc::kNotOpenForSet), {}};
  if (!handle->second.queue) return {failed(rc::kSelectorError), {}};
  Queue& queue = *handle->second.queue;
  std::vector<Long> selectors;
  for (Long i = 0; i < inquire.selector_count; ++i) selectors.push_back(request.take<Long>());
  for (const Long selector : selectors) {
    const auto value = request.take<Long>();
    if (selector == ia::kInhibitGet)
      queue.definition.is_get_inhibited = value != 0;
    else if (selector == ia::kInhibitPut)
      queue.definition.is_put_inhibited = value != 0;
    else
      return {failed(rc::kSelectorError), {}};
  }
  wake(queue);
  return {};
}

}  // namespace copybridge::mq_double
