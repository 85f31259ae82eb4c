// The publishers of AWS's messaging services, and of its object store.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Queues, standard and FIFO: SendMessageBatch.
extern const PublisherKind kAwsSqsPublisher;
/// Topics, standard and FIFO: PublishBatch.
extern const PublisherKind kAwsSnsPublisher;
/// Data streams: PutRecords.
extern const PublisherKind kAwsKinesisPublisher;
/// Event buses: PutEvents.
extern const PublisherKind kAwsEventBridgePublisher;
/// Buckets: objects of JSON Lines, each event in one of them once.
extern const PublisherKind kAwsS3Publisher;

}  // namespace copybridge::publishers
