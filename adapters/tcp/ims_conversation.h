// The conversation of a client of IMS Connect that takes output from a tpipe.
#pragma once

#include <memory>

#include "adapters/tcp/conversation.h"
#include "adapters/tcp/ims_messages.h"

namespace copybridge::adapters::tcp {

/// A message is a record of its segments, one behind the other, without LL and ZZ unless they are
/// kept. It is answered with ACK when it is safe; what is refused, or not answered at the end, goes
/// back with NAK.
[[nodiscard]] Result<std::unique_ptr<Conversation>> make_ims_conversation(
    const ImsSettings& settings);

}  // namespace copybridge::adapters::tcp
