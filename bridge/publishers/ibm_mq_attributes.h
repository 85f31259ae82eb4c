// What a mapping says of the message that its event becomes on a queue: attributes of the event
// whose names begin with mq, in place of the publisher's options.
#pragma once

#include <string>

#include "bridge/publishers/ibm_mq_message.h"

namespace copybridge::publishers {

/// Whether an attribute is meant for the message, not for its readers.
[[nodiscard]] bool is_mq_attribute(std::string_view name);

/// Takes over what the event's attributes say. Returns why one cannot be so, empty: all can.
[[nodiscard]] std::string apply_mq_attributes(const Event& event, MqMessageSettings& settings);

}  // namespace copybridge::publishers
