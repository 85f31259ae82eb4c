// A message's headers become attributes, its data records.
#include <utility>

#include "adapters/ibm_mq/message.h"
#include "adapters/ibm_mq/queue_source.h"

namespace copybridge::adapters::ibm_mq {
bool QueueSource::is_delivered_before(const UnitMessage& message) const {
  const auto known = delivered_.find(message.id);
  return known != delivered_.end() && message.descriptor.backout_count > known->second;
}

/// What all messages of the unit say is told once. A message alone has all of it itself.
FieldSet QueueSource::append_common(RecordBatch& batch) {
  const FieldSet own = differing_fields(unit_.messages);
  if (own.all()) return own;
  batch.attributes.emplace_back("mq-queue-manager", queue_.queue_manager);
  batch.attributes.emplace_back("mq-queue", queue_.name);
  append_descriptor(unit_.messages.front().descriptor, ~own, pages_, batch.attributes);
  return own;
}

void QueueSource::append_message(UnitMessage& message, FieldSet own, RecordBatch& batch) {
  const mqi::MQMD& descriptor = message.descriptor;
  const ByteView bytes = unit_.bytes.view(message.offset, message.size);
  const Description described{descriptor.encoding, descriptor.coded_char_set_id,
                              text_of(descriptor.format)};
  HeaderChain chain = parse_headers(bytes, described, pages_);
  const ByteView payload = bytes.subspan(chain.payload_offset);
  message.id = message_id(queue_.queue_manager, queue_.name, descriptor, payload);
  if (is_delivered_before(message)) return;

  const std::size_t first = batch.records.size();
  const std::string broken = append_records(payload, batch);
  message.records = batch.records.size() - first;
  Attributes attributes;
  attributes.reserve(5 + own.count() + chain.attributes.size());
  if (own.all()) {
    attributes.emplace_back("mq-queue-manager", queue_.queue_manager);
    attributes.emplace_back("mq-queue", queue_.name);
  }
  append_description(chain.payload, attributes);
  append_descriptor(descriptor, own, pages_, attributes);
  std::ranges::move(chain.attributes, std::back_inserter(attributes));
  const std::string& fault = chain.fault.empty() ? broken : chain.fault;
  const std::int64_t time_ms = put_time_ms(descriptor);
  for (std::size_t i = 0; i < message.records; ++i) {
    batch.ids.push_back(message.id + "/" + std::to_string(i + 1));
    batch.record_times_ms.push_back(time_ms);
  }
  for (std::size_t i = 1; i < message.records; ++i) batch.record_attributes.push_back(attributes);
  if (message.records > 0) batch.record_attributes.push_back(std::move(attributes));
  if (fault.empty()) return;
  // Nothing of a message whose headers are broken can be trusted; else only what is behind the
  // break.
  const std::size_t from = chain.fault.empty() ? batch.records.size() - 1 : first;
  for (std::size_t i = from; i < batch.records.size(); ++i) {
    batch.record_attributes[i].emplace_back(kFaultAttribute, fault);
  }
}

/// Returns why the last of the records is the rest of a message whose framing is broken; empty
/// where it is sound.
std::string QueueSource::append_records(ByteView payload, RecordBatch& batch) {
  const std::size_t base = batch.bytes.size();
  const auto add = [&](std::size_t offset, std::size_t size, framing::RecordPlace place) {
    batch.records.push_back(
        {static_cast<std::uint32_t>(base + offset), static_cast<std::uint32_t>(size), place});
  };
  if (framer_ == nullptr) {
    batch.bytes.append(payload);
    add(0, payload.size(), framing::RecordPlace::detail);
    return {};
  }
  framer_->restore({});
  // Framers may look behind what they are given.
  ByteBuffer message;
  message.append(payload);
  std::vector<framing::RecordSpan> spans;
  const Result<framing::Framed> framed =
      framer_->next(message.view(), true, std::numeric_limits<std::size_t>::max(), spans);
  const bool is_assembled = framer_->take_assembled(message);
  batch.bytes.append(message.view());
  for (const framing::RecordSpan& span : spans) add(span.offset, span.size, span.place);
  const bool is_whole = framed && framed->consumed == payload.size() && !spans.empty();
  if (is_whole) return {};
  // The rest goes to the dead letters as it is; of an assembled or empty message all of it.
  const std::size_t done =
      spans.empty() || is_assembled ? 0 : spans.back().offset + spans.back().size;
  const std::size_t at = batch.bytes.size() - base;
  batch.bytes.append(payload.subspan(std::min(done, payload.size())));
  add(at, batch.bytes.size() - base - at, framing::RecordPlace::detail);
  if (!framed) return framed.error().message;
  return spans.empty() ? "the message holds no record" : "bytes are left behind the last record";
}

}  // namespace copybridge::adapters::ibm_mq
