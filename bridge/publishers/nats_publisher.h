// The publisher `nats`: events to a stream of NATS JetStream.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Accepted is what the stream has acknowledged.
extern const PublisherKind kNatsPublisher;

}  // namespace copybridge::publishers
