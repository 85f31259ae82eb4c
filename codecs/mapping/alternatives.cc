// Choices between items that share storage.
#include "codecs/mapping/alternatives.h"

#include <algorithm>
#include <set>
#include <string>

#include "codecs/mapping/keys.h"

namespace copybridge::mapping {
namespace {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

/// The first of the items that share an item's storage; kNoItem where it shares it with none.
ItemIndex storage_of(const Layout& layout, ItemIndex item) {
  if (layout.items[item].redefines != kNoItem) return layout.items[item].redefines;
  const bool is_redefined =
      std::any_of(layout.items.begin(), layout.items.end(),
                  [item](const Item& other) { return other.redefines == item; });
  return is_redefined ? item : kNoItem;
}

/// The alternative that a name stands for: the item itself, or the unnamed group around it that
/// redefines.
ItemIndex alternative_of(const Layout& layout, ItemIndex item) {
  while (item != kNoItem && storage_of(layout, item) == kNoItem) {
    const ItemIndex parent = layout.items[item].parent;
    item = parent != kNoItem && layout.items[parent].is_filler ? parent : kNoItem;
  }
  return item;
}

ItemIndex find_alternative(const Options& options, const Context& context) {
  const Where where = options.where("item");
  const ItemIndex item = find_named_item(options.text("item"), where, context);
  if (item == kNoItem) return kNoItem;
  const ItemIndex alternative = alternative_of(*context.layout, item);
  if (alternative == kNoItem) {
    context.diagnostics.error(
        where, in_quotes(options.text("item")) + " neither redefines an item nor is redefined");
  }
  return alternative;
}

}  // namespace

condition::Condition compile_condition(const ConfigNode& node, const condition::Reading& reading,
                                       const Context& context) {
  if (node.scalar.find_first_not_of(" \t\r\n") == std::string::npos) {
    context.diagnostics.error(node.where, "the condition is empty");
    return {};
  }
  if (context.layout == nullptr || reading.code_page == nullptr) return {};
  // Columns count on over the lines of the YAML text, so the parser must see one line.
  std::string text = node.scalar;
  std::replace(text.begin(), text.end(), '\n', ' ');
  Diagnostics found;
  condition::Condition condition = condition::Condition::compile(
      text, SourceText::scalar_start(node), context.layout, reading, found);
  context.source.relocate(node, found, context.diagnostics);
  return condition;
}

std::vector<plan::Alternative> read_alternatives(const ConfigNode& redefines,
                                                 const condition::Reading& reading,
                                                 const Context& context) {
  std::vector<plan::Alternative> alternatives;
  std::set<ItemIndex> seen;
  for (const ConfigNode& node : redefines.items) {
    const std::size_t errors_before = context.diagnostics.error_count();
    const Options options = read_options(node, redefines_keys(), {}, context.diagnostics);
    plan::Alternative alternative;
    if (has_scalar(options, "item")) alternative.item = find_alternative(options, context);
    if (has_scalar(options, "when")) {
      alternative.condition = compile_condition(options.node("when"), reading, context);
    }
    if (alternative.item != kNoItem && !seen.insert(alternative.item).second) {
      context.diagnostics.error(options.where("item"),
                                in_quotes(options.text("item")) + " has a condition already",
                                "join them with OR");
    }
    if (context.diagnostics.error_count() == errors_before && context.layout != nullptr) {
      alternatives.push_back(std::move(alternative));
    }
  }
  return alternatives;
}

void warn_of_open_redefines(const std::vector<plan::Alternative>& alternatives,
                            const Context& context) {
  const Layout& layout = *context.layout;
  std::set<ItemIndex> settled;
  for (const plan::Alternative& alternative : alternatives) {
    settled.insert(storage_of(layout, alternative.item));
  }
  for (const Item& item : layout.items) {
    if (item.redefines == kNoItem || !settled.insert(item.redefines).second) continue;
    context.diagnostics.warning(
        item.where,
        in_quotes(item.name) + " redefines " + in_quotes(layout.items[item.redefines].name) +
            ", and the mapping does not say which to take: all are decoded, side by side",
        "name them under 'redefines'");
  }
}

}  // namespace copybridge::mapping
