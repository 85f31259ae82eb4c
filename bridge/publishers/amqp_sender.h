// The sending link of the publisher amqp: events go to the peer as its credit allows, its
// dispositions are their outcomes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bridge/amqp/connection.h"
#include "bridge/publishers/amqp_message.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// What a peer's final state of a delivery means for its event.
[[nodiscard]] Outcome outcome_of_state(std::uint64_t state, std::string_view condition_name);

/// What the peer says of a delivery.
struct AmqpDecision {
  Outcome outcome = Outcome::retry;
  std::string reason;  ///< but for accepted
};
/// Settles the delivery where its state is final; nothing where it is not.
[[nodiscard]] std::optional<AmqpDecision> take_decision(pn_delivery_t& delivery,
                                                        const std::string& address);
/// Whether the link's peer takes a message of that size; the reason where it does not.
[[nodiscard]] std::string size_refusal(pn_link_t& link, std::size_t size);

/// start, send and stop are called by one thread.
class AmqpSender : private copybridge::amqp::ConnectionUser {
 public:
  AmqpSender(copybridge::amqp::ClientSettings settings, AmqpMessageSettings message,
             Milliseconds timeout);
  ~AmqpSender() override { stop(Milliseconds{0}); }
  AmqpSender(const AmqpSender&) = delete;
  AmqpSender& operator=(const AmqpSender&) = delete;

  void start(CompletionPort port);
  void send(Request request);
  void stop(Milliseconds limit);

 private:
  struct Pending;
  /// What a delivery finds its event by.
  struct Slot {
    Pending* pending = nullptr;
    std::size_t event = 0;
    bool is_decided = false;
  };
  /// A request that is not answered yet.
  struct Pending {
    Request request;
    std::vector<Slot> slots;
    std::vector<Outcome> outcomes;
    std::size_t undecided = 0;
    std::size_t sent = 0;  ///< events from the front that the link has
    std::string reason;
    std::list<Pending>::iterator self;
  };

  void opened(pn_session_t& session) override;
  void happened(pn_event_t& event) override;
  void woken() override;
  void timed_out() override;
  void ended(const Error& error) override;

  void take_inbox();
  void transfer();
  void transfer_one(Pending& pending);
  void note_disposition(pn_delivery_t& delivery);
  void decide(Slot& slot, Outcome outcome, std::string reason);
  void answer(Pending& pending);
  void watch_time();

  const Milliseconds timeout_;
  CompletionPort port_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request> inbox_;
  std::size_t unanswered_ = 0;
  bool is_stopped_ = true;

  // Of the connection's thread.
  pn_link_t* link_ = nullptr;
  bool is_attached_ = false;
  AmqpMessageWriter writer_;
  std::list<Pending> pending_;
  std::uint64_t next_tag_ = 1;
  SteadyTime progress_at_;
  bool is_watched_ = false;  ///< the timer runs

  copybridge::amqp::Connection connection_;  ///< ends before what its thread uses
};

}  // namespace copybridge::publishers
