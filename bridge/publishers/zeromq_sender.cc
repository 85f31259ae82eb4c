// Credit, resending, and what is said when nobody answers.
#include "bridge/publishers/zeromq_sender.h"

#include <algorithm>
#include <utility>

#include "bridge/core/threads.h"
#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

using zeromq::Message;
using zeromq::MessageKind;

/// After so long without a word the other end is asked how far it is.
constexpr Milliseconds kAskAfter{500};
constexpr Milliseconds kWait{100};
constexpr Milliseconds kFullWait{2};

std::string head_of(const Event& event, const zeromq::Session& session, std::uint64_t number) {
  Message message{.kind = MessageKind::record, .session = session, .number = number};
  for_each_attribute(event, [&](const Attribute& attribute) {
    message.fields.emplace_back(attribute.name, attribute.value);
  });
  message.fields.emplace_back("datacontenttype", content_type_of(event));
  return zeromq::encode(message);
}

}  // namespace

ZeromqSender::ZeromqSender(ZeromqSenderSettings settings, const Clock& clock, CompletionPort port)
    : settings_(std::move(settings)), clock_(clock), port_(port), thread_([this] { run(); }) {}

void ZeromqSender::send(Request request) {
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(std::move(request));
  }
  socket_.wake();
}

void ZeromqSender::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_at_ = clock_.now() + limit;
  }
  socket_.wake();
  thread_.join();
}

void ZeromqSender::run() {
  block_signals_in_this_thread();
  begin_session();
  while (!may_end()) {
    take_requests();
    hear();
    check_silence();
    socket_.wait(send_records() ? kWait : kFullWait);
  }
  fail_all("stopped before it was acknowledged");
  socket_.close(Milliseconds(0));
}

bool ZeromqSender::may_end() {
  const std::scoped_lock lock(mutex_);
  if (stop_at_ == SteadyTime::max()) return false;
  return clock_.now() >= stop_at_ || (requests_.empty() && works_.empty());
}

void ZeromqSender::begin_session() {
  session_ = zeromq::new_session();
  settled_ = 0;
  next_ = 1;
  limit_ = 0;
  is_open_ = false;
  heard_at_ = asked_at_ = clock_.now();
}

void ZeromqSender::take_requests() {
  std::deque<Request> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(requests_);
  }
  if (taken.empty()) return;
  if (works_.empty()) heard_at_ = clock_.now();
  for (const Request& request : taken) {
    for (const Event* event : request.events) records_.push_back({event});
    works_.push_back({request.number, settled_ + records_.size()});
  }
  if (!socket_.is_open()) {
    const Result<void> opened = socket_.open(zmq::socket_type::dealer, settings_.socket);
    if (!opened) return fail_all(opened.error().message);
  }
  if (!is_open_) say_open();
}

void ZeromqSender::say_open() {
  asked_at_ = clock_.now();
  static_cast<void>(socket_.send(
      {zeromq::encode({.kind = MessageKind::open, .session = session_, .first = settled_ + 1})}));
}

void ZeromqSender::hear() {
  std::vector<zmq::message_t> frames;
  while (socket_.receive(frames)) {
    if (frames.size() != 1) continue;
    const Result<Message> message = zeromq::parse(frames[0].to_string_view());
    if (message && message->session == session_) hear(*message);
  }
}

void ZeromqSender::hear(const Message& message) {
  heard_at_ = clock_.now();
  switch (message.kind) {
    case MessageKind::state:
      return note_state(message);
    case MessageKind::unknown:
      is_open_ = false;
      return say_open();
    case MessageKind::returned:
      return fail_all("the other end does not keep it now");
    case MessageKind::open:
    case MessageKind::record:
      return;
  }
}

void ZeromqSender::note_state(const Message& message) {
  const std::uint64_t last = settled_ + records_.size();
  if (message.received < settled_ || message.received > last || message.settled > message.received)
    return;  // Of before, or of nobody who knows the session.
  is_open_ = true;
  limit_ = message.limit;
  for (; settled_ < message.settled; ++settled_) records_.pop_front();
  next_ = std::max(next_, settled_ + 1);
  if (message.misses) next_ = message.received + 1;
  while (!works_.empty() && works_.front().last <= settled_) {
    port_.post({.number = works_.front().request, .outcomes = {Outcome::accepted}});
    works_.pop_front();
  }
}

/// False: the library takes no more now.
bool ZeromqSender::send_records() {
  const std::uint64_t last = settled_ + records_.size();
  for (; is_open_ && next_ <= std::min(last, limit_); ++next_) {
    const Event& event = *records_[next_ - settled_ - 1].event;
    if (!socket_.send({head_of(event, session_, next_), event.body})) return false;
  }
  return true;
}

void ZeromqSender::check_silence() {
  if (works_.empty()) return;
  const SteadyTime now = clock_.now();
  if (now - heard_at_ >= settings_.answer_timeout) return fail_all("no answer within the time-out");
  if (now - std::max(heard_at_, asked_at_) >= kAskAfter) say_open();
}

/// They come again, with their ids. On a new connection: what the old one holds is not sent.
void ZeromqSender::fail_all(const std::string& reason) {
  for (const Work& work : works_) {
    port_.post(
        {.number = work.request, .outcomes = {Outcome::retry}, .reason = "zeromq: " + reason});
  }
  works_.clear();
  records_.clear();
  {
    const std::scoped_lock lock(mutex_);
    if (stop_at_ != SteadyTime::max()) {
      for (const Request& request : requests_)
        port_.post({.number = request.number, .outcomes = {Outcome::retry}});
      requests_.clear();
    }
  }
  socket_.close(Milliseconds(0));
  begin_session();
}

}  // namespace copybridge::publishers
