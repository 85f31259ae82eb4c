// Layouts, options and records of the fuzzer's choice: what decoding prints becomes a record that
// decodes to the same, with _raw the same bytes; what the fuzzer makes of the text is encoded or
// refused with a reason, and what is encoded decodes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "codecs/copybook/parser.h"
#include "codecs/encode/encode.h"
#include "codecs/plan/plan.h"
#include "tests/support/random_plan.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file

/// Enough to nest everything in everything, and few enough to be made for each input.
constexpr std::uint32_t kItemsMax = 3;

/// What is being tried, for the message where a promise is broken.
struct Trial {
  std::string copybook;
  std::shared_ptr<const copybook::Layout> layout;
  plan::PlanOptions options;
  std::string record;
  std::string json;
};

[[noreturn]] void fail(const Trial& trial, const char* promise, const std::string& found) {
  std::fprintf(stderr, "%s\n%s\n%s\n%s\n%s\n", promise, trial.copybook.c_str(),
               trial.record.c_str(), trial.json.c_str(), found.c_str());
  std::abort();
}

Trial trial_of(test::Choices& choices) {
  Trial trial;
  test::CopybookShape shape;
  shape.items_max = kItemsMax;
  shape.has_redefines = choices.once_in(2);
  trial.copybook = test::random_copybook(choices, shape);
  copybook::ParseOptions options;
  options.source_format = copybook::SourceFormat::free;
  const auto outcome = copybook::parse(trial.copybook, "fuzz.cpy", options);
  if (outcome.diagnostics.has_errors() || outcome.copybook.records.empty())
    fail(trial, "the generator makes copybooks without mistakes", {});
  trial.layout = std::make_shared<copybook::Layout>(outcome.copybook.records.front());
  trial.options = test::random_plan_options(choices);
  trial.options.keep_raw = choices.once_in(4);
  // A field that is null has no value to come back.
  if (trial.options.on_bad_field == plan::OnBadField::null && !trial.options.keep_raw)
    trial.options.on_bad_field = plan::OnBadField::reject;
  return trial;
}

encode::EncodeOptions encode_options_of(test::Choices& choices) {
  encode::EncodeOptions options;
  options.missing = static_cast<encode::Missing>(choices.below(2));
  options.unknown = static_cast<encode::Unknown>(choices.below(2));
  options.rounding = static_cast<encode::Rounding>(choices.below(3));
  options.truncates_binary = choices.once_in(2);
  return options;
}

struct Plans {
  std::unique_ptr<const plan::Plan> decoding;
  std::unique_ptr<const encode::EncodePlan> encoding;
};

Plans compile(const Trial& trial, const encode::EncodeOptions& encode_options) {
  Diagnostics diagnostics;
  return {
      plan::Plan::compile(trial.layout, trial.options, {}, diagnostics),
      encode::EncodePlan::compile(trial.layout, trial.options, {}, encode_options, diagnostics)};
}

/// The record of a text; false, with a reason, where it is none.
bool encode_text(encode::Encoder& encoder, const Trial& trial, std::string_view json,
                 ByteBuffer& record, std::string& reason) {
  std::string text(json);
  text.append(kReadableTail, ' ');
  if (encoder.encode(std::string_view(text).substr(0, json.size()), record)) return true;
  reason = encoder.refusal().message;
  if (record.size() != 0 || reason.empty())
    fail(trial, "what is refused leaves nothing and has a reason", text);
  return false;
}

/// Puts the fuzzer's bytes into the text.
std::string altered(test::InputChoices& choices, std::string json) {
  const std::size_t at = choices.below(static_cast<std::uint32_t>(json.size()));
  const std::size_t erased = choices.below(8);
  const ByteView rest = choices.rest();
  return json.replace(at, erased, {reinterpret_cast<const char*>(rest.data()), rest.size()});
}

void check_unaltered(const Plans& plans, encode::Encoder& encoder, const Trial& trial) {
  ByteBuffer again;
  std::string reason;
  const bool has_raw = trial.options.keep_raw;
  if (!encode_text(encoder, trial, trial.json, again, reason)) {
    if (has_raw) fail(trial, "with the record's own bytes there is nothing to refuse", reason);
    return;
  }
  const std::string bytes = to_hex(again.view());
  if (has_raw && bytes != trial.record) fail(trial, "with _raw the bytes are the same", bytes);
  TextBuffer out;
  if (!plans.decoding->decode(again.view(), out)) fail(trial, "what is encoded decodes", bytes);
  // The characters of an edited item may be a number that its picture does not make so.
  if (trial.options.edited != plan::Edited::text && out.view() != trial.json)
    fail(trial, "what is encoded decodes to the same", bytes + "\n" + std::string(out.view()));
  ByteBuffer canonical;
  if (!encode_text(encoder, trial, out.view(), canonical, reason) ||
      to_hex(canonical.view()) != bytes)
    fail(trial, "what was encoded once comes back byte for byte", bytes + "\n" + reason);
}

void check_altered(const Plans& plans, encode::Encoder& encoder, const Trial& trial,
                   const std::string& text) {
  ByteBuffer record;
  std::string reason;
  if (!encode_text(encoder, trial, text, record, reason)) return;
  // Bytes that the text brings itself may be anything.
  if (text.find("raw") != text.npos || text.find('\\') != text.npos) return;
  TextBuffer out;
  if (!plans.decoding->decode(record.view(), out))
    fail(trial, "what is encoded decodes", text + "\n" + to_hex(record.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::InputChoices choices(ByteView(data, size));
  Trial trial = trial_of(choices);
  const Plans plans = compile(trial, encode_options_of(choices));
  if (plans.decoding == nullptr || plans.encoding == nullptr) return 0;
  encode::Encoder encoder(*plans.encoding);
  const ByteBuffer record = test::random_record(choices, *trial.layout, trial.options);
  TextBuffer out;
  if (!plans.decoding->decode(record.view(), out)) return 0;
  trial.record = to_hex(record.view());
  trial.json = out.view();
  check_unaltered(plans, encoder, trial);
  check_altered(plans, encoder, trial, altered(choices, trial.json));
  return 0;
}
