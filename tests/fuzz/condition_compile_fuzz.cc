// Any text as a condition, evaluated over a record: compiling ends, with a mistake or a program
// whose answer is always the same.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "codecs/condition/condition.h"
#include "codecs/copybook/parser.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file

struct Fixture {
  std::shared_ptr<const copybook::Layout> layout;
  condition::Reading reading;
};

Fixture make_fixture() {
  copybook::ParseOptions options;
  options.source_format = copybook::SourceFormat::free;
  const auto outcome = copybook::parse(
      "01 R. 05 A PIC X(2). 88 C1 VALUE 'AB'. 05 B PIC S9(3)V99. 88 C2 VALUE 1 THRU 5. 05 N PIC 9. "
      "05 T OCCURS 0 TO 5 DEPENDING ON N. 10 U PIC X. 05 E PIC N(1) NATIONAL. 05 F COMP-2.",
      "fuzz.cpy", options);
  if (outcome.copybook.records.empty()) std::abort();
  Fixture fixture;
  fixture.layout = std::make_shared<copybook::Layout>(outcome.copybook.records.front());
  fixture.reading.code_page = *charset::CodePage::load("IBM-1047");
  return fixture;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture = make_fixture();
  static const std::uint8_t kRecord[] = {0xC1, 0xC2, 0xF0, 0xF0, 0xF1, 0xF5, 0xC0, 0xF2, 0xA7, 0xA8,
                                         0x00, 0x41, 0x41, 0x10, 0,    0,    0,    0,    0,    0};
  Diagnostics diagnostics;
  const auto compiled =
      condition::Condition::compile({reinterpret_cast<const char*>(data), size}, {"fuzz", 1, 1},
                                    fixture.layout, fixture.reading, diagnostics);
  if (compiled.is_empty() != diagnostics.has_errors()) std::abort();
  for (std::size_t length = 0; length <= sizeof kRecord; length += 5) {
    const ByteView record{kRecord, length};
    const condition::Truth truth = compiled.evaluate(record);
    if (truth != compiled.evaluate(record)) std::abort();
    if (truth == condition::Truth::misfit && compiled.explain(record).empty()) std::abort();
  }
  return 0;
}
