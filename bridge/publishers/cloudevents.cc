// CloudEvents as JSON text and header values.
#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {

void append_structured(std::string& out, const Event& event) {
  out += '{';
  for_each_attribute(event, [&](const Attribute& attribute) {
    out += '"';
    out += attribute.name;
    out += "\":";
    append_json_string(out, attribute.value);
    out += ',';
  });
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
