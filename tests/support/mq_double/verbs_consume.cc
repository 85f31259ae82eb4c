// MQCB and MQCTL: callbacks that a thread of the library feeds.
#include <chrono>

#include "tests/support/mq_double/client.h"

namespace copybridge::mq_double {
namespace {

using SteadyClock = std::chrono::steady_clock;
namespace cbct = mqi::cbct;
namespace gmo = mqi::gmo;
namespace op = mqi::op;
namespace rc = mqi::rc;

constexpr Long kSliceMs = 20;  // a stop waits no longer than this
// IBM's Node binding notes that delivery has begun only when MQCTL has returned; a first callback
// before that would never be followed by a second. A real client takes as long to begin.
constexpr std::chrono::milliseconds kStartTime{20};
constexpr std::size_t kFirstBuffer = 65536;

void call(const Connection& connection, mqi::Hobj hobj, Consumer& consumer, Long call_type,
          const Outcome& outcome, std::string& body) {
  mqi::MQCBC context;
  context.call_type = call_type;
  context.hobj = hobj;
  context.callback_area = consumer.descriptor.callback_area;
  context.comp_code = outcome.comp_code;
  context.reason = outcome.reason;
  context.data_length = static_cast<Long>(body.size());
  context.buffer_length = static_cast<Long>(body.size());
  auto* function =
      reinterpret_cast<mqi::MqCallbackFn*>(consumer.descriptor.callback_function);  // NOLINT
  const bool is_message = call_type != cbct::kEventCall;
  function(connection.hconn, is_message ? &consumer.md : nullptr,
           is_message ? &consumer.options : nullptr, body.data(), &context);
  consumer.last_call = SteadyClock::now();
}

/// One message for a consumer, if there is one within `wait`.
Outcome fetch(Connection& connection, mqi::Hobj hobj, Consumer& consumer, Long wait,
              std::string& body) {
  body.resize(std::max(body.size(), kFirstBuffer));
  while (true) {
    mqi::MQMD md = consumer.md;
    mqi::MQGMO options = consumer.options;
    options.version = std::max<Long>(options.version, 3);
    options.wait_interval = wait;
    options.options |= gmo::kWait;
    Long length = 0;
    Outcome outcome;
    {
      const std::lock_guard lock(connection.call);
      outcome = get_message(connection, hobj, &md, &options, static_cast<Long>(body.size()),
                            body.data(), &length);
    }
    if (outcome.reason == rc::kTruncatedMsgFailed) {
      body.resize(static_cast<std::size_t>(length));
      continue;
    }
    if (outcome.comp_code == mqi::cc::kFailed) return outcome;
    body.resize(static_cast<std::size_t>(length));
    consumer.md = md;
    consumer.options = options;
    return outcome;
  }
}

bool has_waited_long(const Consumer& consumer) {
  const Long interval = consumer.options.wait_interval;
  return (consumer.options.options & gmo::kWait) != 0 && interval > 0 &&
         SteadyClock::now() - consumer.last_call >= std::chrono::milliseconds(interval);
}

/// Serves one consumer. Its descriptor and options are those of the registration, every time.
bool serve(Connection& connection, mqi::Hobj hobj, const Consumer& registered, Long wait,
           SteadyClock::time_point& last_call) {
  Consumer consumer = registered;
  consumer.last_call = last_call;
  std::string body;
  const Outcome outcome = fetch(connection, hobj, consumer, wait, body);
  constexpr Long kBrowse = gmo::kBrowseFirst | gmo::kBrowseNext | gmo::kBrowseMsgUnderCursor;
  const bool is_browse = (consumer.options.options & kBrowse) != 0;
  std::string none;
  bool is_served = true;
  if (outcome.comp_code != mqi::cc::kFailed)
    call(connection, hobj, consumer, is_browse ? cbct::kMsgNotRemoved : cbct::kMsgRemoved, outcome,
         body);
  else if (outcome.reason != rc::kNoMsgAvailable)
    call(connection, hobj, consumer, cbct::kEventCall, outcome, none);
  else if (has_waited_long(consumer))
    call(connection, hobj, consumer, cbct::kEventCall, outcome, none);
  else
    is_served = false;
  last_call = consumer.last_call;
  return is_served && outcome.reason != rc::kConnectionBroken;
}

/// The consumers that may be called, or nothing once delivery has stopped.
std::map<mqi::Hobj, Consumer> next_consumers(Connection& connection) {
  std::unique_lock lock(connection.async);
  connection.is_delivering = false;
  connection.changed.notify_all();
  connection.changed.wait(lock, [&] {
    return connection.state == AsyncState::stopped ||
           (connection.state == AsyncState::started && !connection.consumers.empty());
  });
  if (connection.state == AsyncState::stopped) return {};
  connection.is_delivering = true;
  return connection.consumers;
}

void keep_call_time(Connection& connection, mqi::Hobj hobj, SteadyClock::time_point time) {
  const std::lock_guard lock(connection.async);
  const auto consumer = connection.consumers.find(hobj);
  if (consumer == connection.consumers.end()) return;
  consumer->second.last_call = time;
  // The first browse is of the first message, those after it of the next.
  Long& options = consumer->second.options.options;
  if ((options & gmo::kBrowseFirst) != 0) options ^= gmo::kBrowseFirst | gmo::kBrowseNext;
}

bool is_started(Connection& connection) {
  const std::lock_guard lock(connection.async);
  return connection.state == AsyncState::started;
}

void deliver(Connection& connection) {
  connection.deliverer_id = std::this_thread::get_id();
  std::this_thread::sleep_for(kStartTime);
  while (true) {
    const std::map<mqi::Hobj, Consumer> consumers = next_consumers(connection);
    if (consumers.empty()) break;
    bool is_anything_served = false;
    for (const bool is_patient : {false, true}) {
      if (is_patient && is_anything_served) break;
      for (const auto& [hobj, consumer] : consumers) {
        if (consumer.is_suspended || !is_started(connection)) continue;
        SteadyClock::time_point last_call = consumer.last_call;
        const bool is_served =
            serve(connection, hobj, consumer, is_patient ? kSliceMs : 0, last_call);
        is_anything_served = is_anything_served || is_served;
        if (is_served) keep_call_time(connection, hobj, last_call);
      }
    }
  }
  connection.deliverer_id = std::thread::id();
}

Outcome start(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(connection->async);
  if (connection->state != AsyncState::stopped) return failed(rc::kOperationNotAllowed);
  connection->state = AsyncState::started;
  for (auto& [hobj, consumer] : connection->consumers) consumer.last_call = SteadyClock::now();
  if (connection->deliverer.joinable()) connection->deliverer.join();
  connection->deliverer = std::thread([connection] { deliver(*connection); });
  return {};
}

/// Suspends or resumes; returns when no callback runs, but to the callback itself.
Outcome change(Connection& connection, AsyncState state) {
  std::unique_lock lock(connection.async);
  if (connection.state == AsyncState::stopped) return failed(rc::kOperationNotAllowed);
  connection.state = state;
  connection.changed.notify_all();
  if (connection.deliverer_id == std::this_thread::get_id() || state == AsyncState::started)
    return {};
  connection.changed.wait(lock, [&] { return !connection.is_delivering; });
  return {};
}

Outcome control(const std::shared_ptr<Connection>& connection, Long operation) {
  switch (operation) {
    case op::kStart:
      return start(connection);
    case op::kStop:
      stop_delivery(*connection);
      return {};
    case op::kSuspend:
      return change(*connection, AsyncState::suspended);
    case op::kResume:
      return change(*connection, AsyncState::started);
    default:
      return failed(rc::kOperationError);
  }
}

Outcome register_consumer(Connection& connection, const mqi::MQCBD* descriptor, mqi::Hobj hobj,
                          const mqi::MQMD* md, const mqi::MQGMO* options) {
  if (!is_sound(descriptor, 1)) return failed(rc::kCbdError);
  if (descriptor->callback_type != mqi::cbt::kMessageConsumer)
    return failed(rc::kFunctionNotSupported);
  if ((descriptor->options & ~mqi::cbdo::kFailIfQuiescing) != 0)
    return failed(rc::kCbdOptionsError);
  if (descriptor->callback_function == nullptr) return failed(rc::kCallbackRoutineError);
  if (!is_sound(md, 2)) return failed(rc::kMdError);
  if (!is_sound(options, 4)) return failed(rc::kGmoError);
  Consumer consumer;
  consumer.descriptor = *descriptor;
  std::memcpy(
      &consumer.md, md,
      static_cast<std::size_t>(md->version == 1 ? mqi::MQMD::kLengthV1 : mqi::MQMD::kLengthV2));
  constexpr std::array<Long, 5> kLengths{0, mqi::MQGMO::kLengthV1, mqi::MQGMO::kLengthV2,
                                         mqi::MQGMO::kLengthV3, mqi::MQGMO::kLengthV4};
  std::memcpy(&consumer.options, options,
              static_cast<std::size_t>(kLengths.at(static_cast<std::size_t>(options->version))));
  consumer.last_call = SteadyClock::now();
  connection.consumers[hobj] = consumer;
  return {};
}

}  // namespace

void stop_delivery(Connection& connection) {
  std::thread finished;
  {
    std::unique_lock lock(connection.async);
    connection.state = AsyncState::stopped;
    connection.changed.notify_all();
    if (connection.deliverer_id == std::this_thread::get_id()) return;
    finished = std::move(connection.deliverer);
  }
  if (finished.joinable()) finished.join();
}

}  // namespace copybridge::mq_double

