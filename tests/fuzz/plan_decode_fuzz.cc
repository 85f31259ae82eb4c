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
    "05 I REDEFINES G. 10 J PIC S9(3) COMP-3. 10 K PIC 9(4) COMP. "
    "05 O PIC X(6). 05 Q PIC G(3) DISPLAY-1. 05 S PIC Z,ZZ9.99CR. 05 W PIC $$$9.99. "
    "05 X1 PIC +9.99E+99. 05 Y PIC ZZ9 NATIONAL. 05 Z PIC 9(3) COMP-6. 05 AA POINTER. "
    "05 AB PIC S9(31) COMP-3. 05 AC PIC U(3). 05 AD PIC X(4) JUST. 05 AE PIC PP9(3).";

constexpr std::array<const char*, 6> kPages = {"IBM-1047", "ISO-8859-1", "939",
                                               "UTF-8",    "IBM-943",    "US-ASCII"};

std::unique_ptr<const plan::Plan> make_plan(unsigned variant) {
  copybook::ParseOptions parse_options;
  parse_options.source_format = copybook::SourceFormat::free;
  const auto outcome = copybook::parse(kCopybook, "fuzz.cpy", parse_options);
  if (outcome.copybook.records.empty()) std::abort();
  auto layout = std::make_shared<copybook::Layout>(outcome.copybook.records.front());
  plan::PlanOptions options;
  options.code_page = *charset::CodePage::load(kPages[variant % kPages.size()]);
  options.float_format = (variant & 1U) != 0 ? plan::FloatFormat::ieee : plan::FloatFormat::ibm;
  options.on_bad_field = static_cast<plan::OnBadField>(variant % 3);
  options.short_records = static_cast<plan::Acceptance>(variant / 2 % 3);
  options.unmappable = static_cast<charset::Unmappable>(variant / 4 % 2);
  options.odo_range = static_cast<plan::OdoRange>(variant / 3 % 3);
  options.edited = static_cast<plan::Edited>(variant / 16 % 2);
  options.national_order = static_cast<plan::ByteOrder>(variant / 8 % 2);
  options.trim = static_cast<plan::Trim>(variant / 5 % 3);
  if ((variant & 16U) != 0) {
    for (const condition::LeniencyWord& word : condition::kLeniencyWords)
      options.lenient.*word.flag = true;
    options.empty_numbers = options.empty_text = {true, true, true};
  }
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
    std::array<std::unique_ptr<const plan::Plan>, 32> made;
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
  TextBuffer again;
  if (plan.decode(record.view(), again) != fits || again.view() != out.view()) std::abort();
  if (!fits && plan.explain(record.view()).message.empty()) std::abort();
  return 0;
}
