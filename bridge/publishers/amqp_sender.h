// The sending link of publishers over AMQP 1.0: events go to the peer as its credit allows, its
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
#include "bridge/publishers/amqp_endpoint.h"
#include "bridge/publishers/amqp_tokens.h"

namespace copybridge::publishers {

/// What the peer says of a delivery.
struct AmqpDecision {
  Outcome outcome = Outcome::retry;
  std::string reason;  ///< but for accepted
};
/// Settles the delivery where its state is final; nothing where it is not. `endpoint` (null: none)
/// says what it means.
[[nodiscard]] std::optional<AmqpDecision> take_decision(pn_delivery_t& delivery,
                                                        const std::string& address,
                                                        const AmqpEndpoint* endpoint = nullptr);
/// Whether the link's peer takes a message of that size; the reason where it does not.
[[nodiscard]] std::string size_refusal(pn_link_t& link, std::size_t size);

/// start, send and stop are called by one thread.
class AmqpSender : private copybridge::amqp::ConnectionUser {
 public:
  /// With `tokens` the link is opened once the peer has taken one.
  AmqpSender(copybridge::amqp::ClientSettings settings, std::unique_ptr<AmqpEndpoint> endpoint,
             Milliseconds timeout, std::unique_ptr<AmqpTokens> tokens = nullptr);
  ~AmqpSender() override { stop(Milliseconds{0}); }
  AmqpSender(const AmqpSender&) = delete;
  AmqpSender& operator=(const AmqpSender&) = delete;

  void start(CompletionPort port);
  void send(Request request);
  void stop(Milliseconds limit);
  /// Has what has become due done; any thread.
  void wake() { connection_.wake(); }
  [[nodiscard]] AmqpTokens* tokens() { return tokens_.get(); }

 private:
  struct Pending;
  /// What a delivery finds its events by.
  struct Slot {
    Pending* pending = nullptr;
    std::size_t first = 0;
    std::size_t events = 1;
    bool is_decided = false;
  };
  /// A request that is not answered yet.
  struct Pending {
    Request request;
    std::vector<Slot> slots;  ///< of its messages; they do not move
    std::vector<Outcome> outcomes;
    std::size_t undecided = 0;
    std::size_t sent = 0;       ///< events from the front that the link has
    std::size_t under_way = 0;  ///< messages that are not decided
    /// Of a message of several events: each has to go alone.
    std::optional<Outcome> blame;
    std::string reason;
    std::list<Pending>::iterator self;
  };

  void opened(pn_session_t& session) override;
  void happened(pn_event_t& event) override;
  void woken() override;
  void timed_out() override;
  void ended(const Error& error) override;

  void attach();
  void take_inbox();
  [[nodiscard]] bool keep_admitted();
  void transfer();
  [[nodiscard]] bool has_turn(const Pending& pending) const;
  void transfer_one(Pending& pending);
  void note_disposition(pn_delivery_t& delivery);
  void decide(Slot& slot, Outcome outcome, std::string reason);
  void give_back_unsent(Pending& pending, Outcome outcome, const std::string& reason);
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
  pn_session_t* session_ = nullptr;
  pn_link_t* link_ = nullptr;
  bool is_attached_ = false;
  const std::unique_ptr<AmqpEndpoint> endpoint_;
  const std::unique_ptr<AmqpTokens> tokens_;  ///< null: the login is enough
  std::list<Pending> pending_;
  std::uint64_t next_tag_ = 1;
  SteadyTime progress_at_;
  SteadyTime alarm_at_ = SteadyTime::max();  ///< the timer's

  copybridge::amqp::Connection connection_;  ///< ends before what its thread uses
};

}  // namespace copybridge::publishers
