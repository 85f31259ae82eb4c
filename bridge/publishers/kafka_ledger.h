// The ledger of the publisher kafka: a compacted topic of one partition, written in the
// transactions themselves.
#pragma once

#include <functional>

#include "bridge/publishers/kafka_producer.h"
#include "bridge/publishers/ledger.h"

namespace copybridge::publishers {

/// Creates the topic where it is not there, and reads it to its end with read_committed. What is
/// older than a month is forgotten: it was settled, only no transaction followed that says so.
/// Called after init_transactions, when no transaction of this producer can be open any more.
/// `is_cancelled` is asked at least twice a second. ErrorKind::peer_away or peer_refused.
[[nodiscard]] Result<IdLedger> read_ledger(const KafkaSettings& settings, KafkaReports& reports,
                                           const std::function<bool()>& is_cancelled);

}  // namespace copybridge::publishers
