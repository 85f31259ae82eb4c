// The subscription of the adapter stomp: messages go from the connection's thread to the source's,
// what becomes of them the other way.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/stomp/connection.h"

namespace copybridge::adapters::stomp {

struct SubscriptionSettings {
  copybridge::stomp::ClientSettings client;
  std::size_t prefetch = 0;   ///< messages that the broker may have sent and not had settled
  std::size_t bytes_max = 0;  ///< of messages that were not taken; more are not read
  copybridge::stomp::Headers headers;  ///< further ones of SUBSCRIBE
};

/// A MESSAGE, of which connection it is.
struct Arrival {
  std::uint64_t connection = 0;
  copybridge::stomp::Frame frame;
};

/// What the broker is told of a message.
struct Answer {
  enum class Kind : std::uint8_t { ack, nack };
  Kind kind = Kind::ack;
  std::string message_id;
  std::string ack_id;  ///< the header ack
};

/// Every method is for the source's thread, but interrupt().
class Subscription : private copybridge::stomp::ConnectionUser {
 public:
  explicit Subscription(SubscriptionSettings settings)
      : settings_(std::move(settings)), connection_(settings_.client, *this) {}
  ~Subscription() override { close(); }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Connects and subscribes, waiting for the broker.
  Result<void> open();
  /// Says what was settled, disconnects and forgets; the broker has everything else back.
  void close();
  [[nodiscard]] bool is_open();
  /// Counts connections.
  [[nodiscard]] std::uint64_t connection() const { return connection_number_; }
  /// What the broker calls itself.
  [[nodiscard]] std::string server_name();

  /// Waits for messages, at most `wait` and until interrupt(). Fails once the connection is lost;
  /// then it has to be opened anew.
  Result<void> wait(Milliseconds wait, bool for_messages);
  [[nodiscard]] std::optional<Arrival> take();
  /// Tells the broker, without waiting.
  void settle(std::vector<Answer> answers);
  /// Whether nothing has come for so long that the broker has nothing more.
  [[nodiscard]] bool is_quiet();
  void interrupt();

 private:
  enum class State : std::uint8_t { closed, opening, open };

  void opened() override;
  void received(copybridge::stomp::Frame frame) override;
  bool wants_more() override;
  void woken() override;
  void ended(const Error& error) override;
  void send(const Answer& answer);

  const SubscriptionSettings settings_;
  std::uint64_t connection_number_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::closed;
  std::optional<Error> error_;
  std::string server_name_;
  std::deque<Arrival> arrived_;
  std::size_t arrived_bytes_ = 0;
  std::vector<Answer> answers_;  ///< not yet told to the broker
  bool is_interrupted_ = false;
  SteadyTime quiet_since_;

  copybridge::stomp::Connection connection_;  ///< ends before what its thread uses
};

}  // namespace copybridge::adapters::stomp
