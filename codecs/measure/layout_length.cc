// Walks a record's layout to its end.
#include "codecs/measure/layout_length.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codecs/condition/locate.h"

namespace copybridge::measure {

using condition::Truth;
using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;
using framing::Measured;
using framing::RecordPlace;

namespace {

/// Whether the storage that an item shares is the last of its record.
bool is_at_end(const Layout& layout, ItemIndex item) {
  const Item& entry = layout.items[item];
  if (entry.parent != 0 || entry.is_table) return false;
  const ItemIndex storage = entry.redefines == kNoItem ? item : entry.redefines;
  const std::vector<ItemIndex>& siblings = layout.items[0].children;
  return std::all_of(siblings.begin(), siblings.end(), [&](ItemIndex sibling) {
    return layout.items[sibling].offset <= layout.items[storage].offset;
  });
}

class LayoutMeasure final : public framing::RecordMeasure {
 public:
  explicit LayoutMeasure(std::vector<RecordKind> kinds) : kinds_(std::move(kinds)) {
    for (RecordKind& kind : kinds_) {
      std::erase_if(kind.endings, [&](const RecordKind::Ending& ending) {
        return !is_at_end(*kind.layout, ending.item);
      });
      size_max_ = std::max(size_max_, std::uint64_t{kind.layout->size_max});
    }
  }

  [[nodiscard]] Measured measure(ByteView bytes, RecordPlace place) const override {
    // What lies outside of the bytes in sight is no answer yet.
    const bool may_lack = bytes.size() < size_max_;
    for (const RecordKind& kind : kinds_) {
      const Truth truth = truth_of(kind, bytes, place);
      if (truth == Truth::no) continue;
      std::uint64_t size = 0;
      if (truth == Truth::yes && size_of(kind, bytes, size)) return {Measured::Kind::size, size, 1};
      return {may_lack ? Measured::Kind::more : Measured::Kind::bad};
    }
    return {Measured::Kind::bad};
  }

  [[nodiscard]] std::string explain(ByteView bytes, RecordPlace place) const override {
    for (const RecordKind& kind : kinds_) {
      const Truth truth = truth_of(kind, bytes, place);
      if (truth == Truth::misfit) return kind.match.explain(bytes);
      if (truth == Truth::yes)
        return fmt::format(
            "{}: its counters or the item at its end do not fit, expected its "
            "length from them",
            kind.name);
    }
    return "found none of the record types, expected one of them to match";
  }

 private:
  static Truth truth_of(const RecordKind& kind, ByteView bytes, RecordPlace place) {
    const bool is_header = place == RecordPlace::header;
    if (is_header != (kind.place == RecordPlace::header)) return Truth::no;
    return kind.match.evaluate(bytes);
  }

  static bool size_of(const RecordKind& kind, ByteView bytes, std::uint64_t& size) {
    for (const RecordKind::Ending& ending : kind.endings) {
      const Truth truth = ending.when.evaluate(bytes);
      if (truth == Truth::misfit) return false;
      if (truth == Truth::yes)
        return condition::item_end(*kind.layout, kind.reading, bytes, ending.item, size);
    }
    return condition::item_end(*kind.layout, kind.reading, bytes, 0, size);
  }

  std::vector<RecordKind> kinds_;
  std::uint64_t size_max_ = 0;
};

}  // namespace

std::shared_ptr<const framing::RecordMeasure> measure_by_layout(std::vector<RecordKind> kinds) {
  return std::make_shared<LayoutMeasure>(std::move(kinds));
}

}  // namespace copybridge::measure
