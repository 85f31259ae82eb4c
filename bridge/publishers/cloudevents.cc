// CloudEvents as JSON text and header values.
#include "bridge/publishers/cloudevents.h"

#include <openssl/evp.h>

namespace copybridge::publishers {

void append_json_body(std::string& out, const Event& event) {
  if (!event.is_record) {
    out += event.body;
    return;
  }
  out += '"';
  const std::size_t start = out.size();
  // OpenSSL writes a NUL behind the text; the closing quote takes its place.
  out.resize(start + (event.body.size() + 2) / 3 * 4 + 1);
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + start),
                  reinterpret_cast<const unsigned char*>(event.body.data()),
                  static_cast<int>(event.body.size()));
  out.back() = '"';
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

void append_line(std::string& out, const Event& event, LineFormat format) {
  if (format == LineFormat::cloudevents) {
    append_structured(out, event);
  } else {
    append_json_body(out, event);
  }
  out += '\n';
}

}  // namespace copybridge::publishers
