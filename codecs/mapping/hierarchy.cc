// From a document's records to a tree of them, and from the tree to JSON.
#include "codecs/mapping/hierarchy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codecs/framing/group_framer.h"

namespace copybridge::mapping {

using condition::Truth;

namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

}  // namespace

struct Hierarchy::Node {
  std::uint32_t type = 0;
  ByteView record;
  std::uint32_t slots = 0;     ///< of its first child of each type, in Tree::slots
  std::uint32_t next = kNone;  ///< the next one of its type under the same parent
  std::uint32_t number = 0;    ///< among the document's records that are not left out, from 1
};

/// Kept from document to document, so that decoding allocates nothing once it is warm.
struct Hierarchy::Tree {
  std::vector<Node> nodes;
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> open;  ///< by type: the record that others may belong to
  std::vector<std::uint32_t> last;  ///< by type: the last one under the open parent
  std::uint32_t kept = 0;           ///< records that are not left out
  plan::Plan::Counts* counts = nullptr;

  void clear(std::size_t types) {
    nodes.clear();
    slots.clear();
    kept = 0;
    open.assign(types, kNone);
    last.assign(types, kNone);
  }
};

Hierarchy::Hierarchy(std::vector<SegmentType> types, bool keeps_order)
    : types_(std::move(types)), keeps_order_(keeps_order) {}

framing::RecordGrouper::Role Hierarchy::role(ByteView record) const {
  for (std::size_t type = 0; type < types_.size(); ++type) {
    const Truth truth = types_[type].match.evaluate(record);
    if (truth == Truth::no) continue;
    return type == 0 && truth == Truth::yes ? Role::begins : Role::continues;
  }
  return Role::alone;
}

ByteView Hierarchy::first_record(ByteView document) {
  ByteView rest = document;
  ByteView part;
  return framing::next_part(rest, part) ? part : document;
}

Truth Hierarchy::matches(ByteView document) const {
  if (!framing::is_document(document)) return Truth::no;
  return role(first_record(document)) == Role::alone ? Truth::no : Truth::yes;
}

bool Hierarchy::decode(ByteView document, TextBuffer& out, plan::Plan::Counts* counts) const {
  static thread_local Tree tree;
  tree.counts = counts;
  const std::size_t start = out.size();
  if (build(document, tree) != Fault::none) return false;
  if (!emit(0, tree, out)) {
    out.rewind(start);
    return false;
  }
  if (keeps_order_) append_order(tree, out);
  return true;
}

void Hierarchy::arrange(std::uint32_t node, const Tree& tree, Arrangement& arrangement) const {
  const Node& at = tree.nodes[node];
  arrangement.types.push_back(at.type);
  arrangement.numbers.push_back(at.number);
  for (const std::uint32_t child : types_[at.type].children) {
    if (types_[child].plan == nullptr) continue;
    std::uint32_t next = tree.slots[at.slots + types_[child].slot];
    for (; next != kNone; next = tree.nodes[next].next) arrange(next, tree, arrangement);
  }
}

bool Hierarchy::arrange(ByteView document, Arrangement& arrangement) const {
  static thread_local Tree tree;
  arrangement.types.clear();
  arrangement.numbers.clear();
  const Fault fault = build(document, tree);
  arrangement.failed = tree.nodes.size() + 1;
  if (fault != Fault::none) return false;
  arrange(0, tree, arrangement);
  return true;
}

/// Into the object that was just closed, where the order is not that of the JSON.
void Hierarchy::append_order(const Tree& tree, TextBuffer& out) const {
  static thread_local Arrangement arrangement;
  arrangement.types.clear();
  arrangement.numbers.clear();
  arrange(0, tree, arrangement);
  if (std::is_sorted(arrangement.numbers.begin(), arrangement.numbers.end())) return;
  out.rewind(out.size() - 1);
  out.append(",\"");
  out.append(kOrderMember);
  out.append("\":");
  char separator = '[';
  for (const std::uint32_t number : arrangement.numbers) {
    out.append(separator);
    out.append(std::to_string(number));
    separator = ',';
  }
  out.append("]}");
}

Hierarchy::Fault Hierarchy::build(ByteView document, Tree& tree) const {
  tree.clear(types_.size());
  if (!framing::is_document(document)) return Fault::no_document;
  ByteView record;
  while (framing::next_part(document, record)) {
    const Fault fault = place(record, tree);
    if (fault != Fault::none) return fault;
  }
  return tree.nodes.empty() ? Fault::no_document : Fault::none;
}

