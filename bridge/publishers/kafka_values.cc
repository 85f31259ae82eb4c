// Bodies as they are, in Avro, or within CloudEvents.
#include "bridge/publishers/kafka_values.h"

#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

/// A number of two characters with its comma can become a double in a union. Names and what stands
/// around the body make up for it elsewhere.
constexpr std::size_t kGrowthMax = 5;

}  // namespace

KafkaValues::KafkaValues(bool is_structured, const avro::Type* schema)
    : is_structured_(is_structured) {
  if (schema != nullptr) avro_.emplace(*schema);
}

std::vector<KafkaValue> KafkaValues::of(const std::vector<const Event*>& events,
                                        std::string_view prefix, std::string& text) {
  std::vector<KafkaValue> values;
  values.reserve(events.size());
  if (!is_structured_ && prefix.empty() && !avro_) {
    for (const Event* event : events) values.push_back({data_of(*event)});
    return values;
  }
  text.clear();
  std::vector<std::size_t> ends;
  for (const Event* event : events) {
    const std::size_t begin = text.size();
    if (!event->is_reference) text += prefix;  // There is no data that the schema would be of.
    KafkaValue& value = values.emplace_back();
    if (const Result<void> done = append(*event, text); !done) {
      value.fault = "kafka: " + done.error().message;
      text.resize(begin);
    }
    ends.push_back(text.size());
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i].bytes = std::string_view(text).substr(begin, ends[i] - begin);
    begin = ends[i];
  }
  return values;
}

Result<void> KafkaValues::append(const Event& event, std::string& text) {
  if (is_structured_) {
    append_structured(text, event);
  } else if (!avro_ || event.is_reference) {
    text += data_of(event);
  } else {
    if (Result<void> done = encode(event); !done) return done;
    text += encoded_.view();
  }
  return {};
}

std::size_t KafkaValues::size_of(const Event& event) {
  if (is_structured_) return message_size(event, LineFormat::cloudevents);
  if (!avro_ || event.is_reference) return data_of(event).size();
  return encode(event) ? encoded_.size() : event.body.size();
}

Result<void> KafkaValues::encode(const Event& event) {
  encoded_.clear();
  body_.clear();
  body_.append(event.body);
  return avro_->append(body_.view(), encoded_);
}

std::size_t KafkaValues::small_body(std::size_t value_bytes) const {
  return avro_ ? value_bytes / kGrowthMax : value_bytes;
}

}  // namespace copybridge::publishers
