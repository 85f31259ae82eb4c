// A bridge: one pipeline per source, each on its own thread, over one state directory.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/bridge_config.h"
#include "bridge/call_service.h"
#include "bridge/core/state.h"
#include "bridge/pipeline.h"

namespace copybridge::bridge {

struct RunSettings {
  bool until_idle = false;
  Milliseconds give_up_after{0};  ///< see PipelineSettings
};

/// Thread-safe: stop().
class Bridge {
 public:
  /// Makes every adapter, publisher and pipeline; nothing is opened but the state directory.
  /// ErrorKind::storage or config. `log` and `config` outlive the bridge.
  static Result<std::unique_ptr<Bridge>> make(const BridgeConfig& config,
                                              const RunSettings& settings, const Clock& clock,
                                              Log& log);

  /// Runs all pipelines until they end; returns the worst exit code.
  int run(std::string_view version);
  void stop();

 private:
  Bridge(const BridgeConfig& config, StateDirectory state, Log& log)
      : config_(config), state_(std::move(state)), memory_(config.memory_bytes_max), log_(log) {}

  Result<void> add_pipeline(const AdapterConfig& adapter, std::size_t instance,
                            const RunSettings& settings, const Clock& clock);
  Result<void> add_calls(const AdapterConfig& adapter, const RunSettings& settings,
                         const Clock& clock);
  Result<void> remember_proofs(const std::string& source,
                               const std::vector<std::unique_ptr<Delivery>>& destinations);
  Result<void> note_mappings();

  const BridgeConfig& config_;
  StateDirectory state_;
  MemoryBudget memory_;  ///< of all pipelines
  Log& log_;
  std::vector<std::unique_ptr<Pipeline>> pipelines_;
  std::vector<std::unique_ptr<CallService>> call_services_;
};

/// Routes and destinations of one source. `only` restricts them to these publishers where it is
/// not empty; a route without any is left out. `instance`: of the source, from 1.
/// Without `state` they cannot be opened where they keep something there.
struct SourceRoutes {
  std::vector<Route> routes;
  std::vector<std::unique_ptr<Delivery>> destinations;
};
[[nodiscard]] Result<SourceRoutes> make_routes(const BridgeConfig& config,
                                               const std::string& source,
                                               const std::vector<std::string>& only,
                                               const StateDirectory* state, const Clock& clock,
                                               Log& log, std::size_t instance = 1);

/// Whether the records of a source are calls.
[[nodiscard]] bool takes_calls(const BridgeConfig& config, const std::string& source);

/// What a pipeline of this bridge file is run with.
[[nodiscard]] PipelineSettings pipeline_settings(const BridgeConfig& config,
                                                 const std::string& source,
                                                 const RunSettings& settings);

}  // namespace copybridge::bridge
