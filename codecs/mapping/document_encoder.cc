// From the objects nested in a document's JSON to records, one type's encoder for each.
#include "codecs/mapping/document_encoder.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "codecs/condition/fixed_values.h"
#include "codecs/encode/each_line.h"
#include "codecs/framing/group_framer.h"
#include "codecs/json/token.h"

namespace copybridge::mapping {

namespace ondemand = simdjson::ondemand;
using encode::EncodePlan;
using encode::LineRecord;
using encode::LinesDone;
using encode::Refusal;

namespace {

constexpr std::size_t kFoundMax = 64;

std::string name_of(const SegmentType& type) {
  std::string buffer;
  // `"accounts":` without the colon.
  const std::string_view token = std::string_view(type.member).substr(0, type.member.size() - 1);
  return std::string(json::unescape(token, buffer).value_or(token));
}

/// Compiles the plan of one type.
class TypeCompiler {
 public:
  TypeCompiler(const std::vector<SegmentType>& types, bool keeps_order,
               const encode::EncodeOptions& options, Diagnostics& diagnostics)
      : types_(types), keeps_order_(keeps_order), options_(options), diagnostics_(diagnostics) {}

  std::unique_ptr<const EncodePlan> compile(std::size_t index) {
    const SegmentType& type = types_[index];
    encode::EncodeOptions options = options_;
    for (const std::uint32_t child : type.children)
      if (types_[child].plan != nullptr) options.kept.push_back({name_of(types_[child]), true});
    if (index == 0 && keeps_order_) options.kept.push_back({kOrderMember, false});
    return EncodePlan::compile(layout_with_values(type.layout, type.match), type.options,
                               type.alternatives, options, diagnostics_);
  }

 private:
  const std::vector<SegmentType>& types_;
  bool keeps_order_;
  const encode::EncodeOptions& options_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::shared_ptr<const copybook::Layout> layout_with_values(
    const std::shared_ptr<const copybook::Layout>& layout, const condition::Condition& match) {
  const std::vector<condition::FixedValue> values = condition::fixed_values(match);
  if (values.empty()) return layout;
  auto changed = std::make_shared<copybook::Layout>(*layout);
  for (const condition::FixedValue& fixed : values) changed->items[fixed.item].value = fixed.value;
  return changed;
}

std::unique_ptr<const DocumentPlan> DocumentPlan::compile(
    std::shared_ptr<const Hierarchy> hierarchy, const encode::EncodeOptions& options,
    Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  auto plan = std::make_unique<DocumentPlan>();
  const std::vector<SegmentType>& types = hierarchy->types();
  TypeCompiler compiler(types, hierarchy->keeps_order(), options, diagnostics);
  for (std::size_t i = 0; i < types.size(); ++i)
    plan->types.push_back(types[i].plan == nullptr ? nullptr : compiler.compile(i));
  plan->hierarchy = std::move(hierarchy);
  if (diagnostics.error_count() != errors) return nullptr;
  return plan;
}

struct DocumentEncoder::State {
  /// A record of the document, in the order of the JSON.
  struct Part {
    std::uint32_t type = 0;
    std::size_t parent = 0;  ///< its place among the parts
    std::size_t index = 0;   ///< in its parent's array
    std::size_t begin = 0;   ///< in `records`
    std::size_t end = 0;
  };

  explicit State(const DocumentPlan& plan_of)
      : plan(plan_of), hierarchy(plan.hierarchy.get()), parsers(plan.types.size() + 1) {
    for (const auto& type : plan.types)
      encoders.push_back(type == nullptr ? nullptr : std::make_unique<encode::Encoder>(*type));
  }

  bool run(std::string_view json, ByteBuffer& out) {
    text = json;
    records.clear();
    parts.clear();
    if (!add_part(0, 0, 0, json) || !read_order()) return false;
    const std::size_t start = out.size();
    for (const std::size_t part : sequence)
      framing::append_part(records.view(parts[part].begin, parts[part].end - parts[part].begin),
                           out);
    if (is_read_back(out.view(start, out.size() - start))) return true;
    out.resize(start);
    return false;
  }

  /// The record of one object, and those of the objects in its arrays.
  bool add_part(std::uint32_t type, std::size_t parent, std::size_t index, std::string_view json) {
    const std::size_t part = parts.size();
    parts.push_back({type, parent, index, records.size(), 0});
    encode::Encoder& encoder = *encoders[type];
    if (!encoder.encode(json, records)) return refuse_by(type, json) || at_part(part);
    parts[part].end = records.size();
    std::size_t kept = 0;
    for (const std::uint32_t child : hierarchy->types()[type].children) {
      if (encoders[child] == nullptr) continue;
      const std::string_view array = encoder.kept(kept++);
      if (!array.empty() && !add_children(child, part, array)) return false;
    }
    return true;
  }

  bool add_children(std::uint32_t type, std::size_t parent, std::string_view json) {
    ondemand::document document;
    ondemand::array array;
    auto error =
        parsers[type].iterate(json.data(), json.size(), json.size() + kReadableTail).get(document);
    if (error == simdjson::SUCCESS) error = document.get_array().get(array);
    if (error != simdjson::SUCCESS) return refuse_child(type, parent, json, "array");
    std::size_t index = 0;
    for (auto element : array) {
      ondemand::object object;
      std::string_view of_object;
      error = element.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(of_object);
      if (error != simdjson::SUCCESS) {
        parts.push_back({type, parent, index, records.size(), records.size()});
        return refuse_child(type, parent, json, "object");
      }
      if (!add_part(type, parent, index++, of_object)) return false;
    }
    return true;
  }

