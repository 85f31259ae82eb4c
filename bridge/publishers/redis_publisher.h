// Events to a stream of Redis.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// `redis-stream`: XADD, one entry for each event.
extern const PublisherKind kRedisStreamPublisher;

}  // namespace copybridge::publishers
