// Bodies and headers of HTTP requests.
#include "bridge/publishers/http_forms.h"

#include <array>
#include <cassert>

#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

constexpr std::array<std::string_view, 6> kWords = {"binary", "structured", "batch",
                                                    "body",   "json-array", "json-lines"};

void add_header(http::Call& call, std::string_view name, std::string_view value) {
  std::string line(name);
  line += ": ";
  append_header_value(line, value);
  call.headers.push_back(std::move(line));
}

void add_trace_headers(http::Call& call, const Event& event) {
  // As they are: blanks and quotes belong to a tracestate.
  for_each_trace_field(event, [&](const Attribute& field) {
    call.headers.push_back(std::string(field.name) + ": " + std::string(field.value));
  });
}

void add_attribute_headers(http::Call& call, const Event& event) {
  for_each_attribute(event, [&](const Attribute& attribute) {
    add_header(call, "ce-" + std::string(attribute.name), attribute.value);
  });
}

std::string_view content_type(HttpForm form, const Event& event) {
  switch (form) {
    case HttpForm::binary:
    case HttpForm::body:
      return content_type_of(event);
    case HttpForm::json_array:
      return kJsonType;
    case HttpForm::structured:
      return kStructuredType;
    case HttpForm::batch:
      return kBatchType;
    case HttpForm::json_lines:
      return "application/x-ndjson";
  }
  return kJsonType;
}

void append_array(std::string& out, std::span<const Event* const> events, bool is_structured) {
  out += '[';
  for (const Event* event : events) {
    if (out.size() > 1) out += ',';
    if (is_structured) {
      append_structured(out, *event);
    } else {
      append_json_body(out, *event);
    }
  }
  out += ']';
}

/// Of append_json_body.
std::size_t json_size(const Event& event) {
  constexpr std::size_t kQuotes = 2;
  return message_size(event, LineFormat::body) + (event.is_record ? kQuotes : 0);
}

}  // namespace

HttpForm http_form_of(std::string_view word) {
  std::uint8_t index = 0;
  while (index + 1U < kWords.size() && kWords[index] != word) ++index;
  return static_cast<HttpForm>(index);
}

bool is_batch(HttpForm form) {
  return form == HttpForm::batch || form == HttpForm::json_array || form == HttpForm::json_lines;
}

void form_call(HttpForm form, std::span<const Event* const> events, http::Call& call) {
  assert(!events.empty() && (is_batch(form) || events.size() == 1));
  call.headers.push_back("Content-Type: " + std::string(content_type(form, *events.front())));
  const Event& first = *events.front();
  if (!is_batch(form)) {
    add_header(call, "Idempotency-Key", first.id);
    add_trace_headers(call, first);
  }
  switch (form) {
    case HttpForm::binary:
      add_attribute_headers(call, first);
      call.outside_body = data_of(first);
      return;
    case HttpForm::body:
      call.outside_body = first.body;
      return;
    case HttpForm::structured:
      append_structured(call.body, first);
      return;
    case HttpForm::batch:
    case HttpForm::json_array:
      append_array(call.body, events, form == HttpForm::batch);
      return;
    case HttpForm::json_lines:
      for (const Event* event : events) append_line(call.body, *event, LineFormat::body);
      return;
  }
}

std::size_t size_in_form(HttpForm form, const Event& event) {
  constexpr std::size_t kArraySigns = 2;  // A comma or a bracket, and the last bracket.
  switch (form) {
    case HttpForm::binary:
      return text_size(event);
    case HttpForm::body:
      return event.body.size();
    case HttpForm::structured:
      return message_size(event, LineFormat::cloudevents);
    case HttpForm::batch:
      return message_size(event, LineFormat::cloudevents) + kArraySigns;
    case HttpForm::json_array:
      return json_size(event) + kArraySigns;
    case HttpForm::json_lines:
      return json_size(event) + 1;
  }
  return text_size(event);
}

}  // namespace copybridge::publishers
