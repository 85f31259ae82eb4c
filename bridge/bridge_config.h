// The bridge file: adapters, publishers and routes, checked against the registry before anything
// is read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/core/options.h"
#include "bridge/delivery.h"
#include "bridge/publishers/publisher.h"
#include "bridge/record_encoding.h"
#include "bridge/spool/spooled_adapter.h"
#include "bridge/trace_context.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::bridge {

struct AdapterConfig {
  std::string name;
  const adapters::AdapterKind* kind = nullptr;
  Options options;
  std::optional<spool::SpoolSettings> spool = {};  ///< null: the pipeline reads the source itself
  std::size_t instances = 1;                       ///< pipelines side by side
};

struct PublisherConfig {
  std::string name;
  const publishers::PublisherKind* kind = nullptr;
  Options options;
  std::string digest = {};  ///< of how it is configured, secrets as references
  /// The publisher that keeps bodies which are too large for this one; empty: they are dead
  /// letters.
  std::string claim_check = {};
  bool has_size_limit = true;  ///< of an event
  bool keeps_bodies = false;   ///< for others: it is in no route
};

/// How the replies of a route's requests are read (call_service.h).
struct ReplyConfig {
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;
  std::vector<std::shared_ptr<const mapping::Mapping>> errors;
  Milliseconds deadline{0};
};

struct RouteConfig {
  std::string from;
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;
  std::vector<std::string> to;
  bool ignore_unmatched = false;
  std::shared_ptr<RecordEncoding> encoding = nullptr;  ///< null: the route decodes
  bool blocks_keys = false;
  TraceRule trace = TraceRule::pass;
  std::optional<ReplyConfig> reply = {};  ///< of an adapter whose records are calls
};

/// A bridge file without mistakes.
struct BridgeConfig {
  std::filesystem::path directory;  ///< of the bridge file; relative paths start here
  std::filesystem::path state;
  std::string digest;  ///< of the bridge file, its mappings and copybooks, secrets unresolved
  std::string event_source;
  std::string dead_letters;  ///< the publisher of the dead letters; empty: they stay in `state`
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::json;
  Milliseconds summary_interval{60'000};
  std::size_t window_batches = 4;
  std::size_t memory_bytes_max = 256 << 20;
  std::size_t decode_threads = 0;  ///< 0: one per processor
  std::uint64_t bad_records_max = 100;
  std::uint64_t bad_records_percent = 5;
  Milliseconds drain_limit{10'000};
  RetryPolicy retry;
  std::vector<AdapterConfig> adapters;
  std::vector<PublisherConfig> publishers;
  std::vector<RouteConfig> routes;
};

/// Loads and checks a bridge file with every mapping and copybook it names. All mistakes are
/// reported with file:line:column; nothing where there are errors.
[[nodiscard]] std::optional<BridgeConfig> load_bridge(const std::filesystem::path& path,
                                                      Diagnostics& diagnostics);

}  // namespace copybridge::bridge
