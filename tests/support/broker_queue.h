// A queue of the broker that a fixture of ctest has started (rabbitmq_broker.py; the folder that
// COPYBRIDGE_TEST_BROKER names, of artemis_broker.py), fed and read by clients in Python that are
// not ours.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace copybridge::support {

class BrokerQueue {
 public:
  /// `protocol`: amqp or stomp; the client is tests/support/PROTOCOL_peer.py.
  BrokerQueue(std::string protocol, std::string address);

  /// `amqp://127.0.0.1:PORT`.
  [[nodiscard]] std::string server() const;
  [[nodiscard]] const std::string& address() const { return address_; }
  /// Puts messages on the queue, without line ends in them.
  void put(const std::vector<std::string>& bodies) const;
  /// Takes everything off the queue, waiting for at least so many; their bodies.
  [[nodiscard]] std::vector<std::string> take(std::size_t at_least) const;

 private:
  [[nodiscard]] std::string command(const std::string& what) const;

  const std::string protocol_;
  const std::string address_;
  std::string port_;
};

}  // namespace copybridge::support
