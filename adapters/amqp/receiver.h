// The receiving link of the adapter amqp: deliveries go from the connection's thread to the
// source's, what becomes of them the other way. Credit is given for as much as may be unsettled.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bridge/amqp/connection.h"
#include "bridge/amqp/incoming.h"

namespace copybridge::adapters::amqp {

/// What the peer is told of a message.
enum class Disposition : std::uint8_t { accept, release, reject, modify };

struct ReceiverLimits {
  std::size_t credit = 0;             ///< messages that may be unsettled
  std::size_t bytes_max = 0;          ///< their bytes, as far as they can be foreseen
  std::size_t message_bytes_max = 0;  ///< of one message
};

/// A message as it came. Its number is unique within the life of the receiver.
struct Arrival {
  std::uint64_t number = 0;
  std::string bytes;
};

/// Every method is for the source's thread, but interrupt().
class Receiver : private copybridge::amqp::ConnectionUser {
 public:
  Receiver(copybridge::amqp::ClientSettings settings, ReceiverLimits limits)
      : limits_(limits), connection_(std::move(settings), *this) {}
  ~Receiver() override { close(); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// Connects and attaches the link, waiting for the peer.
  Result<void> open();
  /// Hands back what is unsettled, closes and forgets.
  void close();
  [[nodiscard]] bool is_open();
  /// Numbers from this one on are of this connection: what is said of earlier ones is not heard.
  [[nodiscard]] std::uint64_t first_number() const { return first_number_; }

  /// Waits for messages, at most `wait` and until interrupt(). Fails once the connection is lost;
  /// then it has to be opened anew.
  Result<void> wait(Milliseconds wait, bool for_messages);
  /// The next message that has come.
  [[nodiscard]] std::optional<Arrival> take();
  /// Tells the peer, without waiting.
  void settle(std::vector<std::pair<std::uint64_t, Disposition>> settled);
  /// Hands back what has come and was not taken.
  void hand_back_untaken();
  /// Whether nothing has come for so long that the peer has nothing more.
  [[nodiscard]] bool is_quiet();
  void interrupt();

 private:
  enum class State : std::uint8_t { closed, opening, open };
  struct Slot {
    pn_delivery_t* delivery = nullptr;  ///< null: settled
    std::size_t bytes = 0;
  };

  void opened(pn_session_t& session) override;
  void happened(pn_event_t& event) override;
  void woken() override;
  void ended(const Error& error) override;

  void receive(pn_delivery_t& delivery);
  void keep(pn_delivery_t& delivery);
  void apply(std::uint64_t number, Disposition disposition);
  void grant_credit();

  const ReceiverLimits limits_;
  std::uint64_t first_number_ = 1;

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::closed;
  std::optional<Error> error_;
  std::deque<Arrival> arrived_;
  std::vector<std::pair<std::uint64_t, Disposition>> settled_;  ///< not yet told to the peer
  std::uint64_t next_number_ = 1;
  bool is_interrupted_ = false;
  bool hands_back_ = false;  ///< everything, before the end
  SteadyTime quiet_since_;

  // Of the connection's thread.
  pn_link_t* link_ = nullptr;
  copybridge::amqp::IncomingMessage incoming_;
  std::deque<Slot> slots_;  ///< of what is unsettled, from number slots_from_ on
  std::uint64_t slots_from_ = 1;
  std::size_t unsettled_ = 0;
  std::size_t unsettled_bytes_ = 0;
  std::size_t largest_ = 0;  ///< bytes of a message so far

  copybridge::amqp::Connection connection_;  ///< ends before what its thread uses
};

}  // namespace copybridge::adapters::amqp
