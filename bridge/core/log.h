// The log: one line per event on stderr, JSON or readable text. Which events there are, and what
// they mean, is in log_events.h; nothing else writes to the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "bridge/core/clock.h"

namespace copybridge {

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { text, json };

/// One kind of line. WARN: nothing was lost, somebody may want to look. ERROR: an operator must
/// act. `action` is what the operator does.
struct LogEvent {
  std::string_view name;
  LogLevel level;
  std::string_view meaning;
  std::string_view action;
};

struct LogField {
  std::string_view name;
  std::variant<std::string, std::int64_t, double> value;
};

/// Thread-safe. Counts every event by name, also those below the level.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;

  /// A log on stderr.
  Log(LogLevel level, LogFormat format, const Clock& clock);
  /// A log into `sink`, called with whole lines without line end, one at a time.
  Log(LogLevel level, LogFormat format, const Clock& clock, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(const LogEvent& event, std::span<const LogField> fields);
  /// How often an event was written, or would have been at a lower level.
  [[nodiscard]] std::uint64_t count(std::string_view event) const;

 private:
  const LogLevel level_;
  const LogFormat format_;
  const Clock& clock_;
  Sink sink_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// Appends text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// Appends a member that is text to a JSON object that has begun and not ended.
void append_json_member(std::string& object, std::string_view name, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);
/// The size of json_string(text).
[[nodiscard]] std::size_t json_string_size(std::string_view text);

}  // namespace copybridge
