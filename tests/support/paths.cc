// Both folders as CMake says them.
#include "tests/support/paths.h"

namespace copybridge::support {

std::string source_path(std::string_view name) {
  return std::string(COPYBRIDGE_SOURCE_DIR "/").append(name);
}

std::string build_path(std::string_view name) {
  return std::string(COPYBRIDGE_BINARY_DIR "/").append(name);
}

}  // namespace copybridge::support
