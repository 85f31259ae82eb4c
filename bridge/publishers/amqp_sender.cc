// Transfers and dispositions.
#include "bridge/publishers/amqp_sender.h"

#include <proton/delivery.h>
#include <proton/link.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/amqp/links.h"

namespace copybridge::publishers {
namespace {

using copybridge::amqp::text_of;

constexpr Milliseconds kCloseLimit{3'000};

/// Conditions of a rejection that are the message's own fault.
constexpr std::array<std::string_view, 4> kOwnFaults = {"amqp:decode-error", "amqp:invalid-field",
                                                        "amqp:link:message-size-exceeded",
                                                        "amqp:precondition-failed"};

}  // namespace

Outcome outcome_of_state(std::uint64_t state, std::string_view condition_name) {
  if (state == PN_ACCEPTED) return Outcome::accepted;
  if (state != PN_REJECTED) return Outcome::retry;
  if (std::ranges::find(kOwnFaults, condition_name) != kOwnFaults.end()) return Outcome::permanent;
  if (condition_name == "amqp:resource-limit-exceeded") return Outcome::throttled;
  if (condition_name == "amqp:internal-error") return Outcome::retry;
  if (copybridge::amqp::is_refusal(condition_name)) return Outcome::refused;
  // A queue that is full and a message that is wrong may both be rejected without a word.
  return Outcome::doubtful;
}

std::optional<AmqpDecision> take_decision(pn_delivery_t& delivery, const std::string& address) {
  const std::uint64_t state = pn_delivery_remote_state(&delivery);
  const bool is_final = state == PN_ACCEPTED || state == PN_REJECTED || state == PN_RELEASED ||
                        state == PN_MODIFIED || pn_delivery_settled(&delivery);
  if (!is_final) return std::nullopt;
  pn_condition_t* const condition = pn_disposition_condition(pn_delivery_remote(&delivery));
  const char* const name = state == PN_REJECTED && pn_condition_is_set(condition)
                               ? pn_condition_get_name(condition)
                               : "";
  AmqpDecision decision{outcome_of_state(state, name), {}};
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

AmqpSender::AmqpSender(copybridge::amqp::ClientSettings settings, AmqpMessageSettings message,
                       Milliseconds timeout)
    : timeout_(timeout),
      writer_(std::move(message), settings.address),
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
  const copybridge::amqp::ClientSettings& settings = connection_.settings();
  is_attached_ = is_watched_ = false;
  link_ = copybridge::amqp::open_sender(session, settings, "copybridge-" + settings.address,
                                        settings.address);
  progress_at_ = SteadyTime::clock::now();
  take_inbox();
}

void AmqpSender::happened(pn_event_t& event) {
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
  transfer();
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
    for (std::size_t i = 0; i < count; ++i) pending.slots.push_back({&pending, i, false});
  }
  watch_time();
}

/// As much as the peer's credit allows.
void AmqpSender::transfer() {
  if (!is_attached_) return;
  for (auto next = pending_.begin(); next != pending_.end();) {
    Pending& pending = *next++;
    while (pending.sent < pending.slots.size()) {
      if (pn_link_credit(link_) <= 0) return;
      transfer_one(pending);
    }
    if (pending.undecided == 0) answer(pending);
  }
}

void AmqpSender::transfer_one(Pending& pending) {
  Slot& slot = pending.slots[pending.sent];
  const std::string_view bytes = writer_.write(*pending.request.events[pending.sent]);
  ++pending.sent;
  if (std::string refusal = size_refusal(*link_, bytes.size()); !refusal.empty()) {
    return decide(slot, Outcome::permanent, std::move(refusal));
  }
  const std::uint64_t tag = next_tag_++;
  pn_delivery_t* const delivery =
      pn_delivery(link_, pn_dtag(reinterpret_cast<const char*>(&tag), sizeof tag));
  pn_delivery_set_context(delivery, &slot);
  pn_link_send(link_, bytes.data(), bytes.size());
  pn_link_advance(link_);
}

void AmqpSender::note_disposition(pn_delivery_t& delivery) {
  auto* const slot = static_cast<Slot*>(pn_delivery_get_context(&delivery));
  if (slot == nullptr) return;
  std::optional<AmqpDecision> decision = take_decision(delivery, connection_.settings().address);
  if (!decision) return;
  progress_at_ = SteadyTime::clock::now();
  Pending& pending = *slot->pending;
  decide(*slot, decision->outcome, std::move(decision->reason));
  if (pending.undecided == 0) answer(pending);
}

void AmqpSender::decide(Slot& slot, Outcome outcome, std::string reason) {
  Pending& pending = *slot.pending;
  slot.is_decided = true;
  pending.outcomes[slot.event] = outcome;
  // A dead letter's reason is worth more than why something is sent again.
  if (pending.reason.empty() || outcome == Outcome::permanent) pending.reason = std::move(reason);
  --pending.undecided;
}

void AmqpSender::answer(Pending& pending) {
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
  if (is_watched_ || pending_.empty() || link_ == nullptr) return;
  is_watched_ = true;
  const auto left = progress_at_ + timeout_ - SteadyTime::clock::now();
  connection_.set_alarm(std::max(std::chrono::ceil<Milliseconds>(left), Milliseconds{1}));
}

void AmqpSender::timed_out() {
  is_watched_ = false;
  if (pending_.empty()) return;
  if (SteadyTime::clock::now() - progress_at_ < timeout_) return watch_time();
  const bool has_credit = is_attached_ && pn_link_credit(link_) > 0;
  connection_.give_up({ErrorKind::peer_away,
                       "amqp: " + connection_.settings().address + ": " +
                           (has_credit ? "no disposition" : "no credit") + " within " +
                           std::to_string(timeout_.count()) + " ms",
                       {}});
}

/// What has no fate is handed back.
void AmqpSender::ended(const Error& error) {
  link_ = nullptr;
  is_attached_ = false;
  take_inbox();
  const Outcome outcome = error.kind == ErrorKind::peer_refused ? Outcome::refused : Outcome::retry;
  while (!pending_.empty()) {
    Pending& pending = pending_.front();
    for (Slot& slot : pending.slots) {
      if (!slot.is_decided) decide(slot, outcome, error.message);
    }
    answer(pending);
  }
}

}  // namespace copybridge::publishers
