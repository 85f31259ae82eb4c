// Lengths of records by an expression over their items (`LEN-FIELD + 4`), or by an item whose
// values stand for lengths.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/condition/condition.h"
#include "codecs/framing/framing.h"

namespace copybridge::measure {

/// A value of the item and the length it stands for, both as written; the value `*` stands for
/// every other one.
using LengthMap = std::vector<std::pair<std::string, std::string>>;

/// Compiles `text`: whole numbers, names of items (qualified, outside of tables), + - * / and
/// parentheses; / cuts off. With `lengths` the text is the name of one item, of any kind. Mistakes
/// go to `diagnostics` at `where`; null then.
[[nodiscard]] std::shared_ptr<const framing::RecordMeasure> compile_length(
    std::string_view text, const LengthMap& lengths, const Where& where,
    std::shared_ptr<const copybook::Layout> layout, const condition::Reading& reading,
    Diagnostics& diagnostics);

}  // namespace copybridge::measure
