// Where the sources and the built binary lie. One file knows it, so that objects of other tests are
// the same in every clone and the compiler cache serves them.
#pragma once

#include <string>
#include <string_view>

namespace copybridge::support {

/// The path of a file of the source tree, e.g. "docs/mapping.md".
std::string source_path(std::string_view name);

/// The path of a file of the build tree, e.g. "copybridge": the built binary.
std::string build_path(std::string_view name);

}  // namespace copybridge::support
