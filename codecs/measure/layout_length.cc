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
using copybook::Layout;
using framing::Measured;
using framing::RecordPlace;

namespace {

/// The nearest item around one that shares storage itself and has a condition; 0: none.
ItemIndex outer_of(const RecordKind& kind, ItemIndex item) {
  const auto has_condition = [&](ItemIndex around) {
    return std::ranges::any_of(
        kind.endings, [&](const RecordKind::Ending& ending) { return ending.item == around; });
  };
  item = kind.layout->items[item].parent;
  while (item != 0 && !has_condition(item)) item = kind.layout->items[item].parent;
  return item;
}

/// Whether an item is as large as the storage that the record ends with.
bool fills_storage(const Layout& layout, ItemIndex item) {
  const Item& entry = layout.items[item];
  return entry.offset + std::uint64_t{entry.size} * entry.occurs_max == layout.size_max;
}

class LayoutMeasure final : public framing::RecordMeasure {
 public:
  explicit LayoutMeasure(std::vector<RecordKind> kinds) : kinds_(std::move(kinds)) {
    for (const RecordKind& kind : kinds_)
      size_max_ = std::max(size_max_, std::uint64_t{kind.layout->size_max});
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
    ItemIndex last = 0;
    for (ItemIndex around = 0;;) {
      const RecordKind::Ending* chosen = nullptr;
      if (!choose(kind, bytes, around, chosen)) return false;
      if (chosen == nullptr) break;
      if (chosen->ends_record) last = chosen->item;
      if (!chosen->ends_record && !fills_storage(*kind.layout, chosen->item)) break;
      around = chosen->item;
    }
    return condition::item_end(*kind.layout, kind.reading, bytes, last, size);
  }

  /// The alternative that is there, directly within another one; false where that is not known.
  static bool choose(const RecordKind& kind, ByteView bytes, ItemIndex around,
                     const RecordKind::Ending*& chosen) {
    for (const RecordKind::Ending& ending : kind.endings) {
      if (outer_of(kind, ending.item) != around) continue;
      const Truth truth = ending.when.evaluate(bytes);
      if (truth == Truth::misfit) return false;
      if (truth == Truth::no) continue;
      chosen = &ending;
      return true;
    }
    return true;
  }

  std::vector<RecordKind> kinds_;
  std::uint64_t size_max_ = 0;
};

}  // namespace

std::shared_ptr<const framing::RecordMeasure> measure_by_layout(std::vector<RecordKind> kinds) {
  return std::make_shared<LayoutMeasure>(std::move(kinds));
}

}  // namespace copybridge::measure
