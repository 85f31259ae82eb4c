// CloudEvents as JSON text and header values.
#include "bridge/publishers/cloudevents.h"

#include "bridge/core/digest.h"

namespace copybridge::publishers {

void append_json_body(std::string& out, const Event& event) {
  if (!event.is_record) {
    out += event.body;
    return;
  }
  out += '"';
  append_base64(out, event.body);
  out += '"';
}

namespace {

constexpr std::string_view kType = "\"datacontenttype\":\"";

/// Between the type and the body.
std::string_view data_name(const Event& event) {
  if (event.is_reference) return "\"";
  return event.is_record ? R"(","data_base64":)" : R"(","data":)";
}

std::size_t body_size(const Event& event) {
  return event.is_record ? (event.body.size() + 2) / 3 * 4 : event.body.size();
}

/// Of append_json_body().
std::size_t json_body_size(const Event& event) {
  constexpr std::size_t kQuotes = 2;
  return body_size(event) + (event.is_record ? kQuotes : 0);
}

/// Of append_structured().
std::size_t structured_size(const Event& event) {
  constexpr std::size_t kBraces = 2;
  std::size_t size =
      kBraces + kType.size() + content_type_of(event).size() + data_name(event).size();
  for_each_attribute(event, [&](const Attribute& attribute) {
    constexpr std::size_t kSigns = 4;  // Quotes of the name, colon, comma.
    size += attribute.name.size() + json_string_size(attribute.value) + kSigns;
  });
  return event.is_reference ? size : size + json_body_size(event);
}

}  // namespace

void append_structured(std::string& out, const Event& event) {
  out += '{';
  for_each_attribute(event, [&](const Attribute& attribute) {
    out += '"';
    out += attribute.name;
    out += "\":";
    append_json_string(out, attribute.value);
    out += ',';
  });
  out += kType;
  out += content_type_of(event);
  out += data_name(event);
  if (!event.is_reference) append_json_body(out, event);
  out += '}';
}

constexpr std::string_view kHex = "0123456789ABCDEF";

void append_header_value(std::string& out, std::string_view value) {
  for (const char character : value) {
    const auto byte = static_cast<unsigned char>(character);
    // CloudEvents HTTP binding 3.1.3.2.
    if (byte > 0x20 && byte < 0x7F && byte != '"' && byte != '%') {
      out += character;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 0x0F];
    }
  }
}

LineFormat line_format_of(const Options& options) {
  return options.text(kLineFormatOption.name) == "cloudevents" ? LineFormat::cloudevents
                                                               : LineFormat::body;
}

std::string message_text(const Event& event, LineFormat format) {
  std::string text;
  if (format == LineFormat::cloudevents) {
    append_structured(text, event);
  } else if (event.is_record) {
    append_base64(text, event.body);
  } else {
    text = event.body;
  }
  return text;
}

std::size_t message_size(const Event& event, LineFormat format) {
  return format == LineFormat::body ? body_size(event) : structured_size(event);
}

std::size_t line_size(const Event& event, LineFormat format) {
  constexpr std::size_t kLineEnd = 1;
  return kLineEnd + (format == LineFormat::body ? json_body_size(event) : structured_size(event));
}

void append_line(std::string& out, const Event& event, LineFormat format) {
  if (format == LineFormat::cloudevents) {
    append_structured(out, event);
  } else {
    append_json_body(out, event);
  }
  out += '\n';
}

}  // namespace copybridge::publishers
