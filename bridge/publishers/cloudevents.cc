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

/// Takes what would be written, and counts it.
struct Count {
  std::size_t size = 0;

  Count& operator+=(char) {
    ++size;
    return *this;
  }
  Count& operator+=(std::string_view text) {
    size += text.size();
    return *this;
  }
};

using copybridge::append_json_string;
void append_json_string(Count& out, std::string_view text) { out.size += json_string_size(text); }

std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

void append_json_body(Count& out, const Event& event) {
  constexpr std::size_t kQuotes = 2;
  out.size += event.is_record ? base64_size(event.body.size()) + kQuotes : event.body.size();
}

/// `Out`: a string, or a Count.
template <typename Out>
void write_structured(Out& out, const Event& event) {
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

template <typename Out>
void write_line(Out& out, const Event& event, LineFormat format) {
  if (format == LineFormat::cloudevents) {
    write_structured(out, event);
  } else {
    append_json_body(out, event);
  }
  out += '\n';
}

}  // namespace

void append_structured(std::string& out, const Event& event) { write_structured(out, event); }

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
  Count count;
  if (format == LineFormat::cloudevents) {
    write_structured(count, event);
    return count.size;
  }
  return event.is_record ? base64_size(event.body.size()) : event.body.size();
}

std::size_t line_size(const Event& event, LineFormat format) {
  Count count;
  write_line(count, event, format);
  return count.size;
}

void append_line(std::string& out, const Event& event, LineFormat format) {
  write_line(out, event, format);
}

}  // namespace copybridge::publishers
