// The publisher `kafka`: events to a Kafka topic through an idempotent producer.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// An event is `accepted` when all in-sync replicas have it (acks=all). Events reach each
/// partition in the order handed over, also across failures: after one, everything that is not yet
/// acknowledged is handed back.
extern const PublisherKind kKafkaPublisher;

}  // namespace copybridge::publishers
