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

void append_structured(std::string& out, const Event& event) {
  out += '{';
  for_each_attribute(event, [&](const Attribute& attribute) {
    out += '"';
    out += attribute.name;
    out += "\":";
    append_json_string(out, attribute.value);
    out += ',';
  });
  out += "\"datacontenttype\":\"";
  out += content_type_of(event);
  if (event.is_reference) {
    out += "\"}";
    return;
  }
  out += event.is_record ? R"(","data_base64":)" : R"(","data":)";
  append_json_body(out, event);
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
  const std::size_t body = event.is_record ? (event.body.size() + 2) / 3 * 4 : event.body.size();
  if (format == LineFormat::body) return body;
  // What stands around the body: that is not copied only to be counted.
  Event around = event;
  around.body = {};
  return message_text(around, format).size() + (event.is_reference ? 0 : body);
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
