// Any text over layouts of every kind of item: encoding ends; what it makes decodes, unless the
// JSON named bytes itself; what it refuses it explains.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "codecs/copybook/parser.h"
#include "codecs/encode/encode.h"
#include "codecs/plan/plan.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file

constexpr const char* kCopybook =
    "01 R. 05 A PIC X(5). 88 IS-A VALUE 'a' 'b' THRU 'x'. 05 B PIC S9(9)V99. "
    "05 C PIC S9(20) COMP-3. 05 D COMP-2. 05 D1 COMP-1. 05 E PIC X(8). 05 N PIC 9. "
    "05 T OCCURS 0 TO 5 DEPENDING ON N. 10 U PIC N(2) NATIONAL. 10 M PIC 9. "
    "10 V PIC 9 OCCURS 0 TO 3 DEPENDING ON M. 05 P PIC S9(4)V99 COMP. "
    "05 L PIC S9(3) SIGN LEADING SEPARATE. 05 G PIC X(4). 05 H REDEFINES G PIC 9(4). "
    "05 I REDEFINES G. 10 J PIC S9(3) COMP-3. 10 K PIC 9(4) COMP. 05 Z PIC $$,$$9.99-. "
    "05 W PIC +9.99E+99. 05 O POINTER. 05 Y PIC X(3). 05 X REDEFINES Y. 10 XN PIC 9. "
    "10 XT PIC X OCCURS 0 TO 2 DEPENDING ON XN.";

struct Both {
  std::unique_ptr<const plan::Plan> decoding;
  std::unique_ptr<const encode::EncodePlan> encoding;
};

Both make_plans(unsigned variant) {
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
  options.keep_raw = (variant & 16U) != 0;
  options.conditions = options.list_errors = (variant & 2U) != 0;
  plan::FieldRule date;
  date.item = copybook::find_item(*layout, "E");
  date.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  date.empty = {{plan::EmptyValue::Kind::number, "0"}};
  if ((variant & 2U) != 0) options.rules = {date};
  encode::EncodeOptions encode_options;
  if ((variant & 1U) != 0) encode_options.missing = encode::Missing::initial;
  if ((variant & 8U) != 0) encode_options.unknown = encode::Unknown::ignore;
  Diagnostics diagnostics;
  Both plans;
  plans.decoding = plan::Plan::compile(layout, options, {}, diagnostics);
  plans.encoding = encode::EncodePlan::compile(layout, options, {}, encode_options, diagnostics);
  if (plans.decoding == nullptr || plans.encoding == nullptr) std::abort();
  return plans;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto plans = [] {
    std::array<Both, 32> made;
    for (unsigned i = 0; i < made.size(); ++i) made[i] = make_plans(i);
    return made;
  }();
  static const auto encoders = [] {
    std::array<std::unique_ptr<encode::Encoder>, 32> made;
    for (unsigned i = 0; i < made.size(); ++i)
      made[i] = std::make_unique<encode::Encoder>(*plans[i].encoding);
    return made;
  }();
  if (size == 0) return 0;
  const std::size_t variant = data[0] % plans.size();
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  text.append(kReadableTail, ' ');
  const std::string_view json = std::string_view(text).substr(0, size - 1);
  ByteBuffer record;
  if (!encoders[variant]->encode(json, record)) {
    if (record.size() != 0) std::abort();
    if (encoders[variant]->refusal().message.empty()) std::abort();
    return 0;
  }
  // Bytes that the text brought itself may be anything, and blanks that INITIALIZE moves to a date
  // are none.
  const bool has_blank_date = (variant & 3U) == 3;
  const bool has_bytes =
      has_blank_date || json.find("raw") != json.npos || json.find('\\') != json.npos;
  TextBuffer out;
  if (!has_bytes && !plans[variant].decoding->decode(record.view(), out)) std::abort();
  return 0;
}
