// What the readers of the parts of a mapping file share, and how they find items by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/diagnostics.h"
#include "bridge/core/options.h"
#include "codecs/charset/code_page.h"
#include "codecs/copybook/layout.h"
#include "codecs/mapping/source_text.h"

namespace copybridge::mapping {

struct Context {
  const SourceText& source;
  /// Null where the copybook has mistakes; names are then not looked up.
  std::shared_ptr<const copybook::Layout> layout;
  Diagnostics& diagnostics;
  charset::LoadOptions pages = {};  ///< how code pages are loaded
};

/// Finds an item by its name as a mapping writes it, qualified or not. An unknown, ambiguous or
/// subscripted name is reported at `where`; kNoItem then, and where there is no layout.
[[nodiscard]] copybook::ItemIndex find_named_item(std::string_view name, const Where& where,
                                                  const Context& context);

/// The place of the first character of a text that is given to another parser: its columns count
/// from 1, whatever stands before the text in the file.
[[nodiscard]] Where parsed_text_start(const ConfigNode& scalar);

/// Hands on what a parser found in the text of a scalar, each at its place in the file, with the
/// nearest name where an unknown one stands there. The parser was given parsed_text_start(), and
/// `prefix` characters before the scalar's own.
void report_findings_in(const ConfigNode& scalar, const Diagnostics& found, std::size_t prefix,
                        const Context& context);

/// Whether a key is given and has a single value. A value of another type is reported when the
/// table is read; nobody looks into it then.
[[nodiscard]] bool has_scalar(const Options& options, std::string_view key);

/// 'word': for messages.
[[nodiscard]] std::string in_quotes(std::string_view word);

/// "did you mean 'X'?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view near);

}  // namespace copybridge::mapping
