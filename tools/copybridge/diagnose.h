// Findings on stderr.
#pragma once

#include <cstdio>

#include "bridge/core/diagnostics.h"
#include "bridge/core/error.h"

namespace copybridge::cli {

/// Prints every finding on a line of its own.
inline void print_diagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
  }
}

/// Prints why a command failed; what it ends with.
inline int report_error(const Error& error) {
  std::fprintf(stderr, "copybridge: %s\n", to_string(error).c_str());
  return exit_code(error.kind);
}

}  // namespace copybridge::cli
