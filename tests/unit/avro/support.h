// JSON in, hexadecimal out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/avro/writer.h"

namespace copybridge::avro {

using Kind = Type::Kind;

inline Type of(Kind kind) { return {.kind = kind}; }
inline Type decimal(std::size_t precision, std::size_t scale) {
  return {.kind = Kind::decimal, .precision = precision, .scale = scale};
}
inline Type array_of(Type items) { return {.kind = Kind::array, .parts = {std::move(items)}}; }
inline Type any_of(std::vector<Type> branches) {
  return {.kind = Kind::any_of, .parts = std::move(branches)};
}
inline Type record_of(std::vector<Field> fields) {
  return type_of({.name = "R", .fields = std::move(fields)});
}

inline Field optional(const std::string& member, Type type, std::uint32_t alternative = 0) {
  Field made = field_of(member, any_of({of(Kind::null), std::move(type)}));
  made.is_optional = true;
  made.alternative = alternative;
  return made;
}

/// The value behind what was there already; the message where there is none.
inline std::string written(Writer& writer, std::string_view json) {
  std::string text(json);
  text.append(kReadableTail, ' ');
  TextBuffer out;
  out.append("before");
  const Result<void> done = writer.append(std::string_view(text).substr(0, json.size()), out);
  if (!done) return out.view() == "before" ? done.error().message : "something was left behind";
  const std::string_view value = out.view().substr(6);
  return to_hex({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}
inline std::string written(const Type& type, std::string_view json) {
  Writer writer(type);
  return written(writer, json);
}

/// The only member of a record, which adds nothing to it.
inline std::string value_of(const Type& type, const std::string& json) {
  return written(record_of({field_of("A", type)}), R"({"A":)" + json + "}");
}

}  // namespace copybridge::avro
