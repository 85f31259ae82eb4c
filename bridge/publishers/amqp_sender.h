// The sending link of the publisher amqp: events go to the peer as its credit allows, its
// dispositions are their outcomes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/amqp/connection.h"
#include "bridge/publishers/amqp_message.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// What a peer's final state of a delivery means for its event.
[[nodiscard]] Outcome outcome_of_state(std::uint64_t state, std::string_view condition_name);

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
