// The encode plan's compiler: walks the outline of the JSON once and writes the program.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codecs/encode/program.h"
#include "codecs/plan/compiler.h"
#include "codecs/plan/outline.h"

namespace copybridge::encode {

/// Compiles elementary items.
class FieldMaker {
 public:
  FieldMaker(const plan::PlanOptions& options, Program& program, Diagnostics& diagnostics);

  /// The field of an elementary item in a layer, under its rule (which may be null).
  Field make(copybook::ItemIndex item, const plan::FieldRule* rule, std::uint64_t layer);
  [[nodiscard]] condition::Reading reading(const plan::FieldRule* rule) const {
    return decoding_.reading(rule);
  }
  [[nodiscard]] const charset::CodePage& page(const plan::FieldRule* rule) const;
  [[nodiscard]] const TextEncoder* text(const charset::CodePage& page);
  /// Null for what is not numeric-edited.
  [[nodiscard]] std::shared_ptr<const condition::EditedPicture> picture_of(
      const copybook::Item& item, const charset::CodePage& page) const;

 private:
  /// What an item's picture and usage say, without what it is read back with.
  Field describe(const copybook::Item& entry, const plan::FieldRule* rule, std::uint64_t layer);
  /// Makes of a VARCHAR's text the field of both its parts.
  Varying& add_varying(const copybook::Item& group, const plan::FieldRule* rule,
                       std::uint64_t layer, Field& field);
  void add_rule(const plan::FieldRule& rule, Varying* varying, Field& field);
  void add_null(Field& field);
  void add_empty(const copybook::Item& item, const plan::FieldRule* rule, Field& field);
  void add_empty_number(const plan::Misfit& misfit, Field& field) const;
  void write_null(const plan::Empty& empty, const Field& field, std::uint8_t* bytes) const;

  const plan::PlanOptions& options_;
  Program& program_;
  Diagnostics& diagnostics_;
  plan::FieldCompiler decoding_;
  std::map<const charset::CodePage*, const TextEncoder*> texts_;
};

/// Writes the initial values of items: VALUE, else what INITIALIZE moves there.
class ImageMaker {
 public:
  ImageMaker(const plan::ItemRules& rules, Program& program, FieldMaker& fields)
      : rules_(rules), program_(program), fields_(fields) {}
  /// Fills all occurrences of an item, with all that lies in the same layer.
  void fill(copybook::ItemIndex item, std::uint64_t layer);
  /// An elementary item that holds a literal; empty where it cannot.
  [[nodiscard]] std::string bytes_of(copybook::ItemIndex item, const copybook::Literal& value);

 private:
  [[nodiscard]] Field plain_field(copybook::ItemIndex item);
  void fill_elementary(copybook::ItemIndex item, std::uint64_t layer);
  bool fill_value(copybook::ItemIndex item, const copybook::Literal& value, const Field& field,
                  std::uint8_t* out) const;
  void fill_blank(const copybook::Item& item, const Field& field, std::uint8_t* out) const;
  void raise_counter(copybook::ItemIndex item, const Field& field, std::uint8_t* out) const;

  const plan::ItemRules& rules_;
  Program& program_;
  FieldMaker& fields_;
};

/// Compiles objects, tables and choices.
class Compiler {
 public:
  Compiler(const plan::PlanOptions& options, Program& program, Diagnostics& diagnostics);
  void compile();

 private:
  /// Where the walk stands.
  struct Scope {
    Object* object = nullptr;  ///< null: nothing here is printed
    Block* block = nullptr;
    std::uint64_t layer = 0;
    std::uint32_t arm = kNone;     ///< of the choice in the same object
    std::uint32_t within = kNone;  ///< the alternative around it, anywhere
    std::uint32_t depth = 0;
  };

  void compile_nodes(const std::vector<plan::OutlineNode>& nodes, const Scope& scope);
  void compile_node(const plan::OutlineNode& node, const Scope& scope);
  void compile_elementary(const plan::OutlineNode& node, const Scope& scope);
  void compile_rename(const plan::OutlineNode& node, const Scope& scope);
  void compile_group(const plan::OutlineNode& node, const Scope& scope);
  void compile_table(const plan::OutlineNode& node, const Scope& scope);
  void compile_conditions(const plan::OutlineNode& node, const Scope& scope);
  void compile_choice(const plan::OutlineNode& node, const Scope& scope);
  void compile_arm(const plan::OutlineNode& node, std::uint32_t arm, const Scope& scope);
  [[nodiscard]] bool may_end_with(const plan::OutlineNode& node) const;
  /// Registers the counters of items that are not printed.
  void walk_hidden(copybook::ItemIndex item, const Scope& scope);
  void add_counter(copybook::ItemIndex item, const Scope& scope);
  void limit_counter(const copybook::Item& table, copybook::ItemIndex item, Counter& counter) const;
  Member& add_member(const plan::OutlineNode& node, Member::Kind kind, const Scope& scope);
  void add_special_members(Object& object);
  /// Makes the names of finished objects findable.
  void index_members();
  void link_names(Object& object);

  [[nodiscard]] bool varies(copybook::ItemIndex item) const;
  [[nodiscard]] Moves moves_of(copybook::ItemIndex item, std::uint64_t layer) const;
  void add_moves(copybook::ItemIndex group, std::uint64_t layer, std::uint64_t& begin,
                 Moves& moves) const;
  void add_table_moves();
  void add_checks(const plan::OutlineNode& node, std::vector<Check>& checks) const;
  void add_choice_checks(const plan::OutlineNode& node, std::vector<Check>& checks) const;
  /// What alternatives' conditions demand of items that are not printed.
  void add_selectors();
  void add_selectors(Arm& arm);
  /// Where an item is to be written when an alternative is chosen; false where it cannot be.
  [[nodiscard]] bool find_selector(const Arm& arm, copybook::ItemIndex item,
                                   Selector& selector) const;
  [[nodiscard]] bool is_printed(const Arm& arm, copybook::ItemIndex item, std::size_t tables) const;
  [[nodiscard]] bool excludes(const Arm& arm, std::uint32_t other) const;
  [[nodiscard]] bool is_within(std::uint32_t arm, std::uint32_t choice) const;
  [[nodiscard]] std::uint32_t arm_around(copybook::ItemIndex item) const;
  void make_image();
  [[nodiscard]] std::uint64_t base_of(std::uint64_t layer) const {
    return layer * program_.layer_size;
  }

  const plan::PlanOptions& options_;
  Program& program_;
  Diagnostics& diagnostics_;
  const copybook::Layout& layout_;
  plan::Outline outline_;
  FieldMaker fields_;
  std::map<copybook::ItemIndex, std::uint32_t> counters_;
  std::map<copybook::ItemIndex, Table*> tables_;
  std::map<copybook::ItemIndex, const Field*> by_item_;
  std::map<copybook::ItemIndex, std::uint32_t> choice_of_;  ///< that begins with an item
  std::vector<std::pair<copybook::ItemIndex, std::uint64_t>> layered_;  ///< alternatives
  std::uint64_t layer_next_ = 1;
  std::uint64_t layer_high_ = 1;
};

}  // namespace copybridge::encode
