// Deliveries, dispositions and credit.
#include "adapters/amqp/receiver.h"

#include <proton/delivery.h>
#include <proton/link.h>

#include <algorithm>
#include <utility>

#include "bridge/amqp/links.h"

namespace copybridge::adapters::amqp {
namespace {

constexpr Milliseconds kCloseLimit{3'000};
/// After such a silence nothing is there. The exact question, drain, ends the session at some
/// brokers (RabbitMQ 3.10).
constexpr Milliseconds kQuiet{1'000};
/// Until the first message tells how large they are.
constexpr std::size_t kFirstCredit = 10;

}  // namespace

Result<void> Receiver::open() {
  close();
  connection_.start();
  std::unique_lock lock(mutex_);
  state_ = State::opening;
  connection_.connect();
  const auto& access = connection_.settings().access;
  const auto limit = access.connect_timeout * (access.servers.size() + 1);
  changed_.wait_for(lock, limit, [this] { return state_ != State::opening; });
  if (state_ == State::open) return {};
  const std::string reason =
      error_ ? error_->message
             : "amqp: " + connection_.settings().address + ": the link is not answered";
  lock.unlock();
  close();
  return fail(ErrorKind::source, reason);
}

void Receiver::close() {
  {
    const std::scoped_lock lock(mutex_);
    hands_back_ = true;
  }
  connection_.stop(kCloseLimit);
  const std::scoped_lock lock(mutex_);
  state_ = State::closed;
  error_.reset();
  arrived_.clear();
  settled_.clear();
  first_number_ = next_number_;
  is_interrupted_ = hands_back_ = false;
}

bool Receiver::is_open() {
  const std::scoped_lock lock(mutex_);
  return state_ == State::open;
}

Result<void> Receiver::wait(Milliseconds wait, bool for_messages) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] {
    return is_interrupted_ || state_ != State::open || (for_messages && !arrived_.empty());
  });
  is_interrupted_ = false;
  if (state_ == State::open) return {};
  return fail(ErrorKind::source, error_ ? error_->message : "amqp: not connected");
}

std::optional<Arrival> Receiver::take() {
  const std::scoped_lock lock(mutex_);
  if (arrived_.empty()) return std::nullopt;
  Arrival arrival = std::move(arrived_.front());
  arrived_.pop_front();
  return arrival;
}

void Receiver::settle(std::vector<std::pair<std::uint64_t, Disposition>> settled) {
  {
    const std::scoped_lock lock(mutex_);
    if (state_ != State::open) return;
    settled_.insert(settled_.end(), settled.begin(), settled.end());
  }
  connection_.wake();
}

void Receiver::hand_back_untaken() {
  std::vector<std::pair<std::uint64_t, Disposition>> untaken;
  {
    const std::scoped_lock lock(mutex_);
    for (const Arrival& arrival : arrived_)
      untaken.emplace_back(arrival.number, Disposition::release);
    arrived_.clear();
  }
  settle(std::move(untaken));
}

bool Receiver::is_quiet() {
  const std::scoped_lock lock(mutex_);
  return arrived_.empty() && SteadyTime::clock::now() - quiet_since_ >= kQuiet;
}

void Receiver::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_all();
}

void Receiver::opened(pn_session_t& session) {
  const copybridge::amqp::ClientSettings& settings = connection_.settings();
  slots_.clear();
  {
    const std::scoped_lock lock(mutex_);
    slots_from_ = next_number_;
  }
  unsettled_ = unsettled_bytes_ = 0;
  incoming_.clear();
  link_ = copybridge::amqp::open_receiver(session, settings, "copybridge-" + settings.address,
                                          settings.address, limits_.message_bytes_max);
}

void Receiver::happened(pn_event_t& event) {
  switch (static_cast<int>(pn_event_type(&event))) {
    case PN_LINK_REMOTE_OPEN: {
      if (!copybridge::amqp::is_taken(*link_)) return;
      grant_credit();
      const std::scoped_lock lock(mutex_);
      state_ = State::open;
      quiet_since_ = SteadyTime::clock::now();
      return changed_.notify_all();
    }
    case PN_DELIVERY:
      return receive(*pn_event_delivery(&event));
    default:
      return;
  }
}

