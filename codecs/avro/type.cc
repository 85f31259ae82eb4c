// Schemas as text.
#include "codecs/avro/type.h"

#include <utility>

#include "codecs/json/writer.h"

namespace copybridge::avro {
namespace {

void write_type(const Type& type, json::Writer& out);

void write_bytes(const Type& type, json::Writer& out) {
  out.begin_object();
  out.member("type", "bytes");
  out.member("logicalType", type.kind == Type::Kind::decimal ? "decimal" : "big-decimal");
  if (type.kind == Type::Kind::decimal) {
    out.number("precision", type.precision);
    out.number("scale", type.scale);
  }
  out.end_object();
}

void write_array(const Type& type, json::Writer& out) {
  out.begin_object();
  out.member("type", "array");
  out.key("items");
  write_type(type.parts.front(), out);
  out.end_object();
}

void write_union(const Type& type, json::Writer& out) {
  out.begin_array();
  for (const Type& branch : type.parts) write_type(branch, out);
  out.end_array();
}

void write_field(const Field& field, json::Writer& out) {
  out.begin_object();
  out.member("name", field.name);
  if (field.name != field.member) out.member("json_name", field.member);
  if (!field.doc.empty()) out.member("doc", field.doc);
  out.key("type");
  write_type(field.type, out);
  if (field.is_optional) out.raw_member("default", "null");
  out.end_object();
}

void write_record(const RecordType& type, json::Writer& out) {
  out.begin_object();
  out.member("type", "record");
  out.member("name", type.name);
  if (!type.name_space.empty()) out.member("namespace", type.name_space);
  out.key("fields");
  out.begin_array();
  for (const Field& field : type.fields) write_field(field, out);
  out.end_array();
  out.end_object();
}

void write_type(const Type& type, json::Writer& out) {
  switch (type.kind) {
    case Type::Kind::null:
      return out.text("null");
    case Type::Kind::boolean:
      return out.text("boolean");
    case Type::Kind::int32:
      return out.text("int");
    case Type::Kind::int64:
      return out.text("long");
    case Type::Kind::float32:
      return out.text("float");
    case Type::Kind::float64:
      return out.text("double");
    case Type::Kind::string:
      return out.text("string");
    case Type::Kind::decimal:
    case Type::Kind::big_decimal:
      return write_bytes(type, out);
    case Type::Kind::array:
      return write_array(type, out);
    case Type::Kind::record:
      return write_record(*type.record, out);
    case Type::Kind::any_of:
      return write_union(type, out);
  }
}

}  // namespace

Type type_of(RecordType record) {
  return {.kind = Type::Kind::record,
          .record = std::make_shared<const RecordType>(std::move(record))};
}

Field field_of(const std::string& name, Type type) {
  return {
      .name = name, .member = name, .key = '"' + name + '"', .doc = {}, .type = std::move(type)};
}

bool is_name_space(std::string_view text) {
  char before = '.';
  for (const char character : text) {
    const bool is_digit = character >= '0' && character <= '9';
    const bool is_letter = (character >= 'a' && character <= 'z') ||
                           (character >= 'A' && character <= 'Z') || character == '_';
    if (before == '.' ? !is_letter : !is_letter && !is_digit && character != '.') return false;
    before = character;
  }
  return before != '.';
}

std::string schema_text(const Type& type) {
  json::Writer out;
  write_type(type, out);
  return out.take();
}

}  // namespace copybridge::avro
