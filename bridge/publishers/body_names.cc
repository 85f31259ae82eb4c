// Placeholders, and what tells one body from another.
#include "bridge/publishers/body_names.h"

#include <algorithm>
#include <utility>

#include "bridge/core/digest.h"

namespace copybridge::publishers {
namespace {

constexpr std::string_view kName = "{name}";
constexpr std::string_view kId = "{id}";
constexpr std::size_t kPatternMax = 512;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

}  // namespace

Result<BodyNames> BodyNames::parse(std::string pattern, std::string name) {
  if (pattern.find(kId) == std::string::npos) {
    return fail(ErrorKind::config, "has no {id}, which keeps bodies of events apart");
  }
  if (pattern.size() > kPatternMax) {
    return fail(ErrorKind::config, "is longer than " + std::to_string(kPatternMax));
  }
  std::string rest = pattern;
  replace_all(rest, kId, "");
  replace_all(rest, kName, "");
  if (rest.find_first_of("{}") != std::string::npos) {
    return fail(ErrorKind::config,
                "can hold {name} and {id} where the publisher keeps bodies for a claim_check");
  }
  BodyNames names;
  names.pattern_ = std::move(pattern);
  names.name_ = std::move(name);
  std::ranges::replace(names.name_, '/', '_');
  return names;
}

std::string BodyNames::with(std::string_view id) const {
  std::string text = pattern_;
  replace_all(text, kId, id);
  replace_all(text, kName, name_);
  return text;
}

std::string BodyNames::expand(const Event& event) const {
  std::string identity(event.source);
  identity.append("\n").append(event.id).append("\n").append(sha256(event.body));
  return with(hex(sha256(identity)));
}

void refuse_options_beside_bodies(const Options& options, std::span<const std::string_view> names,
                                  Diagnostics& diagnostics) {
  for (const std::string_view name : names) {
    if (!options.is_given(name)) continue;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) +
                          "' says nothing where the publisher keeps bodies for a claim_check");
  }
}

}  // namespace copybridge::publishers
