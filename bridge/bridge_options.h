// The option tables of a bridge file's own sections: they read it, and the reference is made of
// them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bridge/core/options.h"
#include "bridge/trace_context.h"
#include "codecs/encode/encode.h"

namespace copybridge::bridge {

/// The keys at the top of the file.
[[nodiscard]] std::span<const OptionSpec> top_options();
[[nodiscard]] std::span<const OptionSpec> log_options();
[[nodiscard]] std::span<const OptionSpec> delivery_options();
/// The keys that every adapter, and every publisher, can have beside those of its kind's table.
[[nodiscard]] std::vector<std::string_view> adapter_keys();
[[nodiscard]] std::vector<std::string_view> publisher_keys();
/// The keys of one entry of `routes:`.
[[nodiscard]] std::span<const OptionSpec> route_options();
/// Those of a route's `reply:`.
[[nodiscard]] std::span<const OptionSpec> reply_options();

/// What a route says of the traces that records come with.
[[nodiscard]] TraceRule trace_rule_of(const Options& route);

/// What a route with `encode: yes` says of the records that it writes.
[[nodiscard]] encode::EncodeOptions read_encode_options(const Options& route);

/// All tables by the names that the reference gives them.
struct OptionSection {
  std::string_view name;
  std::span<const OptionSpec> options;
};
[[nodiscard]] std::span<const OptionSection> bridge_sections();

}  // namespace copybridge::bridge
