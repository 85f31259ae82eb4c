// Attributes of the source and the values wanted of them.
#include "codecs/mapping/source_match.h"

#include <algorithm>

namespace copybridge::mapping {
namespace {

std::vector<std::string> values_of(const ConfigMember& member, Diagnostics& diagnostics) {
  const std::vector<ConfigNode> one = {member.value};
  const bool is_list = member.value.type == ConfigNode::Type::list;
  std::vector<std::string> values;
  for (const ConfigNode& value : is_list ? member.value.items : one) {
    if (value.type == ConfigNode::Type::scalar) {
      values.push_back(value.scalar);
    } else {
      diagnostics.error(value.where, "'" + member.key + "' must be a value or a list of values");
    }
  }
  return values;
}

}  // namespace

SourceMatch SourceMatch::read(const ConfigNode& node, Diagnostics& diagnostics) {
  SourceMatch match;
  for (const ConfigMember& member : node.members) {
    Condition condition{member.key, values_of(member, diagnostics)};
    if (member.value.type == ConfigNode::Type::list && member.value.items.empty())
      diagnostics.error(member.value.where, "'" + member.key + "' names no value");
    match.conditions_.push_back(std::move(condition));
  }
  return match;
}

bool SourceMatch::holds(const SourceAttributes& source) const {
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    return std::ranges::find(condition.values, source.find(condition.attribute)) !=
           condition.values.end();
  });
}

}  // namespace copybridge::mapping
