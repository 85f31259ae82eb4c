// Any bytes over layouts of every kind of item: decoding ends, prints text or says why not.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "codecs/copybook/parser.h"
#include "codecs/plan/plan.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file

constexpr const char* kCopybook =
    "01 R. 05 A PIC X(5). 88 IS-A VALUE 'a' 'b' THRU 'x'. 05 B PIC S9(9)V99. "
    "05 C PIC S9(20) COMP-3. 05 D COMP-2. 05 D1 COMP-1. 05 E PIC X(8). 05 N PIC 9. "
    "05 T OCCURS 0 TO 5 DEPENDING ON N. 10 U PIC N(2) NATIONAL. 10 M PIC 9. "
    "10 V PIC 9 OCCURS 0 TO 3 DEPENDING ON M. 05 P PIC S9(4)V99 COMP. "
    "05 L PIC S9(3) SIGN LEADING SEPARATE. 05 G PIC X(4). 05 H REDEFINES G PIC 9(4). "
    "05 I REDEFINES G. 10 J PIC S9(3) COMP-3. 10 K PIC 9(4) COMP.";

std::unique_ptr<const plan::Plan> make_plan(unsigned variant) {
  copybook::ParseOptions parse_options;
  parse_options.source_format = copybook::SourceFormat::free;
  const auto outcome = copybook::parse(kCopybook, "fuzz.cpy", parse_options);
  if (outcome.copybook.records.empty()) std::abort();
  auto layout = std::make_shared<copybook::Layout>(outcome.copybook.records.front());
  plan::PlanOptions options;
  options.code_page = *charset::CodePage::load((variant & 1U) != 0 ? "ISO-8859-1" : "IBM-1047");
  options.float_format = (variant & 1U) != 0 ? plan::FloatFormat::ieee : plan::FloatFormat::ibm;
  options.on_bad_field = static_cast<plan::OnBadField>(variant % 3);
  options.short_records = (variant & 4U) != 0 ? plan::Acceptance::accept : plan::Acceptance::reject;
  options.long_records = plan::Acceptance::accept;
  options.odo = (variant & 8U) != 0 ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
  options.conditions = options.list_errors = true;
  plan::FieldRule date;
  date.item = copybook::find_item(*layout, "E");
  date.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  date.empty = {{plan::EmptyValue::Kind::number, "0"}};
  plan::FieldRule mask;
  mask.item = copybook::find_item(*layout, "A");
  mask.mask = plan::MaskRule{plan::MaskRule::Kind::keep_last, 2};
  if ((variant & 2U) != 0) options.rules = {date, mask};
  Diagnostics diagnostics;
  auto plan = plan::Plan::compile(layout, options, {}, diagnostics);
  if (plan == nullptr) std::abort();
  return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto plans = [] {
    std::array<std::unique_ptr<const plan::Plan>, 16> made;
    for (unsigned i = 0; i < made.size(); ++i) made[i] = make_plan(i);
    return made;
  }();
  if (size == 0) return 0;
  ByteBuffer record;
  record.append({data + 1, size - 1});
  TextBuffer out;
  const plan::Plan& plan = *plans[data[0] % plans.size()];
  const bool fits = plan.decode(record.view(), out);
  if (fits == (out.size() == 0)) std::abort();
  if (!fits && plan.explain(record.view()).message.empty()) std::abort();
  return 0;
}
