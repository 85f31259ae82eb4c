// `examples:` of a mapping file: read when it is loaded, run by `copybridge test`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/charset/code_page.h"
#include "codecs/mapping/context.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {

/// Reads the examples. Mistakes are reported at their place; an example that has one is left out.
/// `code_page` (null where it is not known) is for record_text; with `has_children` the records are
/// put together into a document.
[[nodiscard]] std::vector<Example> read_examples(
    const ConfigNode& examples, const std::shared_ptr<const charset::CodePage>& code_page,
    bool is_by_message, bool has_children, const Context& context);

/// Runs one example through match, only_if, body, key and subject. Each line says what was
/// expected and what came instead; no line: the example holds.
[[nodiscard]] std::vector<std::string> run_example(const Mapping& mapping, const Example& example);

}  // namespace copybridge::mapping
