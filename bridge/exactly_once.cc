// The combinations.
#include "bridge/exactly_once.h"

#include <algorithm>
#include <set>
#include <string>

namespace copybridge::bridge {
namespace {

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

bool is_once(const PublisherConfig& publisher) {
  return publisher.kind->is_exactly_once != nullptr &&
         publisher.kind->is_exactly_once(publisher.options);
}

/// The publishers that the routes of a source lead to, but for names that are none.
std::vector<const PublisherConfig*> destinations_of(const BridgeConfig& config,
                                                    const std::string& source) {
  std::set<std::string> names;
  for (const RouteConfig& route : config.routes)
    if (route.from == source) names.insert(route.to.begin(), route.to.end());
  std::vector<const PublisherConfig*> found;
  for (const PublisherConfig& publisher : config.publishers)
    if (names.contains(publisher.name)) found.push_back(&publisher);
  return found;
}

/// A source that may send again what it had settled, as far as the publisher can know.
void check_source(const AdapterConfig& adapter, const PublisherConfig& publisher,
                  const ConfigNode& section, Diagnostics& diagnostics) {
  const std::string both =
      in_quotes(adapter.name) + " to " + in_quotes(publisher.name) + " is not exactly once: ";
  if (adapter.spool && adapter.kind->holds_records) {
    const ConfigNode* const spool = section.find("spool");
    diagnostics.error(spool == nullptr ? section.where : spool->where,
                      both + "what the source sends again comes through the spool again",
                      "leave 'spool' out, or the publisher's exactly once");
  }
  std::string reason;
  if (adapter.kind->why_not_once != nullptr) {
    reason = adapter.kind->why_not_once(adapter.options);
  } else if (adapter.kind->holds_records) {
    reason = in_quotes(adapter.kind->kind) + " may send again what it was told is settled";
  }
  if (!reason.empty()) diagnostics.error(section.where, both + reason);
}

void check_positions(const BridgeConfig& config, const AdapterConfig& adapter,
                     const std::vector<const PublisherConfig*>& destinations,
                     const ConfigNode& section, Diagnostics& diagnostics) {
  const ConfigNode* const option = section.find("commit");
  const Where where = option == nullptr ? section.where : option->where;
  const std::string start = in_quotes(adapter.name) + " leaves its position to the publisher";
  const bool is_stored = destinations.size() == 1 && is_once(*destinations.front()) &&
                         destinations.front()->kind->stores_positions;
  if (!is_stored) {
    diagnostics.error(where, start +
                                 ": its routes must lead to one publisher alone, kafka with a "
                                 "'transactional_id'");
  }
  if (adapter.spool) diagnostics.error(where, start + ", and cannot have a spool");
  const auto blocks = [&](const RouteConfig& route) {
    return route.from == adapter.name && route.blocks_keys;
  };
  if (std::ranges::none_of(config.routes, blocks)) return;
  diagnostics.error(where,
                    start + ", which cannot leave out the keys of 'on_dead_letter: block-key'");
}

/// What it remembers lies in one place, which one connection holds.
void check_sharing(const BridgeConfig& config, const AdapterConfig& adapter,
                   const PublisherConfig& publisher, const ConfigNode& section,
                   Diagnostics& diagnostics) {
  if (!publisher.kind->is_for_one_source) return;
  const auto leads_there = [&](const RouteConfig& route) {
    return std::ranges::find(route.to, publisher.name) != route.to.end();
  };
  const auto first = std::ranges::find_if(config.routes, leads_there);
  if (adapter.instances == 1 && first->from == adapter.name) return;
  diagnostics.error(
      section.where,
      in_quotes(publisher.name) + " is exactly once for one source, read by one instance, alone",
      "give each a publisher of its own");
}

}  // namespace

bool gives_positions(const AdapterConfig& adapter) {
  return adapter.kind->gives_positions != nullptr && adapter.kind->gives_positions(adapter.options);
}

void check_exactly_once(const BridgeConfig& config, const ConfigNode& adapters,
                        Diagnostics& diagnostics) {
  for (const AdapterConfig& adapter : config.adapters) {
    const ConfigNode* const section = adapters.find(adapter.name);
    const auto destinations = destinations_of(config, adapter.name);
    if (section == nullptr || destinations.empty()) continue;
    if (gives_positions(adapter)) {
      check_positions(config, adapter, destinations, *section, diagnostics);
      continue;
    }
    for (const PublisherConfig* const publisher : destinations) {
      if (!is_once(*publisher)) continue;
      check_source(adapter, *publisher, *section, diagnostics);
      check_sharing(config, adapter, *publisher, *section, diagnostics);
      const bool could = adapter.kind->gives_positions != nullptr && destinations.size() == 1 &&
                         publisher->kind->stores_positions;
      if (!could) continue;
      diagnostics.warning(section->where,
                          in_quotes(adapter.name) + " to " + in_quotes(publisher->name) +
                              " is exactly once only while one bridge alone reads for the group",
                          "'commit: transaction' of the adapter, where both are one cluster");
    }
  }
}

}  // namespace copybridge::bridge
