// From call to request, from reply to answer, and what becomes of those that find no other.
#include "bridge/call_service.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/letter_box.h"
#include "bridge/route.h"

namespace copybridge::bridge {
namespace {

using adapters::CallAnswer;
using adapters::CallResult;
using condition::Truth;
using publishers::Outcome;

/// By CallResult.
constexpr std::array kCounts = {&CallTotals::answered, &CallTotals::failed, &CallTotals::invalid,
                                &CallTotals::expired, &CallTotals::unavailable};
constexpr Milliseconds kOpenAgain{1000};
constexpr Milliseconds kCloseLimit{3000};
constexpr std::uint64_t kLettersLoggedPerInterval = 20;

CallAnswer saying(CallResult result, std::string_view reason) {
  return {result, "{\"error\":" + json_string(reason) + "}"};
}

/// Why no request was made of a call.
std::string reason_of(const Passage& passage) {
  if (passage.bad.empty()) return "the call is none that the route wants (only_if)";
  const auto own = std::ranges::find_if(
      passage.bad, [](const BadRecord& bad) { return bad.mapping != nullptr; });
  return own == passage.bad.end() ? passage.bad.front().field.message : own->field.message;
}

plan::BadField fault(std::string expected, std::string message) {
  plan::BadField field;
  field.expected = std::move(expected);
  field.message = std::move(message);
  return field;
}

/// The first mapping that takes the reply.
const mapping::Mapping* find_mapping(
    const std::vector<std::shared_ptr<const mapping::Mapping>>& mappings, const Passage& reply) {
  const auto is_it = [&](const auto& mapping) {
    return mapping->matches(reply.record(0), framing::RecordPlace::detail,
                            reply.source_attributes(0)) == Truth::yes;
  };
  const auto found = std::ranges::find_if(mappings, is_it);
  return found == mappings.end() ? nullptr : found->get();
}

}  // namespace

CallService::CallService(CallSettings settings, std::unique_ptr<adapters::CallSource> source,
                         std::vector<Route> routes, std::vector<ReplyRoute> replies,
                         std::vector<std::unique_ptr<publishers::Exchange>> exchanges,
                         DeadLetterStore dead_letters, const Clock& clock, Log& log)
    : settings_(std::move(settings)),
      source_(std::move(source)),
      routes_(std::move(routes)),
      replies_(std::move(replies)),
      exchanges_(std::move(exchanges)),
      clock_(clock),
      log_(log),
      dead_letters_(std::move(dead_letters)) {}

CallTotals CallService::totals() const {
  const std::scoped_lock lock(mutex_);
  CallTotals totals = totals_;
  totals.waiting = waiting_.size();
  return totals;
}

void CallService::stop() {
  {
    const std::scoped_lock lock(mutex_);
    ++stops_asked_;
  }
  changed_.notify_all();
}

Result<void> CallService::open() {
  for (const auto& exchange : exchanges_) {
    Result<void> opened = exchange->open(*this, settings_.identity);
    if (!opened) return opened;
  }
  for (Outage outage;;) {
    Result<void> opened = source_->open(*this);
    if (opened || !is_retryable(opened.error().kind)) return opened;
    if (outage.note_failure(clock_.now()))
      log_source_lost(log_, settings_.source, to_string(opened.error()));
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kOpenAgain, [this] { return stops_asked_ > 0; })) return {};
  }
}

int CallService::run() {
  const Result<void> opened = open();
  if (opened) {
    serve();
    drain();
  } else {
    log_not_started(log_, settings_.source, to_string(opened.error()));
  }
  for (const auto& exchange : exchanges_) exchange->close(kCloseLimit);
  source_->close(kCloseLimit);
  log_totals();
  return opened ? 0 : exit_code(opened.error().kind);
}

