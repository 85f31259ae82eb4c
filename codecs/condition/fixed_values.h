// What a condition demands of single items, for records that are to be made so that it holds.
#pragma once

#include <vector>

#include "codecs/condition/condition.h"

namespace copybridge::condition {

/// A value that an item must have, or the first of those it may have.
struct FixedValue {
  copybook::ItemIndex item = copybook::kNoItem;
  copybook::Literal value;
};

/// The items outside of tables that a condition binds by `=` or by a level-88 name, as far as AND
/// joins them; of a level-88 name its first value, as SET … TO TRUE takes it.
[[nodiscard]] std::vector<FixedValue> fixed_values(const Condition& condition);

}  // namespace copybridge::condition
