// Lookup of items by (qualified) name within one record.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "codecs/copybook/entry.h"
#include "codecs/copybook/layout.h"

namespace copybridge::copybook {

/// Index over the names of a layout's items; upper and lower case are the same. The layout's
/// items must not be added to or removed while it is used.
class NameIndex {
 public:
  explicit NameIndex(const Layout& layout);

  /// The items that a reference can mean; at most `limit` of them.
  [[nodiscard]] std::vector<ItemIndex> find(const Reference& reference, std::size_t limit) const;
  /// A number for a name, equal for equal names; kNoName where no item has it.
  [[nodiscard]] std::uint32_t id_of(const std::string& name) const;
  /// The number of an item's name; kNoName for FILLERs.
  [[nodiscard]] std::uint32_t id_of(ItemIndex item) const { return id_of_item_[item]; }

  static constexpr std::uint32_t kNoName = 0xFFFFFFFF;

 private:
  [[nodiscard]] bool is_within(ItemIndex item, const std::vector<std::uint32_t>& groups) const;

  const Layout& layout_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<std::uint32_t> id_of_item_;
  std::vector<std::vector<ItemIndex>> items_of_id_;
};

}  // namespace copybridge::copybook
