// A topic of Kafka as a source: a consumer group whose offsets are committed after delivery.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kKafkaAdapter;

}  // namespace copybridge::adapters