  // The order of the records: that of the JSON, or what `_order` says. `sequence` has their places
  // among the parts.
  bool read_order() {
    sequence.resize(parts.size());
    std::iota(sequence.begin(), sequence.end(), std::size_t{0});
    numbers.resize(parts.size());
    std::iota(numbers.begin(), numbers.end(), 1U);
    if (!hierarchy->keeps_order()) return true;
    const std::string_view json = encoders[0]->kept(order_place());
    if (json.empty() || json == "null") return true;
    const std::string wanted = fmt::format("the numbers 1 to {}, each once", parts.size());
    if (read_numbers(json)) return true;
    return refuse(std::string("/") + kOrderMember, wanted,
                  fmt::format("/{}: is not {}", kOrderMember, wanted));
  }

  [[nodiscard]] std::size_t order_place() const {
    const std::vector<std::uint32_t>& children = hierarchy->types()[0].children;
    return static_cast<std::size_t>(
        std::count_if(children.begin(), children.end(),
                      [&](std::uint32_t child) { return encoders[child] != nullptr; }));
  }

  bool read_numbers(std::string_view json) {
    ondemand::document document;
    ondemand::array array;
    auto error =
        parsers.back().iterate(json.data(), json.size(), json.size() + kReadableTail).get(document);
    if (error == simdjson::SUCCESS) error = document.get_array().get(array);
    if (error != simdjson::SUCCESS) return false;
    std::vector<bool> is_taken(parts.size());
    std::size_t count = 0;
    for (auto element : array) {
      std::uint64_t number = 0;
      if (element.get_uint64().get(number) != simdjson::SUCCESS) return false;
      if (count == parts.size() || number == 0 || number > parts.size() || is_taken[number - 1])
        return false;
      is_taken[number - 1] = true;
      sequence[number - 1] = count;
      numbers[count++] = static_cast<std::uint32_t>(number);
    }
    return count == parts.size();
  }

  /// Whether decoding would give every record to its type again, under the same parent.
  bool is_read_back(ByteView document) {
    if (!hierarchy->arrange(document, arrangement)) {
      const std::size_t part = sequence[std::min(arrangement.failed, sequence.size()) - 1];
      refuse({}, "a record of " + hierarchy->types()[parts[part].type].name,
             hierarchy->explain(document).message);
      return at_part(part);
    }
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const bool is_there = part < arrangement.types.size();
      const bool is_same = is_there && arrangement.types[part] == parts[part].type &&
                           arrangement.numbers[part] == numbers[part];
      if (is_same) continue;
      const std::string& wanted = hierarchy->types()[parts[part].type].name;
      refuse({}, "a record of " + wanted + " in its place",
             is_there && arrangement.types[part] != parts[part].type
                 ? fmt::format("the record would be read as one of {}, not of {}",
                               hierarchy->types()[arrangement.types[part]].name, wanted)
                 : fmt::format("the record of {} would be read as part of another", wanted));
      return at_part(part);
    }
    return true;
  }

  // -- refusals

  bool refuse(std::string path, std::string expected, std::string message) {
    refusal = {std::move(path), 0, {}, std::move(expected), std::move(message)};
    return false;
  }

  /// Takes over what a type's encoder says of its own text.
  bool refuse_by(std::uint32_t type, std::string_view json) {
    refusal = encoders[type]->refusal();
    refusal.offset += static_cast<std::size_t>(json.data() - text.data());
    return false;
  }

  bool refuse_child(std::uint32_t type, std::size_t parent, std::string_view json,
                    const char* wanted) {
    const bool is_element = wanted == std::string_view("object");
    refuse({}, std::string("an ") + wanted, std::string("the value is no ") + wanted);
    refusal.offset = static_cast<std::size_t>(json.data() - text.data());
    if (!is_element) refusal.found = json.substr(0, kFoundMax);
    if (is_element) return at_part(parts.size() - 1);
    return at(path_of(parent) + member_of(type));
  }

  /// Puts the way to a record in front of what is said of it.
  bool at_part(std::size_t part) { return at(path_of(part)); }
  bool at(const std::string& path) {
    if (path.empty()) return false;
    const bool has_path = !refusal.path.empty();
    refusal.message = path + (has_path ? "" : ": ") + refusal.message;
    refusal.path.insert(0, path);
    return false;
  }

  [[nodiscard]] std::string member_of(std::uint32_t type) const {
    return "/" + name_of(hierarchy->types()[type]);
  }
  [[nodiscard]] std::string path_of(std::size_t part) const {
    std::string path;
    for (; part != 0; part = parts[part].parent)
      path.insert(0, member_of(parts[part].type) + "/" + std::to_string(parts[part].index));
    return path;
  }

  const DocumentPlan& plan;
  const Hierarchy* hierarchy;
  std::vector<std::unique_ptr<encode::Encoder>> encoders;  ///< by type
  std::vector<ondemand::parser> parsers;                   ///< by type; the last of `_order`
  std::string_view text;
  ByteBuffer records;
  std::vector<Part> parts;
  std::vector<std::size_t> sequence;
  std::vector<std::uint32_t> numbers;  ///< by part
  Hierarchy::Arrangement arrangement;
  Refusal refusal;
};

DocumentEncoder::DocumentEncoder(const DocumentPlan& plan)
    : state_(std::make_unique<State>(plan)) {}
DocumentEncoder::~DocumentEncoder() = default;

bool DocumentEncoder::encode(std::string_view json, ByteBuffer& out) {
  return state_->run(json, out);
}

LinesDone DocumentEncoder::encode_lines(std::string_view text, bool is_end, std::size_t most,
                                        ByteBuffer& out, std::vector<LineRecord>& records) {
  return encode::encode_each_line(
      text, is_end, most, out, records,
      [this](std::string_view line, ByteBuffer& bytes) { return encode(line, bytes); });
}

Refusal DocumentEncoder::refusal() const { return state_->refusal; }

}  // namespace copybridge::mapping
