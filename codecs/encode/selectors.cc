// Items that decide which alternative there is and that no member shows: encoding writes what the
// condition of the alternative in the JSON demands of them.
#include <algorithm>

#include "codecs/condition/locate.h"
#include "codecs/encode/compiler.h"

namespace copybridge::encode {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;

namespace {

// One behind the last byte of an item, in all occurrences of tables that are around it alone.
std::uint64_t end_of(const copybook::Layout& layout, ItemIndex item, std::size_t shared_tables) {
  const std::vector<ItemIndex> tables = condition::tables_around(layout, item);
  std::uint64_t end = layout.items[item].offset + std::uint64_t{layout.items[item].size};
  for (std::size_t i = std::min(shared_tables, tables.size()); i < tables.size(); ++i) {
    const Item& table = layout.items[tables[i]];
    end += std::uint64_t{table.size} * (std::max(table.occurs_max, 1U) - 1);
  }
  return end;
}

bool is_prefix(const std::vector<ItemIndex>& front, const std::vector<ItemIndex>& whole) {
  return front.size() <= whole.size() && std::equal(front.begin(), front.end(), whole.begin());
}

}  // namespace

void Compiler::add_selectors() {
  for (Arm& arm : program_.arms)
    if (arm.alternative != nullptr) add_selectors(arm);
}

void Compiler::add_selectors(Arm& arm) {
  ImageMaker image(outline_.rules, program_, fields_);
  for (condition::FixedValue& value : condition::fixed_values(arm.alternative->condition)) {
    Selector selector;
    if (!find_selector(arm, value.item, selector)) continue;
    selector.bytes = image.bytes_of(value.item, value.value);
    if (selector.bytes.empty()) continue;
    selector.value = std::move(value);
    arm.selectors.push_back(std::move(selector));
  }
}

bool Compiler::find_selector(const Arm& arm, ItemIndex item, Selector& selector) const {
  const Item& entry = layout_.items[item];
  const Choice& choice = program_.choices[arm.choice];
  const std::vector<ItemIndex> tables = condition::tables_around(layout_, item);
  const std::vector<ItemIndex> around =
      condition::tables_around(layout_, layout_.items[choice.item].parent);
  if (entry.is_group() || outline_.rules.is_counter[item] || !is_prefix(tables, around) ||
      is_printed(arm, item, tables.size()))
    return false;
  selector.depth = static_cast<std::uint32_t>(tables.size());
  selector.arm = arm_around(item);
  std::uint64_t address = 0;  // of the layer that it lies in
  if (is_within(selector.arm, arm.choice)) {
    const bool may_move =
        arm.is_variable && (arm.moves.front().table != nullptr ||
                            entry.offset + std::uint64_t{entry.size} >
                                layout_.items[arm.item].offset + arm.moves.front().size);
    if (may_move) return false;
    selector.arm = arm.outer;
    address = choice.address;
  } else if (selector.arm != kNone) {
    std::uint32_t outer = arm.outer;
    while (outer != kNone && outer != selector.arm) outer = program_.arms[outer].outer;
    if (outer == kNone) return false;
    address = program_.arms[outer].address;
  }
  const std::uint64_t layer = address / std::max<std::uint64_t>(program_.layer_size, 1);
  selector.address = base_of(layer) + entry.offset;
  return true;
}

// Whether a member that may be given beside the alternative has bytes of the item.
bool Compiler::is_printed(const Arm& arm, ItemIndex item, std::size_t tables) const {
  const Item& entry = layout_.items[item];
  return std::any_of(by_item_.begin(), by_item_.end(), [&](const auto& shown) {
    const auto& [other, field] = shown;
    if (end_of(layout_, other, tables) <= entry.offset ||
        entry.offset + std::uint64_t{entry.size} <= layout_.items[other].offset)
      return false;
    return !excludes(arm, field->arm);
  });
}

// Whether an alternative, or one around it, is another one of the same choice as one of `other`.
bool Compiler::excludes(const Arm& arm, std::uint32_t other) const {
  for (; other != kNone; other = program_.arms[other].outer) {
    const Arm* around = &arm;
    while (around->choice != program_.arms[other].choice && around->outer != kNone)
      around = &program_.arms[around->outer];
    if (around->choice == program_.arms[other].choice && around != &program_.arms[other])
      return true;
  }
  return false;
}

std::uint32_t Compiler::arm_around(ItemIndex item) const {
  for (; item != kNoItem; item = layout_.items[item].parent)
    for (std::uint32_t id = 0; id < program_.arms.size(); ++id)
      if (program_.arms[id].item == item) return id;
  return kNone;
}

bool Compiler::is_within(std::uint32_t arm, std::uint32_t choice) const {
  while (arm != kNone && program_.arms[arm].choice != choice) arm = program_.arms[arm].outer;
  return arm != kNone;
}

}  // namespace copybridge::encode
