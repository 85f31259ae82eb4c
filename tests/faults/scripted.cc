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

Result<ReadStatus> ScriptedAdapter::read(adapters::RecordBatch& batch, Milliseconds) {
  batch.reset();
  if (draw(script_.read_fails)) {
    ++queue_.reads_failed;
    return fail(ErrorKind::source, "scripted: away");
  }
  if (has_hole_) {
    if (!out_.empty()) return ReadStatus::idle;
    has_hole_ = false;
    next_ = queue_.settled;
  }
  if (next_ == queue_.records.size()) return out_.empty() ? ReadStatus::dry : ReadStatus::idle;
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
  return ReadStatus::batch;
}

Result<void> ScriptedAdapter::settle(const adapters::Settlement& settlement) {
  if (draw(script_.settle_fails)) return fail(ErrorKind::source, "scripted: settle failed");
  const auto [first, count] = out_.front();
  if (first != settlement.token || count != settlement.fates.size()) {
    return fail(ErrorKind::config, "scripted: settled out of order");
  }
  out_.pop_front();
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
    answer(request);
    if (!fail_rest_) continue;
    for (const publishers::Request& rest : waiting_) post_retry(rest);
    waiting_.clear();
    epoch_min_ = request.epoch + 1;
    fail_rest_ = false;
  }
}

void ScriptedPublisher::answer(const publishers::Request& request) {
  publishers::Response response;
  response.number = request.number;
  response.reason = "scripted: failed";
  if (limits_.splits_outcomes || limits_.keeps_order) {
    for (const publishers::Event* event : request.events) {
      response.outcomes.push_back(attempt(*event));
    }
  } else if (draw(script_.retry_unstored) || draw(script_.refused)) {
    response.outcomes.push_back(Outcome::retry);
    ++store_.retries;
  } else {
    const bool answer_lost = draw(script_.retry_stored);
    for (const publishers::Event* event : request.events) {
      const Outcome outcome = attempt(*event);
      response.outcomes.push_back(answer_lost ? Outcome::retry : outcome);
    }
    store_.retries += answer_lost ? 1U : 0U;
  }
  port_.post(std::move(response));
}

Outcome ScriptedPublisher::attempt(const publishers::Event& event) {
  const std::string id(event.id);
  const auto number = std::stoul(id.substr(id.find('/') + 1));
  const bool may_fail = limits_.splits_outcomes || limits_.keeps_order;
  if (fail_rest_ || stopping_) return Outcome::retry;
  if (may_fail && (draw(script_.retry_unstored) || draw(script_.refused))) {
    ++store_.retries;
    fail_rest_ = limits_.keeps_order;
    return draw(10) ? Outcome::refused : Outcome::retry;
  }
  const auto modulus = static_cast<unsigned long>(script_.permanent_modulus);
  if (modulus != 0 && number % modulus == 0) return Outcome::permanent;
  store_.entries.push_back({id, std::string(event.key), std::string(event.body)});
  if (may_fail && draw(script_.retry_stored)) {
    ++store_.retries;
    fail_rest_ = limits_.keeps_order;
    return Outcome::retry;
  }
  return Outcome::accepted;
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
