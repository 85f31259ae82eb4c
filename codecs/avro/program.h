// What a type is compiled to: for each kind of JSON value that may stand in a place, how it is
// written.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/avro/type.h"

namespace copybridge::avro {

struct Record;
struct Slot;

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object, none };
inline constexpr std::size_t kJsonKinds = 6;

/// A value of one type that is no union.
struct Value {
  Type::Kind kind = Type::Kind::null;
  std::size_t precision = 0;
  std::size_t scale = 0;
  const Slot* items = nullptr;     ///< of an array
  const Record* record = nullptr;  ///< of a record
};

/// Where a value stands.
struct Slot {
  struct Branch {
    const Value* value = nullptr;  ///< null: there is no such value here
    std::uint8_t index = 0;        ///< in the union
  };
  bool is_union = false;
  std::array<Branch, kJsonKinds> by_kind;
};

struct RecordField {
  std::string key;     ///< the member's name as it is printed, with the quote behind it
  std::string member;  ///< for messages
  const Slot* slot = nullptr;
  bool is_optional = false;
  bool is_flag = false;  ///< boolean: not all of an alternative's fields have to be there
  bool is_shared = false;
  std::uint32_t alternative = 0;

  /// For simdjson, which compares names as they are printed.
  [[nodiscard]] std::string_view name() const {
    return std::string_view(key).substr(0, key.size() - 1);
  }
};

struct Record {
  std::vector<RecordField> fields;
  std::map<std::string_view, std::size_t> by_name;  ///< the first field of a name
  /// Fields of each alternative that has one which others have, too; the largest first.
  std::vector<std::vector<std::size_t>> alternatives;
};

struct Program {
  std::deque<Value> values;
  std::deque<Slot> slots;
  std::deque<Record> records;
  const Slot* root = nullptr;
};

[[nodiscard]] Program compile(const Type& type);

}  // namespace copybridge::avro
