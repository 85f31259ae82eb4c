// Where an item stands in a record: subscripts, and tables before it that depend on counters.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/condition/field.h"

namespace copybridge::condition {

/// Finds one item. Immutable; allocates nothing when it is used.
class Locator {
 public:
  Locator() = default;
  /// `subscripts`: one for each table around the item, outermost first, itself included where it
  /// is one; 0: to be given by find(), from its own first ones.
  Locator(std::shared_ptr<const copybook::Layout> layout, copybook::ItemIndex item,
          std::vector<std::uint32_t> subscripts, const Reading& reading);

  /// Offset of the item from the record's start; false where it lies outside the record, where a
  /// subscript is beyond the occurrences, or a counter does not fit.
  [[nodiscard]] bool find(ByteView record, std::span<const std::uint32_t> given,
                          std::uint64_t& offset) const;

  [[nodiscard]] copybook::ItemIndex item() const { return item_; }
  /// Whether find() is given all its subscripts, or it has none.
  [[nodiscard]] bool takes_given() const {
    return std::all_of(subscripts_.begin(), subscripts_.end(),
                       [](std::uint32_t subscript) { return subscript == 0; });
  }

 private:
  std::shared_ptr<const copybook::Layout> layout_;
  copybook::ItemIndex item_ = copybook::kNoItem;
  std::vector<std::uint32_t> subscripts_;
  Reading reading_;
  bool is_fixed_ = false;
  std::uint64_t fixed_offset_ = 0;
};

/// The tables around an item, outermost first, itself included where it is one.
[[nodiscard]] std::vector<copybook::ItemIndex> tables_around(const copybook::Layout& layout,
                                                             copybook::ItemIndex item);

/// Where an item outside of tables ends (0: the whole record), by its counters; false where they do
/// not fit or lie outside of the bytes. The end itself may lie outside of them.
[[nodiscard]] bool item_end(const copybook::Layout& layout, const Reading& reading, ByteView record,
                            copybook::ItemIndex item, std::uint64_t& end);

}  // namespace copybridge::condition
