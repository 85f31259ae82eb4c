// Offsets by partition, from reading to committing.
#include "adapters/kafka/kafka_positions.h"

#include <algorithm>
#include <cassert>

namespace copybridge::adapters {

void KafkaPositions::assign(std::int32_t partition) {
  Partition& assigned = partitions_[partition] = Partition();
  assigned.epoch = ++epoch_;
}

void KafkaPositions::revoke(std::int32_t partition) { partitions_.erase(partition); }

void KafkaPositions::clear() {
  partitions_.clear();
  batches_.clear();
}

void KafkaPositions::at_end(std::int32_t partition, bool is_at_end) {
  const auto found = partitions_.find(partition);
  if (found != partitions_.end()) found->second.is_at_end = is_at_end;
}

void KafkaPositions::begin_batch(std::uint64_t token) { batches_.push_back({token, {}}); }

void KafkaPositions::note_record(KafkaPlace place) {
  const auto found = partitions_.find(place.partition);
  const bool is_ours = found != partitions_.end();
  batches_.back().records.push_back({place, is_ours ? found->second.epoch : 0});
  if (!is_ours) return;
  found->second.next = place.offset + 1;
  found->second.is_at_end = false;
}

std::vector<KafkaPlace> KafkaPositions::newest() const {
  std::vector<KafkaPlace> places;
  for (const Record& record : batches_.back().records) places.push_back(record.place);
  return places;
}

void KafkaPositions::settle(const Settlement& settlement) {
  assert(!batches_.empty() && batches_.front().token == settlement.token);
  const std::vector<Record>& records = batches_.front().records;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (is_gone(records[i])) continue;
    Partition& partition = partitions_.at(records[i].place.partition);
    const std::int64_t offset = records[i].place.offset;
    if (settlement.fates[i] == Fate::retry) {
      partition.retry_at = std::min(partition.retry_at.value_or(offset), offset);
    } else if (!partition.retry_at || offset < *partition.retry_at) {
      partition.settled = std::max(partition.settled, offset + 1);
    }
  }
}

bool KafkaPositions::is_gone(const Record& record) const {
  const auto found = partitions_.find(record.place.partition);
  return found == partitions_.end() || found->second.epoch != record.epoch;
}

bool KafkaPositions::has_gone_records() const {
  return std::ranges::any_of(batches_.front().records,
                             [this](const Record& record) { return is_gone(record); });
}

std::map<std::int32_t, std::int64_t> KafkaPositions::to_commit() const {
  std::map<std::int32_t, std::int64_t> offsets;
  for (const auto& [number, partition] : partitions_)
    if (partition.settled > partition.committed) offsets.emplace(number, partition.settled);
  return offsets;
}

void KafkaPositions::mark_committed() {
  for (auto& [number, partition] : partitions_) partition.committed = partition.settled;
}

std::map<std::int32_t, std::int64_t> KafkaPositions::to_rewind() const {
  std::map<std::int32_t, std::int64_t> offsets;
  for (const auto& [number, partition] : partitions_)
    if (partition.retry_at) offsets.emplace(number, *partition.retry_at);
  return offsets;
}

void KafkaPositions::mark_rewound(std::int32_t partition) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  found->second.next = *found->second.retry_at;
  found->second.retry_at.reset();
  found->second.is_at_end = false;
}

bool KafkaPositions::is_dry() const {
  return batches_.empty() && std::ranges::all_of(partitions_, [](const auto& row) {
           return row.second.is_at_end && !row.second.retry_at;
         });
}

std::map<std::int32_t, std::int64_t> KafkaPositions::read_to() const {
  std::map<std::int32_t, std::int64_t> offsets;
  for (const auto& [number, partition] : partitions_)
    if (partition.next >= 0) offsets.emplace(number, partition.next);
  return offsets;
}

}  // namespace copybridge::adapters
