// The publishers of Google Cloud's services.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Topics of Pub/Sub: the REST method projects.topics.publish.
extern const PublisherKind kGcpPubSubPublisher;

}  // namespace copybridge::publishers
