// Storage, as a compiler allocates it: one pass down the tree.
#include "codecs/copybook/storage.h"

#include <algorithm>

#include "codecs/copybook/builder.h"
#include "codecs/copybook/elementary.h"

namespace copybridge::copybook {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// Level numbers bound the depth of the tree, and so of the recursion.
class Placer {
 public:
  Placer(Layout& layout, const std::vector<Place>& places, const ParseOptions& options,
         Report& report)
      : layout_(layout), places_(places), options_(options), report_(report) {}

  void run() {
    alignments_.resize(layout_.items.size());
    smallest_.resize(layout_.items.size());
    unbounded_ = static_cast<std::uint64_t>(
        std::count_if(layout_.items.begin(), layout_.items.end(),
                      [](const Item& each) { return each.is_unbounded; }));
    // Children stand behind their group, so that backwards every group finds theirs done.
    for (std::size_t i = layout_.items.size(); i-- > 0;) align(static_cast<ItemIndex>(i));
    place(0, 0);
    layout_.size_max = clamped(largest_of(0));
    layout_.size_min = clamped(smallest_[0]);
  }

 private:
  struct Alignment {
    std::uint32_t first = 1;    ///< of what begins the item
    std::uint32_t largest = 1;  ///< of anything in it
  };

  Item& item(ItemIndex index) { return layout_.items[index]; }

  void align(ItemIndex index) {
    Alignment& alignment = alignments_[index];
    const Item& self = item(index);
    if (!self.is_group()) {
      alignment.first = alignment.largest = alignment_of(self, options_);
      return;
    }
    if (self.children.empty()) return;
    alignment.first = alignments_[self.children.front()].first;
    for (const ItemIndex child : self.children) {
      alignment.largest = std::max(alignment.largest, alignments_[child].largest);
    }
  }

  /// Places an item at or, with slack bytes before it, behind `offset`.
  void place(ItemIndex index, std::uint64_t offset) {
    Item& self = item(index);
    // z/OS puts the slack bytes of a group's first item before the group, others into it.
    const bool is_aligned = !self.is_group() || options_.dialect == Dialect::ibm;
    if (self.redefines != kNoItem) {
      offset = item(self.redefines).offset;
      if (is_aligned) check_boundary(index, offset);
    } else if (is_aligned) {
      offset = round_up(offset, alignments_[index].first);
    }
    self.offset = clamped(offset);
    std::uint64_t size = self.size;
    if (self.is_group()) size = place_children(index, offset);
    // Slack bytes at the end of each occurrence keep the next one aligned.
    const std::uint64_t whole = self.is_table ? round_up(size, alignments_[index].largest) : size;
    const std::uint64_t slack = whole - size;
    size = whole;
    self.size = clamped(size);
    if (self.is_unbounded) bound(self);
    check_size(index);
    const bool varies = self.depending_on != kNoItem;
    const std::uint64_t smallest = self.is_group() ? smallest_[index] + slack : size;
    smallest_[index] = std::min(smallest, kTooLarge) * (varies ? self.occurs_min : self.occurs_max);
  }

  /// An unbounded table gets as many occurrences as its counter can say and a record has room for.
  void bound(Item& table) {
    std::uint64_t bytes = kUnboundedMax / std::max<std::uint64_t>(unbounded_, 1);
    for (ItemIndex group = table.parent; group != kNoItem; group = item(group).parent) {
      if (item(group).is_unbounded) {
        bytes = std::min(bytes, kUnboundedWithinMax);
      } else {
        bytes /= item(group).occurs_max;
      }
    }
    const std::uint64_t room = bytes / std::max<std::uint32_t>(table.size, 1);
    const std::uint64_t most = std::min(room, largest_count(table.depending_on));
    table.occurs_max = clamped(std::max<std::uint64_t>({most, table.occurs_min, 1}));
  }

  /// What the storage of a counter can hold, which may be more than its picture says.
  std::uint64_t largest_count(ItemIndex counter) {
    if (counter == kNoItem) return kRecordMax;
    const Item& self = item(counter);
    if (self.usage == Usage::binary || self.usage == Usage::native_binary) {
      const std::uint32_t bits = 8 * self.size - (self.is_signed ? 1 : 0);
      return bits >= 32 ? kRecordMax : (std::uint64_t{1} << bits) - 1;
    }
    std::uint64_t most = 1;
    for (unsigned digit = 0; digit < self.digits && most < kRecordMax; ++digit) most *= 10;
    return most - 1;
  }

  std::uint64_t place_children(ItemIndex index, std::uint64_t offset) {
    std::uint64_t end = offset;
    std::uint64_t shrinks = 0;  // of the storage before `end`
    std::uint64_t shared_largest = 0;
    std::uint64_t shared_smallest = 0;
    const std::vector<ItemIndex> children = item(index).children;
    for (const ItemIndex child : children) {
      place(child, end);
      const std::uint64_t largest = largest_of(child);
      if (item(child).redefines == kNoItem) {
        shrinks += shared_largest - shared_smallest;
        shared_largest = shared_smallest = 0;
      }
      shared_largest = std::max(shared_largest, largest);
      shared_smallest = std::max(shared_smallest, smallest_[child]);
      end = std::max(end, item(child).offset + largest);
    }
    shrinks += shared_largest - shared_smallest;
    smallest_[index] = end - offset - std::min(shrinks, end - offset);
    return end - offset;
  }

  std::uint64_t largest_of(ItemIndex index) {
    const Item& self = item(index);
    return std::min(std::uint64_t{self.size} * self.occurs_max, kTooLarge);
  }

  void check_size(ItemIndex index) {
    if (largest_of(index) <= kRecordMax || is_too_large_) return;
    is_too_large_ = true;
    report_.error(places_[index],
                  "copybook: with " + item(index).name + " the record is larger than 256 MiB");
  }

  void check_boundary(ItemIndex index, std::uint64_t offset) {
    if (offset % alignments_[index].first == 0) return;
    report_.warning(places_[index], "copybook: " + item(index).name +
                                        " is SYNCHRONIZED, but what it redefines is not on its "
                                        "boundary; no slack bytes are added");
  }

  static std::uint32_t clamped(std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min(value, kTooLarge));
  }

  static constexpr std::uint64_t kTooLarge = std::uint64_t{kRecordMax} + 1;
  // For all unbounded tables of a record, and for one within another, which is multiplied.
  static constexpr std::uint64_t kUnboundedMax = kRecordMax / 2;
  static constexpr std::uint64_t kUnboundedWithinMax = std::uint64_t{16} << 10;
  Layout& layout_;
  const std::vector<Place>& places_;
  const ParseOptions& options_;
  Report& report_;
  std::vector<Alignment> alignments_;
  std::vector<std::uint64_t> smallest_;
  std::uint64_t unbounded_ = 0;  ///< tables of the record
  bool is_too_large_ = false;
};

}  // namespace

void place_items(Layout& layout, const std::vector<Place>& places, const ParseOptions& options,
                 Report& report) {
  Placer(layout, places, options, report).run();
}

}  // namespace copybridge::copybook
