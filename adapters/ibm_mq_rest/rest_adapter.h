// The adapter `ibm-mq-rest`: text messages by the REST API of IBM MQ's mqweb server.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kIbmMqRestAdapter;

}  // namespace copybridge::adapters
