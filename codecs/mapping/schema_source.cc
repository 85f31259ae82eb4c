// A hierarchy's arrays, one within the other.
#include "codecs/mapping/schema_source.h"

namespace copybridge::mapping {
namespace {

/// Adds what belongs to records of a type of a hierarchy.
void add_children(const Hierarchy& hierarchy, std::uint32_t type, schema::Source& source) {
  const std::vector<SegmentType>& types = hierarchy.types();
  for (const std::uint32_t child : types[type].children) {
    const SegmentType& rules = types[child];
    if (rules.plan == nullptr) continue;
    source.children.push_back(
        {rules.array, {*rules.layout, rules.options, rules.alternatives, {}, {}}});
    add_children(hierarchy, child, source.children.back().source);
  }
}

}  // namespace

schema::Source schema_source(const copybook::Layout& layout, const plan::PlanOptions& options,
                             const std::vector<plan::Alternative>& alternatives,
                             const Hierarchy* hierarchy) {
  schema::Source source{layout, options, alternatives, {}, {}};
  if (hierarchy == nullptr) return source;
  add_children(*hierarchy, 0, source);
  if (hierarchy->keeps_order()) source.order_member = kOrderMember;
  return source;
}

}  // namespace copybridge::mapping
