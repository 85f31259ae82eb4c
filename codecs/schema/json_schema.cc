// JSON Schema, draft 2020-12.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "codecs/json/writer.h"
#include "codecs/schema/facts.h"

namespace copybridge::schema {

using copybook::Item;
using copybook::ItemIndex;
using plan::OutlineNode;

namespace {

/// A member of an object, with all the items that may be behind its name.
struct Property {
  std::string name;
  struct Source {
    const OutlineNode* node = nullptr;
    bool is_nullable = false;  ///< as an alternative that may not fit
    bool is_condition = false;
  };
  std::vector<Source> sources;
};

/// The members of one object.
class Members {
 public:
  std::vector<Property> properties;
  std::vector<std::string> required;
  std::vector<std::vector<std::vector<std::string>>> choices;  ///< each: one of these must be there

  Property& at(const std::string& name) {
    const auto [place, is_new] = places_.try_emplace(name, properties.size());
    if (is_new) properties.push_back({name, {}});
    return properties[place->second];
  }

 private:
  std::unordered_map<std::string, std::size_t> places_;
};

class Maker {
 public:
  Maker(const Source& source, const SchemaOptions& options, Diagnostics& diagnostics,
        json::Writer& out)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        out_(out),
        outline_(
            plan::make_outline(source.layout, source.options, source.alternatives, diagnostics)),
        rules_(outline_.rules) {}

  /// What says of the record, in an object that has been begun.
  void write_record() {
    out_.member("title", source_.layout.name());
    Members members;
    collect(outline_.members, {}, members);
    write_object(members, true);
  }

 private:
  /// What holds for the members that are collected.
  struct Where {
    bool is_nullable = false;
    bool is_optional = false;
    std::vector<std::string>* required = nullptr;  ///< of an alternative; null: of the object
  };

  [[nodiscard]] const Item& item(const OutlineNode& node) const {
    return source_.layout.items[node.item];
  }

  void collect(const std::vector<OutlineNode>& nodes, const Where& where, Members& members) {
    for (const OutlineNode& node : nodes) collect_node(node, where, members);
  }

  void collect_node(const OutlineNode& node, const Where& where, Members& members) {
    if (node.kind == OutlineNode::Kind::choice) return collect_choice(node, where, members);
    if (node.has_member) {
      members.at(node.name).sources.push_back({&node, where.is_nullable, false});
      require(node.name, where, members);
    } else if (node.is_shown) {
      collect(node.children, where, members);
    }
    for (const plan::OutlineCondition& condition : node.conditions)
      members.at(condition.name).sources.push_back({&node, false, true});
  }

  static void require(const std::string& name, const Where& where, Members& members) {
    if (where.required != nullptr) {
      where.required->push_back(name);
    } else if (!where.is_optional) {
      members.required.push_back(name);
    }
  }

  void collect_choice(const OutlineNode& node, const Where& where, Members& members) {
    if (!node.is_shown) return;
    if (!node.is_conditional) {
      Where arm = where;
      arm.is_nullable = true;
      return collect(node.children, arm, members);
    }
    std::vector<std::vector<std::string>> alternatives;
    bool may_be_hidden = false;
    for (const OutlineNode& child : node.children) {
      std::vector<std::string> names;
      Where arm = where;
      arm.required = &names;
      collect_node(child, arm, members);
      may_be_hidden = may_be_hidden || !child.is_shown;
      alternatives.push_back(std::move(names));
    }
    const bool is_known = where.required == nullptr && !where.is_optional;
    if (!may_be_hidden && is_known) members.choices.push_back(std::move(alternatives));
  }

  void write_object(const Members& members, bool is_root) {
    out_.member("type", "object");
    out_.key("properties");
    out_.begin_object();
    for (const Property& property : members.properties) write_property(property);
    if (is_root) write_special_members();
    out_.end_object();
    out_.key("required");
    is_root ? write_root_names(members.required) : write_names(members.required);
    if (!members.choices.empty()) write_choices(members);
    out_.raw_member("additionalProperties", "false");
  }

  void write_names(const std::vector<std::string>& names) {
    out_.begin_array();
    for (const std::string& name : names) out_.text(name);
    out_.end_array();
  }

  void write_root_names(std::vector<std::string> names) {
    if (source_.options.keep_raw) names.emplace_back("_raw");
    for (const Child& child : source_.children) names.push_back(child.member);
    write_names(names);
  }

  void write_choices(const Members& members) {
    out_.key("allOf");
    out_.begin_array();
    for (const auto& choice : members.choices) {
      out_.begin_object();
      out_.key("anyOf");
      out_.begin_array();
      for (const std::vector<std::string>& names : choice) {
        out_.begin_object();
        out_.key("required");
        write_names(names);
        out_.end_object();
      }
      out_.end_array();
      out_.end_object();
    }
    out_.end_array();
  }

