// SEND and RECEIPT.
#include "bridge/publishers/stomp_sender.h"

#include <algorithm>
#include <charconv>

#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

constexpr Milliseconds kCloseLimit{3'000};
/// The prefix of the AMQP binding, by which JMS consumers can ask for it; STOMP has no binding.
constexpr std::string_view kAttributePrefix = "cloudEvents_";

}  // namespace

StompSender::StompSender(StompSettings settings)
    : settings_(std::move(settings)), connection_(settings_.client, *this) {}

void StompSender::start(CompletionPort port) {
  port_ = port;
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = false;
  }
  connection_.start();
}

void StompSender::send(Request request) {
  {
    std::unique_lock lock(mutex_);
    if (is_stopped_) {
      lock.unlock();
      return port_.post(
          {.number = request.number, .outcomes = {Outcome::retry}, .reason = "stomp: stopped"});
    }
    ++unanswered_;
    inbox_.push_back(std::move(request));
  }
  // Where there is a connection it is only woken.
  connection_.connect();
  connection_.wake();
}

void StompSender::stop(Milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    if (is_stopped_) return;
    changed_.wait_for(lock, limit, [this] { return unanswered_ == 0; });
    is_stopped_ = true;
  }
  connection_.stop(std::min(limit, kCloseLimit));
  // What came when there was no connection to end.
  ended({ErrorKind::peer_away, "stomp: stopped", {}});
}

void StompSender::take_inbox() {
  std::vector<Request> requests;
  {
    const std::scoped_lock lock(mutex_);
    requests.swap(inbox_);
  }
  if (pending_.empty()) progress_at_ = SteadyTime::clock::now();
  for (Request& request : requests) {
    keep(std::move(request));
    Pending& pending = pending_.back();
    for (std::size_t i = 0; i < pending.request.events.size(); ++i) {
      const std::uint64_t receipt = next_receipt_++;
      places_.emplace(receipt, Place{std::prev(pending_.end()), i});
      send_event(*pending.request.events[i], receipt);
    }
  }
  watch_time();
}

void StompSender::keep(Request request) {
  const std::size_t count = request.events.size();
  Pending& pending = pending_.emplace_back();
  pending.request = std::move(request);
  pending.outcomes.assign(count, Outcome::retry);
  pending.is_decided.assign(count, false);
  pending.undecided = count;
}

void StompSender::send_event(const Event& event, std::uint64_t receipt) {
  const std::string receipt_text = std::to_string(receipt);
  const bool is_structured = settings_.form == StompForm::structured;
  std::vector<std::pair<std::string_view, std::string_view>> headers = {
      {"destination", settings_.client.destination},
      {"receipt", receipt_text},
      {"content-type", is_structured ? kStructuredType : content_type_of(event)}};
  if (settings_.is_persistent) headers.emplace_back("persistent", "true");
  if (!settings_.id_header.empty()) headers.emplace_back(settings_.id_header, event.id);
  if (!settings_.group_header.empty() && !event.key.empty())
    headers.emplace_back(settings_.group_header, event.key);
  for (const auto& [name, value] : settings_.headers) headers.emplace_back(name, value);
  for_each_trace_field(
      event, [&](const Attribute& field) { headers.emplace_back(field.name, field.value); });
  std::list<std::string> names;
  if (settings_.form == StompForm::binary) {
    for_each_attribute(event, [&](const Attribute& attribute) {
      names.push_back(std::string(kAttributePrefix).append(attribute.name));
      headers.emplace_back(names.back(), attribute.value);
    });
  }
  if (settings_.form == StompForm::plain) {
    for (const Attribute& attribute : event.extensions)
      if (!attribute.value.empty()) headers.emplace_back(attribute.name, attribute.value);
  }
  std::string_view body = settings_.form == StompForm::binary ? data_of(event) : event.body;
  if (is_structured) {
    text_.clear();
    append_structured(text_, event);
    body = text_;
  }
  connection_.send("SEND", headers, body);
}

void StompSender::received(copybridge::stomp::Frame frame) {
  if (frame.command != "RECEIPT") return;
  progress_at_ = SteadyTime::clock::now();
  decide(frame.header("receipt-id"), Outcome::accepted, {});
}

void StompSender::refused(std::string_view receipt, const Error& error) {
  // Rights are everybody's matter; of anything else it may be this event's own fault.
  if (error.kind != ErrorKind::peer_refused) decide(receipt, Outcome::doubtful, error.message);
}

void StompSender::decide(std::string_view receipt, Outcome outcome, const std::string& reason) {
  std::uint64_t number = 0;
  std::from_chars(receipt.data(), receipt.data() + receipt.size(), number);
  const auto found = places_.find(number);
  if (found == places_.end()) return;
  const Place place = found->second;
  places_.erase(found);
  place.pending->outcomes[place.event] = outcome;
  place.pending->is_decided[place.event] = true;
  if (place.pending->reason.empty()) place.pending->reason = reason;
  if (--place.pending->undecided == 0) answer(place.pending);
}

void StompSender::answer(std::list<Pending>::iterator pending) {
  Response response{.number = pending->request.number,
                    .outcomes = std::move(pending->outcomes),
                    .reason = std::move(pending->reason)};
  pending_.erase(pending);
  port_.post(std::move(response));
  {
    const std::scoped_lock lock(mutex_);
    --unanswered_;
  }
  changed_.notify_all();
}

void StompSender::watch_time() {
  if (is_watched_ || pending_.empty()) return;
  is_watched_ = true;
  const auto left = progress_at_ + settings_.timeout - SteadyTime::clock::now();
  connection_.set_alarm(std::max(std::chrono::ceil<Milliseconds>(left), Milliseconds{1}));
}

void StompSender::timed_out() {
  is_watched_ = false;
  if (pending_.empty()) return;
  if (SteadyTime::clock::now() - progress_at_ < settings_.timeout) return watch_time();
  connection_.give_up({ErrorKind::peer_away,
                       "stomp: " + settings_.client.destination + ": no receipt within " +
                           std::to_string(settings_.timeout.count()) + " ms",
                       {}});
}

/// What has no fate is handed back.
void StompSender::ended(const Error& error) {
  is_watched_ = false;
  places_.clear();
  std::vector<Request> requests;
  {
    const std::scoped_lock lock(mutex_);
    requests.swap(inbox_);
  }
  for (Request& request : requests) keep(std::move(request));
  const Outcome outcome = error.kind == ErrorKind::peer_refused ? Outcome::refused : Outcome::retry;
  while (!pending_.empty()) {
    Pending& pending = pending_.front();
    for (std::size_t i = 0; i < pending.outcomes.size(); ++i) {
      if (!pending.is_decided[i]) pending.outcomes[i] = outcome;
    }
    if (pending.reason.empty()) pending.reason = error.message;
    answer(pending_.begin());
  }
}

}  // namespace copybridge::publishers
