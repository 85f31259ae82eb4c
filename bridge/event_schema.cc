// One publisher, one mapping.
#include "bridge/event_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "codecs/mapping/schema_source.h"

namespace copybridge::bridge {
namespace {

using publishers::EventSchema;
using publishers::SchemaNeed;

SchemaNeed need_of(const PublisherConfig& publisher) {
  auto* const need = publisher.kind->schema_need;
  return need == nullptr ? SchemaNeed() : need(publisher.options);
}

/// Calls `visit` with each route to the publisher.
template <typename Visit>
void for_each_route(const BridgeConfig& config, const std::string& publisher, Visit visit) {
  for (const RouteConfig& route : config.routes)
    if (std::ranges::find(route.to, publisher) != route.to.end()) visit(route);
}

EventSchema schema_of(const mapping::Mapping& mapping, const SchemaNeed& need,
                      Diagnostics& diagnostics) {
  const schema::Source source = mapping::schema_source(
      *mapping.layout, mapping.options, mapping.alternatives, mapping.hierarchy.get());
  if (!need.is_avro) return {schema::json_schema(source, {}, diagnostics), nullptr};
  schema::SchemaOptions options;
  options.name_space = need.name_space;
  auto type = std::make_shared<const avro::Type>(schema::avro_type(source, options, diagnostics));
  return {avro::schema_text(*type), std::move(type)};
}

void check_schema(const BridgeConfig& config, const PublisherConfig& publisher,
                  const SchemaNeed& need, Diagnostics& diagnostics) {
  const auto refuse = [&](const std::string& why, const std::string& hint) {
    diagnostics.error(publisher.options.where(need.option),
                      fmt::format("'{}' needs one schema for all events, {}", need.option, why),
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
  if (first != nullptr) static_cast<void>(schema_of(*first, need, diagnostics));
}

}  // namespace

void check_schemas(const BridgeConfig& config, Diagnostics& diagnostics) {
  for (const PublisherConfig& publisher : config.publishers)
    if (const SchemaNeed need = need_of(publisher); !need.option.empty())
      check_schema(config, publisher, need, diagnostics);
}

EventSchema event_schema_for(const BridgeConfig& config, const PublisherConfig& publisher) {
  EventSchema schema;
  const SchemaNeed need = need_of(publisher);
  if (need.option.empty()) return schema;
  for_each_route(config, publisher.name, [&](const RouteConfig& route) {
    Diagnostics known;
    if (schema.text.empty() && !route.mappings.empty())
      schema = schema_of(*route.mappings.front(), need, known);
  });
  return schema;
}

}  // namespace copybridge::bridge
