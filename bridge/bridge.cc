// From a bridge file to running pipelines.
#include "bridge/bridge.h"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "bridge/event_schema.h"
#include "bridge/exactly_once.h"
#include "bridge/proven_endpoints.h"

namespace copybridge::bridge {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

/// Of one of several instances; '#' is in no name of a bridge file.
std::string instance_name(const std::string& name, std::size_t instance) {
  return instance == 1 ? name : name + "#" + std::to_string(instance);
}

/// Every source has a publisher of its own: two of them must not write the same file or be the
/// same client of a broker.
std::string publisher_name(const BridgeConfig& config, const std::string& source,
                           const std::string& name, std::size_t instance) {
  const bool is_shared = std::ranges::any_of(config.routes, [&](const RouteConfig& route) {
    const bool is_used =
        name == config.dead_letters || std::ranges::find(route.to, name) != route.to.end();
    return route.from != source && is_used;
  });
  return instance_name(is_shared ? name + "-" + source : name, instance);
}

Result<std::unique_ptr<Delivery>> make_delivery(const BridgeConfig& config,
                                                const std::string& source, const std::string& name,
                                                std::size_t instance, const StateDirectory* state,
                                                const Clock& clock, Log& log) {
  const auto publisher = std::ranges::find(config.publishers, name, &PublisherConfig::name);
  Diagnostics diagnostics;
  // Names of bodies hold that of their store: the same ones for every source.
  const std::string own_name =
      publisher->keeps_bodies ? name : publisher_name(config, source, name, instance);
  const auto adapter = std::ranges::find(config.adapters, source, &AdapterConfig::name);
  auto made = publisher->kind->make({own_name, config.directory, log, clock, state,
                                     publisher->keeps_bodies, event_schema_for(config, *publisher),
                                     adapter != config.adapters.end() && gives_positions(*adapter)},
                                    publisher->options, diagnostics);
  if (made == nullptr) return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  return std::make_unique<Delivery>(name, std::move(made), config.retry, clock, log);
}

Result<void> add_destination(const BridgeConfig& config, const std::string& source,
                             const std::string& name, std::size_t instance,
                             const StateDirectory* state, const Clock& clock, Log& log,
                             std::vector<std::unique_ptr<Delivery>>& destinations) {
  auto delivery = make_delivery(config, source, name, instance, state, clock, log);
  if (!delivery) return pass_on(delivery);
  destinations.push_back(std::move(*delivery));
  Delivery& destination = *destinations.back();
  const auto publisher = std::ranges::find(config.publishers, name, &PublisherConfig::name);
  if (publisher->claim_check.empty()) return {};
  auto store = make_delivery(config, source, publisher->claim_check, instance, state, clock, log);
  if (!store) return pass_on(store);
  destination.keep_bodies_in(**store);
  destinations.push_back(std::move(*store));
  return {};
}

}  // namespace

Result<SourceRoutes> make_routes(const BridgeConfig& config, const std::string& source,
                                 const std::vector<std::string>& only, const StateDirectory* state,
                                 const Clock& clock, Log& log, std::size_t instance) {
  SourceRoutes made;
  std::map<std::string, std::uint32_t> indexes;
  for (const RouteConfig& configured : config.routes) {
    if (configured.from != source) continue;
    std::vector<std::string> names;
    Route route{.mappings = configured.mappings,
                .destinations = {},
                .destination_names = {},
                .ignore_unmatched = configured.ignore_unmatched,
                .encoding = configured.encoding,
                .blocks_keys = configured.blocks_keys,
                .trace = configured.trace};
    for (const std::string& name : configured.to) {
      if (!only.empty() && std::ranges::find(only, name) == only.end()) continue;
      if (!indexes.contains(name)) {
        indexes.emplace(name, static_cast<std::uint32_t>(made.destinations.size()));
        const Result<void> added =
            add_destination(config, source, name, instance, state, clock, log, made.destinations);
        if (!added) return pass_on(added);
      }
      names.push_back(name);
      route.destinations.push_back(indexes.at(name));
      if (route.blocks_keys) made.destinations[indexes.at(name)]->block_keys();
    }
    route.destination_names = joined(names);
    if (!route.destinations.empty()) made.routes.push_back(std::move(route));
  }
  return made;
}

PipelineSettings pipeline_settings(const BridgeConfig& config, const std::string& source,
                                   const RunSettings& settings) {
  PipelineSettings pipeline;
  pipeline.source = source;
  pipeline.event_source = config.event_source + "/" + source;
  pipeline.window_batches = config.window_batches;
  pipeline.decode_threads =
      config.decode_threads > 0 ? config.decode_threads : std::thread::hardware_concurrency();
  pipeline.bad_in_row_max = config.bad_records_max;
  pipeline.bad_percent_max = config.bad_records_percent;
  pipeline.drain_limit = config.drain_limit;
  pipeline.summary_interval = config.summary_interval;
  pipeline.until_idle = settings.until_idle;
  pipeline.give_up_after = settings.give_up_after;
  return pipeline;
}

Result<std::unique_ptr<Bridge>> Bridge::make(const BridgeConfig& config,
                                             const RunSettings& settings, const Clock& clock,
                                             Log& log) {
  Result<StateDirectory> state = StateDirectory::open(config.state);
  if (!state) return pass_on(state);
  std::unique_ptr<Bridge> bridge(new Bridge(config, std::move(*state), log));
  const Result<void> noted = bridge->note_mappings();
  if (!noted) return pass_on(noted);
  for (const AdapterConfig& adapter : config.adapters) {
    const bool is_routed =
        std::ranges::find(config.routes, adapter.name, &RouteConfig::from) != config.routes.end();
    if (!is_routed) continue;
    if (takes_calls(config, adapter.name)) {
      const Result<void> added = bridge->add_calls(adapter, settings, clock);
      if (!added) return pass_on(added);
      continue;
    }
    for (std::size_t instance = 1; instance <= adapter.instances; ++instance) {
      const Result<void> added = bridge->add_pipeline(adapter, instance, settings, clock);
      if (!added) return pass_on(added);
    }
  }
  return bridge;
}

