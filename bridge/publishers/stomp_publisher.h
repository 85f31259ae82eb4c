// The publisher stomp's row of the registry.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

extern const PublisherKind kStompPublisher;

}  // namespace copybridge::publishers
