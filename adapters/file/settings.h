// The file adapter's option table and the values it gives.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/file/trailer.h"
#include "bridge/core/options.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::file {

[[nodiscard]] std::span<const OptionSpec> file_options();
/// The rows of all sources of files, wherever they lie: what is read when, in which batches.
[[nodiscard]] std::span<const OptionSpec> arrival_options();

/// A file that cannot be read, moved or deleted is tried again after this.
inline constexpr Milliseconds kRetryAfter{10'000};

/// What happens to a file that is done with.
struct Disposal {
  enum class Kind : std::uint8_t { keep, remove, move, rename };
  Kind kind = Kind::keep;
  std::filesystem::path directory;  ///< of move; of rename, which only servers do, the suffix
};

enum class Order : std::uint8_t { name, mtime };

struct Settings {
  std::vector<std::string> patterns;  ///< for glob(3), absolute where the bridge file's folder is
  framing::FramingOptions framing;
  bool watch = true;
  bool follow = false;
  Disposal after;
  Disposal on_error;
  Milliseconds settle_time{0};
  Milliseconds rescan_interval{0};
  std::string trigger;  ///< suffix; empty: none
  Order order = Order::name;
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  std::size_t batches_in_flight_max = 0;
  bool end_event = false;
  std::shared_ptr<const TrailerCheck> trailer;  ///< null: none
};

/// What all sources of files share: arrival_options() and framing. Mistakes go to `diagnostics`.
[[nodiscard]] Settings read_arrival_settings(const AdapterContext& context, const Options& options,
                                             Diagnostics& diagnostics);
/// `keep`, `delete` where the option is not on_error, `move DIR` and, where `can_rename`,
/// `rename SUFFIX`.
[[nodiscard]] Disposal read_disposal(const Options& options, std::string_view name, bool can_rename,
                                     Diagnostics& diagnostics);

/// Reads the options; mistakes go to `diagnostics`, and the settings are then not to be used.
[[nodiscard]] Settings read_settings(const AdapterContext& context, const Options& options,
                                     Diagnostics& diagnostics);

}  // namespace copybridge::adapters::file
