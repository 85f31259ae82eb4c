// The publisher `ibm-mq-rest`: text messages by the REST API of IBM MQ's mqweb server.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// One message a request; at least once, the event's id as CorrelId.
extern const PublisherKind kIbmMqRestPublisher;

}  // namespace copybridge::publishers
