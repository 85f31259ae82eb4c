// A socket with what belongs to it: who may connect, and an end to waiting from other threads.
#pragma once

#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "bridge/core/clock.h"
#include "bridge/core/descriptor.h"
#include "bridge/zeromq/authenticator.h"
#include "bridge/zeromq/settings.h"

namespace copybridge::zeromq {

/// For one thread, but for wake().
class Port {
 public:
  Port();
  ~Port() { close(Milliseconds(0)); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  /// See open_socket(). `topics`: of a subscriber.
  Result<void> open(zmq::socket_type type, const SocketSettings& settings,
                    const std::vector<std::string>& topics = {});
  /// What was sent may leave within `limit`. Twice it does nothing.
  void close(Milliseconds limit);
  [[nodiscard]] bool is_open() const { return socket_.has_value(); }

  /// Waits until a message has come, or wake().
  void wait(Milliseconds limit);
  /// Ends a wait(), also the next one. Any thread.
  void wake();
  /// The frames of the next message; false: none is there.
  [[nodiscard]] bool receive(std::vector<zmq::message_t>& frames);
  /// False: the socket takes nothing more now, or nobody is there.
  [[nodiscard]] bool send(const std::vector<std::string_view>& frames);
  /// How many connections were refused by their keys since the last call.
  [[nodiscard]] std::size_t take_refused();

 private:
  Descriptor wake_;
  std::optional<zmq::context_t> context_;
  std::optional<Authenticator> authenticator_;
  std::optional<zmq::socket_t> socket_;
  std::size_t refused_ = 0;
};

/// The text form of the public key of who sent a message; empty without CURVE.
[[nodiscard]] std::string sender_of(const zmq::message_t& message);

}  // namespace copybridge::zeromq
