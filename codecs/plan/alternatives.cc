// Items that share storage.
#include "codecs/plan/alternatives.h"

#include <algorithm>

#include "codecs/plan/item_rules.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

ItemIndex storage_of(const Layout& layout, ItemIndex item) {
  if (layout.items[item].redefines != kNoItem) return layout.items[item].redefines;
  const bool is_redefined =
      std::any_of(layout.items.begin(), layout.items.end(),
                  [item](const Item& other) { return other.redefines == item; });
  return is_redefined ? item : kNoItem;
}

ItemIndex shared_around(const Layout& layout, ItemIndex item) {
  ItemIndex shared = kNoItem;
  for (; item != kNoItem; item = layout.items[item].parent) {
    const ItemIndex storage = storage_of(layout, item);
    if (storage != kNoItem) shared = storage;
  }
  return shared;
}

ItemIndex alternative_of(const Layout& layout, ItemIndex item) {
  while (item != kNoItem && storage_of(layout, item) == kNoItem) {
    const ItemIndex parent = layout.items[item].parent;
    item = parent != kNoItem && layout.items[parent].is_filler ? parent : kNoItem;
  }
  return item;
}

bool ends_with(const Layout& layout, const PlanOptions& options, ItemIndex alternative,
               const condition::Condition* condition) {
  if (options.record_end == RecordEnd::storage || !ends_record(layout, alternative)) return false;
  const Item& item = layout.items[alternative];
  const bool varies =
      options.odo == OdoStorage::moving && (item.has_variable_size || item.depending_on != kNoItem);
  if (varies || condition == nullptr) return varies;
  return condition->is_empty() || options.record_end == RecordEnd::alternative;
}

}  // namespace copybridge::plan
