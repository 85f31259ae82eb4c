// The publisher `http`: events to a web endpoint, one by one or in batches.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// A 2xx answer is `accepted`. A certificate that does not hold is `refused`, never ignored.
extern const PublisherKind kHttpPublisher;

}  // namespace copybridge::publishers
