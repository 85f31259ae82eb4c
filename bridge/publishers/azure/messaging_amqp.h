// Azure Service Bus and Event Hubs over AMQP 1.0.
#pragma once

#include <memory>
#include <string>

#include "bridge/amqp/client.h"
#include "bridge/http/client.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::azure {

struct AmqpSettings {
  copybridge::amqp::ClientSettings client;  ///< its address is the entity
  http::ClientSettings token_client;        ///< fetches tokens
  Claims claims;
  std::string audience;  ///< URI of the entity
  bool has_sessions = false;
  LineFormat format = LineFormat::body;
  Limits limits;
  Milliseconds timeout{0};  ///< without any disposition
};

[[nodiscard]] std::unique_ptr<Publisher> make_amqp_publisher(AmqpSettings settings,
                                                             const Clock& clock);

}  // namespace copybridge::publishers::azure
