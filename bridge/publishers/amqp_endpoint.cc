// A broker's way: a message for each event.
#include "bridge/publishers/amqp_endpoint.h"

#include <proton/disposition.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "bridge/amqp/connection.h"

namespace copybridge::publishers {
namespace {

/// Conditions of a rejection that are the message's own fault.
constexpr std::array<std::string_view, 4> kOwnFaults = {"amqp:decode-error", "amqp:invalid-field",
                                                        "amqp:link:message-size-exceeded",
                                                        "amqp:precondition-failed"};

class SingleMessages final : public AmqpEndpoint {
 public:
  SingleMessages(AmqpMessageSettings settings, std::string address)
      : writer_(std::move(settings), std::move(address)) {}

  AmqpContent write(std::span<const Event* const> events, std::size_t) override {
    return {.bytes = writer_.write(*events.front())};
  }

 private:
  AmqpMessageWriter writer_;
};

}  // namespace

Outcome outcome_of_state(std::uint64_t state, std::string_view condition_name) {
  if (state == PN_ACCEPTED) return Outcome::accepted;
  if (state != PN_REJECTED) return Outcome::retry;
  if (std::ranges::find(kOwnFaults, condition_name) != kOwnFaults.end()) return Outcome::permanent;
  if (condition_name == "amqp:resource-limit-exceeded") return Outcome::throttled;
  if (condition_name == "amqp:internal-error") return Outcome::retry;
  if (copybridge::amqp::is_refusal(condition_name)) return Outcome::refused;
  // A queue that is full and a message that is wrong may both be rejected without a word.
  return Outcome::doubtful;
}

std::unique_ptr<AmqpEndpoint> make_amqp_endpoint(AmqpMessageSettings settings,
                                                 std::string address) {
  return std::make_unique<SingleMessages>(std::move(settings), std::move(address));
}

}  // namespace copybridge::publishers
