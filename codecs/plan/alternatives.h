// Items that share storage: which of them a name stands for when one is chosen by a condition.
#pragma once

#include "codecs/condition/condition.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

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

/// Whether a record that has the alternative ends with it, though the storage that it shares is
/// larger (RecordEnd). `condition`: what chooses it, empty: it is there in all records; null: it
/// stands beside the others.
[[nodiscard]] bool ends_with(const copybook::Layout& layout, const PlanOptions& options,
                             copybook::ItemIndex alternative,
                             const condition::Condition* condition);

}  // namespace copybridge::plan
