// Values of Kafka's messages, formed of events.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/publishers/publisher.h"
#include "codecs/avro/writer.h"

namespace copybridge::publishers {

struct KafkaValue {
  std::string_view bytes;
  std::string fault = {};  ///< why the event has none, which holds for ever; empty: it has
};

/// Used by one thread at a time.
class KafkaValues {
 public:
  /// `is_structured`: whole events as CloudEvents JSON. `schema`: bodies are written in Avro; null:
  /// they are what they are.
  KafkaValues(bool is_structured, const avro::Type* schema);

  /// One for each event: the bodies themselves, or what is formed in `text`, which must stay as
  /// long as they. `prefix` is what each begins with, but one without data.
  [[nodiscard]] std::vector<KafkaValue> of(const std::vector<const Event*>& events,
                                           std::string_view prefix, std::string& text);
  /// Bytes of an event's value without a prefix; of one that has none, those of its body.
  [[nodiscard]] std::size_t size_of(const Event& event);
  /// Smaller bodies have values of fewer bytes.
  [[nodiscard]] std::size_t small_body(std::size_t value_bytes) const;

 private:
  Result<void> append(const Event& event, std::string& text);
  Result<void> encode(const Event& event);

  const bool is_structured_;
  std::optional<avro::Writer> avro_;
  TextBuffer body_;  ///< what lies behind an event's own may not be readable
  TextBuffer encoded_;
};

}  // namespace copybridge::publishers
