// Walks a layout over a record as far as an item.
#include "codecs/condition/locate.h"

#include <algorithm>
#include <array>

namespace copybridge::condition {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

namespace {

constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kMemoSize = 32;

// Sizes of one record's items, found on the way. Positions of the groups around the place that
// is looked at are kept, so that counters are found from the nearest of them.
class Walker {
 public:
  Walker(const Layout& layout, const Reading& reading, ByteView record)
      : layout_(layout), reading_(reading), record_(record) {}

  // Position of `item` from the record's start.
  bool find(ItemIndex item, std::span<const std::uint32_t> subscripts, std::uint64_t& position) {
    std::array<ItemIndex, kDepthMax> path;  // NOLINT: filled below
    std::size_t length = 0;
    for (ItemIndex at = item; at != kNoItem; at = layout_.items[at].parent) {
      if (length == kDepthMax) return false;
      path[length++] = at;
    }
    std::size_t used = 0;
    position = 0;
    for (std::size_t i = length; i-- > 0;) {
      if (i + 1 < length && !enter(path[i + 1], path[i], position)) return false;
      if (layout_.items[path[i]].is_table) {
        if (!skip_occurrences(path[i], subscripts[used++], position)) return false;
      }
      if (!push(path[i], position)) return false;
    }
    depth_ = 0;
    return true;
  }

  // Where all occurrences of an item outside of tables end.
  bool find_end(ItemIndex item, std::uint64_t& end) {
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    if (!push(0, 0) || !descend(0, item, position) || !size_of(item, position, size)) return false;
    end = position + size;
    return true;
  }

 private:
  struct Step {
    ItemIndex item = kNoItem;
    std::uint64_t position = 0;
  };
  struct Memo {
    ItemIndex counter = kNoItem;
    std::uint64_t from = 0;
    std::uint32_t value = 0;
  };

  bool push(ItemIndex item, std::uint64_t position) {
    if (depth_ == kDepthMax) return false;
    chain_[depth_++] = {item, position};
    return true;
  }

  [[nodiscard]] bool is_variable(const Item& item) const {
    return !reading_.fixed_tables && (item.depending_on != kNoItem || item.has_variable_size);
  }

  // From a group's occurrence at `position` to where its child stands.
  bool enter(ItemIndex group, ItemIndex child, std::uint64_t& position) {
    std::uint64_t lacks = 0;
    if (!lacks_before(group, child, position, lacks)) return false;
    position += layout_.items[child].offset - layout_.items[group].offset - lacks;
    return true;
  }

  // Bytes that tables in front of a child (kNoItem: in the whole group) lack of their largest.
  bool lacks_before(ItemIndex group, ItemIndex child, std::uint64_t position,
                    std::uint64_t& lacks) {
    lacks = 0;
    const Item& around = layout_.items[group];
    if (!around.has_variable_size || reading_.fixed_tables) return true;
    for (const ItemIndex sibling : around.children) {
      const Item& entry = layout_.items[sibling];
      if (sibling == child || (child != kNoItem && entry.offset >= layout_.items[child].offset))
        break;
      // Storage that is shared keeps its full size.
      if (!is_variable(entry) || entry.redefines != kNoItem || is_redefined(sibling)) continue;
      std::uint64_t size = 0;
      if (!size_of(sibling, position + entry.offset - around.offset - lacks, size)) return false;
      lacks += std::uint64_t{entry.size} * entry.occurs_max - size;
    }
    return true;
  }

  [[nodiscard]] bool is_redefined(ItemIndex item) const {
    const std::vector<ItemIndex>& siblings = layout_.items[layout_.items[item].parent].children;
    return std::any_of(siblings.begin(), siblings.end(),
                       [&](ItemIndex sibling) { return layout_.items[sibling].redefines == item; });
  }

  // Bytes of all occurrences of an item at a position.
  bool size_of(ItemIndex item, std::uint64_t position, std::uint64_t& size) {
    const Item& entry = layout_.items[item];
    std::uint32_t count = 0;
    if (!occurrences(entry, count)) return false;
    return size_of(item, position, count, size);
  }

  bool size_of(ItemIndex item, std::uint64_t position, std::uint32_t count, std::uint64_t& size) {
    const Item& entry = layout_.items[item];
    size = std::uint64_t{entry.size} * count;
    if (!entry.has_variable_size || reading_.fixed_tables) return true;
    size = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (position + size > record_.size() || !push(item, position + size)) return false;
      std::uint64_t lacks = 0;
      const bool fits = lacks_before(item, kNoItem, position + size, lacks);
      --depth_;
      if (!fits) return false;
      size += entry.size - lacks;
    }
    return true;
  }

  bool skip_occurrences(ItemIndex item, std::uint32_t subscript, std::uint64_t& position) {
    std::uint32_t count = 0;
    if (!occurrences(layout_.items[item], count)) return false;
    if (subscript == 0 || subscript > count) return false;
    std::uint64_t size = 0;
    if (!size_of(item, position, subscript - 1, size)) return false;
    position += size;
    return true;
  }

