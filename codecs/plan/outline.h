// What the JSON of a plan looks like: the members of its objects with the items behind them, in
// the order in which they are printed. Encoding and schemas are made from it.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/plan/item_rules.h"
#include "codecs/plan/options.h"
#include "codecs/plan/plan.h"

namespace copybridge::plan {

/// A level-88 name that is printed as a member where it is true.
struct OutlineCondition {
  std::string name;       ///< of the member
  std::size_t index = 0;  ///< in Item::conditions
};

/// An item, or a choice between items that share storage.
struct OutlineNode {
  enum class Kind : std::uint8_t { elementary, group, choice };
  Kind kind = Kind::elementary;
  copybook::ItemIndex item = copybook::kNoItem;  ///< of a choice: the first that shares storage
  bool is_shown = false;                         ///< it, or something within it, is printed
  /// The item is a member of the object around it. A shown group without one is a FILLER whose
  /// children are members of that object.
  bool has_member = false;
  std::string name;  ///< of the member
  std::vector<OutlineCondition> conditions;
  /// Of a group: what it holds, in storage order. Of a choice: its alternatives, those with
  /// conditions in the conditions' order and alone.
  std::vector<OutlineNode> children;
  bool is_conditional = false;                ///< a choice that conditions decide
  const Alternative* alternative = nullptr;   ///< of an alternative of such a choice
  std::vector<copybook::ItemIndex> unlisted;  ///< of such a choice: items that no condition names
};

/// What the record's object holds; `_errors` and `_raw` are left to the options. A root that is
/// no group is its only child. `alternatives` must outlive the outline.
struct Outline {
  ItemRules rules;
  std::vector<OutlineNode> members;
};

/// Mistakes of the options are reported as Plan::compile does; names that occur twice are not.
[[nodiscard]] Outline make_outline(const copybook::Layout& layout, const PlanOptions& options,
                                   const std::vector<Alternative>& alternatives,
                                   Diagnostics& diagnostics);

}  // namespace copybridge::plan
