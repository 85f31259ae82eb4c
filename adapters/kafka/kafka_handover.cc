// Offsets of batches under way, with the group metadata of the moment.
#include "adapters/kafka/kafka_handover.h"

#include <algorithm>
#include <utility>

namespace copybridge::adapters {

void KafkaHandover::set_consumer(rd_kafka_t* consumer) {
  const std::scoped_lock lock(mutex_);
  consumer_ = consumer;
  batches_.clear();
  is_taken_back_ = false;
}

void KafkaHandover::add(std::uint64_t token, std::vector<KafkaPlace> places) {
  const std::scoped_lock lock(mutex_);
  batches_.push_back({token, std::move(places)});
}

void KafkaHandover::drop(std::uint64_t token) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(batches_, [&](const Batch& batch) { return batch.token == token; });
}

void KafkaHandover::take_back() {
  const std::scoped_lock lock(mutex_);
  is_taken_back_ = true;
}

void KafkaHandover::resume() {
  const std::scoped_lock lock(mutex_);
  is_taken_back_ = false;
}

std::map<std::int32_t, std::int64_t> KafkaHandover::offsets_after(std::uint64_t token,
                                                                  std::size_t records) const {
  std::map<std::int32_t, std::int64_t> offsets;
  for (const Batch& batch : batches_) {
    if (batch.token > token) break;
    const std::size_t count = batch.token == token ? records : batch.places.size();
    for (std::size_t i = 0; i < std::min(count, batch.places.size()); ++i) {
      std::int64_t& offset = offsets[batch.places[i].partition];
      offset = std::max(offset, batch.places[i].offset + 1);
    }
  }
  return offsets;
}

/// Empty where the member has been put out of the group: without member and generation the brokers
/// would take the offsets unseen.
std::string KafkaHandover::metadata() const {
  const kafka::GroupMetadataHandle group(rd_kafka_consumer_group_metadata(consumer_));
  char* const member = rd_kafka_memberid(consumer_);
  const bool is_member = member != nullptr && *member != '\0';
  if (member != nullptr) rd_kafka_mem_free(consumer_, member);
  if (group == nullptr || !is_member) return {};
  void* bytes = nullptr;
  std::size_t size = 0;
  const kafka::ErrorHandle error(
      rd_kafka_consumer_group_metadata_write(group.get(), &bytes, &size));
  if (error != nullptr) return {};
  std::string text(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(consumer_, bytes);
  return text;
}

std::optional<std::string> KafkaHandover::position_after(std::uint64_t token, std::size_t records) {
  const std::scoped_lock lock(mutex_);
  const bool is_known = std::ranges::find(batches_, token, &Batch::token) != batches_.end();
  if (consumer_ == nullptr || is_taken_back_ || !is_known) return std::nullopt;
  kafka::GroupPosition position{.cluster = kafka::cluster_id_of(consumer_),
                                .group = group_,
                                .topic = topic_,
                                .offsets = offsets_after(token, records),
                                .metadata = metadata()};
  if (!position.metadata.empty()) return position.to_text();
  is_taken_back_ = true;
  return std::nullopt;
}

}  // namespace copybridge::adapters
