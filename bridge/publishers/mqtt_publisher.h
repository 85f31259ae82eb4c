// The publisher `mqtt`: events to a topic of an MQTT 5 broker.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Accepted is what the broker has acknowledged (QoS 1).
extern const PublisherKind kMqttPublisher;

}  // namespace copybridge::publishers
