// Attributes, ids and limits.
#include "bridge/publishers/aws/service.h"

#include <algorithm>

#include "bridge/core/digest.h"

namespace copybridge::publishers::aws {
namespace {

constexpr std::size_t kAttributesMax = 10;
constexpr std::size_t kIdMax = 128;
constexpr std::string_view kStringType = "String";

}  // namespace

std::vector<std::pair<std::string, std::string_view>> message_attributes(const Event& event,
                                                                         LineFormat format) {
  std::vector<std::pair<std::string, std::string_view>> attributes;
  if (format == LineFormat::cloudevents) return attributes;
  for_each_attribute(event, [&](const Attribute& attribute) {
    if (attributes.size() == kAttributesMax || attribute.name == "specversion") return;
    attributes.emplace_back("ce-" + std::string(attribute.name), attribute.value);
  });
  return attributes;
}

std::size_t attribute_size(const Event& event, LineFormat format) {
  std::size_t size = 0;
  for (const auto& [name, value] : message_attributes(event, format)) {
    size += name.size() + kStringType.size() + value.size();
  }
  return size;
}

std::string short_id(std::string_view text) {
  const bool is_plain =
      text.size() <= kIdMax && !text.empty() &&
      std::ranges::all_of(text, [](char character) { return character > ' ' && character <= '~'; });
  return is_plain ? std::string(text) : hex(sha256(text));
}

http::Call service_call(const std::string& endpoint, std::string label) {
  http::Call call;
  call.url = endpoint;
  call.label = std::move(label);
  return call;
}

bool is_fifo(std::string_view name) { return name.ends_with(".fifo"); }

Limits batch_limits(const Options& options, std::size_t events, std::size_t bytes,
                    std::size_t event_bytes) {
  return {.events_per_request = events,
          .bytes_per_request = bytes,
          .event_bytes_max = event_bytes,
          .requests_in_flight = static_cast<std::size_t>(options.integer("requests_in_flight")),
          .splits_outcomes = true};
}

}  // namespace copybridge::publishers::aws
