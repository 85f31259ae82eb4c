// CloudEvents and plain JSON from HTTP requests.
#include "tools/copybridge/listen_events.h"

#include <simdjson.h>

#include <algorithm>

#include "bridge/core/log.h"

namespace copybridge::cli {
namespace {

/// An event's parts as JSON text, by the names that are printed.
using Parts = std::map<std::string, std::string, std::less<>>;

std::string_view header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

/// CloudEvents HTTP binding 3.1.3.3.
std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                           hex_digit(text[i + 2]) >= 0;
    if (is_escape) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

ReceivedEvent to_event(const Parts& parts) {
  ReceivedEvent event;
  event.line = "{";
  for (const std::string_view name :
       {"id", "source", "type", "subject", "time", "partitionkey", "data"}) {
    const auto found = parts.find(name);
    if (found == parts.end()) continue;
    if (event.line.size() > 1) event.line += ',';
    event.line += '"';
    event.line += name == "partitionkey" ? "key" : name;
    event.line += "\":";
    event.line += found->second;
  }
  event.line += '}';
  // Line ends in valid JSON stand between its tokens only.
  std::ranges::replace_if(
      event.line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (const auto id = parts.find("id"); id != parts.end()) event.id = id->second;
  return event;
}

/// simdjson needs readable bytes behind its input; its on-demand side leaves texts as they are,
/// and the other side checks everything.
class JsonText {
 public:
  explicit JsonText(std::string_view text) : text_(text) {}

  [[nodiscard]] bool is_valid() {
    simdjson::dom::parser parser;
    return parser.parse(text_).error() == simdjson::SUCCESS;
  }
  /// The elements of an array, or the text itself where it is none.
  [[nodiscard]] std::vector<std::string> elements() {
    if (!is_array()) return {std::string(std::string_view(text_))};
    std::vector<std::string> texts;
    simdjson::ondemand::document document = parser_.iterate(text_);
    for (auto element : document.get_array()) {
      texts.emplace_back(std::string_view(simdjson::to_json_string(element.value())));
    }
    return texts;
  }
  /// The members of an object; none where it is no object.
  [[nodiscard]] Parts members() {
    Parts parts;
    simdjson::ondemand::document document = parser_.iterate(text_);
    if (document.type() != simdjson::ondemand::json_type::object) return parts;
    for (auto field : document.get_object()) {
      std::string key(std::string_view(field.unescaped_key()));
      parts[key] = std::string_view(simdjson::to_json_string(field.value()));
    }
    return parts;
  }

 private:
  bool is_array() {
    simdjson::ondemand::document document = parser_.iterate(text_);
    return document.type() == simdjson::ondemand::json_type::array;
  }

  simdjson::padded_string text_;
  simdjson::ondemand::parser parser_;
};

/// One element of a batch, array or line: a structured CloudEvent, or just data.
ReceivedEvent read_element(std::string_view text) {
  Parts parts = JsonText(text).members();
  if (parts.contains("specversion")) return to_event(parts);
  return to_event({{"data", std::string(text)}});
}

std::string data_of(std::string_view body) {
  return JsonText(body).is_valid() ? std::string(body) : json_string(body);
}

ReceivedEvent read_binary(const Headers& headers, std::string_view body) {
  Parts parts;
  for (const auto& [name, value] : headers) {
    if (name.starts_with("ce-")) parts[name.substr(3)] = json_string(percent_decode(value));
  }
  parts["data"] = data_of(body);
  return to_event(parts);
}

std::vector<std::string> split_lines(std::string_view body) {
  std::vector<std::string> lines;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    if (end > 0) lines.emplace_back(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return lines;
}

bool is_lines(std::string_view type) {
  return type.starts_with("application/x-ndjson") || type.starts_with("application/jsonl") ||
         type.starts_with("application/json-lines");
}

bool is_json(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("application/cloudevents");
}

Result<std::vector<std::string>> split(std::string_view type, std::string_view body) {
  std::vector<std::string> texts = {std::string(body)};
  if (is_lines(type)) texts = split_lines(body);
  for (const std::string& text : texts) {
    if (!JsonText(text).is_valid()) {
      return fail(ErrorKind::bad_record, "listen: the body is not the JSON it says it is");
    }
  }
  return is_lines(type) ? texts : JsonText(body).elements();
}

}  // namespace

Result<std::vector<ReceivedEvent>> read_events(const Headers& headers, std::string_view body) try {
  const std::string_view type = header(headers, "content-type");
  if (headers.contains("ce-specversion")) return std::vector{read_binary(headers, body)};
  std::vector<ReceivedEvent> events;
  if (!is_lines(type) && !is_json(type)) {
    events.push_back(to_event({{"data", data_of(body)}}));
  } else {
    const Result<std::vector<std::string>> texts = split(type, body);
    if (!texts) return pass_on(texts);
    for (const std::string& text : *texts) events.push_back(read_element(text));
  }
  const std::string_view key = header(headers, "idempotency-key");
  if (events.size() == 1 && events.front().id.empty() && !key.empty()) {
    events.front().id = json_string(percent_decode(key));
    events.front().line.insert(1, "\"id\":" + events.front().id + ",");
  }
  return events;
} catch (const simdjson::simdjson_error& error) {
  return fail(ErrorKind::bad_record, std::string("listen: ") + error.what());
}

}  // namespace copybridge::cli
