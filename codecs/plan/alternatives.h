// Items that share storage: which of them a name stands for when one is chosen by a condition.
#pragma once

#include "codecs/copybook/layout.h"

namespace copybridge::plan {

/// The first of the items that share an item's storage; kNoItem where it shares it with none.
[[nodiscard]] copybook::ItemIndex storage_of(const copybook::Layout& layout,
                                             copybook::ItemIndex item);

/// The outermost storage around an item, itself included, that several items share: the first of
/// these; kNoItem where there is none.
[[nodiscard]] copybook::ItemIndex shared_around(const copybook::Layout& layout,
                                                copybook::ItemIndex item);

/// The alternative that an item stands for: itself, or the unnamed group around it that shares
/// storage. kNoItem where there is none.
[[nodiscard]] copybook::ItemIndex alternative_of(const copybook::Layout& layout,
                                                 copybook::ItemIndex item);

}  // namespace copybridge::plan
