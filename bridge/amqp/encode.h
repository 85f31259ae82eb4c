// Messages as bytes.
#pragma once

#include <proton/message.h>

#include <string>
#include <string_view>

namespace copybridge::amqp {

/// The encoded message in `buffer`, which grows to the largest.
[[nodiscard]] std::string_view encode(pn_message_t& message, std::string& buffer);

}  // namespace copybridge::amqp