  void write_special_members() {
    if (source_.options.list_errors) write_array("_errors", [&] { out_.member("type", "string"); });
    if (source_.options.keep_raw) {
      out_.key("_raw");
      out_.begin_object();
      out_.member("type", "string");
      out_.member("pattern", "^([0-9A-F]{2})*$");
      out_.end_object();
    }
    for (const Child& child : source_.children) {
      write_array(child.member,
                  [&] { Maker(child.source, options_, diagnostics_, out_).write_record(); });
    }
    if (source_.order_member.empty()) return;
    write_array(source_.order_member, [&] {
      out_.member("type", "integer");
      out_.number("minimum", 1);
    });
  }

  void write_array(const std::string& name, const std::function<void()>& write_items) {
    out_.key(name);
    out_.begin_object();
    out_.member("type", "array");
    out_.key("items");
    out_.begin_object();
    write_items();
    out_.end_object();
    out_.end_object();
  }

  void write_property(const Property& property) {
    out_.key(property.name);
    if (property.sources.size() == 1) return write_source(property.sources.front());
    out_.begin_object();
    out_.key("anyOf");
    out_.begin_array();
    for (const Property::Source& source : property.sources) write_source(source);
    out_.end_array();
    out_.end_object();
  }

  void write_source(const Property::Source& source) {
    if (source.is_condition) {
      out_.begin_object();
      out_.raw_member("const", "true");
      return out_.end_object();
    }
    const OutlineNode& node = *source.node;
    const bool is_group = node.kind == OutlineNode::Kind::group;
    // Elementary items name null among their types themselves.
    const bool wraps = source.is_nullable && (is_group || item(node).is_table);
    const auto write = [&] { write_node(node, source.is_nullable && !wraps); };
    wraps ? with_alternative(write, [&] { write_null(); }) : write();
  }

  void write_null() {
    out_.begin_object();
    out_.member("type", "null");
    out_.end_object();
  }

  void with_alternative(const std::function<void()>& first, const std::function<void()>& second) {
    out_.begin_object();
    out_.key("anyOf");
    out_.begin_array();
    first();
    second();
    out_.end_array();
    out_.end_object();
  }

  void write_node(const OutlineNode& node, bool is_nullable) {
    if (!item(node).is_table) return write_element(node, is_nullable);
    const Item& entry = item(node);
    const bool may_be_short = source_.options.short_records == plan::Acceptance::accept;
    out_.begin_object();
    out_.member("type", "array");
    out_.number("minItems", may_be_short ? 0 : entry.occurs_min);
    out_.number("maxItems", entry.occurs_max);
    out_.key("items");
    write_element(node, false);
    out_.end_object();
  }

  void write_element(const OutlineNode& node, bool is_nullable) {
    if (node.kind != OutlineNode::Kind::group) return write_elementary(node, is_nullable);
    Members members;
    collect(node.children, {}, members);
    out_.begin_object();
    write_object(members, false);
    out_.end_object();
  }

  void write_elementary(const OutlineNode& node, bool is_nullable) {
    Facts facts =
        facts_of(source_.layout, node.item, rules_.rule[node.item], source_.options, options_);
    facts.may_be_null = facts.may_be_null || is_nullable;
    const auto write = [&] { write_value(node.item, facts); };
    facts.may_be_raw ? with_alternative(write, [&] { write_raw(facts); }) : write();
  }

  void write_raw(const Facts& facts) {
    out_.begin_object();
    out_.member("type", "object");
    out_.key("properties");
    out_.begin_object();
    out_.key("raw");
    out_.begin_object();
    out_.member("type", "string");
    out_.member("pattern", "^([0-9A-F]{2}){" + std::to_string(facts.size) + "}$");
    out_.end_object();
    out_.end_object();
    out_.key("required");
    write_names({"raw"});
    out_.raw_member("additionalProperties", "false");
    out_.end_object();
  }

  void write_type(const char* type, bool is_nullable) {
    if (!is_nullable) return out_.member("type", type);
    out_.key("type");
    write_names({type, "null"});
  }

  void write_value(ItemIndex item, const Facts& facts) {
    out_.begin_object();
    switch (facts.kind) {
      case Facts::Kind::text:
        write_type("string", facts.may_be_null);
        out_.number("maxLength", facts.characters);
        if (facts.has_all_characters) out_.number("minLength", facts.characters);
        break;
      case Facts::Kind::hexadecimal:
        write_type("string", facts.may_be_null);
        out_.member("pattern", "^[0-9A-F]{" + std::to_string(facts.characters) + "}$");
        break;
      case Facts::Kind::date:
        write_date(facts);
        break;
      case Facts::Kind::floating:
      case Facts::Kind::number:
        write_number(facts);
        break;
    }
    if (options_.level_88 == Level88::enumerate) write_enumeration(item, facts);
    const std::string description = description_of(source_.layout, item, source_.options);
    if (!description.empty()) out_.member("description", description);
    out_.end_object();
  }

