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

/// Null where nothing came in time, or it was cancelled.
EventHandle ask_for_offsets(rd_kafka_t* client, const GroupPosition& position,
                            const std::function<bool()>& is_cancelled) {
  constexpr int kRequestTimeoutMs = 10'000;
  constexpr int kSliceMs = 500;
  const AdminOptionsHandle options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kRequestTimeoutMs, nullptr, 0);
  const ErrorHandle unset(rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), 1));
  if (unset != nullptr) return nullptr;
  const PartitionsHandle partitions = position.partitions();
  const std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                        KafkaDestroy<rd_kafka_ListConsumerGroupOffsets_destroy>>
      question(rd_kafka_ListConsumerGroupOffsets_new(position.group.c_str(), partitions.get()));
  const QueueHandle queue(rd_kafka_queue_new(client));
  rd_kafka_ListConsumerGroupOffsets_t* questions[] = {question.get()};
  rd_kafka_ListConsumerGroupOffsets(client, questions, 1, options.get(), queue.get());
  for (int waited = 0; waited <= kRequestTimeoutMs && !is_cancelled(); waited += kSliceMs) {
    EventHandle event(rd_kafka_queue_poll(queue.get(), kSliceMs));
    if (event != nullptr) return event;
  }
  return nullptr;
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

tl::expected<bool, rd_kafka_resp_err_t> is_committed(rd_kafka_t* client,
                                                     const GroupPosition& position,
                                                     const std::function<bool()>& is_cancelled) {
  const EventHandle event = ask_for_offsets(client, position, is_cancelled);
  if (event == nullptr) return tl::make_unexpected(RD_KAFKA_RESP_ERR__TIMED_OUT);
  rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(code);
  std::size_t count = 0;
  const rd_kafka_group_result_t** const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  if (count != 1) return tl::make_unexpected(RD_KAFKA_RESP_ERR__BAD_MSG);
  if (const rd_kafka_error_t* const error = rd_kafka_group_result_error(groups[0]))
    return tl::make_unexpected(rd_kafka_error_code(error));
  const rd_kafka_topic_partition_list_t* const list = rd_kafka_group_result_partitions(groups[0]);
  std::size_t reached = 0;
  for (const auto& row : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (row.err != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(row.err);
    const auto own = position.offsets.find(row.partition);
    // Nothing committed is a negative offset.
    if (own != position.offsets.end() && row.offset >= own->second) ++reached;
  }
  return reached == position.offsets.size();
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
