// What a message tells of itself: identity, time and attributes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/ibm_mq/headers.h"
#include "adapters/ibm_mq/mqi.h"

namespace copybridge::adapters::ibm_mq {

/// The part of an id that says which message: a hash of where it lay, of what the queue manager
/// tells it from others by, and of its body, as MsgIds repeat in practice. A record of it has a
/// slash and its number from 1 behind it.
[[nodiscard]] std::string message_id(std::string_view queue_manager, std::string_view queue,
                                     const mqi::MQMD& descriptor, ByteView body);

/// PutDate and PutTime in milliseconds since 1970, UTC; 0 where they are none.
[[nodiscard]] std::int64_t put_time_ms(const mqi::MQMD& descriptor);

/// What the descriptor says, as `mq-FIELD`; fields that say nothing are left out.
void append_descriptor(const mqi::MQMD& descriptor, const Description& payload, CodePages& pages,
                       Attributes& attributes);

}  // namespace copybridge::adapters::ibm_mq
