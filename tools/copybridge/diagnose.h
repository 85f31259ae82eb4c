// Findings on stderr.
#pragma once

#include <cstdio>

#include "bridge/core/diagnostics.h"

namespace copybridge::cli {

/// Prints every finding on a line of its own.
inline void print_diagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
  }
}

}  // namespace copybridge::cli
