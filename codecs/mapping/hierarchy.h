// Documents of several records: a root and, in arrays within its object, the records that belong
// to it, as deep as the mapping nests them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/condition/condition.h"
#include "codecs/framing/framing.h"
#include "codecs/plan/plan.h"

namespace copybridge::mapping {

/// One type of record of a document. `types[0]` is the root; every other type stands behind its
/// parent.
struct SegmentType {
  std::string name;    ///< for messages
  std::string array;   ///< the array's name in its parent's object
  std::string member;  ///< `"accounts":`, as it is printed
  condition::Condition match;
  std::shared_ptr<const plan::Plan> plan;  ///< null: these records are left out
  /// How records are laid out, for those who must know where one ends or make one.
  std::shared_ptr<const copybook::Layout> layout;
  plan::PlanOptions options;  ///< that the plan was compiled with
  std::vector<plan::Alternative> alternatives;
  std::uint32_t parent = 0;
  std::vector<std::uint32_t> children;  ///< in the order in which their arrays are printed
  std::uint32_t slot = 0;               ///< place among the parent's children
};

/// Compiled once, immutable, used from any number of threads. A document is what
/// framing::GroupFramer makes: its records in order, each with its length.
class Hierarchy final : public framing::RecordGrouper {
 public:
  /// `keeps_order`: a document whose records do not stand as its JSON has them, depth first and the
  /// arrays of an object one after the other, gets a member `_order`.
  explicit Hierarchy(std::vector<SegmentType> types, bool keeps_order = false);

  /// The root begins a document; a record of another type continues it, also one whose type
  /// cannot be told, because an operand does not fit; a record of no type stands alone.
  [[nodiscard]] Role role(ByteView record) const override;

  /// Whether the bytes are a document whose first record is of one of the types.
  [[nodiscard]] condition::Truth matches(ByteView document) const;
  /// The first record of a document; the bytes themselves where they are none.
  [[nodiscard]] static ByteView first_record(ByteView document);

  /// Appends the document's JSON object to `out`. A record belongs to the last one of its
  /// parent's type, unless a record of one of that one's ancestors' types came since. False where
  /// a record is bad or belongs to none; `out` is then rewound, and explain() says why.
  [[nodiscard]] bool decode(ByteView document, TextBuffer& out,
                            plan::Plan::Counts* counts = nullptr) const;
  [[nodiscard]] plan::BadField explain(ByteView document) const;

  /// A document's records in the order of its JSON, those that are left out not counted.
  struct Arrangement {
    std::vector<std::uint32_t> types;
    std::vector<std::uint32_t> numbers;  ///< in the document, from 1
    std::size_t failed = 0;              ///< number of the record that has no place
  };
  /// False where a record has no place; explain() says why.
  [[nodiscard]] bool arrange(ByteView document, Arrangement& arrangement) const;
  [[nodiscard]] bool keeps_order() const { return keeps_order_; }

  [[nodiscard]] const std::vector<SegmentType>& types() const { return types_; }

 private:
  struct Node;
  struct Tree;
  enum class Fault : std::uint8_t { none, no_document, no_type, misfit, orphan, record };

  [[nodiscard]] Fault build(ByteView document, Tree& tree) const;
  [[nodiscard]] Fault place(ByteView record, Tree& tree) const;
  void add_node(std::uint32_t type, ByteView record, Tree& tree) const;
  [[nodiscard]] bool emit(std::uint32_t node, const Tree& tree, TextBuffer& out) const;
  void arrange(std::uint32_t node, const Tree& tree, Arrangement& arrangement) const;
  void append_order(const Tree& tree, TextBuffer& out) const;
  [[nodiscard]] plan::BadField explain_placing(Fault fault, ByteView document, ByteView record,
                                               std::size_t number) const;

  std::vector<SegmentType> types_;
  bool keeps_order_;
};

/// The member that says in which order a document's records stood.
inline constexpr const char* kOrderMember = "_order";

}  // namespace copybridge::mapping
