// Behaviour of the scripted source and endpoint.
#include "tests/faults/scripted.h"

#include <algorithm>

namespace copybridge::tests {

using adapters::Fate;
using adapters::ReadStatus;
using publishers::Outcome;

Result<void> ScriptedAdapter::open() {
  next_ = queue_.settled;
  return {};
}

Result<ReadStatus> ScriptedAdapter::read(adapters::RecordBatch& batch, Milliseconds limit) {
  batch.reset();
  if (draw(script_.read_fails) || script_.fails_now()) {
    ++queue_.reads_failed;
    return fail(ErrorKind::source, "scripted: away");
  }
  if (has_hole_) {
    if (!out_.empty()) return wait(ReadStatus::idle, limit);
    has_hole_ = false;
    next_ = queue_.settled;
  }
  if (next_ == queue_.records.size()) {
    return out_.empty() ? ReadStatus::dry : wait(ReadStatus::idle, limit);
  }
  const std::size_t count = std::min<std::size_t>(1 + random_() % 7, queue_.records.size() - next_);
  for (std::size_t i = next_; i < next_ + count; ++i) {
    const std::string& record = queue_.records[i];
    batch.records.push_back({static_cast<std::uint32_t>(batch.bytes.size()),
                             static_cast<std::uint32_t>(record.size())});
    batch.bytes.append({reinterpret_cast<const std::uint8_t*>(record.data()), record.size()});
  }
  batch.id_prefix = "queue/";
  batch.first_number = next_ + 1;
  batch.token = next_;
  out_.emplace_back(next_, count);
  queue_.read_again += furthest_ > next_ ? 1U : 0U;
  next_ += count;
  furthest_ = std::max(furthest_, next_);
  const bool is_away = queue_.is_endpoint_away && queue_.is_endpoint_away();
  queue_.reads_in_outage += queue_.units_backed_out > 0 && is_away ? 1U : 0U;
  return ReadStatus::batch;
}

void ScriptedAdapter::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_one();
}

ReadStatus ScriptedAdapter::wait(ReadStatus status, Milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, clock_.machine_time(limit), [this] { return is_interrupted_; });
  is_interrupted_ = false;
  return status;
}

Result<void> ScriptedAdapter::settle(const adapters::Settlement& settlement) {
  if (draw(script_.settle_fails) || script_.fails_now())
    return fail(ErrorKind::source, "scripted: settle failed");
  const auto [first, count] = out_.front();
  if (first != settlement.token || count != settlement.fates.size()) {
    return fail(ErrorKind::config, "scripted: settled out of order");
  }
  out_.pop_front();
  // A unit of work rolls back whole.
  const bool is_unit = script_.unit_age_max.count() > 0;
  if (is_unit && std::ranges::find(settlement.fates, Fate::retry) != settlement.fates.end()) {
    has_hole_ = true;
    ++queue_.units_backed_out;
    return {};
  }
  for (std::size_t i = 0; i < count && !has_hole_; ++i) {
    if (settlement.fates[i] == Fate::retry) {
      has_hole_ = true;
      break;
    }
    queue_.fates[first + i] = settlement.fates[i];
    queue_.settled = first + i + 1;
  }
  return {};
}

ScriptedPublisher::ScriptedPublisher(ScriptedStore& store, const Script& script,
                                     publishers::Limits limits)
    : store_(store), script_(script), limits_(limits), random_(script.seed * 7919 + 1) {}

ScriptedPublisher::~ScriptedPublisher() { close(Milliseconds(0)); }

Result<void> ScriptedPublisher::open(publishers::CompletionPort port) {
  port_ = port;
  thread_ = std::thread([this] { run(); });
  return {};
}

void ScriptedPublisher::publish(publishers::Request request) {
  {
    const std::scoped_lock lock(mutex_);
    // What keeps the order refuses what was handed over before its failure was known.
    if (request.epoch < epoch_min_) return post_retry(request);
    waiting_.push_back(std::move(request));
  }
  changed_.notify_one();
}

