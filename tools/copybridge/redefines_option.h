// --redefines: which of the items that share storage to decode, and when.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/condition/condition.h"
#include "codecs/plan/plan.h"

namespace copybridge::cli {

/// Adds --redefines, which may be repeated; `texts` must outlive the application.
void add_redefines_option(CLI::App& app, std::vector<std::string>& texts);

/// Compiles `ITEM WHEN CONDITION` texts, by the rules of a mapping file's `redefines:`. Mistakes
/// are reported with their column in the text; such a choice is left out.
[[nodiscard]] std::vector<plan::Alternative> compile_redefines(
    const std::vector<std::string>& texts, const std::shared_ptr<const copybook::Layout>& layout,
    const condition::Reading& reading, Diagnostics& diagnostics);

}  // namespace copybridge::cli
