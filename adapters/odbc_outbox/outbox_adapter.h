// The adapter `odbc-outbox`: rows of a transactional-outbox table, by unixODBC.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

extern const AdapterKind kOdbcOutboxAdapter;

}  // namespace copybridge::adapters
