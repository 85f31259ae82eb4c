// Avro schemas (1.12; those before it ignore one logical type).
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "codecs/json/writer.h"
#include "codecs/schema/facts.h"

namespace copybridge::schema {

using copybook::Item;
using plan::OutlineNode;

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
        Names& records, json::Writer& out)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        records_(records),
        out_(out),
        outline_(
            plan::make_outline(source.layout, source.options, source.alternatives, diagnostics)),
        rules_(outline_.rules) {}

  /// `wanted`: the record's name, where it is not taken.
  void write_record(const std::string& wanted, const std::string& name_space) {
    out_.begin_object();
    out_.member("type", "record");
    const std::string name = records_.take(wanted);
    out_.member("name", name);
    if (!name_space.empty()) out_.member("namespace", name_space);
    out_.key("fields");
    out_.begin_array();
    Names names;
    write_fields(outline_.members, name, {}, names);
    write_special_fields(name, names);
    out_.end_array();
    out_.end_object();
  }

 private:
  struct Where {
    bool is_nullable = false;  ///< an alternative that may not fit
    bool is_optional = false;  ///< a member that only some records have
  };

  [[nodiscard]] const Item& item(const OutlineNode& node) const {
    return source_.layout.items[node.item];
  }

  void write_fields(const std::vector<OutlineNode>& nodes, const std::string& path,
                    const Where& where, Names& names) {
    for (const OutlineNode& node : nodes) {
      if (node.kind == OutlineNode::Kind::choice) {
        write_choice(node, path, where, names);
        continue;
      }
      if (node.has_member) {
        write_field(node, path, where, names);
      } else if (node.is_shown) {
        write_fields(node.children, path, where, names);
      }
      for (const plan::OutlineCondition& condition : node.conditions) {
        begin_field(condition.name, names);
        write_optional([&] { out_.text("boolean"); });
        out_.end_object();
      }
    }
  }

  void write_choice(const OutlineNode& node, const std::string& path, const Where& where,
                    Names& names) {
    if (!node.is_shown) return;
    Where arm = where;
    (node.is_conditional ? arm.is_optional : arm.is_nullable) = true;
    write_fields(node.children, path, arm, names);
  }

  void begin_field(const std::string& member, Names& names) {
    out_.begin_object();
    const std::string name = names.take(legal(member));
    out_.member("name", name);
    if (name != member) out_.member("json_name", member);
  }

  template <typename Write>
  void write_optional(const Write& write) {
    out_.key("type");
    out_.begin_array();
    out_.text("null");
    write();
    out_.end_array();
    out_.raw_member("default", "null");
  }

  void write_special_fields(const std::string& path, Names& names) {
    if (source_.options.list_errors) {
      begin_field("_errors", names);
      write_optional([&] { write_array([&] { out_.text("string"); }); });
      out_.end_object();
    }
    if (source_.options.keep_raw) {
      begin_field("_raw", names);
      out_.member("type", "string");
      out_.end_object();
    }
    for (const Child& child : source_.children) {
      begin_field(child.member, names);
      out_.key("type");
      write_array([&] {
        Maker(child.source, options_, diagnostics_, records_, out_)
            .write_record(path + "_" + legal(child.member), "");
      });
      out_.end_object();
    }
    if (source_.order_member.empty()) return;
    begin_field(source_.order_member, names);
    write_optional([&] { write_array([&] { out_.text("long"); }); });
    out_.end_object();
  }

  template <typename Write>
  void write_array(const Write& write_items) {
    out_.begin_object();
    out_.member("type", "array");
    out_.key("items");
    write_items();
    out_.end_object();
  }

  void write_field(const OutlineNode& node, const std::string& path, const Where& where,
                   Names& names) {
    begin_field(node.name, names);
    const std::string own = path + "_" + legal(node.name);
    const Item& entry = item(node);
    const bool is_elementary = node.kind != OutlineNode::Kind::group;
    const std::string description =
        is_elementary ? description_of(source_.layout, node.item, source_.options) : "";
    if (!description.empty()) out_.member("doc", description);
    if (where.is_optional) {
      write_optional([&] { write_type(node, own); });
    } else {
      const bool is_wrapped = where.is_nullable || (!entry.is_table && is_union(node));
      out_.key("type");
      if (is_wrapped) out_.begin_array();
      if (is_wrapped && (where.is_nullable || may_be_null(node))) out_.text("null");
      write_type(node, own);
      if (is_wrapped) out_.end_array();
    }
    out_.end_object();
  }

  [[nodiscard]] Facts facts(const OutlineNode& node) const {
    return facts_of(source_.layout, node.item, rules_.rule[node.item], source_.options, options_);
  }
  [[nodiscard]] bool may_be_null(const OutlineNode& node) const {
    return node.kind == OutlineNode::Kind::elementary && facts(node).may_be_null;
  }
  [[nodiscard]] bool is_union(const OutlineNode& node) const {
    return node.kind == OutlineNode::Kind::elementary &&
           (facts(node).may_be_null || facts(node).may_be_raw);
  }

  // The type, or the branches of a union that has been begun.
  void write_type(const OutlineNode& node, const std::string& path) {
    if (!item(node).is_table) return write_element(node, path);
    write_array([&] {
      const bool is_wrapped = is_union(node);
      if (is_wrapped) out_.begin_array();
      if (is_wrapped && may_be_null(node)) out_.text("null");
      write_element(node, path);
      if (is_wrapped) out_.end_array();
    });
  }

  void write_element(const OutlineNode& node, const std::string& path) {
    if (node.kind != OutlineNode::Kind::group) return write_elementary(node, path);
    out_.begin_object();
    out_.member("type", "record");
    out_.member("name", records_.take(path));
    out_.key("fields");
    out_.begin_array();
    Names names;
    write_fields(node.children, path, {}, names);
    out_.end_array();
    out_.end_object();
  }

  void write_elementary(const OutlineNode& node, const std::string& path) {
    const Facts facts = this->facts(node);
    if (facts.kind == Facts::Kind::number && !facts.is_quoted) {
      write_number(facts);
    } else if (facts.kind == Facts::Kind::floating && !facts.is_quoted) {
      write_floating(facts);
    } else {
      out_.text("string");
    }
    if (!facts.may_be_raw) return;
    out_.begin_object();
    out_.member("type", "record");
    out_.member("name", records_.take(path + "_raw"));
    out_.key("fields");
    out_.begin_array();
    out_.begin_object();
    out_.member("name", "raw");
    out_.member("type", "string");
    out_.end_object();
    out_.end_array();
    out_.end_object();
  }

  void write_floating(const Facts& facts) {
    if (!facts.is_decimal) return out_.text(facts.is_single ? "float" : "double");
    // Avro 1.12; older readers take the bytes. A double has neither the digits nor the decimals.
    out_.begin_object();
    out_.member("type", "bytes");
    out_.member("logicalType", "big-decimal");
    out_.end_object();
  }

  void write_number(const Facts& facts) {
    // Trailing P's are digits too.
    const std::string digits = scaled(std::max(facts.most, facts.least), 0, false);
    const std::size_t zeros = facts.scale < 0 ? static_cast<std::size_t>(-facts.scale) : 0;
    if (facts.scale <= 0 && digits.size() + zeros < json::kDigitsMax) {
      const json::Uint128 most =
          std::max(facts.most, facts.least == 0 ? facts.most : facts.least - 1) *
          json::power_of_ten(static_cast<unsigned>(zeros));
      if (most <= kIntMax) return out_.text("int");
      if (most <= kLongMax) return out_.text("long");
    }
    const auto scale = static_cast<std::size_t>(std::max(facts.scale, 0));
    out_.begin_object();
    out_.member("type", "bytes");
    out_.member("logicalType", "decimal");
    out_.number("precision", std::max(digits.size() + zeros, scale));
    out_.number("scale", scale);
    out_.end_object();
  }

  const Source& source_;
  const SchemaOptions& options_;
  Diagnostics& diagnostics_;
  Names& records_;
  json::Writer& out_;
  const plan::Outline outline_;
  const plan::ItemRules& rules_;
};

}  // namespace

std::string avro_schema(const Source& source, const SchemaOptions& options,
                        Diagnostics& diagnostics) {
  Names records;
  json::Writer out;
  Maker(source, options, diagnostics, records, out)
      .write_record(legal(source.layout.name()), options.name_space);
  return out.take();
}

}  // namespace copybridge::schema
