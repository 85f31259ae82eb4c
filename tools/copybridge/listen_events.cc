// CloudEvents and plain JSON from HTTP requests.
#include "tools/copybridge/listen_events.h"

#include <algorithm>

#include "bridge/core/log.h"
#include "bridge/core/percent.h"
#include "codecs/json/parts.h"

namespace copybridge::cli {
namespace {

/// An event's parts as JSON text, by the names that are printed.
using Parts = json::Members;

std::string_view header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

ReceivedEvent to_event(const Parts& parts) {
  ReceivedEvent event;
  event.line = "{";
  for (const std::string_view name :
       {"id", "source", "type", "subject", "time", "partitionkey", "dataref", "data"}) {
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

/// One element of a batch, array or line: a structured CloudEvent, or just data.
ReceivedEvent read_element(std::string_view text) {
  const Result<Parts> parts = json::members_of(text);
  if (parts && parts->contains("specversion")) return to_event(*parts);
  return to_event({{"data", std::string(text)}});
}

std::string data_of(std::string_view body) {
  return json::is_json(body) ? std::string(body) : json_string(body);
}

ReceivedEvent read_binary(const Headers& headers, std::string_view body) {
  Parts parts;
  for (const auto& [name, value] : headers) {
    if (name.starts_with("ce-")) parts[name.substr(3)] = json_string(percent_decode(value));
  }
  // An event that names its data has none.
  if (!body.empty() || !parts.contains("dataref")) parts["data"] = data_of(body);
  return to_event(parts);
}

bool is_lines(std::string_view type) {
  return type.starts_with("application/x-ndjson") || type.starts_with("application/jsonl") ||
         type.starts_with("application/json-lines");
}

bool is_json(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("application/cloudevents");
}

tl::unexpected<Error> not_json() {
  return fail(ErrorKind::bad_record, "listen: the body is not the JSON it says it is");
}

Result<std::vector<std::string>> split(std::string_view type, std::string_view body) {
  if (!is_lines(type)) {
    Result<std::vector<std::string>> elements = json::elements_of(body);
    if (!elements) return not_json();
    return elements;
  }
  std::vector<std::string> lines = json::lines_of(body);
  if (!std::ranges::all_of(lines, json::is_json)) return not_json();
  return lines;
}

}  // namespace

Result<std::vector<ReceivedEvent>> read_events(const Headers& headers, std::string_view body) {
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
}

}  // namespace copybridge::cli
