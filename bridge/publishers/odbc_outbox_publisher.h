// The publisher `odbc-outbox`: events as rows of a database's table, each request a transaction.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// `accepted` means that the row is committed, or that one with the event's id is there already.
extern const PublisherKind kOdbcOutboxPublisher;

}  // namespace copybridge::publishers
