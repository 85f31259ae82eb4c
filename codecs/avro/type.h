// Avro types, as far as what decode prints needs them (specification 1.12; readers of older ones
// ignore one logical type).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::avro {

struct RecordType;

struct Type {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    int32,    ///< `int`
    int64,    ///< `long`
    float32,  ///< `float`
    float64,  ///< `double`
    string,
    decimal,      ///< `bytes` of that logical type
    big_decimal,  ///< likewise: the scale is the value's own
    array,
    record,
    any_of  ///< a union
  };
  Kind kind = Kind::null;
  std::size_t precision = 0;  ///< of a decimal: digits at most
  std::size_t scale = 0;      ///< of a decimal: those behind the point
  /// Of an array: its items. Of a union: its branches, of which JSON tells which one is meant: one
  /// for each kind of JSON value at most.
  std::vector<Type> parts = {};
  std::shared_ptr<const RecordType> record = {};
};

/// A record's field, and the member of the JSON object that has its value.
struct Field {
  std::string name;
  std::string member;  ///< where it is another name, it stands in the schema as `json_name`
  std::string key;     ///< the member's name with quotes as it is printed
  std::string doc;     ///< empty: none
  Type type;           ///< where `is_optional`: a union whose first branch is null, the default
  bool is_optional = false;  ///< the member may be absent
  /// Fields of one alternative, of which all members are there or none; 0: of none. Of fields with
  /// the same member, which only alternatives can have, one at most has a value.
  std::uint32_t alternative = 0;
};

/// Whether a text is a namespace: names with dots between them (specification, Names).
[[nodiscard]] bool is_name_space(std::string_view text);

struct RecordType {
  std::string name;
  std::string name_space = {};  ///< empty: that of the record around it, or none
  std::vector<Field> fields = {};
};

[[nodiscard]] Type type_of(RecordType record);
/// A field of the member's name, which Avro and JSON both take as it is.
[[nodiscard]] Field field_of(const std::string& name, Type type);

/// The schema as JSON text with a line end.
[[nodiscard]] std::string schema_text(const Type& type);

}  // namespace copybridge::avro
