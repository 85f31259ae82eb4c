// The publisher zeromq's row of the registry.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

extern const PublisherKind kZeromqPublisher;

}  // namespace copybridge::publishers
