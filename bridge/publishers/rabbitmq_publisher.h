// The publisher `rabbitmq`: events to an exchange of RabbitMQ, by AMQP 0-9-1.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Accepted is what the broker has confirmed, and has not returned as unroutable.
extern const PublisherKind kRabbitMqPublisher;

}  // namespace copybridge::publishers
