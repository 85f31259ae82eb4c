// Names as numbers, so that a copybook of many equal names is still read quickly.
#include "codecs/copybook/names.h"

namespace copybridge::copybook {

NameIndex::NameIndex(const Layout& layout) : layout_(layout) {
  id_of_item_.reserve(layout.items.size());
  for (ItemIndex item = 0; item < layout.items.size(); ++item) {
    if (layout.items[item].is_filler) {
      id_of_item_.push_back(kNoName);
      continue;
    }
    const auto next = static_cast<std::uint32_t>(items_of_id_.size());
    const auto [place, is_new] = ids_.try_emplace(upper(layout.items[item].name), next);
    if (is_new) items_of_id_.emplace_back();
    items_of_id_[place->second].push_back(item);
    id_of_item_.push_back(place->second);
  }
}

std::uint32_t NameIndex::id_of(const std::string& name) const {
  const auto found = ids_.find(upper(name));
  return found == ids_.end() ? kNoName : found->second;
}

std::vector<ItemIndex> NameIndex::find(const Reference& reference, std::size_t limit) const {
  std::vector<ItemIndex> found;
  const std::uint32_t id = id_of(reference.name);
  if (id == kNoName) return found;
  std::vector<std::uint32_t> groups;
  for (const std::string& qualifier : reference.qualifiers) groups.push_back(id_of(qualifier));
  for (const ItemIndex item : items_of_id_[id]) {
    if (found.size() >= limit) break;
    if (is_within(item, groups)) found.push_back(item);
  }
  return found;
}

bool NameIndex::is_within(ItemIndex item, const std::vector<std::uint32_t>& groups) const {
  ItemIndex group = layout_.items[item].parent;
  for (const std::uint32_t wanted : groups) {
    if (wanted == kNoName) return false;
    while (group != kNoItem && id_of_item_[group] != wanted) group = layout_.items[group].parent;
    if (group == kNoItem) return false;
    group = layout_.items[group].parent;
  }
  return true;
}

}  // namespace copybridge::copybook
