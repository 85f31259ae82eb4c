// Collection and printing of findings.
#include "bridge/core/diagnostics.h"

#include <iterator>
#include <utility>

namespace copybridge {

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = to_string(diagnostic.where);
  if (!text.empty()) text += ": ";
  text += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  text += diagnostic.message;
  if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
  return text;
}

void Diagnostics::error(Where where, std::string message, std::string hint) {
  all_.push_back({Severity::error, std::move(where), std::move(message), std::move(hint)});
  ++errors_;
}

void Diagnostics::warning(Where where, std::string message, std::string hint) {
  all_.push_back({Severity::warning, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::append(Diagnostics other) {
  errors_ += other.errors_;
  all_.insert(all_.end(), std::make_move_iterator(other.all_.begin()),
              std::make_move_iterator(other.all_.end()));
}

Error Diagnostics::first_error(ErrorKind kind) const {
  for (const Diagnostic& diagnostic : all_) {
    if (diagnostic.severity != Severity::error) continue;
    std::string message = diagnostic.message;
    if (!diagnostic.hint.empty()) message += " (" + diagnostic.hint + ")";
    return Error{kind, std::move(message), diagnostic.where};
  }
  return Error{kind, "no error", {}};
}

}  // namespace copybridge
