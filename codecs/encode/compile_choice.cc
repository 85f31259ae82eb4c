// Items that share storage.
#include <algorithm>

#include "codecs/encode/compiler.h"
#include "codecs/plan/alternatives.h"

namespace copybridge::encode {

using copybook::Item;
using copybook::ItemIndex;
using plan::OutlineNode;

void Compiler::compile_choice(const OutlineNode& node, const Scope& scope) {
  for (const ItemIndex item : node.unlisted) walk_hidden(item, scope);
  if (!node.is_shown || scope.object == nullptr) {
    Scope hidden = scope;
    hidden.object = nullptr;
    for (const OutlineNode& arm : node.children) compile_node(arm, hidden);
    return;
  }
  const auto id = static_cast<std::uint32_t>(program_.choices.size());
  Choice& choice = program_.choices.emplace_back();
  scope.block->choices.push_back(id);
  choice_of_[node.item] = id;
  choice.address = base_of(scope.layer) + layout_.items[node.item].offset;
  choice.first_arm = static_cast<std::uint32_t>(program_.arms.size());
  choice.arm_count = static_cast<std::uint32_t>(node.children.size());
  choice.is_conditional = node.is_conditional;
  choice.item = node.item;
  program_.arms.resize(program_.arms.size() + node.children.size());
  const std::uint64_t base = layer_next_;
  const std::uint64_t outer_high = layer_high_;
  std::uint64_t next = base;
  const std::size_t counters = program_.counters.size();
  if (!choice.is_conditional) choice.aside = base_of(next++) + layout_.items[node.item].offset;
  choice.ends_record = plan::ends_record(layout_, node.item);
  choice.may_be_cut = choice.ends_record && scope.within == kNone &&
                      program_.options.short_ends == EncodeOptions::ShortEnds::all;
  for (std::uint32_t i = 0; i < node.children.size(); ++i) {
    Arm& arm = program_.arms[choice.first_arm + i];
    const OutlineNode& child = node.children[i];
    arm.choice = id;
    arm.item = child.item;
    arm.is_variable = varies(child.item);
    arm.has_own_layer = child.item != node.item || arm.is_variable;
    Scope inner = scope;
    if (arm.has_own_layer) {
      inner.layer = next++;
      layered_.emplace_back(child.item, inner.layer);
    }
    layer_next_ = layer_high_ = next;
    compile_arm(child, choice.first_arm + i, inner);
    next = std::max(next, layer_high_);
    // Counters must stay where they are.
    if (i == 0 && program_.counters.size() > counters) choice.aside = 0;
    choice.size = std::max(choice.size, arm.size);
  }
  for (const ItemIndex item : node.unlisted)
    choice.size = std::max(choice.size, plan::most_size(layout_.items[item]));
  layer_next_ = base;
  layer_high_ = std::max(outer_high, next);
}

void Compiler::compile_arm(const OutlineNode& node, std::uint32_t id, const Scope& scope) {
  Arm& arm = program_.arms[id];
  const Item& entry = layout_.items[node.item];
  arm.parent = scope.arm;
  arm.outer = scope.within;
  arm.address = base_of(scope.layer) + entry.offset;
  arm.size = plan::most_size(entry);
  arm.size_min = plan::least_size(layout_, node.item, {options_.odo, options_.odo_range},
                                  plan::ends_record(layout_, node.item));
  arm.is_hidden = !node.is_shown && node.conditions.empty();
  arm.is_hoisted = node.is_shown && !node.has_member;
  arm.ends_record = may_end_with(node);
  arm.alternative = node.alternative;
  arm.object = scope.object;
  const auto first = static_cast<std::uint32_t>(scope.object->members.size());
  Scope inner = scope;
  inner.arm = inner.within = id;
  inner.block = &arm.block;
  compile_node(node, inner);
  for (std::uint32_t i = first; i < scope.object->members.size(); ++i) {
    const Member& member = scope.object->members[i];
    if (member.arm == id && member.kind != Member::Kind::condition) arm.members.push_back(i);
  }
  scope.object->arms.push_back(id);
  if (node.alternative == nullptr) add_checks(node, arm.checks);
}

bool Compiler::may_end_with(const OutlineNode& node) const {
  const auto ends = program_.options.short_ends;
  if (ends == EncodeOptions::ShortEnds::none) return false;
  const bool is_chosen = node.alternative != nullptr;
  if (!is_chosen && ends == EncodeOptions::ShortEnds::chosen) return false;
  return plan::ends_with(layout_, options_, node.item,
                         is_chosen ? &node.alternative->condition : nullptr);
}

// The fields whose values decoding prints, with the tables around them, and the choices within.
void Compiler::add_checks(const OutlineNode& node, std::vector<Check>& checks) const {
  if (node.kind == OutlineNode::Kind::choice) return add_choice_checks(node, checks);
  const auto field = by_item_.find(node.item);
  const auto table = tables_.find(node.item);
  std::vector<Check> body;
  if (field != by_item_.end() && node.has_member) body.push_back({.field = field->second});
  for (const OutlineNode& child : node.children) add_checks(child, body);
  if (table != tables_.end()) {
    checks.push_back({.table = table->second, .body = std::move(body)});
  } else {
    for (Check& check : body) checks.push_back(std::move(check));
  }
}

void Compiler::add_choice_checks(const OutlineNode& node, std::vector<Check>& checks) const {
  const auto found = choice_of_.find(node.item);
  if (found == choice_of_.end()) return;  // nothing of it is printed
  Check check{.choice = &program_.choices[found->second]};
  for (const OutlineNode& arm : node.children) add_checks(arm, check.arms.emplace_back());
  checks.push_back(std::move(check));
}

}  // namespace copybridge::encode
