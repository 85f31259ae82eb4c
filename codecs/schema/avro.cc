// Items, rules and options to Avro types.
#include <algorithm>
#include <cctype>
#include <set>

#include "codecs/plan/names.h"
#include "codecs/schema/facts.h"

namespace copybridge::schema {

using avro::Field;
using avro::RecordType;
using avro::Type;
using avro::type_of;
using copybook::Item;
using plan::OutlineNode;
using Kind = Type::Kind;

namespace {

constexpr json::Uint128 kIntMax = 0x7FFFFFFF;
constexpr json::Uint128 kLongMax = 0x7FFFFFFFFFFFFFFF;

/// A name as Avro allows it: letters, digits and _, no digit in front.
std::string legal(const std::string& name) {
  std::string text;
  for (const char character : name) {
    const bool is_legal = std::isalnum(static_cast<unsigned char>(character)) != 0;
    text += is_legal ? character : '_';
  }
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0)
    text.insert(0, 1, '_');
  return text;
}

/// Hands out names that occur once.
class Names {
 public:
  std::string take(const std::string& wanted) {
    std::string name = wanted;
    for (unsigned number = 2; !taken_.insert(name).second; ++number)
      name = wanted + "_" + std::to_string(number);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

class Maker {
 public:
  /// `records`: names of records that the schema has.
  Maker(const Source& source, const SchemaOptions& options, Diagnostics& diagnostics,
        Names& records)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        records_(records),
        outline_(
            plan::make_outline(source.layout, source.options, source.alternatives, diagnostics)),
        rules_(outline_.rules) {}

  /// `wanted`: the record's name, where it is not taken.
  Type make_record(const std::string& wanted, const std::string& name_space) {
    RecordType type{.name = records_.take(wanted), .name_space = name_space};
    Object object{type.name, type.fields, {}};
    add_fields(outline_.members, {}, object);
    add_special_fields(object);
    return type_of(std::move(type));
  }

 private:
  struct Where {
    bool is_nullable = false;       ///< an alternative that may not fit
    std::uint32_t alternative = 0;  ///< a member that only some records have; else 0
  };

  /// A record that is being made.
  struct Object {
    const std::string path;
    std::vector<Field>& fields;
    Names names;
  };

  [[nodiscard]] const Item& item(const OutlineNode& node) const {
    return source_.layout.items[node.item];
  }

  void add_fields(const std::vector<OutlineNode>& nodes, const Where& where, Object& object) {
    for (const OutlineNode& node : nodes) add_node(node, where, object);
  }

  void add_node(const OutlineNode& node, const Where& where, Object& object) {
    if (node.kind == OutlineNode::Kind::choice) return add_choice(node, where, object);
    if (node.has_member) {
      add_field(node, where, object);
    } else if (node.is_shown) {
      add_fields(node.children, where, object);
    }
    for (const plan::OutlineCondition& condition : node.conditions) {
      Field& field = add(condition.name, object);
      set_optional(field, {.kind = Kind::boolean});
      field.alternative = where.alternative;
    }
  }

  void add_choice(const OutlineNode& node, const Where& where, Object& object) {
    if (!node.is_shown) return;
    Where arm = where;
    if (!node.is_conditional) arm.is_nullable = true;
    for (const OutlineNode& child : node.children) {
      if (node.is_conditional) arm.alternative = ++alternatives_;
      add_node(child, arm, object);
    }
  }

  static Field& add(const std::string& member, Object& object) {
    Field& field = object.fields.emplace_back();
    field.name = object.names.take(legal(member));
    field.member = member;
    field.key = plan::quoted(member);
    return field;
  }

  static Type any_of(std::vector<Type> branches) {
    return {.kind = Kind::any_of, .parts = std::move(branches)};
  }
  static Type array_of(Type items) { return {.kind = Kind::array, .parts = {std::move(items)}}; }

  /// A member that may be absent; `type` may be a union's branches.
  static void set_optional(Field& field, Type type) {
    std::vector<Type> branches = {{.kind = Kind::null}};
    if (type.kind != Kind::any_of) {
      branches.push_back(std::move(type));
    } else {
      for (Type& branch : type.parts)
        if (branch.kind != Kind::null) branches.push_back(std::move(branch));
    }
    field.type = any_of(std::move(branches));
    field.is_optional = true;
  }

  void add_special_fields(Object& object) {
    if (source_.options.list_errors)
      set_optional(add("_errors", object), array_of({.kind = Kind::string}));
    if (source_.options.keep_raw) add("_raw", object).type = {.kind = Kind::string};
    for (const Child& child : source_.children) {
      Field& field = add(child.member, object);
      field.type = array_of(Maker(child.source, options_, diagnostics_, records_)
                                .make_record(object.path + "_" + legal(child.member), ""));
    }
    if (!source_.order_member.empty())
      set_optional(add(source_.order_member, object), array_of({.kind = Kind::int64}));
  }

  void add_field(const OutlineNode& node, const Where& where, Object& object) {
    const std::string own = object.path + "_" + legal(node.name);
    const bool is_table = item(node).is_table;
    Type type = element(node, own, where.is_nullable && !is_table);
    if (is_table) type = array_of(std::move(type));
    if (is_table && where.is_nullable) type = any_of({{.kind = Kind::null}, std::move(type)});
    Field& field = add(node.name, object);
    if (node.kind != OutlineNode::Kind::group)
      field.doc = description_of(source_.layout, node.item, source_.options);
    field.alternative = where.alternative;
    if (where.alternative != 0) return set_optional(field, std::move(type));
    field.type = std::move(type);
  }

  /// The type of one occurrence; a union where there are several.
  Type element(const OutlineNode& node, const std::string& path, bool is_nullable) {
    if (node.kind == OutlineNode::Kind::group) {
      Type record = make_group(node, path);
      if (!is_nullable) return record;
      return any_of({{.kind = Kind::null}, std::move(record)});
    }
    const Facts facts =
        facts_of(source_.layout, node.item, rules_.rule[node.item], source_.options, options_);
    Type type = elementary(facts);
    if (!is_nullable && !facts.may_be_null && !facts.may_be_raw) return type;
    std::vector<Type> branches;
    if (is_nullable || facts.may_be_null) branches.push_back({.kind = Kind::null});
    branches.push_back(std::move(type));
    if (facts.may_be_raw) {
      Field raw = avro::field_of("raw", {.kind = Kind::string});
      branches.push_back(
          type_of({.name = records_.take(path + "_raw"), .fields = {std::move(raw)}}));
    }
    return any_of(std::move(branches));
  }

  Type make_group(const OutlineNode& node, const std::string& path) {
    RecordType type{.name = records_.take(path)};
    Object object{path, type.fields, {}};
    add_fields(node.children, {}, object);
    return type_of(std::move(type));
  }

  static Type elementary(const Facts& facts) {
    if (facts.is_quoted) return {.kind = Kind::string};
    if (facts.kind == Facts::Kind::number) return number(facts);
    if (facts.kind != Facts::Kind::floating) return {.kind = Kind::string};
    // Avro 1.12; older readers take the bytes. A double has neither the digits nor the decimals.
    if (facts.is_decimal) return {.kind = Kind::big_decimal};
    return {.kind = facts.is_single ? Kind::float32 : Kind::float64};
  }

  static Type number(const Facts& facts) {
    // Trailing P's are digits too.
    const std::string digits = scaled(std::max(facts.most, facts.least), 0, false);
    const std::size_t zeros = facts.scale < 0 ? static_cast<std::size_t>(-facts.scale) : 0;
    if (facts.scale <= 0 && digits.size() + zeros < json::kDigitsMax) {
      const json::Uint128 most =
          std::max(facts.most, facts.least == 0 ? facts.most : facts.least - 1) *
          json::power_of_ten(static_cast<unsigned>(zeros));
      if (most <= kIntMax) return {.kind = Kind::int32};
      if (most <= kLongMax) return {.kind = Kind::int64};
    }
    const auto scale = static_cast<std::size_t>(std::max(facts.scale, 0));
    return {
        .kind = Kind::decimal, .precision = std::max(digits.size() + zeros, scale), .scale = scale};
  }

  const Source& source_;
  const SchemaOptions& options_;
  Diagnostics& diagnostics_;
  Names& records_;
  const plan::Outline outline_;
  const plan::ItemRules& rules_;
  std::uint32_t alternatives_ = 0;
};

}  // namespace

Type avro_type(const Source& source, const SchemaOptions& options, Diagnostics& diagnostics) {
  Names records;
  return Maker(source, options, diagnostics, records)
      .make_record(legal(source.layout.name()), options.name_space);
}

}  // namespace copybridge::schema
