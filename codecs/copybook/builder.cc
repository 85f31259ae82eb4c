// Hierarchy, inherited clauses, REDEFINES and DEPENDING ON of a copybook's records.
#include "codecs/copybook/builder.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "codecs/copybook/elementary.h"
#include "codecs/copybook/names.h"
#include "codecs/copybook/renames.h"
#include "codecs/copybook/storage.h"

namespace copybridge::copybook {
namespace {

/// Builds one record from its entries; entries[0] is the 01 or 77.
class RecordBuilder {
 public:
  RecordBuilder(std::vector<Entry> entries, const ParseOptions& options, Report& report)
      : entries_(std::move(entries)), options_(options), report_(report) {}

  Layout build() {
    layout_.decimal_point_is_comma = options_.decimal_point_is_comma;
    layout_.dialect = options_.dialect;
    layout_.within = std::move(entries_.front().within);
    nest();
    inherit();
    for (ItemIndex index = 0; index < layout_.items.size(); ++index) describe_item(index);
    const NameIndex names(layout_);
    for (ItemIndex index = 1; index < layout_.items.size(); ++index) redefine(index, names);
    for (ItemIndex index = 1; index < layout_.items.size(); ++index) depend(index, names);
    place_items(layout_, places_, options_, report_);
    for (ItemIndex index = 0; index < layout_.items.size(); ++index) {
      layout_.items[index].is_varying_text = is_varying_text(index);
    }
    add_renames(entries_, names, layout_, report_);
    return std::move(layout_);
  }

 private:
  Item& item(ItemIndex index) { return layout_.items[index]; }

  void wrong(Place place, ItemIndex index, std::string message, std::string hint = {}) {
    report_.error(place, "copybook: " + item(index).name + ": " + std::move(message),
                  std::move(hint));
  }

  // -- hierarchy

  /// An item belongs to the nearest item before it with a lower level number.
  void nest() {
    layout_.items.resize(entries_.size());
    std::vector<ItemIndex> open;
    for (ItemIndex index = 0; index < entries_.size(); ++index) {
      start_item(index);
      while (!open.empty() && level(open.back()) >= level(index)) open.pop_back();
      if (!open.empty()) {
        item(index).parent = open.back();
        item(open.back()).children.push_back(index);
      }
      open.push_back(index);
    }
  }

  /// A 77 has no items under it; what follows one is told so as items of an elementary item.
  [[nodiscard]] std::uint8_t level(ItemIndex index) const {
    const std::uint8_t number = entries_[index].level_number;
    return number == kIndependentLevel ? kRecordLevel : number;
  }

  void start_item(ItemIndex index) {
    Entry& entry = entries_[index];
    Item& self = item(index);
    self.name = entry.is_filler ? "FILLER" : entry.name;
    self.is_filler = entry.is_filler;
    self.level_number = entry.level_number;
    self.where = report_.where(entry.place);
    self.value = std::move(entry.value);
    self.conditions = std::move(entry.conditions);
    if (entry.occurs) {
      self.is_table = true;
      self.occurs_min = entry.occurs->min;
      self.occurs_max = entry.occurs->max;
      self.is_unbounded = entry.occurs->is_unbounded;
    }
    places_.push_back(entry.place);
  }

  // -- clauses of groups that hold for the items in them

  void inherit() {
    inherited_.resize(entries_.size());
    for (ItemIndex index = 0; index < entries_.size(); ++index) {
      const Entry& entry = entries_[index];
      Inherited& own = inherited_[index];
      if (item(index).parent != kNoItem) own = inherited_[item(index).parent];
      if (entry.usage) {
        own.usage = entry.usage->usage;
        own.is_unsigned = entry.usage->is_unsigned;
      }
      if (entry.sign) own.sign = entry.sign;
      own.synchronized = own.synchronized || entry.synchronized.has_value();
    }
  }

  void describe_item(ItemIndex index) {
    const Entry& entry = entries_[index];
    Item& self = item(index);
    if (index == 0 && entry.occurs) wrong(entry.occurs->place, index, "a record has no OCCURS");
    if (!self.children.empty()) return describe_group(index);
    self.category = Category::alphanumeric;
    self.usage = Usage::display;
    if (entry.is_broken) return;
    self.is_synchronized = inherited_[index].synchronized;
    describe(entry, inherited_[index], options_, self, report_);
  }

  void describe_group(ItemIndex index) {
    const Entry& entry = entries_[index];
    item(index).category = Category::group;
    item(index).usage = Usage::group;
    if (entry.picture && !entry.is_broken) {
      wrong(entry.picture->place, index, "it has a PICTURE and items under it",
            "items beside it have the same level number");
    }
    if (entry.justified) wrong(*entry.justified, index, "JUSTIFIED is not for groups");
    if (entry.blank_when_zero) {
      wrong(*entry.blank_when_zero, index, "BLANK WHEN ZERO is not for groups");
    }
  }

  // -- REDEFINES

