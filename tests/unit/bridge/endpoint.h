// A destination with its events, whose requests the test answers by hand.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bridge/delivery.h"
#include "tests/unit/bridge/support.h"

namespace copybridge::tests {

using bridge::Delivered;
using bridge::Delivery;
using bridge::RetryPolicy;
using publishers::Limits;
using publishers::Outcome;
using publishers::Request;
using publishers::Response;

inline constexpr RetryPolicy kPolicy{Milliseconds(100), Milliseconds(30'000), Milliseconds(20'000)};

/// Its events have ids from 1 on.
class Endpoint {
 public:
  Endpoint(const Limits& limits, const std::vector<std::string>& keys,
           const std::string& body = "{}", bool blocks_keys = false)
      : batch_(keys, body),
        delivery_("cloud", std::make_unique<NotingPublisher>(limits, sent_, renewal_), kPolicy,
                  clock_, log_) {
    if (blocks_keys) delivery_.block_keys();
    for (std::uint32_t event = 0; event < keys.size(); ++event) {
      delivery_.enqueue(batch_.passage(), event);
    }
    delivery_.pump(done_);
  }

  /// The ids of each request so far, in their order: "1 2".
  [[nodiscard]] std::vector<std::string> requests() const {
    std::vector<std::string> all;
    for (const Request& request : sent_) {
      std::string ids;
      for (const publishers::Event* event : request.events) {
        ids += (ids.empty() ? "" : " ") + std::string(event->id);
      }
      all.push_back(ids);
    }
    return all;
  }
  /// What became final, in order: "1 accepted".
  [[nodiscard]] std::vector<std::string> fates() {
    std::vector<std::string> all;
    for (const Delivered& delivered : done_) {
      all.push_back(std::string(batch_.passage().events[delivered.event].id) +
                    (delivered.is_letter     ? " letter"
                     : delivered.is_accepted ? " accepted"
                                             : " refused"));
    }
    return all;
  }
  /// Answers the `index`th request and lets the delivery go on.
  void answer(std::size_t index, const std::vector<Outcome>& outcomes,
              Milliseconds retry_after = Milliseconds(0)) {
    Response response;
    response.number = sent_[index].number;
    response.outcomes = outcomes;
    response.retry_after = retry_after;
    response.reason = "503 Service Unavailable";
    delivery_.apply(response, done_);
    delivery_.pump(done_);
  }
  /// Answers the `index`th request where it is not answered yet.
  void answer_open(std::size_t index, Outcome outcome) {
    if (answered_.insert(index).second) answer(index, {outcome});
  }
  /// Ids of the accepted events with a key, in the order in which they were.
  [[nodiscard]] std::vector<std::string> accepted_of_key(std::string_view key) {
    std::vector<std::string> ids;
    for (const Delivered& delivered : done_) {
      const publishers::Event& event = batch_.passage().events[delivered.event];
      if (delivered.is_accepted && event.key == key) ids.emplace_back(event.id);
    }
    return ids;
  }
  /// Answers the newest request.
  void answer_newest(Outcome outcome) { answer(sent_.size() - 1, {outcome}); }
  /// Lets time pass and the delivery go on.
  void pass(Milliseconds time) {
    clock_.advance(time);
    delivery_.pump(done_);
  }
  /// Fails the newest request and waits until it is sent again.
  void fail_and_wait(Outcome outcome = Outcome::retry) {
    answer(sent_.size() - 1, {outcome});
    pass(Milliseconds(30'000));
  }
  [[nodiscard]] Milliseconds wait() const {
    return std::chrono::ceil<Milliseconds>(delivery_.resume_at() - clock_.now());
  }

  ManualClock clock_;
  KeptLog log_{clock_};
  std::vector<Request> sent_;
  std::set<std::size_t> answered_;
  Renewal renewal_;
  std::vector<Delivered> done_;
  Batch batch_;
  Delivery delivery_;
};

inline Limits single(std::size_t in_flight = 10) {
  Limits limits;
  limits.requests_in_flight = in_flight;
  return limits;
}

inline Limits batches(std::size_t events, std::size_t in_flight = 10) {
  Limits limits = single(in_flight);
  limits.events_per_request = events;
  return limits;
}

inline Limits split(Limits limits) {
  limits.splits_outcomes = true;
  return limits;
}

inline Limits ordered(Limits limits) {
  limits.keeps_order = true;
  return limits;
}

}  // namespace copybridge::tests
