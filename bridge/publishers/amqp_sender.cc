// Transfers and dispositions.
#include "bridge/publishers/amqp_sender.h"

#include <proton/delivery.h>
#include <proton/link.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/amqp/batch_format.h"
#include "bridge/amqp/links.h"

namespace copybridge::publishers {
namespace {

using copybridge::amqp::text_of;

constexpr Milliseconds kCloseLimit{3'000};

}  // namespace

std::optional<AmqpDecision> take_decision(pn_delivery_t& delivery, const std::string& address,
                                          const AmqpEndpoint* endpoint) {
  const std::uint64_t state = pn_delivery_remote_state(&delivery);
  const bool is_final = state == PN_ACCEPTED || state == PN_REJECTED || state == PN_RELEASED ||
                        state == PN_MODIFIED || pn_delivery_settled(&delivery);
  if (!is_final) return std::nullopt;
  pn_condition_t* const condition = pn_disposition_condition(pn_delivery_remote(&delivery));
  const char* const name = state == PN_REJECTED && pn_condition_is_set(condition)
                               ? pn_condition_get_name(condition)
                               : "";
  AmqpDecision decision{
      endpoint == nullptr ? outcome_of_state(state, name) : endpoint->outcome_of(state, name), {}};
  if (decision.outcome != Outcome::accepted) {
    const char* const word = pn_disposition_type_name(state);
    decision.reason = "amqp: " + address + ": the message was " +
                      (word == nullptr ? "settled without an outcome" : word);
    if (state == PN_REJECTED) decision.reason += " " + text_of(condition);
  }
  pn_delivery_set_context(&delivery, nullptr);
  pn_delivery_settle(&delivery);
  return decision;
}

std::string size_refusal(pn_link_t& link, std::size_t size) {
  const std::uint64_t size_max = pn_link_remote_max_message_size(&link);
  if (size_max == 0 || size <= size_max) return {};
  return "amqp: a message of " + std::to_string(size) + " bytes; the link takes " +
         std::to_string(size_max);
}

AmqpSender::AmqpSender(copybridge::amqp::ClientSettings settings,
                       std::unique_ptr<AmqpEndpoint> endpoint, Milliseconds timeout,
                       std::unique_ptr<AmqpTokens> tokens)
    : timeout_(timeout),
      endpoint_(std::move(endpoint)),
      tokens_(std::move(tokens)),
      connection_(std::move(settings), *this) {}

void AmqpSender::start(CompletionPort port) {
  port_ = port;
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = false;
  }
  connection_.start();
}

void AmqpSender::send(Request request) {
  {
    std::unique_lock lock(mutex_);
    if (is_stopped_) {
      lock.unlock();
      return port_.post(
          {.number = request.number, .outcomes = {Outcome::retry}, .reason = "amqp: stopped"});
    }
    ++unanswered_;
    inbox_.push_back(std::move(request));
  }
  // Where there is a connection it is only woken.
  connection_.connect();
  connection_.wake();
}

void AmqpSender::stop(Milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    if (is_stopped_) return;
    changed_.wait_for(lock, limit, [this] { return unanswered_ == 0; });
    is_stopped_ = true;
  }
  connection_.stop(std::min(limit, kCloseLimit));
  // What came when there was no connection to end.
  ended({ErrorKind::peer_away, "amqp: stopped", {}});
}

void AmqpSender::opened(pn_session_t& session) {
  is_attached_ = false;
  session_ = &session;
  alarm_at_ = SteadyTime::max();
  progress_at_ = SteadyTime::clock::now();
  if (tokens_ != nullptr) {
    tokens_->begin(session, connection_.settings());
  } else {
    attach();
  }
  take_inbox();
}

void AmqpSender::attach() {
  const copybridge::amqp::ClientSettings& settings = connection_.settings();
  link_ = copybridge::amqp::open_sender(*session_, settings, "copybridge-" + settings.address,
                                        settings.address);
}

