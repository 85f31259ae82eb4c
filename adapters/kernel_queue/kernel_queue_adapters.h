// The adapters posix-mq and sysv.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kPosixMqAdapter;
extern const AdapterKind kSysvAdapter;

}  // namespace copybridge::adapters
