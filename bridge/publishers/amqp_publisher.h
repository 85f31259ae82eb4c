// The publisher amqp's row of the registry.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

extern const PublisherKind kAmqpPublisher;

}  // namespace copybridge::publishers
