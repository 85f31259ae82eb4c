// Names under which bodies of events are kept (claim check).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/core/diagnostics.h"
#include "bridge/core/options.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// `{name}/{id}.json`: {name} is the publisher, {id} 64 hexadecimal digits made of the event's
/// source, id and body. The same event has the same name whenever it comes again; with another body
/// it has another.
class BodyNames {
 public:
  /// ErrorKind::config: an unknown placeholder, no {id}.
  [[nodiscard]] static Result<BodyNames> parse(std::string pattern, std::string name);
  [[nodiscard]] std::string expand(const Event& event) const;

 private:
  [[nodiscard]] std::string with(std::string_view id) const;

  std::string pattern_;
  std::string name_;
};

/// Options of a kind that say nothing where it keeps bodies are mistakes.
void refuse_options_beside_bodies(const Options& options, std::span<const std::string_view> names,
                                  Diagnostics& diagnostics);

}  // namespace copybridge::publishers
