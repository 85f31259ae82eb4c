// https://www.w3.org/TR/trace-context/, sections 3.2 and 3.3.
#include "bridge/trace_context.h"

#include <algorithm>
#include <array>
#include <vector>

#include "bridge/core/hash.h"

namespace copybridge::bridge {
namespace {

constexpr std::string_view kParent = "traceparent";
constexpr std::string_view kState = "tracestate";
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentDigits = 16;
/// Of version 00: `00-TRACE-PARENT-FLAGS`.
constexpr std::size_t kParentSize = 55;
constexpr std::size_t kStateMembersMax = 32;
constexpr std::size_t kStatePartMax = 256;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_small(char letter) { return letter >= 'a' && letter <= 'z'; }

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char letter) { return is_digit(letter) || (letter >= 'a' && letter <= 'f'); });
}

bool is_zeros(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

/// Of the members of a list: what stands around it does not count.
std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_sound_key(std::string_view key) {
  if (key.empty() || key.size() > kStatePartMax) return false;
  if (!is_small(key.front()) && !is_digit(key.front())) return false;
  const bool has_tenant = key.find('@') != std::string_view::npos;
  if (has_tenant && key.find('@') != key.rfind('@')) return false;
  return !key.ends_with('@') && std::ranges::all_of(key, [](char letter) {
    return is_small(letter) || is_digit(letter) ||
           std::string_view("_-*/@").find(letter) != std::string_view::npos;
  });
}

bool is_sound_value(std::string_view value) {
  return !value.empty() && value.size() <= kStatePartMax && value.back() != ' ' &&
         std::ranges::all_of(value, [](char letter) {
           return letter >= ' ' && letter <= '~' && letter != ',' && letter != '=';
         });
}

/// The part of an attribute's name before a word that ends it; false: it does not end so.
bool split_name(std::string_view name, std::string_view word, std::string_view& prefix) {
  if (!name.ends_with(word)) return false;
  prefix = name.substr(0, name.size() - word.size());
  return prefix.empty() || std::string_view("-_:.").find(prefix.back()) != std::string_view::npos;
}

bool is_of_cloud_event(std::string_view prefix) {
  return std::ranges::any_of(
      std::array<std::string_view, 4>{"ce-", "ce_", "cloudEvents:", "cloudEvents_"},
      [&](std::string_view end) { return prefix.ends_with(end); });
}

using Pairs = std::span<const TraceContext::Pair>;

std::string_view state_of(Pairs pairs, std::string_view parent_prefix) {
  std::string_view prefix;
  for (const auto& [name, value] : pairs) {
    if (split_name(name, kState, prefix) && prefix == parent_prefix)
      return is_sound_tracestate(value) ? std::string_view(value) : std::string_view();
  }
  return {};
}

TraceContext find(Pairs pairs, bool is_of_event) {
  TraceContext found;
  std::string_view prefix;
  for (const auto& [name, value] : pairs) {
    if (!split_name(name, kParent, prefix) || is_of_cloud_event(prefix) != is_of_event) continue;
    found.traceparent = sound_traceparent(value);
    if (found.traceparent.empty()) continue;
    found.tracestate = state_of(pairs, prefix);
    return found;
  }
  return found;
}

}  // namespace

std::string sound_traceparent(std::string_view text) {
  if (text.size() < kParentSize) return {};
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, kTraceDigits);
  const std::string_view parent = text.substr(36, kParentDigits);
  const std::string_view flags = text.substr(53, 2);
  const bool is_sound = text[2] == '-' && text[35] == '-' && text[52] == '-' && is_hex(version) &&
                        version != "ff" && is_hex(trace) && !is_zeros(trace) && is_hex(parent) &&
                        !is_zeros(parent) && is_hex(flags);
  if (!is_sound) return {};
  if (version == "00") return text.size() == kParentSize ? std::string(text) : std::string();
  if (text.size() > kParentSize && text[kParentSize] != '-') return {};
  // Of a later version only what version 00 knows: both ids, and whether it is sampled.
  const bool is_sampled = std::string_view("13579bdf").find(flags[1]) != std::string_view::npos;
  return "00" + std::string(text.substr(2, kParentSize - 4)) + (is_sampled ? "01" : "00");
}

bool is_sound_tracestate(std::string_view text) {
  std::vector<std::string_view> keys;
  std::size_t members = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view member = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (++members > kStateMembersMax) return false;
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = member.substr(0, equals);
    if (!is_sound_key(key) || !is_sound_value(member.substr(equals + 1))) return false;
    if (std::ranges::find(keys, key) != keys.end()) return false;
    keys.push_back(key);
  }
  return !keys.empty();
}

CommonTrace CommonTrace::of(Pairs attributes) {
  return {find(attributes, true), find(attributes, false)};
}

TraceContext TraceContext::of(Pairs own, const CommonTrace& common) {
  if (TraceContext found = find(own, true); !found.traceparent.empty()) return found;
  if (!common.of_event.traceparent.empty()) return common.of_event;
  if (TraceContext found = find(own, false); !found.traceparent.empty()) return found;
  return common.of_message;
}

TraceContext TraceContext::begun_by(std::string_view event_source, std::string_view id) {
  // An id alone is another bridge's, too.
  const std::string trace = hash_of(std::string(event_source) + '\n' + std::string(id));
  return {"00-" + trace + '-' + hash_of(trace).substr(0, kParentDigits) + "-01", {}};
}

}  // namespace copybridge::bridge