using namespace copybridge;             // NOLINT: the exported verbs have no namespace
using namespace copybridge::mq_double;  // NOLINT

COPYBRIDGE_MQ_EXPORT void MQCB(mqi::Hconn hconn, Long operation, mqi::MQCBD* descriptor,
                               mqi::Hobj hobj, mqi::MQMD* md, mqi::MQGMO* options, Long* comp_code,
                               Long* reason) {
  run_verb("MQCB", hconn, comp_code, reason, [&](Connection& connection) {
    const std::lock_guard lock(connection.async);
    const auto consumer = connection.consumers.find(hobj);
    if (operation == mqi::op::kRegister)
      return register_consumer(connection, descriptor, hobj, md, options);
    if (consumer == connection.consumers.end()) return failed(mqi::rc::kCallbackNotRegistered);
    if (operation == mqi::op::kDeregister)
      connection.consumers.erase(consumer);
    else if (operation == mqi::op::kSuspend)
      consumer->second.is_suspended = true;
    else if (operation == mqi::op::kResume)
      consumer->second.is_suspended = false;
    else
      return failed(mqi::rc::kOperationError);
    return Outcome{};
  });
}

COPYBRIDGE_MQ_EXPORT void MQCTL(mqi::Hconn hconn, Long operation, mqi::MQCTLO* options,
                                Long* comp_code, Long* reason) {
  const auto connection = find_connection(hconn);
  if (!connection)
    answer(failed(mqi::rc::kHconnError), comp_code, reason);
  else if (!is_sound(options, 1))
    answer(failed(mqi::rc::kCtloError), comp_code, reason);
  else
    answer(control(connection, operation), comp_code, reason);
}
