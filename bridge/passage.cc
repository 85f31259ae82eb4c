// Identity and fate of a batch's records.
#include "bridge/passage.h"

namespace copybridge::bridge {

void Passage::reset(std::unique_ptr<adapters::RecordBatch> read, SteadyTime now) {
  batch = std::move(read);
  text.clear();
  events.clear();
  origins.clear();
  records.assign(batch->records.size(), RecordState{});
  bad.clear();
  pending = 0;
  read_at = now;
}

std::string Passage::record_id(std::uint32_t index) const {
  return batch->ids.empty() ? batch->id_prefix + std::to_string(batch->first_number + index)
                            : batch->id_prefix + batch->ids[index];
}

std::string Passage::event_id(std::uint32_t index, const mapping::Mapping* mapping) const {
  return record_id(index) + "/" + (mapping == nullptr ? "-" : mapping->name);
}

adapters::Fate Passage::fate(std::uint32_t index) const {
  const RecordState& state = records[index];
  if (state.is_handed_back || state.pending > 0) return adapters::Fate::retry;
  if (state.is_delivered) return adapters::Fate::delivered;
  return state.is_dead_lettered ? adapters::Fate::dead_lettered : adapters::Fate::filtered;
}

}  // namespace copybridge::bridge
