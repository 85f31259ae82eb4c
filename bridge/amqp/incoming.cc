// Frames into messages.
#include "bridge/amqp/incoming.h"

#include <proton/link.h>

#include <algorithm>

namespace copybridge::amqp {

IncomingMessage::State IncomingMessage::read(pn_delivery_t& delivery, std::size_t bytes_max) {
  if (pn_delivery_aborted(&delivery)) {
    bytes_.clear();
    pn_delivery_settle(&delivery);
    return State::incomplete;
  }
  if (!pn_delivery_readable(&delivery)) return State::incomplete;
  pn_link_t* const link = pn_delivery_link(&delivery);
  const std::size_t at = bytes_.size();
  const std::size_t more = pn_delivery_pending(&delivery);
  if (at + more > bytes_max) return State::too_large;
  bytes_.resize(at + more);
  const ssize_t got = pn_link_recv(link, bytes_.data() + at, more);
  bytes_.resize(at + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (pn_delivery_partial(&delivery)) return State::incomplete;
  pn_link_advance(link);
  return State::complete;
}

}  // namespace copybridge::amqp
