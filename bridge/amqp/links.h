// Links as the bridge has them: each delivery is settled by who takes it, first.
#pragma once

#include <proton/link.h>

#include <cstddef>
#include <string>

#include "bridge/amqp/client.h"

namespace copybridge::amqp {

/// Opens a link to `address` with the capabilities that the settings name.
[[nodiscard]] pn_link_t* open_sender(pn_session_t& session, const ClientSettings& settings,
                                     const std::string& name, const std::string& address);
/// Likewise, of messages of up to `message_bytes_max` bytes; without credit.
[[nodiscard]] pn_link_t* open_receiver(pn_session_t& session, const ClientSettings& settings,
                                       const std::string& name, const std::string& address,
                                       std::size_t message_bytes_max);
/// Whether the peer has taken the link that it answers: one that refuses answers without a
/// terminus, and detaches then.
[[nodiscard]] bool is_taken(pn_link_t& link);

}  // namespace copybridge::amqp
