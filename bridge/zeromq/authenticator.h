// Who may connect by CURVE: the answers to the library's questions (ZAP, RFC 27).
#pragma once

#include <string>
#include <vector>
#include <zmq.hpp>

namespace copybridge::zeromq {

/// Lives in the thread of its socket, which polls both. Before any socket of the context that has
/// CURVE is bound, and longer.
class Authenticator {
 public:
  /// `client_keys` in Z85.
  Authenticator(zmq::context_t& context, const std::vector<std::string>& client_keys);

  [[nodiscard]] zmq::socket_t& socket() { return socket_; }
  /// Answers what is asked now. How many were refused.
  std::size_t answer();

 private:
  zmq::socket_t socket_;
  std::vector<std::string> keys_;  ///< 32 bytes each
};

}  // namespace copybridge::zeromq