void CallService::serve() {
  SteadyTime summary_at = clock_.now() + settings_.summary_interval;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stops_asked_ > 0 || (settings_.until_idle && waiting_.empty())) return;
      SteadyTime until = summary_at;
      if (!deadlines_.empty()) until = std::min(until, deadlines_.begin()->first);
      changed_.wait_until(lock, until);
    }
    expire_due();
    if (clock_.now() < summary_at) continue;
    log_totals();
    summary_at = clock_.now() + settings_.summary_interval;
  }
}

void CallService::drain() {
  source_->refuse_new();
  const SteadyTime until = clock_.now() + settings_.drain_limit;
  for (;;) {
    expire_due();
    std::unique_lock lock(mutex_);
    if (waiting_.empty() || stops_asked_ > 1 || clock_.now() >= until) break;
    SteadyTime next = until;
    if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
    changed_.wait_until(lock, next);
  }
  std::unordered_map<std::uint64_t, Waiting> left;
  {
    const std::scoped_lock lock(mutex_);
    left = std::move(waiting_);
    waiting_.clear();
    deadlines_.clear();
  }
  // Their replies are late ones of the next run.
  for (auto& [number, waiting] : left)
    finish(waiting, saying(CallResult::expired, "the bridge is stopping"));
}

void CallService::expire_due() {
  for (;;) {
    Waiting waiting;
    std::uint64_t number = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (deadlines_.empty() || deadlines_.begin()->first > clock_.now()) return;
      number = deadlines_.begin()->second;
      deadlines_.erase(deadlines_.begin());
      const auto found = waiting_.find(number);
      if (found == waiting_.end()) continue;
      waiting = std::move(found->second);
      waiting_.erase(found);
    }
    exchanges_[replies_[waiting.route].exchange]->forget(number);
    finish(waiting, saying(CallResult::expired, "no reply within the limit"));
  }
}

void CallService::finish(const Waiting& waiting, CallAnswer answer) {
  {
    const std::scoped_lock lock(mutex_);
    ++(totals_.*kCounts[static_cast<std::size_t>(answer.result)]);
  }
  waiting.answer(std::move(answer));
  changed_.notify_all();
}

std::unique_ptr<Passage> CallService::passage_of(const std::string& id, ByteView bytes,
                                                 adapters::Attributes attributes,
                                                 std::int64_t time_ms) const {
  auto batch = std::make_unique<adapters::RecordBatch>();
  batch->bytes.append(bytes);
  batch->records.push_back({0, static_cast<std::uint32_t>(bytes.size())});
  batch->ids.push_back(id);
  batch->time_ms = time_ms;
  batch->record_attributes.push_back(std::move(attributes));
  auto passage = std::make_unique<Passage>();
  passage->reset(std::move(batch), routes_.size(), clock_.now());
  return passage;
}

void CallService::take(adapters::Call call) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(call.body.data());
  std::shared_ptr<Passage> passage =
      passage_of(call.id, {bytes, call.body.size()}, std::move(call.attributes), call.time_ms);
  make_events(routes_, settings_.event_source, *passage);
  Waiting waiting{.answer = std::move(call.answer), .route = 0, .deadline = {}};
  if (passage->events.empty())
    return finish(waiting, saying(CallResult::invalid, reason_of(*passage)));
  waiting.route = passage->origins.front().route;
  const ReplyRoute& reply = replies_[waiting.route];
  waiting.deadline = clock_.now() + reply.deadline;
  publishers::ExchangeRequest request{.number = 0,
                                      .event = passage->events.front(),
                                      .owner = passage,
                                      .deadline = waiting.deadline};
  {
    const std::scoped_lock lock(mutex_);
    request.number = next_number_++;
    deadlines_.emplace(waiting.deadline, request.number);
    waiting_.emplace(request.number, std::move(waiting));
  }
  changed_.notify_all();
  exchanges_[reply.exchange]->send(std::move(request));
}

bool CallService::find(std::uint64_t number, Waiting& waiting) {
  const std::scoped_lock lock(mutex_);
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return false;
  waiting = std::move(found->second);
  waiting_.erase(found);
  const auto [first, last] = deadlines_.equal_range(waiting.deadline);
  const auto due = std::find_if(first, last, [&](const auto& one) { return one.second == number; });
  if (due != last) deadlines_.erase(due);
  return true;
}

