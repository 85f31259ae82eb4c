// The text of a position: four lines and librdkafka's own bytes.
#include "bridge/kafka/group_position.h"

#include <charconv>
#include <span>

namespace copybridge::kafka {
namespace {

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_offsets(std::string_view text, std::map<std::int32_t, std::int64_t>& offsets) {
  while (!text.empty()) {
    std::string_view pair = take_until(text, ' ');
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    const bool is_pair = read_number(take_until(pair, ':'), partition) && read_number(pair, offset);
    if (!is_pair || !offsets.emplace(partition, offset).second) return false;
  }
  return true;
}

}  // namespace

std::string cluster_id_of(rd_kafka_t* client) {
  char* const id = rd_kafka_clusterid(client, 0);
  if (id == nullptr) return {};
  std::string text(id);
  rd_kafka_mem_free(client, id);
  return text;
}

std::string GroupPosition::to_text() const {
  std::string text = cluster + "\n" + group + "\n" + topic + "\n";
  for (const auto& [partition, offset] : offsets) {
    if (text.back() != '\n') text += ' ';
    text += std::to_string(partition) + ":" + std::to_string(offset);
  }
  return text + "\n" + metadata;
}

std::optional<GroupPosition> GroupPosition::from_text(std::string_view text) {
  GroupPosition position;
  position.cluster = take_until(text, '\n');
  position.group = take_until(text, '\n');
  position.topic = take_until(text, '\n');
  if (!read_offsets(take_until(text, '\n'), position.offsets)) return std::nullopt;
  position.metadata = text;
  if (position.group.empty() || position.topic.empty() || position.metadata.empty())
    return std::nullopt;
  return position;
}

PartitionsHandle GroupPosition::partitions() const { return partitions_of(topic, offsets); }

GroupMetadataHandle GroupPosition::group_metadata() const {
  rd_kafka_consumer_group_metadata_t* read = nullptr;
  const ErrorHandle error(
      rd_kafka_consumer_group_metadata_read(&read, metadata.data(), metadata.size()));
  return GroupMetadataHandle(error == nullptr ? read : nullptr);
}

tl::expected<bool, rd_kafka_resp_err_t> is_committed(rd_kafka_t* consumer,
                                                     const GroupPosition& position,
                                                     Milliseconds limit) {
  const PartitionsHandle list = position.partitions();
  const rd_kafka_resp_err_t code =
      rd_kafka_committed(consumer, list.get(), static_cast<int>(limit.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(code);
  bool is_reached = true;
  for (const auto& row : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (row.err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(row.err);
    // Nothing committed is a negative offset.
    is_reached = is_reached && row.offset >= position.offsets.at(row.partition);
  }
  return is_reached;
}

PartitionsHandle partitions_of(const std::string& topic,
                               const std::map<std::int32_t, std::int64_t>& offsets) {
  PartitionsHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

}  // namespace copybridge::kafka
