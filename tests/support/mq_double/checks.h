// What MQPUT and MQGET refuse before the queue manager hears of it.
#pragma once

#include "tests/support/mq_double/wire.h"

namespace copybridge::mq_double {

Outcome check_get(const mqi::MQMD* md, const mqi::MQGMO* gmo, Long buffer_length,
                  const void* buffer);
Outcome check_put(const mqi::MQMD* md, const mqi::MQPMO* pmo, Long buffer_length,
                  const void* buffer);

}  // namespace copybridge::mq_double