  /// The item that begins the storage last laid out in a group, and the names of all items that
  /// share it: what the next item there may redefine.
  struct Storage {
    ItemIndex first = kNoItem;
    std::unordered_set<std::uint32_t> names;
  };

  void redefine(ItemIndex index, const NameIndex& names) {
    Storage& storage = last_storage_[item(index).parent];
    if (const auto& clause = entries_[index].redefines) {
      if (storage.names.count(names.id_of(clause->name)) > 0) {
        item(index).redefines = storage.first;
      } else {
        wrong(clause->place, index,
              "it redefines " + clause->name + ", which is not the item before it",
              "both have the same level number, and no other storage is between them");
      }
    }
    if (item(index).redefines == kNoItem) storage = {index, {}};
    const std::uint32_t name = names.id_of(index);
    if (name != NameIndex::kNoName) storage.names.insert(name);
  }

  // -- DEPENDING ON

  void depend(ItemIndex index, const NameIndex& names) {
    const auto& clause = entries_[index].occurs;
    if (!clause) return;
    if (!clause->depending_on) {
      const bool varies = clause->min != clause->max || clause->is_unbounded;
      if (varies && !entries_[index].is_broken) {
        wrong(clause->place, index, "OCCURS with TO needs DEPENDING ON");
      }
      return;
    }
    const Reference& counter = *clause->depending_on;
    const std::vector<ItemIndex> found = names.find(counter, 2);
    if (found.size() != 1) {
      return wrong(counter.place, index,
                   found.empty() ? "its counter " + counter.name + " is no item of this record"
                                 : "its counter " + counter.name + " is not the only one",
                   found.empty() ? "" : "qualify it: " + counter.name + " OF group");
    }
    if (!check_counter(index, found.front(), counter.place)) return;
    item(index).depending_on = found.front();
    counters_.insert(found.front());
    for (ItemIndex group = item(index).parent; group != kNoItem; group = item(group).parent) {
      item(group).has_variable_size = true;
    }
  }

  bool check_counter(ItemIndex table, ItemIndex counter, Place place) {
    const Item& self = item(counter);
    if (self.category != Category::numeric || self.scale != 0) {
      if (!entries_[counter].is_broken) {
        wrong(place, table, "its counter " + self.name + " is not a whole number");
      }
      return false;
    }
    if (counter > table) {
      wrong(place, table, "its counter " + self.name + " stands behind it");
      return false;
    }
    for (ItemIndex group = counter; group != kNoItem; group = item(group).parent) {
      if (!item(group).is_table || is_within(table, group)) continue;
      wrong(place, table, "its counter " + self.name + " is in another table");
      return false;
    }
    return true;
  }

  bool is_within(ItemIndex index, ItemIndex group) {
    for (index = item(index).parent; index != kNoItem; index = item(index).parent) {
      if (index == group) return true;
    }
    return false;
  }

  // -- VARCHAR of DCLGEN

  bool is_varying_text(ItemIndex index) {
    const Item& group = item(index);
    if (group.children.size() != 2) return false;
    const Item& length = item(group.children.front());
    const Item& text = item(group.children.back());
    const auto is_plain = [](const Item& part) {
      return part.level_number == 49 && !part.is_group() && !part.is_table &&
             part.redefines == kNoItem;
    };
    const bool is_length = length.category == Category::numeric && length.scale == 0 &&
                           (length.usage == Usage::binary || length.usage == Usage::native_binary);
    const bool is_text = text.category == Category::alphanumeric ||
                         text.category == Category::national || text.category == Category::dbcs;
    return is_plain(length) && is_plain(text) && is_length && is_text && !group.is_filler &&
           counters_.count(group.children.front()) == 0 && length.offset == group.offset &&
           text.offset == length.offset + length.size && group.size == length.size + text.size;
  }

  std::vector<Entry> entries_;
  const ParseOptions& options_;
  Report& report_;
  Layout layout_;
  std::vector<Place> places_;
  std::vector<Inherited> inherited_;
  std::unordered_map<ItemIndex, Storage> last_storage_;  ///< by group
  std::unordered_set<ItemIndex> counters_;               ///< of DEPENDING ON
};

Entry implied_record(const std::string& name, const Entry& first) {
  Entry entry;
  entry.level_number = kRecordLevel;
  entry.name = name;
  entry.place = first.place;
  entry.within = first.within;
  return entry;
}

}  // namespace

Copybook build(std::vector<Entry> entries, const std::string& implied_name,
               const ParseOptions& options, Report& report) {
  Copybook copybook;
  std::size_t begin = 0;
  while (begin < entries.size() && !report.is_full()) {
    std::vector<Entry> record;
    if (!begins_record(entries[begin])) {
      record.push_back(implied_record(implied_name, entries[begin]));
    }
    do {
      record.push_back(std::move(entries[begin++]));
    } while (begin < entries.size() && !begins_record(entries[begin]));
    copybook.records.push_back(RecordBuilder(std::move(record), options, report).build());
  }
  return copybook;
}

}  // namespace copybridge::copybook
