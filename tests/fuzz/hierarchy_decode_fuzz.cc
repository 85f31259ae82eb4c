// Arbitrary bytes as documents of several records: decoding them never reads outside of them, gives
// one object or nothing, and says why where it gives nothing.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "codecs/framing/group_framer.h"
#include "tests/support/memory_files.h"

namespace {

using copybridge::ByteBuffer;
using copybridge::ByteView;

constexpr const char* kCopybook =
    "       01  A.\n           05  T PIC 9.\n           05  N PIC 9.\n"
    "           05  E PIC X OCCURS 0 TO 3 DEPENDING ON N.\n"
    "       01  B.\n           05  T PIC 9.\n           05  V PIC S9(3) COMP-3.\n"
    "           05  W REDEFINES V PIC X(2).\n";
constexpr const char* kMapping =
    "name: a\ncopybook: a.cpy\nrecord: A\nmatch: T = 1\nevent: {type: t}\nlong_records: accept\n"
    "children:\n"
    "  - {record: B, as: b, match: T = 2, children: [{record: A, as: c, match: T = 3, children: "
    "[{record: B, as: d, match: T = 2}]}]}\n"
    "  - {record: B, as: e, match: T = 4, drop: yes}\n";

std::unique_ptr<const copybridge::mapping::Mapping> load() {
  copybridge::support::MemoryFiles files;
  files.add("a.cpy", kCopybook);
  copybridge::Diagnostics diagnostics;
  auto mapping = copybridge::mapping::load_text(kMapping, "a.yaml", files, diagnostics);
  if (mapping == nullptr) std::abort();
  return mapping;
}

void decode(const copybridge::mapping::Mapping& mapping, ByteView bytes) {
  ByteBuffer document;
  document.append(bytes);
  copybridge::TextBuffer out;
  const bool is_decoded = mapping.decode(document.view(), out);
  if (is_decoded != (out.size() > 1)) std::abort();
  if (!is_decoded && mapping.explain(document.view()).message.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto mapping = load();
  const ByteView bytes(data, size);
  decode(*mapping, bytes);
  // As a document for sure: records of the sizes that the first bytes say.
  ByteBuffer document;
  for (std::size_t at = 0; at < size;) {
    const std::size_t part = std::min<std::size_t>(data[at] % 8, size - at - 1);
    copybridge::framing::append_part(bytes.subspan(at + 1, part), document);
    at += part + 1;
  }
  decode(*mapping, document.view());
  return 0;
}
