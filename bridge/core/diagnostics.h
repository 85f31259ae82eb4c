// Mistakes found in copybooks, mappings and configuration: all of them, not only the first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge {

enum class Severity : std::uint8_t { warning, error };

/// One finding of a lint or parser. `hint` says what to do, and may be empty.
struct Diagnostic {
  Severity severity = Severity::error;
  Where where;
  std::string message;
  std::string hint;
};

/// `file:line:column: error: message (hint)`.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

/// Collects findings in the order they are made. Not thread-safe.
class Diagnostics {
 public:
  void error(Where where, std::string message, std::string hint = {});
  void warning(Where where, std::string message, std::string hint = {});
  /// Takes over all findings of another collection.
  void append(Diagnostics other);

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
  /// The first error as an Error of `kind`; only where has_errors().
  [[nodiscard]] Error first_error(ErrorKind kind) const;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace copybridge
