// Any text as an event of every kind of field: writing ends, leaves nothing where it refuses, says
// why, and makes of text that is blanked out or whose members are turned round the same.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/avro/writer.h"
#include "codecs/json/parts.h"

namespace {

using namespace copybridge;  // NOLINT: the only user of the file
using avro::Field;
using avro::Type;
using Kind = Type::Kind;

Field optional(const std::string& member, Type type, std::uint32_t alternative = 0) {
  Field made = avro::field_of(
      member, {.kind = Kind::any_of, .parts = {{.kind = Kind::null}, std::move(type)}});
  made.is_optional = true;
  made.alternative = alternative;
  return made;
}

Type record(std::vector<Field> fields) {
  return avro::type_of({.name = "R", .fields = std::move(fields)});
}

/// One letter for each member, so that the fuzzer finds them.
Type every_kind(bool has_alternatives) {
  const Type raw = record({avro::field_of("raw", {.kind = Kind::string})});
  const Type decimal{.kind = Kind::decimal, .precision = 9, .scale = 2};
  const Type long_decimal{.kind = Kind::decimal, .precision = 45, .scale = 5};
  std::vector<Field> fields = {
      avro::field_of("I", {.kind = Kind::int32}),
      optional("L", {.kind = Kind::int64}),
      optional("F", {.kind = Kind::float32}),
      optional("G", {.kind = Kind::float64}),
      optional("S", {.kind = Kind::string}),
      optional("D", decimal),
      optional("E", long_decimal),
      optional("B", {.kind = Kind::big_decimal}),
      optional("T", {.kind = Kind::boolean}),
      optional("A", {.kind = Kind::array,
                     .parts = {record(
                         {avro::field_of("N", {.kind = Kind::int32}), optional("M", decimal)})}})};
  fields.push_back(
      avro::field_of("U", {.kind = Kind::any_of, .parts = {{.kind = Kind::null}, decimal, raw}}));
  if (has_alternatives) {
    fields.push_back(optional("X", {.kind = Kind::int32}, 1));
    fields.push_back(optional("X", record({avro::field_of("Y", {.kind = Kind::string})}), 2));
    fields.push_back(optional("Z", {.kind = Kind::string}, 2));
  }
  return record(std::move(fields));
}

/// The Avro of a text; empty where there is none.
std::string written(avro::Writer& writer, std::string_view json) {
  std::string text(json);
  text.append(kReadableTail, ' ');
  TextBuffer out;
  const Result<void> done = writer.append(std::string_view(text).substr(0, json.size()), out);
  if (!done && (out.size() != 0 || done.error().message.empty())) std::abort();
  if (done && out.size() == 0) std::abort();
  return std::string(out.view());
}

/// The members in the order of their names, with blanks around them.
std::string turned_round(std::string_view json) {
  const auto members = json::members_of(json);
  // Numbers beyond a double are JSON, but not to it.
  if (!members) return std::string(json);
  std::string text = " { ";
  for (const auto& [name, value] : *members) {
    text += text.size() > 3 ? " , \"" : "\"";
    text += name;
    text += "\" : ";
    text += value;
  }
  return text + " } ";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<avro::Writer, 2> writers = {avro::Writer(every_kind(false)),
                                                avro::Writer(every_kind(true))};
  if (size == 0) return 0;
  avro::Writer& writer = writers[data[0] % 2];
  const std::string_view json(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string avro = written(writer, json);
  if (!avro.empty() && written(writer, turned_round(json)) != avro) std::abort();
  return 0;
}
