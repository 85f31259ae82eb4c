// CloudEvents 1.0 forms of an event, for every endpoint that carries them: JSON text, header
// values, lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

inline constexpr std::string_view kJsonType = "application/json";
/// As the binding of Kafka has it in an example (3.2.5).
inline constexpr std::string_view kAvroType = "application/avro";
inline constexpr std::string_view kRecordType = "application/octet-stream";
inline constexpr std::string_view kStructuredType = "application/cloudevents+json";
inline constexpr std::string_view kBatchType = "application/cloudevents-batch+json";

/// Calls `visit` with each context attribute that an event has, `specversion` first; the key is
/// `partitionkey` (partitioning extension), the trace is that of the distributed tracing extension.
template <typename Visit>
void for_each_attribute(const Event& event, Visit visit) {
  const Attribute own[] = {{"specversion", "1.0"},          {"id", event.id},
                           {"source", event.source},        {"type", event.type},
                           {"subject", event.subject},      {"time", event.time},
                           {"partitionkey", event.key},     {"traceparent", event.traceparent},
                           {"tracestate", event.tracestate}};
  for (const std::span<const Attribute> attributes :
       {std::span<const Attribute>(own), event.extensions}) {
    for (const Attribute& attribute : attributes) {
      if (!attribute.value.empty()) visit(attribute);
    }
  }
}

/// Calls `visit` with the fields of W3C Trace Context that an event has, under the names that a
/// message's own headers have for them, whatever form the event has in it.
template <typename Visit>
void for_each_trace_field(const Event& event, Visit visit) {
  if (event.traceparent.empty()) return;
  visit(Attribute{"traceparent", event.traceparent});
  if (!event.tracestate.empty()) visit(Attribute{"tracestate", event.tracestate});
}

/// The media type of an event's body.
[[nodiscard]] inline std::string_view content_type_of(const Event& event) {
  return event.is_record ? kRecordType : kJsonType;
}

/// Appends the body as JSON text: a record as a string of Base64 (RFC 4648).
void append_json_body(std::string& out, const Event& event);

/// What is an event's data where its attributes stand beside it: nothing where `dataref` is one.
[[nodiscard]] inline std::string_view data_of(const Event& event) {
  return event.is_reference ? std::string_view("") : event.body;
}

/// Appends the event as one JSON object in structured form, no line end: its body as `data`, that
/// of a record as `data_base64`, that of a reference not at all.
void append_structured(std::string& out, const Event& event);

/// Appends a value as the HTTP binding writes it in a header: everything but printable ASCII, and
/// also space, `"` and `%`, is percent-encoded. No CR, LF or NUL can come out.
void append_header_value(std::string& out, std::string_view value);

/// What one line of output holds: the option `format` of stdout and file.
enum class LineFormat : std::uint8_t { body, cloudevents };

inline constexpr OptionSpec kLineFormatOption{
    .name = "format",
    .type = OptionType::choice,
    .default_value = "body",
    .help =
        "What a line holds: body = the event's JSON body alone, cloudevents = the whole event "
        "as structured CloudEvents JSON.",
    .choices = "body|cloudevents"};

/// Reads the option kLineFormatOption.
[[nodiscard]] LineFormat line_format_of(const Options& options);

inline constexpr OptionSpec kMessageFormatOption{
    .name = "format",
    .type = OptionType::choice,
    .default_value = "body",
    .help =
        "What a message holds: body = the event's JSON body alone (a record as Base64), its "
        "attributes beside it; cloudevents = the whole event as structured CloudEvents JSON.",
    .choices = "body|cloudevents"};

/// What a message of an endpoint that takes text holds.
[[nodiscard]] std::string message_text(const Event& event, LineFormat format);
/// Its size in bytes.
[[nodiscard]] std::size_t message_size(const Event& event, LineFormat format);

/// The size of append_line().
[[nodiscard]] std::size_t line_size(const Event& event, LineFormat format);
/// Appends the event as one line with its line end.
void append_line(std::string& out, const Event& event, LineFormat format);

}  // namespace copybridge::publishers