void AmqpSender::happened(pn_event_t& event) {
  if (tokens_ != nullptr && tokens_->owns(event)) {
    if (const Result<void> taken = tokens_->happened(event); !taken)
      return connection_.give_up(taken.error());
    if (link_ == nullptr && tokens_->is_admitted()) attach();
    return watch_time();
  }
  if (link_ == nullptr) return;
  switch (static_cast<int>(pn_event_type(&event))) {
    case PN_LINK_REMOTE_OPEN:
      is_attached_ = copybridge::amqp::is_taken(*link_);
      return transfer();
    case PN_LINK_FLOW:
      return transfer();
    case PN_DELIVERY:
      return note_disposition(*pn_event_delivery(&event));
    default:
      return;
  }
}

void AmqpSender::woken() {
  take_inbox();
  if (keep_admitted()) transfer();
}

/// False: the connection is given up.
bool AmqpSender::keep_admitted() {
  if (tokens_ == nullptr || session_ == nullptr) return true;
  if (const Result<void> kept = tokens_->proceed(); !kept) {
    connection_.give_up(kept.error());
    return false;
  }
  watch_time();
  return true;
}

void AmqpSender::take_inbox() {
  std::vector<Request> requests;
  {
    const std::scoped_lock lock(mutex_);
    requests.swap(inbox_);
  }
  if (pending_.empty()) progress_at_ = SteadyTime::clock::now();
  for (Request& request : requests) {
    Pending& pending = pending_.emplace_back();
    pending.self = std::prev(pending_.end());
    pending.request = std::move(request);
    const std::size_t count = pending.request.events.size();
    pending.outcomes.assign(count, Outcome::retry);
    pending.undecided = count;
    pending.slots.reserve(count);
  }
  watch_time();
}

/// As much as the peer's credit allows.
void AmqpSender::transfer() {
  if (!is_attached_) return;
  for (auto next = pending_.begin(); next != pending_.end();) {
    Pending& pending = *next++;
    while (has_turn(pending)) {
      if (pn_link_credit(link_) <= 0) return;
      transfer_one(pending);
    }
    if (pending.undecided == 0) answer(pending);
  }
}

bool AmqpSender::has_turn(const Pending& pending) const {
  return pending.sent < pending.request.events.size() &&
         (pending.under_way == 0 || !endpoint_->is_in_turn());
}

void AmqpSender::transfer_one(Pending& pending) {
  const std::size_t size_max = pn_link_remote_max_message_size(link_);
  const AmqpContent content = endpoint_->write(
      std::span<const Event* const>(pending.request.events).subspan(pending.sent), size_max);
  Slot& slot = pending.slots.emplace_back(
      Slot{.pending = &pending, .first = pending.sent, .events = content.events});
  pending.sent += content.events;
  ++pending.under_way;
  if (std::string refusal = size_refusal(*link_, content.bytes.size()); !refusal.empty()) {
    return decide(slot, Outcome::permanent, std::move(refusal));
  }
  const std::array<char, 12> tag = copybridge::amqp::delivery_tag(next_tag_++, content.is_batch);
  pn_delivery_t* const delivery = pn_delivery(link_, pn_dtag(tag.data(), tag.size()));
  pn_delivery_set_context(delivery, &slot);
  pn_link_send(link_, content.bytes.data(), content.bytes.size());
  pn_link_advance(link_);
  connection_.note_message(*link_);
}

void AmqpSender::note_disposition(pn_delivery_t& delivery) {
  auto* const slot = static_cast<Slot*>(pn_delivery_get_context(&delivery));
  if (slot == nullptr) return;
  std::optional<AmqpDecision> decision =
      take_decision(delivery, connection_.settings().address, endpoint_.get());
  if (!decision) return;
  progress_at_ = SteadyTime::clock::now();
  Pending& pending = *slot->pending;
  decide(*slot, decision->outcome, std::move(decision->reason));
  if (pending.undecided == 0) return answer(pending);
  if (has_turn(pending)) transfer();
}

