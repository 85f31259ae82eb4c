// Selection, FILLERs, rules by item, and sizes of what may be missing.
#include "codecs/plan/item_rules.h"

#include <algorithm>

#include "codecs/plan/alternatives.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

namespace {

bool is_rename(const Item& item) { return item.level_number == copybook::kRenamesLevel; }

// Length and text of a VARCHAR are no members of their own.
void check_part(const Layout& layout, const PlanOptions& options, const FieldRule& rule,
                Diagnostics& diagnostics) {
  const ItemIndex group = layout.items[rule.item].parent;
  if (group == kNoItem || !is_varying_string(layout.items[group], options)) return;
  diagnostics.error(rule.where,
                    "field " + layout.items[rule.item].name + " is a part of the VARCHAR " +
                        layout.items[group].name + ", which is one text",
                    "give the rule to " + layout.items[group].name);
}

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
    check_part(layout, options, rule, diagnostics);
    if (is_rename(layout.items[rule.item]) && !options.renames)
      diagnostics.error(rule.where, "field " + layout.items[rule.item].name +
                                        " is a level 66, which only 'renames' prints");
    if (is_object(layout.items[rule.item], options) &&
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
    if (parent != kNoItem && named[parent] && !is_rename(layout.items[item])) named[item] = true;
  }
  return named;
}

bool is_dropped(const ItemRules& rules, const Layout& layout, ItemIndex item) {
  for (; item != kNoItem; item = layout.items[item].parent)
    if (rules.rule[item] != nullptr && rules.rule[item]->drop) return true;
  return false;
}

// A table of varying size that moves what is renamed within the storage that it shares: only the
// storage's own place is known when the record's members are all printed.
bool has_unknown_place(const Layout& layout, const PlanOptions& options, const Item& rename) {
  if (options.odo == OdoStorage::fixed) return false;
  const ItemIndex shared = shared_around(layout, rename.renames);
  for (ItemIndex item = shared; shared != kNoItem && item < rename.renames; ++item)
    if (layout.items[item].depending_on != kNoItem) return true;
  return false;
}

// The name of a masked or dropped item whose bytes are among those of another; empty: none.
std::string hidden_in(const Layout& layout, const PlanOptions& options, const Item& rename) {
  for (const FieldRule& rule : options.rules) {
    if (rule.item >= layout.items.size() || !(rule.mask || rule.drop)) continue;
    const Item& hidden = layout.items[rule.item];
    const std::uint64_t end = hidden.offset + most_size(hidden);
    if (hidden.offset < std::uint64_t{rename.offset} + rename.size && rename.offset < end)
      return hidden.name;
  }
  return {};
}

// Level 66 shows bytes that other items have: it obeys their rules.
void settle_renames(const Layout& layout, const PlanOptions& options, ItemRules& rules,
                    Diagnostics& diagnostics) {
  if (!options.renames) return;
  for (ItemIndex item = 0; item < layout.items.size(); ++item) {
    const Item& entry = layout.items[item];
    if (!is_rename(entry)) continue;
    const bool is_one = entry.renames == entry.renames_through;
    const bool is_elementary = is_one && !layout.items[entry.renames].is_group();
    const FieldRule*& rule = rules.rule[item];
    std::string reason;
    if (has_unknown_place(layout, options, entry))
      reason = "it is moved by a table within the storage that it shares";
    if (rule == nullptr && is_elementary) {
      rule = rules.rule[entry.renames];
    } else if (rule == nullptr || !(rule->mask || rule->drop)) {
      const std::string hidden = hidden_in(layout, options, entry);
      if (!hidden.empty()) reason = hidden + " is masked or dropped, and it has the same bytes";
    }
    if (reason.empty()) continue;
    diagnostics.warning(entry.where, "level 66 " + entry.name + " is not printed: " + reason);
    rules.is_withheld[item] = true;
  }
}

void decide_what_shows(const Layout& layout, const PlanOptions& options, ItemRules& rules,
                       const std::vector<bool>& selected) {
  // Children come behind their parents, so that going backwards sees them first.
  for (auto item = static_cast<ItemIndex>(layout.items.size()); item-- > 0;) {
    const Item& entry = layout.items[item];
    if (is_dropped(rules, layout, item)) continue;
    if (is_rename(entry) && (!options.renames || rules.is_withheld[item])) continue;
    if (selected[item] && options.conditions && !entry.conditions.empty())
      rules.shows_conditions[item] = true;
    if (!entry.is_group() && selected[item] && (!entry.is_filler || options.keep_fillers))
      rules.shows[item] = true;
    const bool has_something = rules.shows[item] || rules.shows_conditions[item];
    if (has_something && !is_rename(entry) && entry.parent != kNoItem)
      rules.shows[entry.parent] = true;
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
  rules.is_withheld.assign(count, false);
  unsigned fillers = 0;
  for (ItemIndex item = 0; item < count; ++item) {
    if (layout.items[item].is_filler && item != 0) rules.filler_number[item] = ++fillers;
    if (layout.items[item].depending_on != kNoItem)
      rules.is_counter[layout.items[item].depending_on] = true;
  }
  index_rules(layout, options, rules, diagnostics);
  settle_renames(layout, options, rules, diagnostics);
  decide_what_shows(layout, options, rules, select_items(layout, options, diagnostics));
  return rules;
}

std::vector<Cluster> clusters_of(const Layout& layout, ItemIndex group) {
  std::vector<Cluster> clusters;
  for (const ItemIndex child : layout.items[group].children) {
    const ItemIndex first = layout.items[child].redefines;
    // Nearly always the last one: a redefinition follows what it redefines.
    const auto found =
        first == kNoItem
            ? clusters.rend()
            : std::find_if(clusters.rbegin(), clusters.rend(),
                           [&](const Cluster& cluster) { return cluster.front() == first; });
    if (found == clusters.rend()) {
      clusters.push_back({child});
    } else {
      found->push_back(child);
    }
  }
  return clusters;
}

bool ends_record(const Layout& layout, ItemIndex item) {
  const auto storage = [&](ItemIndex index) {
    const ItemIndex first = layout.items[index].redefines;
    return first == kNoItem ? index : first;
  };
  for (; item != 0; item = layout.items[item].parent) {
    if (layout.items[item].is_table) return false;
    const std::vector<ItemIndex>& children = layout.items[layout.items[item].parent].children;
    const auto last = std::find_if(children.rbegin(), children.rend(), [&](ItemIndex child) {
      return layout.items[child].redefines == kNoItem;
    });
    if (storage(item) != *last) return false;
  }
  return !layout.items[item].is_table;
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
