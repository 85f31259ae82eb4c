// Room for a message.
#include "bridge/amqp/encode.h"

#include <algorithm>

namespace copybridge::amqp {

std::string_view encode(pn_message_t& message, std::string& buffer) {
  constexpr std::size_t kUsual = 4096;
  buffer.resize(std::max(buffer.size(), kUsual));
  for (;;) {
    std::size_t size = buffer.size();
    if (pn_message_encode(&message, buffer.data(), &size) == 0) return {buffer.data(), size};
    buffer.resize(buffer.size() * 2);
  }
}

}  // namespace copybridge::amqp
