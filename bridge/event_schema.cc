// One publisher, one mapping.
#include "bridge/event_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "codecs/mapping/schema_source.h"

namespace copybridge::bridge {
namespace {

std::string_view schema_option(const PublisherConfig& publisher) {
  auto* const option = publisher.kind->schema_option;
  return option == nullptr ? std::string_view() : option(publisher.options);
}

/// Calls `visit` with each route to the publisher.
template <typename Visit>
void for_each_route(const BridgeConfig& config, const std::string& publisher, Visit visit) {
  for (const RouteConfig& route : config.routes)
    if (std::ranges::find(route.to, publisher) != route.to.end()) visit(route);
}

std::string json_schema_of(const mapping::Mapping& mapping, Diagnostics& diagnostics) {
  return schema::json_schema(mapping::schema_source(*mapping.layout, mapping.options,
                                                    mapping.alternatives, mapping.hierarchy.get()),
                             {}, diagnostics);
}

void check_schema(const BridgeConfig& config, const PublisherConfig& publisher,
                  Diagnostics& diagnostics) {
  const auto refuse = [&](const std::string& why, const std::string& hint) {
    diagnostics.error(
        publisher.options.where(schema_option(publisher)),
        fmt::format("'{}' needs one schema for all events, {}", schema_option(publisher), why),
        hint);
  };
  if (publisher.name == config.dead_letters)
    refuse("and dead letters have none", "take another publisher for them");
  if (!publisher.claim_check.empty())
    refuse("and what stands for a large one has none", "leave out 'claim_check'");
  const mapping::Mapping* first = nullptr;
  for_each_route(config, publisher.name, [&](const RouteConfig& route) {
    if (route.encoding != nullptr)
      refuse("and a route with 'encode: yes' makes records", "leave out its schema registry");
    for (const auto& mapping : route.mappings) {
      if (first != nullptr && first->file != mapping->file) {
        refuse("and both '" + first->name + "' and '" + mapping->name + "' come to it",
               "give each mapping a publisher of its own");
      }
      first = mapping.get();
    }
  });
  if (first != nullptr) static_cast<void>(json_schema_of(*first, diagnostics));
}

}  // namespace

void check_schemas(const BridgeConfig& config, Diagnostics& diagnostics) {
  for (const PublisherConfig& publisher : config.publishers)
    if (!schema_option(publisher).empty()) check_schema(config, publisher, diagnostics);
}

std::string json_schema_for(const BridgeConfig& config, const PublisherConfig& publisher) {
  std::string text;
  if (schema_option(publisher).empty()) return text;
  for_each_route(config, publisher.name, [&](const RouteConfig& route) {
    Diagnostics known;
    if (text.empty() && !route.mappings.empty())
      text = json_schema_of(*route.mappings.front(), known);
  });
  return text;
}

}  // namespace copybridge::bridge