void CallService::on_sent(std::uint64_t number, Outcome outcome, const std::string& reason) {
  if (outcome == Outcome::accepted) return;
  Waiting waiting;
  if (!find(number, waiting)) return;
  const bool is_its_own = outcome == Outcome::permanent;
  finish(waiting, saying(is_its_own ? CallResult::invalid : CallResult::unavailable, reason));
}

bool CallService::on_reply(std::uint64_t number, publishers::Reply reply) {
  const std::unique_ptr<Passage> passage =
      passage_of(reply.id, reply.body.view(), std::move(reply.attributes), reply.time_ms);
  Waiting waiting;
  if (number == 0 || !find(number, waiting)) {
    return keep(*passage, nullptr,
                fault("a caller that waits for it", "reply: nobody waits for it any more"));
  }
  const ReplyRoute& route = replies_[waiting.route];
  const std::string_view broken = passage->batch->fault_of(0);
  const mapping::Mapping* error = broken.empty() ? find_mapping(route.errors, *passage) : nullptr;
  const mapping::Mapping* mapping =
      error != nullptr || !broken.empty() ? error : find_mapping(route.mappings, *passage);
  TextBuffer text;
  if (mapping != nullptr && mapping->decode(passage->record(0), text)) {
    finish(waiting, {error != nullptr ? CallResult::failed : CallResult::answered,
                     std::string(text.view())});
    return true;
  }
  finish(waiting, saying(CallResult::failed, "the program's reply cannot be read"));
  if (mapping != nullptr) return keep(*passage, mapping, mapping->explain(passage->record(0)));
  return keep(*passage, nullptr,
              broken.empty()
                  ? fault("a reply that one of the route's reply mappings matches",
                          "reply: no mapping matches it")
                  : fault("a message whose headers are sound", "reply: " + std::string(broken)));
}

/// Makes a reply that is nobody's answer a dead letter; false where that cannot be stored now.
bool CallService::keep(const Passage& passage, const mapping::Mapping* mapping,
                       const plan::BadField& field) {
  const BadRecord bad{
      .record = 0, .route = 0, .mapping = mapping, .destination = settings_.source, .field = field};
  const DeadLetter letter =
      make_dead_letter(settings_.source, passage, bad, to_rfc3339(clock_.wall_now()));
  const std::scoped_lock lock(letters_mutex_);
  if (const Result<void> stored = dead_letters_.store({&letter, 1}); !stored) {
    on_link("dead letters", stored.error().message);
    return false;
  }
  if (letters_logged_++ < kLettersLoggedPerInterval) {
    log_dead_letter(log_, settings_.source, letter.id, mapping == nullptr ? "-" : mapping->name,
                    bad.destination, field.message);
  } else {
    ++letters_unlogged_;
  }
  const std::scoped_lock totals_lock(mutex_);
  ++totals_.dead_lettered;
  return true;
}

void CallService::on_link(std::string_view what, const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  Outage& outage = links_[std::string(what)];
  const std::string name = settings_.source + " " + std::string(what);
  const SteadyTime now = clock_.now();
  if (!reason.empty()) {
    if (outage.note_failure(now)) log_endpoint_lost(log_, name, reason);
    return;
  }
  if (!outage.is_on()) return;
  const auto away = std::chrono::duration_cast<Milliseconds>(now - outage.since()).count();
  const std::uint64_t attempts = outage.attempts();
  if (outage.end(now)) log_endpoint_recovered(log_, name, attempts, away);
}

void CallService::log_totals() {
  log_calls(log_, settings_.source, totals());
  const std::scoped_lock lock(letters_mutex_);
  if (letters_unlogged_ > 0) log_dead_letters_more(log_, settings_.source, letters_unlogged_);
  letters_logged_ = letters_unlogged_ = 0;
}

}  // namespace copybridge::bridge
