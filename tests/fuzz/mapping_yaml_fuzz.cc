// Hostile mapping files over a copybook in memory. A mapping loads or has mistakes, never both;
// mistakes lie inside the text; the examples of what loads run.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codecs/mapping/examples.h"
#include "codecs/mapping/load.h"
#include "tests/support/memory_files.h"

namespace {

using copybridge::Diagnostics;
using copybridge::Where;

constexpr const char* kFile = "fuzz.yaml";

void require(bool condition) {
  if (!condition) std::abort();
}

/// Whether a place is a character of the text, or the one behind its end or a line's.
bool is_inside(const Where& where, std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::uint32_t line = 1; line < where.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return where.column <= std::min(text.find('\n'), text.size()) + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  copybridge::support::MemoryFiles files;
  files.add("account.cpy", copybridge::support::kAccountCopybook);
  Diagnostics diagnostics;
  const auto mapping = copybridge::mapping::load_text(text, kFile, files, diagnostics);
  require((mapping != nullptr) == !diagnostics.has_errors());
  for (const copybridge::Diagnostic& diagnostic : diagnostics.all()) {
    require(diagnostic.where.file != kFile || is_inside(diagnostic.where, text));
  }
  if (mapping == nullptr) return 0;
  for (const auto& example : mapping->examples) {
    static_cast<void>(copybridge::mapping::run_example(*mapping, example));
  }
  return 0;
}
