// What RENAMES names, and what class of data that is.
#include "codecs/copybook/renames.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace copybridge::copybook {
namespace {

class Renamer {
 public:
  Renamer(const NameIndex& names, const Layout& layout, Report& report)
      : names_(names), layout_(layout), report_(report) {}

  void add(RenamesEntry& entry, std::vector<Item>& added) {
    const ItemIndex from = find(entry, entry.from);
    if (from == kNoItem) return;
    const ItemIndex through = entry.through ? find(entry, *entry.through) : from;
    if (through == kNoItem) return;
    range_end_ = end_of_range(through);
    if (check(entry, from, through)) added.push_back(make(entry, from, through));
  }

 private:
  [[nodiscard]] const Item& item(ItemIndex index) const { return layout_.items[index]; }
  [[nodiscard]] std::uint64_t end_of(ItemIndex index) const {
    return std::uint64_t{item(index).offset} + item(index).size;
  }
  [[nodiscard]] bool is_within(ItemIndex index, ItemIndex group) const {
    while (index != kNoItem && index != group) index = item(index).parent;
    return index == group;
  }

  ItemIndex find(const RenamesEntry& entry, const Reference& reference) {
    const std::vector<ItemIndex> found = names_.find(reference, 2);
    if (found.size() == 1 && found.front() != 0) return found.front();
    report_.error(reference.place, "copybook: " + entry.name + ": " + reference.name +
                                       (found.size() > 1 ? " is not the only item of its name"
                                                         : " is no item within this record"));
    return kNoItem;
  }

  /// The first item behind the last that is renamed: the items within a group stand behind it.
  [[nodiscard]] ItemIndex end_of_range(ItemIndex through) const {
    ItemIndex end = through + 1;
    while (end < layout_.items.size() && is_within(end, through)) ++end;
    return end;
  }

  /// Enterprise COBOL, RENAMES clause: what is renamed begins and ends outside of tables, and its
  /// length does not vary.
  bool check(const RenamesEntry& entry, ItemIndex from, ItemIndex through) {
    std::string fault;
    for (ItemIndex group : {from, through}) {
      for (; group != kNoItem; group = item(group).parent) {
        if (item(group).is_table) fault = item(group).name + " is a table";
      }
    }
    for (ItemIndex index = from; index < range_end_; ++index) {
      if (item(index).depending_on != kNoItem) fault = item(index).name + " has no fixed size";
    }
    if (item(through).offset < item(from).offset || end_of(through) < end_of(from)) {
      fault = item(through).name + " does not end behind " + item(from).name;
    }
    if (fault.empty()) return true;
    report_.error(entry.place, "copybook: " + entry.name + ": it cannot rename this: " + fault);
    return false;
  }

  Item make(RenamesEntry& entry, ItemIndex from, ItemIndex through) {
    Item renamed;
    if (from == through && !item(from).is_group()) {
      renamed = item(from);
      renamed.is_filler = false;
      renamed.redefines = kNoItem;
      renamed.value.reset();
    } else {
      describe(from, renamed);
    }
    renamed.name = std::move(entry.name);
    renamed.level_number = kRenamesLevel;
    renamed.parent = item(from).parent;
    renamed.conditions = std::move(entry.conditions);
    renamed.offset = item(from).offset;
    renamed.size = static_cast<std::uint32_t>(end_of(through) - item(from).offset);
    renamed.renames = from;
    renamed.renames_through = through;
    renamed.where = report_.where(entry.place);
    return renamed;
  }

  /// Several items, or a group, are alphanumeric; national or of double-byte characters where all
  /// of them are. Where some are no characters at all the whole has no value as one.
  void describe(ItemIndex from, Item& renamed) const {
    bool is_first = true;
    for (ItemIndex index = from; index < range_end_; ++index) {
      const Item& part = item(index);
      // Other views of the same bytes do not count.
      if (part.redefines != kNoItem && index != from) {
        const ItemIndex view = index;
        while (index + 1 < range_end_ && is_within(index + 1, view)) ++index;
        continue;
      }
      if (part.is_group()) continue;
      const bool is_same = std::exchange(is_first, false) || part.usage == renamed.usage;
      renamed.usage = is_same ? part.usage : Usage::group;
    }
    renamed.category = category_of(renamed.usage);
    if (renamed.category == Category::opaque) renamed.usage = Usage::group;
  }

  static Category category_of(Usage usage) {
    switch (usage) {
      case Usage::display:
        return Category::alphanumeric;
      case Usage::national:
        return Category::national;
      case Usage::dbcs:
        return Category::dbcs;
      case Usage::utf8:
        return Category::utf8;
      case Usage::group:
      case Usage::binary:
      case Usage::native_binary:
      case Usage::packed:
      case Usage::unsigned_packed:
      case Usage::float_single:
      case Usage::float_double:
      case Usage::decimal_double:
      case Usage::decimal_quad:
      case Usage::index:
      case Usage::pointer:
      case Usage::procedure_pointer:
        break;
    }
    return Category::opaque;
  }

  const NameIndex& names_;
  const Layout& layout_;
  Report& report_;
  ItemIndex range_end_ = 0;  ///< behind what the entry at hand renames
};

}  // namespace

void add_renames(std::vector<Entry>& entries, const NameIndex& names, Layout& layout,
                 Report& report) {
  std::vector<Item> added;
  Renamer renamer(names, layout, report);
  for (Entry& entry : entries) {
    for (RenamesEntry& renames : entry.renames) renamer.add(renames, added);
  }
  std::move(added.begin(), added.end(), std::back_inserter(layout.items));
}

}  // namespace copybridge::copybook
