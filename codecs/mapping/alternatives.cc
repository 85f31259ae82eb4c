// Choices between items that share storage.
#include "codecs/mapping/alternatives.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "codecs/mapping/keys.h"
#include "codecs/plan/alternatives.h"

namespace copybridge::mapping {
namespace {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

/// The items that share storage and have choices, each by the first that has the storage.
std::set<ItemIndex> chosen_storages(const Layout& layout,
                                    const std::vector<plan::Alternative>& alternatives) {
  std::set<ItemIndex> storages;
  for (const plan::Alternative& alternative : alternatives) {
    storages.insert(plan::storage_of(layout, alternative.item));
  }
  return storages;
}

/// What is printed of a record's bytes, to find masked ones that show elsewhere.
class Printed {
 public:
  Printed(const Layout& layout, const std::vector<plan::FieldRule>& rules,
          const std::vector<plan::Alternative>& alternatives)
      : layout_(layout), chosen_(chosen_storages(layout, alternatives)) {
    for (const plan::FieldRule& rule : rules) {
      if (rule.drop || rule.mask) hidden_.insert(rule.item);
    }
  }

  /// An item that shows bytes of a masked one; kNoItem where none does.
  [[nodiscard]] ItemIndex shows(ItemIndex masked) const {
    if (any_around(masked, [&](ItemIndex item) { return is_chosen(item); })) return kNoItem;
    for (ItemIndex other = 1; other < layout_.items.size(); ++other) {
      // A level 66 obeys the rules of what it renames.
      if (layout_.items[other].level_number == copybook::kRenamesLevel) continue;
      if (other == masked || !overlap(layout_.items[masked], layout_.items[other])) continue;
      const bool is_hidden = any_around(
          other, [&](ItemIndex item) { return hidden_.contains(item) || is_chosen(item); });
      if (!is_hidden && !layout_.items[other].is_filler) return other;
    }
    return kNoItem;
  }

 private:
  static bool overlap(const Item& left, const Item& right) {
    return !right.is_group() && left.offset < right.offset + right.size &&
           right.offset < left.offset + left.size;
  }

  [[nodiscard]] bool is_chosen(ItemIndex item) const {
    return chosen_.contains(plan::storage_of(layout_, item));
  }

  /// Whether something holds for the item or a group around it.
  [[nodiscard]] bool any_around(ItemIndex item, const std::function<bool(ItemIndex)>& holds) const {
    for (; item != kNoItem; item = layout_.items[item].parent) {
      if (holds(item)) return true;
    }
    return false;
  }

  const Layout& layout_;
  std::set<ItemIndex> chosen_;
  std::set<ItemIndex> hidden_;
};

}  // namespace

ItemIndex find_alternative(std::string_view name, const Where& where, const Context& context) {
  const ItemIndex item = find_named_item(name, where, context);
  if (item == kNoItem) return kNoItem;
  const ItemIndex alternative = plan::alternative_of(*context.layout, item);
  if (alternative == kNoItem) {
    context.diagnostics.error(where,
                              in_quotes(name) + " neither redefines an item nor is redefined");
  }
  return alternative;
}

condition::Condition compile_condition(const ConfigNode& node, const condition::Reading& reading,
                                       const Context& context, ItemIndex scope) {
  if (node.scalar.find_first_not_of(" \t\r\n") == std::string::npos) {
    context.diagnostics.error(node.where, "the condition is empty");
    return {};
  }
  if (context.layout == nullptr || reading.code_page == nullptr) return {};
  // The parser counts columns, not lines: it must see one line.
  std::string text = node.scalar;
  std::replace(text.begin(), text.end(), '\n', ' ');
  Diagnostics found;
  condition::Condition condition = condition::Condition::compile(
      text, parsed_text_start(node), context.layout, reading, found, scope);
  report_findings_in(node, found, 0, context);
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
    if (has_scalar(options, "item"))
      alternative.item = find_alternative(options.text("item"), options.where("item"), context);
    if (has_scalar(options, "when")) {
      alternative.condition =
          compile_condition(options.node("when"), reading, context, alternative.item);
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

void warn_of_shown_masks(const std::vector<plan::FieldRule>& rules,
                         const std::vector<plan::Alternative>& alternatives,
                         const Context& context) {
  const Layout& layout = *context.layout;
  const Printed printed(layout, rules, alternatives);
  for (const plan::FieldRule& rule : rules) {
    const ItemIndex other = rule.mask ? printed.shows(rule.item) : kNoItem;
    if (other == kNoItem) continue;
    context.diagnostics.warning(rule.where,
                                in_quotes(layout.items[rule.item].name) + " is masked, but " +
                                    in_quotes(layout.items[other].name) + " shows the same bytes",
                                "mask or drop it too, or choose under 'redefines'");
  }
}

void warn_of_open_redefines(const std::vector<plan::Alternative>& alternatives,
                            const Context& context) {
  const Layout& layout = *context.layout;
  std::set<ItemIndex> settled = chosen_storages(layout, alternatives);
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
