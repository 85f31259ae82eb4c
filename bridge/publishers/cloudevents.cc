// CloudEvents as JSON text and header values.
#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {

Attributes::Attributes(const Event& event) {
  add("specversion", "1.0");
  add("id", event.id);
  add("source", event.source);
  add("type", event.type);
  add("subject", event.subject);
  add("time", event.time);
  add("partitionkey", event.key);
}

void Attributes::add(std::string_view name, std::string_view value) {
  if (!value.empty()) items_[count_++] = {name, value};
}

void append_structured(std::string& out, const Event& event) {
  out += '{';
  for (const Attribute& attribute : Attributes(event)) {
    out += '"';
    out += attribute.name;
    out += "\":";
    append_json_string(out, attribute.value);
    out += ',';
  }
  out += R"("datacontenttype":"application/json","data":)";
  out += event.body;
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

void append_line(std::string& out, const Event& event, LineFormat format) {
  if (format == LineFormat::cloudevents) {
    append_structured(out, event);
  } else {
    out += event.body;
  }
  out += '\n';
}

}  // namespace copybridge::publishers
