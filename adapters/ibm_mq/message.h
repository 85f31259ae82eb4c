// What a message tells of itself: identity, time and attributes.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/ibm_mq/headers.h"
#include "adapters/ibm_mq/mqi.h"
#include "adapters/ibm_mq/unit_of_work.h"

namespace copybridge::adapters::ibm_mq {

/// The part of an id that says which message: a hash of where it lay, of what the queue manager
/// tells it from others by, and of its body, as MsgIds repeat in practice. A record of it has a
/// slash and its number from 1 behind it.
[[nodiscard]] std::string message_id(std::string_view queue_manager, std::string_view queue,
                                     const mqi::MQMD& descriptor, ByteView body);

/// PutDate and PutTime in milliseconds since 1970, UTC; 0 where they are none.
[[nodiscard]] std::int64_t put_time_ms(const mqi::MQMD& descriptor);

/// Fields of a descriptor, by their place in the order of their attributes.
using FieldSet = std::bitset<32>;
/// Fields that are not the same in all descriptors of a unit; of a single message all.
[[nodiscard]] FieldSet differing_fields(std::span<const UnitMessage> messages);

/// What of the descriptor's fields says something, as `mq-FIELD`.
void append_descriptor(const mqi::MQMD& descriptor, FieldSet fields, CodePages& pages,
                       Attributes& attributes);
/// How what is behind the headers lies.
void append_description(const Description& payload, Attributes& attributes);

}  // namespace copybridge::adapters::ibm_mq
