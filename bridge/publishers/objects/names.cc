// Placeholders.
#include "bridge/publishers/objects/names.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace copybridge::publishers::objects {
namespace {

constexpr std::size_t kPatternMax = 512;

std::optional<std::string> value_of(std::string_view word, std::string_view name, WallTime time,
                                    std::uint64_t sequence) {
  const auto at = fmt::gmtime(std::chrono::system_clock::to_time_t(time));
  if (word == "name") return std::string(name);
  if (word == "date") return fmt::format("{:%Y%m%d}", at);
  if (word == "time") return fmt::format("{:%H%M%S}", at);
  if (word == "year") return fmt::format("{:%Y}", at);
  if (word == "month") return fmt::format("{:%m}", at);
  if (word == "day") return fmt::format("{:%d}", at);
  if (word == "hour") return fmt::format("{:%H}", at);
  if (word == "sequence") return fmt::format("{:08}", sequence);
  return std::nullopt;
}

/// Nothing where a placeholder is unknown; `unknown` is it then.
std::optional<std::string> expanded(std::string_view pattern, std::string_view name, WallTime time,
                                    std::uint64_t sequence, std::string& unknown) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    text += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t close = std::min(pattern.find('}'), pattern.size());
    const std::string_view word = pattern.substr(1, std::max<std::size_t>(close, 1) - 1);
    const std::optional<std::string> value = value_of(word, name, time, sequence);
    if (!value) {
      unknown = word;
      return std::nullopt;
    }
    text += *value;
    pattern.remove_prefix(std::min(close + 1, pattern.size()));
  }
  return text;
}

}  // namespace

bool is_plain_path(std::string_view path) {
  const bool has_control = std::ranges::any_of(
      path, [](char letter) { return static_cast<unsigned char>(letter) < ' ' || letter == '\\'; });
  if (has_control || path.empty()) return false;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(end);
    if (path == "/") return false;
    if (!path.empty()) path.remove_prefix(1);
  }
  return true;
}

Result<ObjectNames> ObjectNames::parse(std::string pattern, std::string name,
                                       std::string_view extension) {
  if (pattern.find("{sequence}") == std::string::npos) {
    return fail(ErrorKind::config, "the pattern has no {sequence}, which keeps objects apart");
  }
  if (pattern.size() > kPatternMax) {
    return fail(ErrorKind::config, fmt::format("the pattern is longer than {}", kPatternMax));
  }
  ObjectNames names;
  std::ranges::replace(name, '/', '_');
  names.name_ = std::move(name);
  names.pattern_ = std::move(pattern.append(extension));
  std::string unknown;
  const auto example = expanded(names.pattern_, names.name_, WallTime{}, 1, unknown);
  if (!example) return fail(ErrorKind::config, "{" + unknown + "} is no placeholder");
  if (!is_plain_path(*example)) {
    return fail(ErrorKind::config,
                "the pattern has an empty part, '.', '..', a backslash or a control character");
  }
  return names;
}

std::string ObjectNames::expand(WallTime time, std::uint64_t sequence) const {
  std::string unknown;
  return expanded(pattern_, name_, time, sequence, unknown).value_or(std::string());
}

}  // namespace copybridge::publishers::objects
