// Types to the program that writes their values.
#include <algorithm>

#include "codecs/avro/program.h"

namespace copybridge::avro {
namespace {

using Kind = Type::Kind;

JsonKind json_kind_of(Kind kind) {
  switch (kind) {
    case Kind::null:
    case Kind::any_of:
      return JsonKind::null;
    case Kind::boolean:
      return JsonKind::boolean;
    case Kind::int32:
    case Kind::int64:
    case Kind::float32:
    case Kind::float64:
    case Kind::decimal:
    case Kind::big_decimal:
      return JsonKind::number;
    case Kind::string:
      return JsonKind::string;
    case Kind::array:
      return JsonKind::array;
    case Kind::record:
      return JsonKind::object;
  }
  return JsonKind::null;
}

class Compiler {
 public:
  explicit Compiler(Program& program) : program_(program) {}

  const Slot* slot(const Type& type) {
    Slot& slot = program_.slots.emplace_back();
    slot.is_union = type.kind == Kind::any_of;
    if (!slot.is_union) {
      add(type, 0, slot);
      return &slot;
    }
    for (std::size_t i = 0; i < type.parts.size(); ++i)
      add(type.parts[i], static_cast<std::uint8_t>(i), slot);
    return &slot;
  }

 private:
  void add(const Type& type, std::uint8_t index, Slot& slot) {
    Value& value = program_.values.emplace_back();
    value.kind = type.kind;
    value.precision = type.precision;
    value.scale = type.scale;
    if (type.kind == Kind::array) value.items = this->slot(type.parts.front());
    if (type.kind == Kind::record) value.record = record(*type.record);
    slot.by_kind[static_cast<std::size_t>(json_kind_of(type.kind))] = {&value, index};
  }

  const Record* record(const RecordType& type) {
    Record& record = program_.records.emplace_back();
    for (const Field& field : type.fields) {
      RecordField& made = record.fields.emplace_back();
      made.key = field.key.substr(1);
      made.member = field.member;
      made.slot = slot(field.type);
      made.is_optional = field.is_optional;
      made.is_flag = field.is_optional && field.type.parts.back().kind == Kind::boolean;
      made.alternative = field.alternative;
    }
    link(record);
    return &record;
  }

  static void link(Record& record) {
    std::map<std::uint32_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      RecordField& field = record.fields[i];
      members[field.alternative].push_back(i);
      const auto [first, is_new] = record.by_name.emplace(field.name(), i);
      if (!is_new) field.is_shared = record.fields[first->second].is_shared = true;
    }
    members.erase(0);
    const auto is_shared = [&](std::size_t i) { return record.fields[i].is_shared; };
    for (auto& [alternative, fields] : members)
      if (std::ranges::any_of(fields, is_shared)) record.alternatives.push_back(std::move(fields));
    std::ranges::stable_sort(record.alternatives, std::ranges::greater{},
                             &std::vector<std::size_t>::size);
  }

  Program& program_;
};

}  // namespace

Program compile(const Type& type) {
  Program program;
  program.root = Compiler(program).slot(type);
  return program;
}

}  // namespace copybridge::avro
