// A message as a link brings it, frame by frame.
#pragma once

#include <proton/delivery.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace copybridge::amqp {

class IncomingMessage {
 public:
  enum class State : std::uint8_t { incomplete, complete, too_large };

  /// Takes what `delivery` has of it so far. Once it is complete the link is at the next one, and
  /// take() has the bytes. What the sender gives up is settled and forgotten.
  State read(pn_delivery_t& delivery, std::size_t bytes_max);
  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

}  // namespace copybridge::amqp
