// What a condition demands of single items, for records that are to be made so that it holds.
#pragma once

#include <vector>

#include "codecs/condition/condition.h"

namespace copybridge::condition {

struct Test;

/// A value that an item must have, or the first of those it may have.
struct FixedValue {
  copybook::ItemIndex item = copybook::kNoItem;
  copybook::Literal value;
  const Test* test = nullptr;  ///< lives as long as the condition

  /// Whether the item's bytes have it already, or another one that will do.
  [[nodiscard]] bool is_in(const std::uint8_t* bytes) const;
};

/// The items that a condition binds by `=` or by a level-88 name, as far as AND joins them; of a
/// level-88 name its first value, as SET … TO TRUE takes it. Items of tables are among them where
/// the condition is about one occurrence.
[[nodiscard]] std::vector<FixedValue> fixed_values(const Condition& condition);

}  // namespace copybridge::condition
