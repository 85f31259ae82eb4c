// The combinations.
#include "bridge/claim_check.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace copybridge::bridge {
namespace {

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

bool leads_to(const RouteConfig& route, const std::string& publisher) {
  return std::ranges::find(route.to, publisher) != route.to.end();
}

struct Mistake {
  std::string message;
  std::string hint = {};
};

/// What is wrong with the publisher that is to keep bodies; no message: nothing.
Mistake mistake_of_store(const BridgeConfig& config, const PublisherConfig& publisher,
                         const ConfigNode& publishers) {
  const std::string& name = publisher.claim_check;
  if (publishers.find(name) == nullptr) {
    std::vector<std::string_view> known;
    for (const ConfigMember& member : publishers.members) known.push_back(member.key);
    const std::string near = nearest(name, known);
    return {"there is no publisher " + in_quotes(name),
            near.empty() ? "" : "did you mean " + in_quotes(near) + "?"};
  }
  const auto is_routed = [&](const RouteConfig& route) { return leads_to(route, name); };
  if (name == config.dead_letters || std::ranges::any_of(config.routes, is_routed)) {
    return {in_quotes(name) + " gets events or dead letters itself",
            "a claim_check needs a publisher of its own"};
  }
  const auto store = std::ranges::find(config.publishers, name, &PublisherConfig::name);
  if (store == config.publishers.end()) return {};  // Reported itself.
  if (!store->kind->can_keep_bodies) {
    return {in_quotes(store->kind->kind) + " keeps no bodies of events",
            "name a publisher of kind aws-s3, azure-blob, gcp-storage or file"};
  }
  if (!store->claim_check.empty()) {
    return {in_quotes(name) + " keeps bodies for others, and has a claim_check itself"};
  }
  return {};
}

/// What is wrong with the publisher whose bodies are to be kept.
Mistake mistake_of_owner(const BridgeConfig& config, const PublisherConfig& publisher) {
  if (publisher.name == config.dead_letters) {
    return {
        "dead letters have no claim_check: one that is too large is kept in the state directory"};
  }
  const auto has_records = [&](const RouteConfig& route) {
    return route.encoding != nullptr && leads_to(route, publisher.name);
  };
  if (std::ranges::any_of(config.routes, has_records)) {
    return {in_quotes(publisher.name) +
            " gets records of a route with 'encode: yes', in which "
            "there is no place for the name of another"};
  }
  if (!publisher.has_size_limit) {
    return {in_quotes(publisher.name) + " takes events of any size: nothing would be kept",
            "set 'event_bytes_max' where the kind has it"};
  }
  return {};
}

}  // namespace

std::string claim_check_of(const ConfigNode& publisher) {
  const ConfigNode* const name = publisher.find("claim_check");
  return name == nullptr ? std::string() : name->scalar;
}

std::set<std::string> body_stores(const ConfigNode& publishers) {
  std::set<std::string> names;
  for (const ConfigMember& member : publishers.members) {
    if (std::string name = claim_check_of(member.value); !name.empty()) names.insert(name);
  }
  return names;
}

void check_claim_checks(const BridgeConfig& config, const ConfigNode& publishers,
                        Diagnostics& diagnostics) {
  for (const ConfigMember& member : publishers.members) {
    const ConfigNode* const named = member.value.find("claim_check");
    if (named == nullptr) continue;
    if (named->scalar.empty()) {
      diagnostics.error(named->where, "'claim_check' is the name of a publisher");
      continue;
    }
    const auto publisher = std::ranges::find(config.publishers, member.key, &PublisherConfig::name);
    // Reported itself, or by what it keeps bodies for.
    if (publisher == config.publishers.end() || publisher->keeps_bodies) continue;
    Mistake mistake = mistake_of_store(config, *publisher, publishers);
    if (mistake.message.empty()) mistake = mistake_of_owner(config, *publisher);
    if (!mistake.message.empty()) diagnostics.error(named->where, mistake.message, mistake.hint);
  }
}

}  // namespace copybridge::bridge
