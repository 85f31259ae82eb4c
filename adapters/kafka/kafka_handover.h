// What a transaction may commit of a consumer's partitions: where the source's thread, which reads
// and loses partitions, and the publisher's thread, which commits, meet.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/kafka_positions.h"
#include "bridge/kafka/group_position.h"

namespace copybridge::adapters {

/// Thread-safe. Once take_back() has returned nothing is handed out of what was read before, and
/// partitions can go to another member: what had been handed out is of the group's generation then,
/// which the brokers do not take any more once another member has begun to read.
class KafkaHandover {
 public:
  KafkaHandover(std::string group, std::string topic)
      : group_(std::move(group)), topic_(std::move(topic)) {}

  /// The member whose group metadata go with the offsets; null before it is closed.
  void set_consumer(rd_kafka_t* consumer);

  /// A batch has been read.
  void add(std::uint64_t token, std::vector<KafkaPlace> places);
  /// The oldest batch is settled.
  void drop(std::uint64_t token);
  /// Everything that is unsettled comes a second time, here or elsewhere.
  void take_back();
  /// Nothing is unsettled, and reading begins again where it has to.
  void resume();

  /// See Adapter::position_after(); also nothing where the member is not in the group.
  [[nodiscard]] std::optional<std::string> position_after(std::uint64_t token, std::size_t records);
  /// The offsets of such a position.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> offsets_after(std::uint64_t token,
                                                                   std::size_t records) const;

 private:
  struct Batch {
    std::uint64_t token = 0;
    std::vector<KafkaPlace> places;
  };

  [[nodiscard]] std::string metadata() const;

  const std::string group_;
  const std::string topic_;
  mutable std::mutex mutex_;
  rd_kafka_t* consumer_ = nullptr;
  std::deque<Batch> batches_;  ///< read and not settled
  bool is_taken_back_ = false;
};

}  // namespace copybridge::adapters
