// Connections, open objects and units of work.
#include "tests/support/mq_double/queue_manager.h"

#include <algorithm>

namespace copybridge::mq_double {
namespace {

namespace oo = mqi::oo;
namespace rc = mqi::rc;

constexpr Long kInputOptions = oo::kInputAsQDef | oo::kInputShared | oo::kInputExclusive;

/// A connection name is a list: `host(port),host(port)`.
bool names(const std::string& list, const std::string& wanted) {
  return ("," + list + ",").find("," + wanted + ",") != std::string::npos;
}

}  // namespace

QueueManager::QueueManager(const std::filesystem::path& folder)
    : definition_(load_definition(folder)) {
  for (const QueueDefinition& definition : definition_.queues) {
    auto queue = std::make_shared<Queue>();
    queue->definition = definition;
    queues_[definition.name] = std::move(queue);
  }
  // Later than every number of earlier starts, so that identifiers differ as well.
  sequence_ = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
  journal_ = std::make_unique<Journal>(
      folder, [&](const std::string& name, const Position& position, Message message) {
        const auto queue = queues_.find(name);
        if (queue != queues_.end()) queue->second->messages.emplace(position, std::move(message));
      });
}

std::optional<Reply> QueueManager::handle(Session& session, Verb verb, std::string_view request) {
  Received received(request);
  if (verb == Verb::get) return get(session, received.take<GetRequest>());
  return dispatch(session, verb, received);
}

Reply QueueManager::dispatch(Session& session, Verb verb, Received request) {
  switch (verb) {
    case Verb::connect:
      return connect(session, request.take<ConnectRequest>());
    case Verb::disconnect:
      commit(session);
      leave(session);
      session.is_leaving = true;
      return {};
    case Verb::open:
      return open(session, request.take<OpenRequest>());
    case Verb::close:
      return close(session, request.take<CloseRequest>());
    case Verb::put:
      return put(session, request);
    case Verb::put1:
      return put1(session, request);
    case Verb::commit:
      return commit(session);
    case Verb::backout:
      return back_out(session);
    case Verb::inquire:
      return inquire(session, request);
    case Verb::set:
      return set(session, request);
    case Verb::get:
      break;
  }
  return {failed(rc::kUnexpectedError), {}};
}

namespace {

/// What a connection does not come with that it has to.
Long refusal_of(const std::map<std::string, std::string>& requirements,
                const ConnectRequest& request) {
  const auto lacks = [&](const char* name, const auto& field) {
    const auto wanted = requirements.find(name);
    return wanted != requirements.end() && text_of(field) != wanted->second;
  };
  if (lacks("ccdt", request.ccdt)) return rc::kQMgrNameError;
  if (lacks("key_repository", request.key_repository)) return rc::kKeyRepositoryError;
  if (lacks("cipher", request.cipher) ||
      lacks("key_repository_password", request.key_repository_password) ||
      lacks("certificate_label", request.certificate_label))
    return rc::kSslInitializationError;
  if (lacks("peer_name", request.peer_name)) return rc::kSslPeerNameMismatch;
  return lacks("token", request.token) ? rc::kNotAuthorized : rc::kNone;
}

}  // namespace

Reply QueueManager::connect(Session& session, const ConnectRequest& request) {
  std::string name = text_of(request.q_mgr);
  if (!name.empty() && name.front() == '*') name.clear();
  if (!name.empty() && name != definition_.name) return {failed(rc::kQMgrNameError), {}};
  const std::string connection_name = text_of(request.connection_name);
  if (!connection_name.empty() && !definition_.listener.empty() &&
      !names(connection_name, definition_.listener))
    return {failed(rc::kHostNotAvailable), {}};
  const std::string channel = text_of(request.channel);
  if (!channel.empty() && !definition_.channel.empty() && channel != definition_.channel)
    return {failed(rc::kUnknownChannelName), {}};
  if (!definition_.users.empty()) {
    const auto user = definition_.users.find(text_of(request.user));
    if (user == definition_.users.end() || user->second != text_of(request.password))
      return {failed(rc::kNotAuthorized), {}};
  }
  const Long refusal = refusal_of(definition_.requirements, request);
  if (refusal != rc::kNone) return {failed(refusal), {}};
  session.client = request;
  session.is_connected = true;
  Reply reply;
  append(reply.bytes, ConnectReply{padded<48>(definition_.name), definition_.ccsid});
  return reply;
}

std::shared_ptr<Queue> QueueManager::find_queue(const mqi::ObjectName& name) const {
  const auto queue = queues_.find(text_of(name));
  return queue == queues_.end() ? nullptr : queue->second;
}

std::shared_ptr<Queue> QueueManager::make_temporary(const Queue& model,
                                                    const mqi::ObjectName& wanted) {
  auto queue = std::make_shared<Queue>();
  queue->definition = model.definition;
  queue->definition.is_model = false;
  queue->definition.is_persistent = false;
  queue->is_temporary = true;
  std::string name = text_of(wanted);
  if (!name.empty() && name.back() == '*') {
    name.pop_back();
    name += std::to_string(++sequence_);
  }
  queue->definition.name = name;
  queues_[name] = queue;
  return queue;
}

Outcome QueueManager::open_handle(const OpenRequest& request, Handle& handle) {
  const std::string q_mgr = text_of(request.q_mgr);
  if (!q_mgr.empty() && q_mgr != definition_.name) return failed(rc::kUnknownRemoteQMgr);
  handle.options = request.options;
  if (request.object_type == mqi::object_type::kQMgr) return {};
  handle.queue = find_queue(request.name);
  if (!handle.queue) return failed(rc::kUnknownObjectName);
  Queue& queue = *handle.queue;
  const bool is_exclusive =
      (request.options & oo::kInputExclusive) != 0 ||
      ((request.options & kInputOptions) != 0 && !queue.definition.is_shareable);
  if ((request.options & kInputOptions) != 0 &&
      (queue.is_exclusive || (is_exclusive && queue.open_inputs > 0)))
    return failed(rc::kObjectInUse);
  if (queue.definition.is_model) {
    handle.queue = make_temporary(queue, request.dynamic_name);
    handle.is_maker = true;
  }
  if ((request.options & kInputOptions) != 0) {
    ++handle.queue->open_inputs;
    handle.queue->is_exclusive = is_exclusive;
  }
  if ((request.options & oo::kOutput) != 0) ++handle.queue->open_outputs;
  return {};
}

Reply QueueManager::open(Session& session, const OpenRequest& request) {
  Handle handle;
  const Outcome outcome = open_handle(request, handle);
  if (outcome.comp_code != mqi::cc::kOk) return {outcome, {}};
  const std::string name = handle.queue ? handle.queue->definition.name : definition_.name;
  const mqi::Hobj hobj = ++session.last_hobj;
  session.handles[hobj] = std::move(handle);
  Reply reply;
  append(reply.bytes, OpenReply{hobj, padded<48>(name), padded<48>(definition_.name)});
  return reply;
}

void QueueManager::release(const Handle& handle) {
  if (!handle.queue) return;
  Queue& queue = *handle.queue;
  if ((handle.options & kInputOptions) != 0) {
    --queue.open_inputs;
    queue.is_exclusive = false;
  }
  if ((handle.options & oo::kOutput) != 0) --queue.open_outputs;
  if (handle.is_maker) {
    queue.is_deleted = true;
    queues_.erase(queue.definition.name);
  }
}

Reply QueueManager::close(Session& session, const CloseRequest& request) {
  const auto handle = session.handles.find(request.hobj);
  if (handle == session.handles.end()) return {failed(rc::kHobjError), {}};
  release(handle->second);
  session.handles.erase(handle);
  return {};
}

void QueueManager::leave(Session& session) {
  stop_waiting(session);
  for (auto& [hobj, handle] : session.handles) release(handle);
  session.handles.clear();
  session.is_connected = false;
}

void QueueManager::lose(Session& session) {
  if (!session.is_connected) return;
  stop_waiting(session);
  back_out(session);
  leave(session);
}

Reply QueueManager::commit(Session& session) {
  for (UncommittedGet& get : session.gets)
    journal_->add_taken(get.message.key(), get.message.mapped());
  for (const UncommittedPut& put : session.puts)
    journal_->add_put(*put.queue, put.position, put.message);
  journal_->write();
  session.gets.clear();
  std::vector<UncommittedPut> puts = std::exchange(session.puts, {});
  for (UncommittedPut& put : puts) {
    --put.queue->uncommitted_puts;
    put.queue->messages.emplace(put.position, std::move(put.message));
  }
  for (const UncommittedPut& put : puts) wake(*put.queue);
  return {};
}

Reply QueueManager::back_out(Session& session) {
  for (const UncommittedPut& put : session.puts) --put.queue->uncommitted_puts;
  session.puts.clear();
  std::vector<UncommittedGet> gets = std::exchange(session.gets, {});
  for (UncommittedGet& get : gets) {
    ++get.message.mapped().md.backout_count;
    journal_->add_backed_out(get.message.key(), get.message.mapped());
    get.queue->messages.insert(std::move(get.message));
  }
  journal_->write();
  for (const UncommittedGet& get : gets) wake(*get.queue);
  return {};
}

bool QueueManager::is_in_unit(Long options, Long syncpoint, Long no_syncpoint) const {
  if ((options & syncpoint) != 0) return true;
  return (options & no_syncpoint) == 0 && definition_.platform == mqi::platform::kZos;
}

mqi::Id QueueManager::new_id() {
  mqi::Id id{};
  const std::string front = "AMQ " + definition_.name;
  std::memcpy(id.data(), front.data(), std::min<std::size_t>(front.size(), 16));
  const std::uint64_t number = ++sequence_;
  for (std::size_t i = 0; i < 8; ++i) id[16 + i] = static_cast<mqi::Byte>(number >> (56 - 8 * i));
  return id;
}

}  // namespace copybridge::mq_double