void AmqpSender::decide(Slot& slot, Outcome outcome, std::string reason) {
  Pending& pending = *slot.pending;
  slot.is_decided = true;
  --pending.under_way;
  pending.undecided -= slot.events;
  for (std::size_t i = 0; i < slot.events; ++i) pending.outcomes[slot.first + i] = outcome;
  const bool is_final = outcome == Outcome::permanent || outcome == Outcome::doubtful;
  if (is_final && slot.events > 1) pending.blame = outcome;
  if (outcome != Outcome::accepted && endpoint_->is_in_turn()) {
    give_back_unsent(pending, is_final ? Outcome::retry : outcome, reason);
  }
  // A dead letter's reason is worth more than why something is sent again.
  if (pending.reason.empty() || outcome == Outcome::permanent) pending.reason = std::move(reason);
}

/// What comes after an event that failed may not overtake it.
void AmqpSender::give_back_unsent(Pending& pending, Outcome outcome, const std::string& reason) {
  const std::size_t count = pending.request.events.size();
  for (std::size_t i = pending.sent; i < count; ++i) pending.outcomes[i] = outcome;
  pending.undecided -= count - pending.sent;
  pending.sent = count;
  if (pending.reason.empty()) pending.reason = reason;
}

void AmqpSender::answer(Pending& pending) {
  if (pending.blame) pending.outcomes.assign(1, *pending.blame);
  Response response{.number = pending.request.number,
                    .outcomes = std::move(pending.outcomes),
                    .reason = std::move(pending.reason)};
  pending_.erase(pending.self);
  port_.post(std::move(response));
  {
    const std::scoped_lock lock(mutex_);
    --unanswered_;
  }
  changed_.notify_all();
}

void AmqpSender::watch_time() {
  if (session_ == nullptr) return;
  const SteadyTime now = SteadyTime::clock::now();
  SteadyTime next = pending_.empty() ? SteadyTime::max() : progress_at_ + timeout_;
  if (tokens_ != nullptr) {
    if (const std::optional<Milliseconds> left = tokens_->time_left())
      next = std::min(next, now + *left);
  }
  if (next >= alarm_at_) return;
  alarm_at_ = next;
  connection_.set_alarm(std::max(std::chrono::ceil<Milliseconds>(next - now), Milliseconds{1}));
}

void AmqpSender::timed_out() {
  alarm_at_ = SteadyTime::max();
  if (!keep_admitted()) return;
  if (pending_.empty() || SteadyTime::clock::now() - progress_at_ < timeout_) return watch_time();
  const bool has_credit = is_attached_ && pn_link_credit(link_) > 0;
  const std::string_view what = link_ == nullptr ? "no answer to the token"
                                : has_credit     ? "no disposition"
                                                 : "no credit";
  connection_.give_up({ErrorKind::peer_away,
                       "amqp: " + connection_.settings().address + ": " + std::string(what) +
                           " within " + std::to_string(timeout_.count()) + " ms",
                       {}});
}

/// What has no fate is handed back.
void AmqpSender::ended(const Error& error) {
  // Where the peer had taken a token and the link, a new token may be all that it wants.
  const bool is_tried_again = tokens_ != nullptr && is_attached_;
  session_ = nullptr;
  link_ = nullptr;
  is_attached_ = false;
  take_inbox();
  const bool is_refused =
      error.kind == ErrorKind::config || (error.kind == ErrorKind::peer_refused && !is_tried_again);
  const Outcome outcome = is_refused ? Outcome::refused : Outcome::retry;
  while (!pending_.empty()) {
    Pending& pending = pending_.front();
    for (Slot& slot : pending.slots) {
      if (!slot.is_decided) decide(slot, outcome, error.message);
    }
    give_back_unsent(pending, outcome, error.message);
    answer(pending);
  }
}

}  // namespace copybridge::publishers
