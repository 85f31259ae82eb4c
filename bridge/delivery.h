// Delivery to one destination: forms requests within the publisher's limits, keeps the order per
// key, backs off when the endpoint is away, and says of each event when its fate is known.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridge/outage.h"
#include "bridge/passage.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::bridge {

struct RetryPolicy {
  Milliseconds initial{100};     ///< ceiling of the first wait; doubles with each failure
  Milliseconds max{30'000};      ///< ceiling of every wait
  Milliseconds refused{30'000};  ///< wait after the endpoint refused (credentials, address)
};

class Delivery;

/// An event whose fate at one destination is final.
struct Delivered {
  const Delivery* destination = nullptr;
  Passage* passage = nullptr;
  std::uint32_t event = 0;
  bool is_accepted = false;  ///< false: refused for itself, a dead letter
  std::string reason;        ///< of a refusal
};

/// One destination of a pipeline. Used by the pipeline's thread alone.
class Delivery {
 public:
  Delivery(std::string name, std::unique_ptr<publishers::Publisher> publisher,
           const RetryPolicy& policy, const Clock& clock, Log& log);

  Result<void> open(publishers::CompletionPort port) { return publisher_->open(port); }

  /// Takes an event to be delivered. The passage stays until the event's Delivered, or until
  /// abandon().
  void enqueue(Passage& passage, std::uint32_t event);
  /// Hands requests to the publisher as far as limits, order and back-off allow. Events that can
  /// never be sent (larger than the endpoint takes) go to `done`.
  void pump(std::vector<Delivered>& done);
  /// Takes the publisher's answer to one request.
  void apply(const publishers::Response& response, std::vector<Delivered>& done);
  /// Forgets what is not with the publisher (the source keeps it).
  void abandon();
  /// Closes the publisher; its last responses are in the completion queue afterwards.
  void close(Milliseconds limit) { publisher_->close(limit); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  /// Events sent again so far.
  [[nodiscard]] std::uint64_t retried() const { return retried_; }
  /// Whether the endpoint refuses at the moment (not merely away).
  [[nodiscard]] bool is_refused() const { return state_ == State::refused; }
  /// Since when the endpoint has taken nothing although something waits; now where it takes.
  [[nodiscard]] SteadyTime failing_since() const;
  /// When pump() next has something to do by itself.
  [[nodiscard]] SteadyTime resume_at() const { return resume_at_; }

 private:
  /// up: sending freely. away, refused: waiting until resume_at_, then one request as a probe.
  enum class State : std::uint8_t { up, away, refused };

  struct Waiting {
    Passage* passage;
    std::uint32_t event;
    std::uint64_t order;  ///< of the first appearance here: retries go back to their place
    bool is_alone;        ///< in a request of its own: a request with it was refused
  };
  using Queue = std::list<Waiting>;

  static const publishers::Event& event_of(const Waiting& waiting) {
    return waiting.passage->events[waiting.event];
  }
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] bool is_held_by_order(const publishers::Event& event,
                                      const std::unordered_set<std::string_view>& own_keys) const;
  Queue take_request(std::vector<Delivered>& done);
  [[nodiscard]] std::string too_large(std::size_t size) const;
  void send(Queue events);
  void finish(Queue& sent, Queue::iterator waiting, bool accepted, const std::string& reason,
              std::vector<Delivered>& done);
  void requeue(Queue& sent, Queue::iterator waiting);
  /// Whether one outcome refuses a request whose events may differ.
  [[nodiscard]] bool is_blame_shared(const publishers::Response& response,
                                     std::size_t events) const;
  void take_apart(Queue sent, const publishers::Response& response);
  void release_key(const publishers::Event& event);
  /// Whether the request was sent after the newest failure: answers to earlier ones say nothing
  /// new about the endpoint.
  [[nodiscard]] bool is_news(const publishers::Response& response) const;
  void note_success();
  void note_failure(const publishers::Response& response, bool refused, bool any_taken);
  Milliseconds back_off(bool refused);

  std::string name_;
  std::unique_ptr<publishers::Publisher> publisher_;
  RetryPolicy policy_;
  const Clock& clock_;
  Log& log_;
  publishers::Limits limits_;

  Queue queue_;  ///< by `order`
  Queue spare_;  ///< nodes to use again
  std::unordered_map<std::uint64_t, Queue> in_flight_;
  std::unordered_set<std::string_view> keys_in_flight_;
  std::uint64_t next_order_ = 0;
  std::uint64_t next_request_ = 1;
  std::uint64_t retried_ = 0;
  std::uint64_t failures_ = 0;  ///< responses with an event to be sent again

  State state_ = State::up;
  Outage outage_;
  std::uint64_t first_news_ = 0;  ///< number of the first request after the newest failure
  int doublings_ = 0;             ///< of the ceiling of the next wait
  SteadyTime taken_at_;           ///< when the endpoint last took an event
  SteadyTime resume_at_;
  std::minstd_rand random_;
};

}  // namespace copybridge::bridge
