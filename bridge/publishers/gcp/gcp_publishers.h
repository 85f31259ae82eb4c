// The publishers of Google Cloud's services.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Topics of Pub/Sub: the REST method projects.topics.publish.
extern const PublisherKind kGcpPubSubPublisher;
/// Buckets of Cloud Storage: objects of JSON Lines, each event in one of them once.
extern const PublisherKind kGcpStoragePublisher;

}  // namespace copybridge::publishers
