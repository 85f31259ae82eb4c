// Requests and replies over AMQP 1.0: a request has reply-to and a time to live, the reply is known
// by its correlation-id.
#pragma once

#include <memory>

#include "bridge/publishers/exchange.h"

namespace copybridge::publishers {

/// Of the publisher's options; see PublisherKind::make_exchange.
[[nodiscard]] std::unique_ptr<Exchange> make_amqp_exchange(const PublisherContext& context,
                                                           const Options& options,
                                                           Diagnostics& diagnostics);

}  // namespace copybridge::publishers
