// Random layouts with their Avro schemas, and of random records what decoding prints beside its
// Avro, for a reader of another kind: avro_samples FIRST_SEED SEEDS. One JSON object per layout.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "codecs/avro/writer.h"
#include "codecs/copybook/parser.h"
#include "codecs/json/writer.h"
#include "codecs/plan/plan.h"
#include "codecs/schema/schema.h"
#include "tests/support/random_plan.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file

constexpr int kRecords = 5;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

std::shared_ptr<const copybook::Layout> layout_of(const std::string& copybook) {
  copybook::ParseOptions options;
  options.source_format = copybook::SourceFormat::free;
  const auto outcome = copybook::parse(copybook, "random.cpy", options);
  if (outcome.diagnostics.has_errors() || outcome.copybook.records.empty())
    fail("the generator makes copybooks without mistakes\n" + copybook);
  return std::make_shared<copybook::Layout>(outcome.copybook.records.front());
}

std::string avro_of(avro::Writer& writer, std::string_view json) {
  TextBuffer out;
  if (const Result<void> done = writer.append(json, out); !done)
    fail(done.error().message + "\n" + std::string(json));
  return to_hex({reinterpret_cast<const std::uint8_t*>(out.view().data()), out.size()});
}

void print_samples(std::uint32_t seed) {
  test::RandomChoices choices(seed);
  const std::string copybook = test::random_copybook(choices);
  const auto layout = layout_of(copybook);
  plan::PlanOptions options = test::random_plan_options(choices);
  options.keep_raw = choices.once_in(4);
  if (choices.once_in(2)) options.float_format = plan::FloatFormat::ieee;
  Diagnostics diagnostics;
  const std::vector<plan::Alternative> alternatives;
  const auto plan = plan::Plan::compile(layout, options, alternatives, diagnostics);
  if (plan == nullptr) return;
  const avro::Type type =
      schema::avro_type({*layout, options, alternatives, {}, {}}, {}, diagnostics);
  avro::Writer writer(type);
  json::Writer out;
  out.begin_object();
  out.member("copybook", copybook);
  out.member("schema", avro::schema_text(type));
  out.key("events");
  out.begin_array();
  for (int i = 0; i < kRecords; ++i) {
    const ByteBuffer record = test::random_record(choices, *layout, options);
    TextBuffer event;
    if (!plan->decode(record.view(), event)) continue;
    out.begin_object();
    out.member("json", event.view());
    out.member("avro", avro_of(writer, event.view()));
    out.end_object();
  }
  out.end_array();
  out.end_object();
  std::string line = out.take();
  for (char& character : line)
    if (character == '\n') character = ' ';
  std::printf("%s\n", line.c_str());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) fail("usage: avro_samples FIRST_SEED SEEDS");
  const auto first = static_cast<std::uint32_t>(std::strtoul(arguments[1], nullptr, 10));
  const auto seeds = static_cast<std::uint32_t>(std::strtoul(arguments[2], nullptr, 10));
  for (std::uint32_t seed = first; seed < first + seeds; ++seed) print_samples(seed);
  return 0;
}
