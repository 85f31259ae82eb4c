// From the routes of a bridge file to its calls.
#include <algorithm>
#include <map>
#include <memory>

#include "bridge/bridge.h"
#include "bridge/bridge_identity.h"

namespace copybridge::bridge {
namespace {

struct CallRoutes {
  std::vector<Route> routes;
  std::vector<ReplyRoute> replies;
  std::vector<std::unique_ptr<publishers::Exchange>> exchanges;
};

/// Routes to one publisher share its connections.
Result<CallRoutes> make_call_routes(const BridgeConfig& config, const std::string& source,
                                    const Clock& clock, Log& log) {
  CallRoutes made;
  std::map<std::string, std::uint32_t> indexes;
  for (const RouteConfig& configured : config.routes) {
    if (configured.from != source) continue;
    const std::string& name = configured.to.front();
    if (!indexes.contains(name)) {
      const auto publisher = std::ranges::find(config.publishers, name, &PublisherConfig::name);
      Diagnostics diagnostics;
      auto exchange = publisher->kind->make_exchange({name, config.directory, log, clock},
                                                     publisher->options, diagnostics);
      if (exchange == nullptr)
        return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
      indexes.emplace(name, static_cast<std::uint32_t>(made.exchanges.size()));
      made.exchanges.push_back(std::move(exchange));
    }
    made.routes.push_back({.mappings = configured.mappings,
                           .destinations = {},
                           .destination_names = name,
                           .ignore_unmatched = configured.ignore_unmatched,
                           .encoding = configured.encoding,
                           .blocks_keys = false,
                           .trace = configured.trace});
    made.replies.push_back({.errors = configured.reply->errors,
                            .mappings = configured.reply->mappings,
                            .deadline = configured.reply->deadline,
                            .exchange = indexes.at(name)});
  }
  return made;
}

}  // namespace

bool takes_calls(const BridgeConfig& config, const std::string& source) {
  return std::ranges::any_of(config.routes, [&](const RouteConfig& route) {
    return route.from == source && route.reply.has_value();
  });
}

Result<void> Bridge::add_calls(const AdapterConfig& adapter, const RunSettings& settings,
                               const Clock& clock) {
  Diagnostics diagnostics;
  auto source = adapter.kind->make_calls({adapter.name, config_.directory, &state_, log_, clock},
                                         adapter.options, diagnostics);
  if (source == nullptr) return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  Result<CallRoutes> made = make_call_routes(config_, adapter.name, clock, log_);
  if (!made) return pass_on(made);
  Result<std::string> identity = bridge_identity(state_);
  if (!identity) return pass_on(identity);
  Result<Database> database = state_.open_database();
  if (!database) return pass_on(database);
  Result<DeadLetterStore> dead_letters = DeadLetterStore::open(std::move(*database));
  if (!dead_letters) return pass_on(dead_letters);
  CallSettings own{.source = adapter.name,
                   .event_source = config_.event_source + "/" + adapter.name,
                   .identity = *identity + adapter.name,
                   .drain_limit = config_.drain_limit,
                   .summary_interval = config_.summary_interval,
                   .until_idle = settings.until_idle};
  call_services_.push_back(std::make_unique<CallService>(
      std::move(own), std::move(source), std::move(made->routes), std::move(made->replies),
      std::move(made->exchanges), std::move(*dead_letters), clock, log_));
  return {};
}

}  // namespace copybridge::bridge
