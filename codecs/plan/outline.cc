// The walk of the plan compiler, with names in place of operations.
#include "codecs/plan/outline.h"

#include <algorithm>

#include "codecs/plan/names.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;

namespace {

class Outliner {
 public:
  Outliner(const copybook::Layout& layout, const PlanOptions& options,
           const std::vector<Alternative>& alternatives, const ItemRules& rules)
      : layout_(layout), options_(options), alternatives_(alternatives), rules_(rules) {}

  std::vector<OutlineNode> children_of(ItemIndex group, MemberNames& names) {
    std::vector<OutlineNode> nodes;
    for (const Cluster& cluster : clusters_of(layout_, group))
      nodes.push_back(cluster.size() == 1 ? node_of(cluster.front(), names)
                                          : choice_of(cluster, names));
    return nodes;
  }

  OutlineNode node_of(ItemIndex item, MemberNames& names) {
    const Item& entry = layout_.items[item];
    OutlineNode node;
    const bool has_children = is_object(entry, options_);
    node.kind = has_children ? OutlineNode::Kind::group : OutlineNode::Kind::elementary;
    node.item = item;
    node.is_shown = rules_.shows[item];
    if (node.is_shown && !is_hoisted(item)) {
      node.has_member = true;
      node.name = name_of(item, names);
    }
    if (has_children) {
      MemberNames inner(options_.names);
      node.children = children_of(item, node.has_member ? inner : names);
    }
    add_conditions(node, names);
    return node;
  }

 private:
  [[nodiscard]] bool is_hoisted(ItemIndex item) const {
    const Item& entry = layout_.items[item];
    return entry.is_filler && entry.is_group() && !entry.is_table && !options_.keep_fillers &&
           (rules_.rule[item] == nullptr || !rules_.rule[item]->name);
  }

  std::string name_of(ItemIndex item, MemberNames& names) const {
    const FieldRule* rule = rules_.naming_rule(item);
    bool was_taken = false;
    if (rule != nullptr) return names.take(*rule->name, true, was_taken);
    if (rules_.filler_number[item] != 0)
      return names.take("FILLER-" + std::to_string(rules_.filler_number[item]), false, was_taken);
    return names.take(layout_.items[item].name, false, was_taken);
  }

  void add_conditions(OutlineNode& node, MemberNames& names) const {
    const Item& entry = layout_.items[node.item];
    if (!rules_.shows_conditions[node.item] || (entry.is_table && !is_object(entry, options_)))
      return;
    for (std::size_t i = 0; i < entry.conditions.size(); ++i) {
      bool was_taken = false;
      node.conditions.push_back({names.take(entry.conditions[i].name, false, was_taken), i});
    }
  }

  OutlineNode choice_of(const Cluster& cluster, MemberNames& names) {
    OutlineNode choice;
    choice.kind = OutlineNode::Kind::choice;
    choice.item = cluster.front();
    choice.unlisted = cluster;
    for (const Alternative& alternative : alternatives_) {
      if (std::find(cluster.begin(), cluster.end(), alternative.item) == cluster.end()) continue;
      choice.is_conditional = true;
      // Only one alternative is printed: names of the others do not collide with its own.
      const std::size_t mark = names.mark();
      choice.children.push_back(node_of(alternative.item, names));
      names.rewind(mark);
      choice.children.back().alternative = &alternative;
      std::erase(choice.unlisted, alternative.item);
    }
    if (!choice.is_conditional) {
      choice.unlisted.clear();
      for (const ItemIndex item : cluster) choice.children.push_back(node_of(item, names));
    }
    choice.is_shown = std::any_of(
        choice.children.begin(), choice.children.end(),
        [&](const OutlineNode& arm) { return arm.is_shown || rules_.shows_conditions[arm.item]; });
    return choice;
  }

  const copybook::Layout& layout_;
  const PlanOptions& options_;
  const std::vector<Alternative>& alternatives_;
  const ItemRules& rules_;
};

}  // namespace

Outline make_outline(const copybook::Layout& layout, const PlanOptions& options,
                     const std::vector<Alternative>& alternatives, Diagnostics& diagnostics) {
  Outline outline;
  outline.rules = make_item_rules(layout, options, diagnostics);
  Outliner outliner(layout, options, alternatives, outline.rules);
  MemberNames names(options.names);
  if (layout.items.front().is_group()) {
    outline.members = outliner.children_of(0, names);
    for (ItemIndex item = 0; item < layout.items.size(); ++item)
      if (layout.items[item].level_number == copybook::kRenamesLevel &&
          (outline.rules.shows[item] || outline.rules.shows_conditions[item]))
        outline.members.push_back(outliner.node_of(item, names));
  } else {
    outline.members.push_back(outliner.node_of(0, names));
  }
  return outline;
}

}  // namespace copybridge::plan