void ScriptedPublisher::post_retry(const publishers::Request& request) {
  port_.post({.number = request.number, .outcomes = {Outcome::retry}, .reason = "scripted: rest"});
}

void ScriptedPublisher::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::size_t pick = limits_.keeps_order ? 0 : random_() % waiting_.size();
    const publishers::Request request = std::move(waiting_[pick]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(pick));
    port_.post(answer(request));
    if (store_.requests_until_stop > 0 && --store_.requests_until_stop == 0) store_.stop();
    if (fails_rest_) hand_back_rest(request.epoch);
  }
}

/// What keeps the order answers everything that it has with retry after a failure.
void ScriptedPublisher::hand_back_rest(std::uint64_t epoch) {
  for (const publishers::Request& rest : waiting_) post_retry(rest);
  waiting_.clear();
  epoch_min_ = epoch + 1;
  fails_rest_ = false;
}

/// Whether it finds the endpoint away.
bool ScriptedPublisher::note_request() {
  const std::uint64_t number = ++store_.requests;
  return number >= store_.away.first && number < store_.away.second;
}

publishers::Response ScriptedPublisher::answer(const publishers::Request& request) {
  if (note_request()) {
    store_.retries += request.events.size();
    fails_rest_ = limits_.keeps_order;
    return {.number = request.number, .outcomes = {Outcome::retry}, .reason = "scripted: away"};
  }
  const bool is_each = limits_.splits_outcomes || limits_.keeps_order;
  publishers::Response response = is_each ? answer_each(request) : answer_as_one(request);
  response.number = request.number;
  response.reason = "scripted: failed";
  return response;
}

/// All or nothing: one event that is refused for itself spoils the request.
publishers::Response ScriptedPublisher::answer_as_one(const publishers::Request& request) {
  if (draw(script_.retry_unstored) || script_.fails_now()) return {.outcomes = {failure()}};
  const bool is_spoiled = std::ranges::any_of(
      request.events, [&](const auto* event) { return is_refused_for_itself(*event); });
  if (is_spoiled) return {.outcomes = {refusal_of_event()}};
  for (const publishers::Event* event : request.events) store(*event);
  if (!draw(script_.retry_stored) && !script_.fails_now()) return {.outcomes = {Outcome::accepted}};
  ++store_.retries;
  return {.outcomes = {Outcome::retry}};
}

publishers::Response ScriptedPublisher::answer_each(const publishers::Request& request) {
  publishers::Response response;
  for (const publishers::Event* event : request.events) {
    response.outcomes.push_back(attempt(*event));
  }
  return response;
}

Outcome ScriptedPublisher::attempt(const publishers::Event& event) {
  if (fails_rest_ || stopping_) return Outcome::retry;
  if (draw(script_.retry_unstored) || script_.fails_now()) {
    fails_rest_ = limits_.keeps_order;
    return failure();
  }
  if (is_refused_for_itself(event)) return refusal_of_event();
  store(event);
  if (!draw(script_.retry_stored) && !script_.fails_now()) return Outcome::accepted;
  ++store_.retries;
  fails_rest_ = limits_.keeps_order;
  return Outcome::retry;
}

Outcome ScriptedPublisher::failure() {
  ++store_.retries;
  if (draw(script_.throttled)) return Outcome::throttled;
  return draw(script_.refused) ? Outcome::refused : Outcome::retry;
}

Outcome ScriptedPublisher::refusal_of_event() {
  return limits_.keeps_order || draw(50) ? Outcome::permanent : Outcome::doubtful;
}

bool ScriptedPublisher::is_refused_for_itself(const publishers::Event& event) const {
  const auto modulus = static_cast<unsigned long>(script_.permanent_modulus);
  const auto number = std::stoul(std::string(event.id.substr(event.id.find('/') + 1)));
  return modulus != 0 && number % modulus == 0;
}

void ScriptedPublisher::store(const publishers::Event& event) {
  store_.entries.push_back(
      {std::string(event.id), std::string(event.key), std::string(event.body)});
}

void ScriptedPublisher::close(Milliseconds) {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace copybridge::tests