/// Instances of a source have its name: events and dead letters are those of one source.
Result<void> Bridge::add_pipeline(const AdapterConfig& adapter, std::size_t instance,
                                  const RunSettings& settings, const Clock& clock) {
  Diagnostics diagnostics;
  const adapters::AdapterContext context{adapter.name, config_.directory, &state_, log_, clock};
  auto source = adapter.kind->make(context, adapter.options, diagnostics);
  if (source == nullptr) return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  if (adapter.spool) {
    spool::SpoolSettings spool = *adapter.spool;
    spool.memory = &memory_;
    source = spool::make_spooled(context, spool, std::move(source));
  } else if (auto is_empty = spool::check_no_spool(context); !is_empty) {
    return is_empty;
  }
  Result<SourceRoutes> routes =
      make_routes(config_, adapter.name, {}, &state_, clock, log_, instance);
  if (!routes) return pass_on(routes);
  PipelineSettings own = pipeline_settings(config_, adapter.name, settings);
  if (!config_.dead_letters.empty()) {
    auto letters =
        make_delivery(config_, adapter.name, config_.dead_letters, instance, &state_, clock, log_);
    if (!letters) return pass_on(letters);
    routes->destinations.push_back(std::move(*letters));
    own.has_letter_publisher = true;
  }
  if (auto remembered = remember_proofs(adapter.name, routes->destinations); !remembered) {
    return remembered;
  }
  Result<Database> database = state_.open_database();
  if (!database) return pass_on(database);
  Result<DeadLetterStore> dead_letters = DeadLetterStore::open(std::move(*database));
  if (!dead_letters) return pass_on(dead_letters);
  own.memory = &memory_;
  own.run_marker = state_.path() / ("run-" + instance_name(adapter.name, instance));
  pipelines_.push_back(std::make_unique<Pipeline>(
      std::move(own), std::move(source), std::move(routes->routes), std::move(routes->destinations),
      std::move(*dead_letters), clock, log_));
  return {};
}

Result<void> Bridge::remember_proofs(const std::string& source,
                                     const std::vector<std::unique_ptr<Delivery>>& destinations) {
  Result<Database> database = state_.open_database();
  if (!database) return pass_on(database);
  Result<ProvenEndpoints> opened = ProvenEndpoints::open(std::move(*database));
  if (!opened) return pass_on(opened);
  const auto known = std::make_shared<ProvenEndpoints>(std::move(*opened));
  for (const auto& destination : destinations) {
    const auto publisher =
        std::ranges::find(config_.publishers, destination->name(), &PublisherConfig::name);
    Result<void> done = remember_proof(known, source, publisher->digest, *destination);
    if (!done) return done;
  }
  return {};
}

// A changed mapping gives records that were under way another body under the same id; whoever
// compares bodies must be told.
Result<void> Bridge::note_mappings() {
  Result<Database> database = state_.open_database();
  if (!database) return pass_on(database);
  Result<void> made = database->execute(
      "CREATE TABLE IF NOT EXISTS mappings (source TEXT NOT NULL, mapping TEXT NOT NULL,"
      " hash TEXT NOT NULL, PRIMARY KEY (source, mapping))");
  if (!made) return made;
  Result<Statement> query =
      database->prepare("SELECT hash FROM mappings WHERE source = ? AND mapping = ?");
  Result<Statement> insert = database->prepare("INSERT OR REPLACE INTO mappings VALUES (?, ?, ?)");
  if (!query) return pass_on(query);
  if (!insert) return pass_on(insert);
  for (const RouteConfig& route : config_.routes) {
    for (const auto& mapping : route.mappings) {
      const std::string hash = mapping->mapping_hash + mapping->copybook_hash;
      query->bind(1, route.from);
      query->bind(2, mapping->name);
      const Result<bool> known = query->step();
      if (!known) return pass_on(known);
      if (*known && query->text(0) != hash) log_mapping_changed(log_, route.from, mapping->name);
      query->reset();
      insert->bind(1, route.from);
      insert->bind(2, mapping->name);
      insert->bind(3, hash);
      Result<void> inserted = insert->run();
      if (!inserted) return inserted;
    }
  }
  return {};
}

int Bridge::run(std::string_view version) {
  std::vector<std::string> sources;
  std::vector<std::string> endpoints;
  for (const AdapterConfig& adapter : config_.adapters) sources.push_back(adapter.name);
  for (const PublisherConfig& publisher : config_.publishers) endpoints.push_back(publisher.name);
  log_started(log_, version, config_.digest, joined(sources), joined(endpoints));
  std::vector<std::thread> threads;
  std::atomic<int> worst{0};
  const auto run_all = [&](const auto& runners) {
    for (const auto& runner : runners) {
      threads.emplace_back([&worst, &runner] {
        const int code = runner->run();
        int seen = worst;
        while (code > seen && !worst.compare_exchange_weak(seen, code)) {
        }
      });
    }
  };
  run_all(pipelines_);
  run_all(call_services_);
  for (std::thread& thread : threads) thread.join();
  return worst;
}

void Bridge::stop() {
  log_stopping(log_, "signal", config_.drain_limit.count());
  for (const auto& pipeline : pipelines_) pipeline->stop();
  for (const auto& service : call_services_) service->stop();
}

}  // namespace copybridge::bridge