/// Adds a record under the type that matches it and whose parent is open.
Hierarchy::Fault Hierarchy::place(ByteView record, Tree& tree) const {
  Fault fault = Fault::no_type;
  for (std::uint32_t type = 0; type < types_.size(); ++type) {
    const Truth truth = types_[type].match.evaluate(record);
    if (truth == Truth::misfit) return Fault::misfit;
    if (truth == Truth::no) continue;
    // One root only: the framer begins a document with each.
    const bool is_open = type == 0 ? tree.nodes.empty() : tree.open[types_[type].parent] != kNone;
    fault = Fault::orphan;
    if (!is_open) continue;
    add_node(type, record, tree);
    return Fault::none;
  }
  return fault;
}

void Hierarchy::add_node(std::uint32_t type, ByteView record, Tree& tree) const {
  const auto node = static_cast<std::uint32_t>(tree.nodes.size());
  const SegmentType& rules = types_[type];
  if (rules.plan != nullptr) ++tree.kept;
  tree.nodes.push_back(
      {type, record, static_cast<std::uint32_t>(tree.slots.size()), kNone, tree.kept});
  tree.slots.resize(tree.slots.size() + rules.children.size(), kNone);
  if (type != 0) {
    const std::uint32_t before = tree.last[type];
    const Node& parent = tree.nodes[tree.open[rules.parent]];
    if (before == kNone) {
      tree.slots[parent.slots + rules.slot] = node;
    } else {
      tree.nodes[before].next = node;
    }
  }
  tree.open[type] = tree.last[type] = node;
  // Descendants of the one before it are closed. They stand behind their parents.
  for (std::uint32_t other = type + 1; other < types_.size(); ++other) {
    const std::uint32_t parent = types_[other].parent;
    if (parent != type && tree.open[parent] != kNone) continue;
    tree.open[other] = tree.last[other] = kNone;
  }
}

bool Hierarchy::emit(std::uint32_t node, const Tree& tree, TextBuffer& out) const {
  const Node& at = tree.nodes[node];
  const SegmentType& rules = types_[at.type];
  const std::size_t start = out.size();
  if (!rules.plan->decode(at.record, out, tree.counts)) return false;
  bool is_empty = out.size() == start + 2;  // "{}"
  out.rewind(out.size() - 1);
  for (const std::uint32_t child : rules.children) {
    if (types_[child].plan == nullptr) continue;
    if (!is_empty) out.append(',');
    is_empty = false;
    out.append(types_[child].member);
    out.append('[');
    std::uint32_t next = tree.slots[at.slots + types_[child].slot];
    for (bool is_first = true; next != kNone; next = tree.nodes[next].next, is_first = false) {
      if (!is_first) out.append(',');
      if (!emit(next, tree, out)) return false;
    }
    out.append(']');
  }
  out.append('}');
  return true;
}

plan::BadField Hierarchy::explain(ByteView document) const {
  Tree tree;
  tree.clear(types_.size());
  plan::BadField bad;
  bad.expected = "a document of records, each with its length";
  bad.message = "hierarchy: the bytes are no document of records with their lengths";
  if (!framing::is_document(document)) return bad;
  ByteView rest = document;
  ByteView record;
  for (std::size_t number = 1; framing::next_part(rest, record); ++number) {
    const Fault fault = place(record, tree);
    if (fault != Fault::none) return explain_placing(fault, document, record, number);
    TextBuffer text;
    const SegmentType& type = types_[tree.nodes.back().type];
    if (type.plan == nullptr || type.plan->decode(record, text)) continue;
    bad = type.plan->explain(record);
    bad.offset += static_cast<std::uint32_t>(record.data() - document.data());
    bad.message = fmt::format("record {} of the document, {}: {}", number, type.name, bad.message);
    return bad;
  }
  return bad;
}

plan::BadField Hierarchy::explain_placing(Fault fault, ByteView document, ByteView record,
                                          std::size_t number) const {
  plan::BadField bad;
  bad.offset = static_cast<std::uint32_t>(record.data() - document.data());
  bad.found = to_hex(record.first(std::min<std::size_t>(64, record.size())));
  const auto of_type = [&](Truth wanted) {
    return std::find_if(types_.begin(), types_.end(), [&](const SegmentType& type) {
      return type.match.evaluate(record) == wanted;
    });
  };
  std::string what = "is of no type of the hierarchy";
  bad.expected = "a record of one of the hierarchy's types";
  if (fault == Fault::misfit) {
    const SegmentType& type = *of_type(Truth::misfit);
    bad.expected = "operands that fit their pictures";
    what = fmt::format("match of {}: {}", type.name, type.match.explain(record));
  } else if (fault == Fault::orphan) {
    const SegmentType& type = *of_type(Truth::yes);
    const std::string& parent = types_[type.parent].name;
    bad.expected = "a record of " + parent + " before it";
    what = fmt::format("a record of {} without one of {} before it", type.name, parent);
  }
  bad.message = fmt::format("hierarchy: record {} of the document: {}", number, what);
  return bad;
}

}  // namespace copybridge::mapping
