// W3C Trace Context of a record: what its source says, or one of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace copybridge::bridge {

/// What becomes of the trace that a record came with: the route's `trace_context`.
enum class TraceRule : std::uint8_t {
  pass,   ///< passed on
  start,  ///< passed on; one is begun where there is none
  drop    ///< left out
};

struct CommonTrace;

/// The fields of the W3C recommendation, sound ones. Views of the attributes, but for a
/// `traceparent` of a later version, which is written anew.
struct TraceContext {
  std::string traceparent;      ///< empty: none
  std::string_view tracestate;  ///< empty: none

  using Pair = std::pair<std::string, std::string>;

  /// What a record's attributes say, its own before those of its batch: the first whose name ends
  /// with `traceparent` as a word of its own (`kafka-header-traceparent`), one of a CloudEvent
  /// before one of the message or request that it came in, and `tracestate` under the same prefix.
  /// What is malformed is as if it were not there.
  [[nodiscard]] static TraceContext of(std::span<const Pair> own, const CommonTrace& common);
  /// A trace that begins with an event, the same for the same event.
  [[nodiscard]] static TraceContext begun_by(std::string_view event_source, std::string_view id);
};

/// What the attributes of a batch say, for all of its records.
struct CommonTrace {
  TraceContext of_event;
  TraceContext of_message;

  [[nodiscard]] static CommonTrace of(std::span<const TraceContext::Pair> attributes);
};

/// A traceparent as version 00 has it; empty: it is malformed.
[[nodiscard]] std::string sound_traceparent(std::string_view text);
[[nodiscard]] bool is_sound_tracestate(std::string_view text);

}  // namespace copybridge::bridge
