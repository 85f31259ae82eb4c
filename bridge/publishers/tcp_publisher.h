// The publisher tcp's row of the registry.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

extern const PublisherKind kTcpPublisher;

}  // namespace copybridge::publishers
