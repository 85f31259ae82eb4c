// Selection, FILLERs, rules by item, and sizes of what may be missing.
#include "codecs/plan/item_rules.h"

#include <algorithm>

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

namespace {

void index_rules(const Layout& layout, const PlanOptions& options, ItemRules& rules,
                 Diagnostics& diagnostics) {
  for (const FieldRule& rule : options.rules) {
    if (rule.item >= layout.items.size()) continue;
    if (rules.rule[rule.item] != nullptr)
      diagnostics.error(rule.where, "field " + layout.items[rule.item].name + " has two rules");
    rules.rule[rule.item] = &rule;
    if (options.keep_raw && (rule.drop || rule.mask))
      diagnostics.error(rule.where, "field " + layout.items[rule.item].name +
                                        " is masked or dropped, but keep-raw shows its bytes");
    if (layout.items[rule.item].is_group() &&
        (rule.as_text || rule.mask || rule.date || !rule.empty.empty() || rule.on_bad_field ||
         rule.code_page != nullptr))
      diagnostics.error(rule.where, "field " + layout.items[rule.item].name + " is a group",
                        "groups can only be renamed or dropped");
  }
}

// Marks what is selected: the named items, all within them, and the groups around them.
std::vector<bool> select_items(const Layout& layout, const PlanOptions& options,
                               Diagnostics& diagnostics) {
  std::vector<bool> named(layout.items.size(), options.select.empty());
  for (const std::string& name : options.select) {
    std::size_t candidates = 0;
    const ItemIndex item = copybook::find_item(layout, name, &candidates);
    if (item != kNoItem) {
      named[item] = true;
    } else if (candidates > 1) {
      diagnostics.error({}, "select: " + name + " is the name of several items",
                        "qualify it: ITEM OF GROUP");
    } else {
      diagnostics.error({}, "select: there is no item " + name);
    }
  }
  for (ItemIndex item = 1; item < layout.items.size(); ++item) {
    const ItemIndex parent = layout.items[item].parent;
    if (parent != kNoItem && named[parent]) named[item] = true;
  }
  return named;
}

bool is_dropped(const ItemRules& rules, const Layout& layout, ItemIndex item) {
  for (; item != kNoItem; item = layout.items[item].parent)
    if (rules.rule[item] != nullptr && rules.rule[item]->drop) return true;
  return false;
}

void decide_what_shows(const Layout& layout, const PlanOptions& options, ItemRules& rules,
                       const std::vector<bool>& selected) {
  // Children come behind their parents, so that going backwards sees them first.
  for (auto item = static_cast<ItemIndex>(layout.items.size()); item-- > 0;) {
    const Item& entry = layout.items[item];
    if (is_dropped(rules, layout, item)) continue;
    if (selected[item] && options.conditions && !entry.conditions.empty())
      rules.shows_conditions[item] = true;
    if (!entry.is_group() && selected[item] && (!entry.is_filler || options.keep_fillers))
      rules.shows[item] = true;
    const bool has_something = rules.shows[item] || rules.shows_conditions[item];
    if (has_something && entry.parent != kNoItem) rules.shows[entry.parent] = true;
  }
}

}  // namespace

ItemRules make_item_rules(const Layout& layout, const PlanOptions& options,
                          Diagnostics& diagnostics) {
  const std::size_t count = layout.items.size();
  ItemRules rules;
  rules.rule.assign(count, nullptr);
  rules.shows.assign(count, false);
  rules.shows_conditions.assign(count, false);
  rules.filler_number.assign(count, 0);
  rules.is_counter.assign(count, false);
  unsigned fillers = 0;
  for (ItemIndex item = 0; item < count; ++item) {
    if (layout.items[item].is_filler && item != 0) rules.filler_number[item] = ++fillers;
    if (layout.items[item].depending_on != kNoItem)
      rules.is_counter[layout.items[item].depending_on] = true;
  }
  index_rules(layout, options, rules, diagnostics);
  decide_what_shows(layout, options, rules, select_items(layout, options, diagnostics));
  return rules;
}

std::vector<Cluster> clusters_of(const Layout& layout, ItemIndex group) {
  std::vector<Cluster> clusters;
  for (const ItemIndex child : layout.items[group].children) {
    const ItemIndex first = layout.items[child].redefines;
    const auto found =
        first == kNoItem
            ? clusters.end()
            : std::find_if(clusters.begin(), clusters.end(),
                           [&](const Cluster& cluster) { return cluster.front() == first; });
    if (found == clusters.end()) {
      clusters.push_back({child});
    } else {
      found->push_back(child);
    }
  }
  return clusters;
}

std::uint64_t most_size(const Item& item) { return std::uint64_t{item.size} * item.occurs_max; }

std::uint64_t least_element_size(const Layout& layout, ItemIndex item, const OdoRules& odo,
                                 bool ends_record) {
  const Item& entry = layout.items[item];
  if (!entry.is_group()) return entry.size;
  std::uint64_t end = 0;    // of the last cluster, relative to the group
  std::uint64_t lacks = 0;  // bytes tables before it may lack
  const std::vector<Cluster> clusters = clusters_of(layout, item);
  for (const Cluster& cluster : clusters) {
    const bool is_last = ends_record && &cluster == &clusters.back();
    const Item& first = layout.items[cluster.front()];
    std::uint64_t most = 0;
    std::uint64_t least = UINT64_MAX;
    for (const ItemIndex alternative : cluster) {
      most = std::max(most, most_size(layout.items[alternative]));
      least = std::min(least, least_size(layout, alternative, odo, is_last));
    }
    if (cluster.size() > 1 && !is_last) least = most;
    end = first.offset - entry.offset + most;
    lacks += most - least;
  }
  // Slack bytes at a group's end belong to it, unless the record may end before them.
  const std::uint64_t whole = ends_record ? end : std::max<std::uint64_t>(end, entry.size);
  return whole - lacks;
}

std::uint64_t least_size(const Layout& layout, ItemIndex item, const OdoRules& odo,
                         bool ends_record) {
  const Item& entry = layout.items[item];
  if (!entry.is_table) return least_element_size(layout, item, odo, ends_record);
  const bool is_moving = entry.depending_on != kNoItem && odo.storage == OdoStorage::moving;
  const std::uint32_t least = odo.range == OdoRange::from_zero ? 0 : entry.occurs_min;
  const std::uint64_t element = least_element_size(layout, item, odo, false);
  return element * (is_moving ? least : entry.occurs_max);
}

}  // namespace copybridge::plan
