// CloudEvents 1.0 forms of an event, for every endpoint that carries them: JSON text, header
// values, lines.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kStructuredType = "application/cloudevents+json";
inline constexpr std::string_view kBatchType = "application/cloudevents-batch+json";

/// One context attribute under its CloudEvents name.
struct Attribute {
  std::string_view name;
  std::string_view value;
};

/// The context attributes that an event has, `specversion` first; the key is `partitionkey`
/// (partitioning extension). Views into the event.
class Attributes {
 public:
  explicit Attributes(const Event& event);
  [[nodiscard]] const Attribute* begin() const { return items_.data(); }
  [[nodiscard]] const Attribute* end() const { return items_.data() + count_; }

 private:
  void add(std::string_view name, std::string_view value);

  std::array<Attribute, 7> items_;
  std::size_t count_ = 0;
};

/// Appends the event as one JSON object in structured form, its body as `data`, no line end.
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

/// Appends the event as one line with its line end.
void append_line(std::string& out, const Event& event, LineFormat format);

}  // namespace copybridge::publishers
