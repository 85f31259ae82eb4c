// Where a consumer group goes on, as a source gives it to the publisher that commits it in a
// transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "bridge/core/clock.h"
#include "bridge/kafka/handles.h"

namespace copybridge::kafka {

using GroupMetadataHandle = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                            KafkaDestroy<rd_kafka_consumer_group_metadata_destroy>>;

/// A cluster's id, which not every cluster has or tells in time: empty.
[[nodiscard]] std::string cluster_id_of(rd_kafka_t* client);

struct GroupPosition {
  std::string cluster;  ///< of the topic; empty: not known
  std::string group;
  std::string topic;
  std::map<std::int32_t, std::int64_t> offsets;  ///< of what is to be read next, by partition
  /// Group, member and generation, as librdkafka writes them: what fences a member that has lost
  /// its partitions.
  std::string metadata;

  [[nodiscard]] std::string to_text() const;
  /// Nothing where it is no such text.
  [[nodiscard]] static std::optional<GroupPosition> from_text(std::string_view text);

  [[nodiscard]] PartitionsHandle partitions() const;
  /// Null where librdkafka does not know it.
  [[nodiscard]] GroupMetadataHandle group_metadata() const;
};

/// Whether the group's committed offsets are those of the position, or later ones, in every
/// partition; the brokers answer once no transaction with offsets there is open. `consumer` has the
/// group and read_committed, and need not have joined it. (The same question by the admin interface
/// ends the process where a producer asks and the coordinator has moved: librdkafka 2.0.2 to 2.8.)
/// Otherwise the error; it is not tried again here.
[[nodiscard]] tl::expected<bool, rd_kafka_resp_err_t> is_committed(rd_kafka_t* consumer,
                                                                   const GroupPosition& position,
                                                                   Milliseconds limit);

/// A topic's offsets by partition, as librdkafka takes them.
[[nodiscard]] PartitionsHandle partitions_of(const std::string& topic,
                                             const std::map<std::int32_t, std::int64_t>& offsets);

}  // namespace copybridge::kafka
