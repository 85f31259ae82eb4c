// Text with fields in it, for keys and subjects: `account/{ACCT-ID}`, `{@file}/{ACCT-ID}`.
#pragma once

#include <memory>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/source_attributes.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

namespace copybridge::plan {

/// A template compiled against a layout. Fields appear as their text with all digits of the
/// picture (keys keep leading zeros), trimmed of trailing spaces, after the field's mask if it
/// has one. `{@name}` is what the source says of the record under that name, empty where it says
/// nothing. `{{` is a literal brace.
class TextTemplate {
 public:
  /// Compiles; unknown names, tables without a subscript and unclosed braces are reported at
  /// `where`. Null where there were errors.
  static std::unique_ptr<const TextTemplate> compile(std::string_view text, const Where& where,
                                                     std::shared_ptr<const copybook::Layout> layout,
                                                     const PlanOptions& options,
                                                     Diagnostics& diagnostics);
  ~TextTemplate();

  /// Appends the text. False where a field is bad data; `out` is then rewound.
  [[nodiscard]] bool render(ByteView record, const SourceAttributes& source, TextBuffer& out) const;

 private:
  struct Impl;
  explicit TextTemplate(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace copybridge::plan
