// Formatting of log lines; spdlog carries them to stderr.
#include "bridge/core/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace copybridge {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      return "ERROR";
  }
  return "ERROR";
}

Log::Sink stderr_sink() {
  auto logger = std::make_shared<spdlog::logger>("copybridge",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  return [logger](std::string_view line) {
    logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    logger->flush();
  };
}

/// Length of the UTF-8 sequence at the front of `text`, 0 where it is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : size;
}

/// Length of what starts `text` and stands for itself in a JSON string: printable ASCII but `"` and
/// the backslash. Eight at a time.
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x8080808080808080;
  constexpr std::uint64_t kSpaces = kOnes * 0x20;
  // Where no byte has its top bit set, a borrow never reaches the next one.
  const auto zeros_in = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kTops; };
  std::size_t length = 0;
  for (; length + sizeof(std::uint64_t) <= text.size(); length += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + length, sizeof(bytes));
    const std::uint64_t others =
        (bytes & kTops) | ((bytes - kSpaces) & kTops) | zeros_in(bytes ^ (kOnes * '"')) |
        zeros_in(bytes ^ (kOnes * '\\')) | zeros_in(bytes ^ (kOnes * 0x7F));
    if (others != 0) break;
  }
  while (length < text.size() && text[length] >= ' ' && text[length] <= '~' &&
         text[length] != '"' && text[length] != '\\') {
    ++length;
  }
  return length;
}

/// Whether a value can stand in a line of text without quotes: printable ASCII that starts and
/// ends nothing.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char character) {
    return character > ' ' && character <= '~' && character != '"' && character != '=' &&
           character != '\\';
  });
}

/// Whether the character at the front, of `length` bytes, is one that terminals act on: C0, DEL
/// or C1 (U+0080 to U+009F).
bool is_control(std::string_view text, std::size_t length) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length == 1) return lead < 0x20 || lead == 0x7F;
  return lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
}

void append_value(std::string& line, const LogField& field, LogFormat format) {
  if (const auto* text = std::get_if<std::string>(&field.value)) {
    const bool plain = format == LogFormat::text && is_plain(*text);
    plain ? void(line += *text) : append_json_string(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line += std::to_string(*number);
  } else {
    const double real = std::get<double>(field.value);
    line += std::isfinite(real) ? fmt::format("{}", real) : "null";
  }
}

std::string format_line(const LogEvent& event, std::span<const LogField> fields, LogFormat format,
                        const std::string& time) {
  if (format == LogFormat::text) {
    std::string line = fmt::format("{} {:5} {}", time, name_of(event.level), event.name);
    for (const LogField& field : fields) {
      line += fmt::format(" {}=", field.name);
      append_value(line, field, format);
    }
    return line;
  }
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", time,
                                 name_of(event.level), event.name);
  for (const LogField& field : fields) {
    line += fmt::format(R"(,"{}":)", field.name);
    append_value(line, field, format);
  }
  return line + "}";
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (text[0] == '"' || text[0] == '\\') {
      out += '\\';
      out += text[0];
    } else if (is_control(text, length)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[length - 1]));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::size_t json_string_size(std::string_view text) {
  constexpr std::size_t kQuotes = 2;
  return plain_length(text) == text.size() ? text.size() + kQuotes : json_string(text).size();
}

void append_json_member(std::string& object, std::string_view name, std::string_view text) {
  if (object.back() != '{') object += ',';
  append_json_string(object, name);
  object += ':';
  append_json_string(object, text);
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

Log::Log(LogLevel level, LogFormat format, const Clock& clock)
    : Log(level, format, clock, stderr_sink()) {}

Log::Log(LogLevel level, LogFormat format, const Clock& clock, Sink sink)
    : level_(level), format_(format), clock_(clock), sink_(std::move(sink)) {}

Log::~Log() = default;

void Log::write(const LogEvent& event, std::span<const LogField> fields) {
  const std::scoped_lock lock(mutex_);
  auto counter = counts_.find(event.name);
  if (counter == counts_.end()) counter = counts_.emplace(event.name, 0).first;
  ++counter->second;
  if (event.level < level_) return;
  sink_(format_line(event, fields, format_, to_rfc3339(clock_.wall_now())));
}

std::uint64_t Log::count(std::string_view event) const {
  const std::scoped_lock lock(mutex_);
  const auto counter = counts_.find(event);
  return counter == counts_.end() ? 0 : counter->second;
}

}  // namespace copybridge
