// What an endpoint over AMQP 1.0 says of its own: how events become messages, and what refusals
// mean.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "bridge/publishers/amqp_message.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// What a peer's final state of a delivery means for its events, where an endpoint does not know
/// better.
[[nodiscard]] Outcome outcome_of_state(std::uint64_t state, std::string_view condition_name);

/// An encoded message, until the next one is written.
struct AmqpContent {
  std::string_view bytes;
  std::size_t events = 1;  ///< that are in it
  bool is_batch = false;   ///< goes out in the format of batches
};

/// For the connection's thread.
class AmqpEndpoint {
 public:
  virtual ~AmqpEndpoint() = default;

  /// One message of the first of `events`: of as many as it takes while it has no more than
  /// `bytes_max` bytes, and of one at least.
  [[nodiscard]] virtual AmqpContent write(std::span<const Event* const> events,
                                          std::size_t bytes_max) = 0;
  /// Whether a request's message waits until the one before is accepted: events of one key.
  [[nodiscard]] virtual bool is_in_turn() const { return false; }
  [[nodiscard]] virtual Outcome outcome_of(std::uint64_t state,
                                           std::string_view condition_name) const {
    return outcome_of_state(state, condition_name);
  }
};

/// An endpoint with a message for each event.
[[nodiscard]] std::unique_ptr<AmqpEndpoint> make_amqp_endpoint(AmqpMessageSettings settings,
                                                               std::string address);

}  // namespace copybridge::publishers
