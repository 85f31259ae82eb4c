// Order and bounds of a copybook's findings.
#include "codecs/copybook/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace copybridge::copybook {

void Report::error(Place place, std::string message, std::string hint) {
  if (is_full()) return;
  if (hint.empty()) hint = cut_hint(place);
  add({Severity::error, place, std::move(message), std::move(hint)});
  ++errors_;
}

std::string Report::cut_hint(Place place) const {
  for (const std::uint32_t line : {place.line, place.line - 1}) {
    if (cut_lines_.contains({place.file, line}))
      return "line " + std::to_string(line) +
             " goes on behind column 72, which fixed format does not read; --source-format "
             "variable (source_format) does";
  }
  return {};
}

void Report::warning(Place place, std::string message, std::string hint) {
  if (findings_.size() >= 2 * kErrorsMax) return;
  add({Severity::warning, place, std::move(message), std::move(hint)});
}

void Report::add(Finding finding) {
  // Messages quote the text; control characters in it must not reach a terminal.
  std::replace_if(
      finding.message.begin(), finding.message.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }, '?');
  findings_.push_back(std::move(finding));
}

Where Report::where(Place place) const {
  return {place.file < sources_.names.size() ? sources_.names[place.file] : std::string(),
          place.line, place.column};
}

Diagnostics Report::in_order() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) <
           std::tie(b.place.file, b.place.line, b.place.column);
  });
  Diagnostics diagnostics;
  for (Finding& finding : findings_) {
    if (finding.severity == Severity::error) {
      diagnostics.error(where(finding.place), std::move(finding.message), std::move(finding.hint));
    } else {
      diagnostics.warning(where(finding.place), std::move(finding.message),
                          std::move(finding.hint));
    }
  }
  if (is_full()) diagnostics.error({}, "copybook: too many errors, the rest is not shown");
  return diagnostics;
}

}  // namespace copybridge::copybook