void Receiver::receive(pn_delivery_t& delivery) {
  using Incoming = copybridge::amqp::IncomingMessage::State;
  const Incoming state = incoming_.read(delivery, limits_.message_bytes_max);
  if (state == Incoming::complete) return keep(delivery);
  if (state == Incoming::incomplete) return;
  connection_.give_up({ErrorKind::peer_refused,
                       "amqp: " + connection_.settings().address + ": a message is larger than " +
                           std::to_string(limits_.message_bytes_max) +
                           " bytes; raise message_bytes_max",
                       {}});
}

void Receiver::keep(pn_delivery_t& delivery) {
  std::string bytes = incoming_.take();
  const std::size_t size = bytes.size();
  largest_ = std::max(largest_, size);
  slots_.push_back({&delivery, size});
  ++unsettled_;
  unsettled_bytes_ += size;
  {
    const std::scoped_lock lock(mutex_);
    arrived_.push_back({next_number_++, std::move(bytes)});
    quiet_since_ = SteadyTime::clock::now();
  }
  changed_.notify_all();
  grant_credit();
}

void Receiver::woken() {
  std::vector<std::pair<std::uint64_t, Disposition>> settled;
  bool hands_back = false;
  {
    const std::scoped_lock lock(mutex_);
    settled.swap(settled_);
    hands_back = hands_back_;
  }
  for (const auto& [number, disposition] : settled) apply(number, disposition);
  // Said of each: what is only left lying counts as a failed delivery for some brokers.
  if (hands_back) {
    for (std::size_t i = 0; i < slots_.size(); ++i) apply(slots_from_ + i, Disposition::release);
    return;
  }
  while (!slots_.empty() && slots_.front().delivery == nullptr) {
    slots_.pop_front();
    ++slots_from_;
  }
  grant_credit();
}

void Receiver::apply(std::uint64_t number, Disposition disposition) {
  if (number < slots_from_ || number - slots_from_ >= slots_.size()) return;
  Slot& slot = slots_[number - slots_from_];
  pn_delivery_t* const delivery = std::exchange(slot.delivery, nullptr);
  if (delivery == nullptr) return;
  --unsettled_;
  unsettled_bytes_ -= slot.bytes;
  switch (disposition) {
    case Disposition::accept:
      pn_delivery_update(delivery, PN_ACCEPTED);
      break;
    case Disposition::release:
      pn_delivery_update(delivery, PN_RELEASED);
      break;
    case Disposition::reject: {
      pn_condition_t* const why = pn_disposition_condition(pn_delivery_local(delivery));
      pn_condition_set_name(why, "amqp:decode-error");
      pn_condition_set_description(why, "the record does not fit its copybook or mapping");
      pn_delivery_update(delivery, PN_REJECTED);
      break;
    }
    case Disposition::modify:
      pn_disposition_set_failed(pn_delivery_local(delivery), true);
      pn_disposition_set_undeliverable(pn_delivery_local(delivery), true);
      pn_delivery_update(delivery, PN_MODIFIED);
      break;
  }
  pn_delivery_settle(delivery);
}

/// In larger steps, since each is a frame.
void Receiver::grant_credit() {
  std::size_t room = limits_.credit - std::min(limits_.credit, unsettled_);
  if (largest_ == 0) {
    room = std::min(room, kFirstCredit);
  } else {
    const std::size_t bytes = limits_.bytes_max - std::min(limits_.bytes_max, unsettled_bytes_);
    room = std::min(room, bytes / largest_);
    // One message may always come.
    if (unsettled_ == 0) room = std::max<std::size_t>(room, 1);
  }
  const auto given = static_cast<std::size_t>(std::max(pn_link_credit(link_), 0));
  if (room <= given) return;
  const bool is_due = given == 0 || room - given >= std::max<std::size_t>(limits_.credit / 4, 1);
  if (is_due) pn_link_flow(link_, static_cast<int>(room - given));
}

void Receiver::ended(const Error& error) {
  link_ = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    state_ = State::closed;
    error_ = error;
    arrived_.clear();
  }
  changed_.notify_all();
}

}  // namespace copybridge::adapters::amqp