  bool occurrences(const Item& item, std::uint32_t& count) {
    count = item.occurs_max;
    if (item.depending_on == kNoItem) return true;
    return read_counter(item.depending_on, count) &&
           occurrences_of(count, item.occurs_min, item.occurs_max, reading_.odo_range, count);
  }

  [[nodiscard]] bool is_within(ItemIndex item, ItemIndex group) const {
    while (item != kNoItem && item != group) item = layout_.items[item].parent;
    return item == group;
  }

  bool read_counter(ItemIndex counter, std::uint32_t& count) {
    std::size_t from = depth_;
    while (from > 0 && !is_within(counter, chain_[from - 1].item)) --from;
    if (from == 0) return false;
    std::uint64_t position = chain_[from - 1].position;
    for (const Memo& memo : memo_) {
      if (memo.counter != counter || memo.from != position) continue;
      count = memo.value;
      return true;
    }
    const std::uint64_t start = position;
    if (!descend(chain_[from - 1].item, counter, position)) return false;
    if (!read_count(counter, position, count)) return false;
    memo_[next_memo_++ % kMemoSize] = {counter, start, count};
    return true;
  }

  bool descend(ItemIndex group, ItemIndex item, std::uint64_t& position) {
    if (item == group) return true;
    const ItemIndex parent = layout_.items[item].parent;
    return descend(group, parent, position) && enter(parent, item, position);
  }

  bool read_count(ItemIndex counter, std::uint64_t position, std::uint32_t& count) {
    const Field field = make_field(layout_.items[counter], reading_.of(counter));
    if (position + field.size > record_.size()) return false;
    const std::int64_t number = condition::read_count(field, record_.data() + position);
    count = static_cast<std::uint32_t>(number);
    return number >= 0;
  }

  const Layout& layout_;
  const Reading& reading_;
  ByteView record_;
  std::array<Step, kDepthMax> chain_;
  std::size_t depth_ = 0;
  std::array<Memo, kMemoSize> memo_;
  std::size_t next_memo_ = 0;
};

// Whether a table that moves what follows it stands before the item.
bool follows_variable(const Layout& layout, ItemIndex item) {
  for (ItemIndex other = 0; other < layout.items.size(); ++other) {
    const Item& entry = layout.items[other];
    if (entry.depending_on != kNoItem && entry.offset <= layout.items[item].offset) return true;
  }
  return false;
}

}  // namespace

bool occurrences_of(std::int64_t counter, std::uint32_t least, std::uint32_t most, OdoRange range,
                    std::uint32_t& count) {
  if (counter < 0) return false;
  if (range == OdoRange::from_zero) least = 0;
  const bool fits = counter >= least && counter <= most;
  if (!fits && range != OdoRange::clamp) return false;
  count = static_cast<std::uint32_t>(std::clamp<std::int64_t>(counter, least, most));
  return true;
}

std::vector<ItemIndex> tables_around(const Layout& layout, ItemIndex item) {
  std::vector<ItemIndex> tables;
  for (; item != kNoItem; item = layout.items[item].parent)
    if (layout.items[item].is_table) tables.push_back(item);
  std::reverse(tables.begin(), tables.end());
  return tables;
}

bool item_end(const Layout& layout, const Reading& reading, ByteView record, ItemIndex item,
              std::uint64_t& end) {
  return Walker(layout, reading, record).find_end(item, end);
}

Locator::Locator(std::shared_ptr<const Layout> layout, ItemIndex item,
                 std::vector<std::uint32_t> subscripts, const Reading& reading)
    : layout_(std::move(layout)),
      item_(item),
      subscripts_(std::move(subscripts)),
      reading_(reading) {
  const bool all_known = std::find(subscripts_.begin(), subscripts_.end(), 0U) == subscripts_.end();
  is_fixed_ = all_known && !follows_variable(*layout_, item);
  fixed_offset_ = layout_->items[item].offset;
  const std::vector<ItemIndex> tables = tables_around(*layout_, item);
  for (std::size_t i = 0; is_fixed_ && i < tables.size(); ++i)
    fixed_offset_ += std::uint64_t{subscripts_[i] - 1} * layout_->items[tables[i]].size;
}

bool Locator::find(ByteView record, std::span<const std::uint32_t> given,
                   std::uint64_t& offset) const {
  const std::uint64_t size = layout_->items[item_].size;
  if (is_fixed_) {
    offset = fixed_offset_;
    return offset + size <= record.size();
  }
  std::array<std::uint32_t, kDepthMax> subscripts;  // NOLINT: filled below
  if (subscripts_.size() > kDepthMax) return false;
  for (std::size_t i = 0; i < subscripts_.size(); ++i) {
    subscripts[i] = subscripts_[i];
    if (subscripts[i] != 0) continue;
    if (i >= given.size()) return false;
    subscripts[i] = given[i];
  }
  Walker walker(*layout_, reading_, record);
  return walker.find(item_, {subscripts.data(), subscripts_.size()}, offset) &&
         offset + size <= record.size();
}

}  // namespace copybridge::condition
