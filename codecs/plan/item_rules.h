// What the options say of each item: whether it is shown, and its rule.
#pragma once

#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

namespace copybridge::plan {

/// By item: shown or not, and how.
struct ItemRules {
  std::vector<const FieldRule*> rule;   ///< null: none
  std::vector<bool> shows;              ///< the item, or something within it, is printed
  std::vector<bool> shows_conditions;   ///< its level-88 names are printed
  std::vector<unsigned> filler_number;  ///< FILLER-n; 0: not a FILLER
  std::vector<bool> is_counter;
  std::vector<bool> is_withheld;  ///< a level 66 that must not or cannot be printed

  /// The rule that gives an item's member its name; null: none.
  [[nodiscard]] const FieldRule* naming_rule(copybook::ItemIndex item) const {
    const bool is_own = rule[item] != nullptr && rule[item]->item == item;
    return is_own && rule[item]->name ? rule[item] : nullptr;
  }
};

/// Reads the options; mistakes are reported at the rules' places.
[[nodiscard]] ItemRules make_item_rules(const copybook::Layout& layout, const PlanOptions& options,
                                        Diagnostics& diagnostics);

/// Items that share storage: one item, or a redefined one with all that redefine it.
using Cluster = std::vector<copybook::ItemIndex>;

/// A group's children, clustered, in storage order.
[[nodiscard]] std::vector<Cluster> clusters_of(const copybook::Layout& layout,
                                               copybook::ItemIndex group);

/// Whether the record ends with the item: nothing behind it, and no table around it.
[[nodiscard]] bool ends_record(const copybook::Layout& layout, copybook::ItemIndex item);

/// What decides how many occurrences a DEPENDING ON table has, and whether others follow it up.
struct OdoRules {
  OdoStorage storage = OdoStorage::moving;
  OdoRange range = OdoRange::reject;
};

/// Bytes all occurrences of an item take at the least. `ends_record`: nothing follows it, so
/// that of alternatives the shortest may be all there is.
[[nodiscard]] std::uint64_t least_size(const copybook::Layout& layout, copybook::ItemIndex item,
                                       const OdoRules& odo, bool ends_record);

/// Bytes of one occurrence at the least.
[[nodiscard]] std::uint64_t least_element_size(const copybook::Layout& layout,
                                               copybook::ItemIndex item, const OdoRules& odo,
                                               bool ends_record);

/// Bytes all occurrences of an item take at the most.
[[nodiscard]] std::uint64_t most_size(const copybook::Item& item);

}  // namespace copybridge::plan