  void write_date(const Facts& facts) {
    write_type("string", facts.may_be_null);
    if (facts.is_masked) return;
    out_.member("pattern", "^" + facts.date_form + "$");
    if (!facts.date_format.empty()) out_.member("format", facts.date_format);
  }

  void write_number(const Facts& facts) {
    if (facts.is_quoted) return write_quoted(facts);
    const bool is_integer = facts.kind == Facts::Kind::number && facts.scale <= 0;
    write_type(is_integer ? "integer" : "number", facts.may_be_null);
    if (facts.kind == Facts::Kind::floating) return;
    out_.raw_member("minimum", scaled(facts.least, facts.scale, true));
    out_.raw_member("maximum", scaled(facts.most, facts.scale, false));
    if (facts.scale < 0 || (facts.scale > 0 && options_.decimal_multiples))
      out_.raw_member("multipleOf", scaled(1, facts.scale, false));
  }

  // The range shows in the number of digits alone.
  void write_quoted(const Facts& facts) {
    write_type("string", facts.may_be_null);
    if (facts.is_masked) return;
    if (facts.kind == Facts::Kind::floating)
      return out_.member("pattern", "^-?[0-9]+(\\.[0-9]+)?(e[+-][0-9]+)?$");
    const std::string most = scaled(facts.most, facts.scale, false);
    const std::size_t point = std::min(most.find('.'), most.size());
    std::string pattern = facts.least != 0 ? "^-?" : "^";
    if (facts.has_all_digits) {
      pattern += "[0-9]{1," + std::to_string(std::max<std::size_t>(point, facts.digits)) + "}";
    } else {
      pattern += "(0|[1-9][0-9]{0," + std::to_string(point - 1) + "})";
    }
    if (facts.scale > 0) pattern += "\\.[0-9]{" + std::to_string(facts.scale) + "}";
    out_.member("pattern", pattern + "$");
  }

  void write_enumeration(ItemIndex item, const Facts& facts);
  [[nodiscard]] std::optional<std::string> listed(const copybook::ValueRange& range,
                                                  const Facts& facts) const;

  const Source& source_;
  const SchemaOptions& options_;
  Diagnostics& diagnostics_;
  json::Writer& out_;
  const plan::Outline outline_;
  const plan::ItemRules& rules_;
};

// The value of a level-88 name as JSON; nothing where it cannot be listed.
std::optional<std::string> Maker::listed(const copybook::ValueRange& range,
                                         const Facts& facts) const {
  using Kind = copybook::Literal::Kind;
  if (range.through) return std::nullopt;
  const copybook::Literal& literal = range.from;
  if (facts.kind == Facts::Kind::number) {
    if (literal.kind != Kind::number && literal.kind != Kind::zeros) return std::nullopt;
    json::Number number;
    json::Uint128 magnitude = 0;
    if (!json::read_number(literal.kind == Kind::zeros ? "0" : literal.text, number) ||
        json::align(number, facts.scale, magnitude) != json::Aligned::exact)
      return std::nullopt;
    return scaled(magnitude, facts.scale, number.is_negative);
  }
  if (literal.kind != Kind::text && literal.kind != Kind::spaces) return std::nullopt;
  std::string text = literal.kind == Kind::spaces ? "" : literal.text;
  if (source_.options.trim != plan::Trim::none) {
    text.erase(text.find_last_not_of(' ') + 1);
  } else if (text.size() < facts.characters) {
    text.append(facts.characters - text.size(), ' ');
  }
  return json::quoted(text);
}

// The values of level-88 names: nothing where one of them cannot be listed.
void Maker::write_enumeration(ItemIndex index, const Facts& facts) {
  const Item& entry =
      plan::value_item(source_.layout, source_.layout.items[index], source_.options);
  const bool is_number = facts.kind == Facts::Kind::number && !facts.is_quoted;
  const bool is_text = facts.kind == Facts::Kind::text && !facts.is_masked;
  if (entry.conditions.empty() || (!is_number && !is_text)) return;
  std::vector<std::string> values;
  for (const copybook::ConditionName& name : entry.conditions) {
    for (const copybook::ValueRange& range : name.values) {
      std::optional<std::string> value = listed(range, facts);
      if (!value) return;
      values.push_back(std::move(*value));
    }
  }
  if (facts.may_be_null) values.emplace_back("null");
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  out_.key("enum");
  out_.begin_array();
  for (const std::string& value : values) out_.raw(value);
  out_.end_array();
}

}  // namespace

std::string json_schema(const Source& source, const SchemaOptions& options,
                        Diagnostics& diagnostics) {
  json::Writer out;
  out.begin_object();
  out.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  Maker(source, options, diagnostics, out).write_record();
  out.end_object();
  return out.take();
}

}  // namespace copybridge::schema
