// `match_source:` of a mapping file: which records are of a type by what their source says of them.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/source_attributes.h"

namespace copybridge::mapping {

/// Attributes that must all have one of their values. Without any, every record matches.
class SourceMatch {
 public:
  /// Reads a map of names to a value or a list of values. Mistakes are reported at their place.
  [[nodiscard]] static SourceMatch read(const ConfigNode& node, Diagnostics& diagnostics);

  /// An attribute that the source does not give has the value "".
  [[nodiscard]] bool holds(const SourceAttributes& source) const;

 private:
  struct Condition {
    std::string attribute;
    std::vector<std::string> values;
  };
  std::vector<Condition> conditions_;
};

}  // namespace copybridge::mapping
