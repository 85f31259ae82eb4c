// Variables of the process's environment.
#pragma once

#include <cstdlib>
#include <string>

namespace copybridge {

/// The variable's value; empty where it is not set.
[[nodiscard]] inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace copybridge
