// `redefines:` of a mapping file: which of the items that share storage to take, and when.
#pragma once

#include <vector>

#include "bridge/core/config.h"
#include "codecs/condition/condition.h"
#include "codecs/mapping/context.h"
#include "codecs/plan/plan.h"

namespace copybridge::mapping {

/// Compiles a condition that stands in a mapping file. Mistakes are reported at their own column;
/// an empty condition is returned then, and where there is no layout or no code page. `scope`: the
/// item whose occurrence the condition is about.
[[nodiscard]] condition::Condition compile_condition(const ConfigNode& node,
                                                     const condition::Reading& reading,
                                                     const Context& context,
                                                     copybook::ItemIndex scope = copybook::kNoItem);

/// The item that a name stands for among those that share storage; kNoItem where it shares none,
/// which is reported at `where`.
[[nodiscard]] copybook::ItemIndex find_alternative(std::string_view name, const Where& where,
                                                   const Context& context);

/// Reads the choices, in their order. Mistakes are reported at their place; a choice that has one
/// is left out.
[[nodiscard]] std::vector<plan::Alternative> read_alternatives(const ConfigNode& redefines,
                                                               const condition::Reading& reading,
                                                               const Context& context);

/// Warns of every mask whose item shares bytes with another item that is printed in full, where no
/// choice keeps the two apart.
void warn_of_shown_masks(const std::vector<plan::FieldRule>& rules,
                         const std::vector<plan::Alternative>& alternatives,
                         const Context& context);

/// Warns of every REDEFINES that no choice is given for: all its alternatives are then decoded.
void warn_of_open_redefines(const std::vector<plan::Alternative>& alternatives,
                            const Context& context);

}  // namespace copybridge::mapping
