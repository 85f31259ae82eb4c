// A source behind a spool: what is read goes to the disk and is settled at the source at once; the
// pipeline reads from the disk. The pipeline does not know.
#pragma once

#include <memory>
#include <optional>

#include "adapters/adapter.h"
#include "bridge/core/memory_budget.h"

namespace copybridge::spool {

struct SpoolSettings {
  std::uint64_t bytes_max = 1ULL << 30U;
  MemoryBudget* memory = nullptr;  ///< outlives the adapter; null: no limit
};

/// The keys that every adapter's section may have for its spool.
[[nodiscard]] std::span<const OptionSpec> spool_options();

/// The spool of a source, from its section; nothing where it has none. A source that cannot hold
/// records has one in any case, and `spool: no` is a mistake there.
[[nodiscard]] std::optional<SpoolSettings> read_settings(const ConfigNode& section,
                                                         const adapters::AdapterKind& kind,
                                                         const Options& options,
                                                         Diagnostics& diagnostics);

/// Puts a spool in `state/spool-NAME` before a source. The source is read on threads of its own, as
/// long as there is room, also while the pipeline waits for an endpoint.
[[nodiscard]] std::unique_ptr<adapters::Adapter> make_spooled(
    const adapters::AdapterContext& context, const SpoolSettings& settings,
    std::unique_ptr<adapters::Adapter> source);

/// For a source that has no spool: an error where an earlier run left records in one.
[[nodiscard]] Result<void> check_no_spool(const adapters::AdapterContext& context);

}  // namespace copybridge::spool
