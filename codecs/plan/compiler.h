// The plan compiler: walks a layout once and writes the program.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codecs/plan/emitter.h"
#include "codecs/plan/item_rules.h"
#include "codecs/plan/names.h"
#include "codecs/plan/program.h"

namespace copybridge::plan {

/// Tables of code pages and sign bytes, shared by the fields that need them.
class TableStore {
 public:
  explicit TableStore(Program& program) : program_(program) {}
  const TextTable* text(const TextRules& rules);
  const SignTable* sign(const condition::Field& field);
  const NumberForm* form(const NumberForm& unsigned_form, const condition::Field& field);

 private:
  Program& program_;
  std::map<std::pair<const charset::CodePage*, charset::Form>, const TextTable*> text_;
  std::map<std::array<unsigned, 3>, const SignTable*> sign_;
};

/// Compiles elementary items to operations.
class FieldCompiler {
 public:
  FieldCompiler(const copybook::Layout& layout, const PlanOptions& options, Program& program,
                Diagnostics& diagnostics)
      : layout_(layout),
        options_(options),
        program_(program),
        diagnostics_(diagnostics),
        store_(program) {}

  /// The operation of an elementary item under its rule (which may be null), and the characters
  /// it writes at most.
  Op compile(copybook::ItemIndex item, const FieldRule* rule, std::uint64_t& worst);
  [[nodiscard]] condition::Reading reading(const FieldRule* rule) const;

 private:
  [[nodiscard]] std::shared_ptr<const charset::CodePage> page(const FieldRule* rule) const;
  const TextTable* text_table(const condition::Field& field);
  const Misfit* make_misfit(copybook::ItemIndex item, const condition::Field& field,
                            const Shape& shape, const FieldRule* rule);
  void check(const copybook::Item& item, const condition::Field& field);
  [[nodiscard]] OnBadField fate_of_bad(const condition::Field& field, const FieldRule* rule) const;
  [[nodiscard]] Shape shape_of(const copybook::Item& item, const condition::Field& field,
                               const FieldRule* rule);
  const FieldDetail* make_detail(copybook::ItemIndex item, const condition::Field& field,
                                 const Shape& shape, const FieldRule* rule);
  void compile_varying(copybook::ItemIndex group, const FieldRule* rule, FieldDetail& detail) const;
  void compile_date(const copybook::Item& item, const FieldRule& rule, FieldDetail& detail);
  void compile_empty(const copybook::Item& item, const FieldRule& rule, FieldDetail& detail);
  void compile_empty_text(const condition::Field& field, FieldDetail& detail) const;
  static bool make_empty(const EmptyValue& value, const FieldDetail& detail, Empty& empty,
                         std::string& reason);

  const copybook::Layout& layout_;
  const PlanOptions& options_;
  Program& program_;
  Diagnostics& diagnostics_;
  TableStore store_;
};

/// Compiles groups, tables and choices.
class Compiler {
 public:
  Compiler(const copybook::Layout& layout, const PlanOptions& options,
           const std::vector<Alternative>& alternatives, Program& program,
           Diagnostics& diagnostics);
  void compile();

 private:
  void compile_children(copybook::ItemIndex group, Emitter& emitter, MemberNames& names);
  void compile_item(copybook::ItemIndex item, Emitter& emitter, MemberNames& names);
  void compile_value(copybook::ItemIndex item, Emitter& emitter);
  void compile_table(copybook::ItemIndex item, Emitter& emitter, bool is_silent);
  void compile_conditions(copybook::ItemIndex item, Emitter& emitter, MemberNames& names);
  void compile_cluster(const Cluster& cluster, Emitter& emitter, MemberNames& names);
  void compile_side_by_side(const Cluster& cluster, Emitter& emitter, MemberNames& names);
  void compile_choice(const std::vector<const Alternative*>& chosen, const Cluster& cluster,
                      Emitter& emitter, MemberNames& names);
  void compile_arm(copybook::ItemIndex item, Arm& arm, Members before, Members* after,
                   MemberNames& names);
  void compile_trial(copybook::ItemIndex item, Emitter& emitter);
  void place_renames();
  void note_places(copybook::ItemIndex anchor, Emitter& emitter);
  void compile_renames(Emitter& emitter, MemberNames& names);
  void compile_rename(copybook::ItemIndex item, Emitter& emitter, MemberNames& names);
  /// Walks over what is not printed: counters are read, tables move what follows.
  void skip_item(copybook::ItemIndex item, Emitter& emitter);
  void skip_children(copybook::ItemIndex group, Emitter& emitter);
  void read_counters(copybook::ItemIndex item, Emitter& emitter);
  void add_counter(copybook::ItemIndex item, Emitter& emitter);

  [[nodiscard]] bool needs_walk(copybook::ItemIndex item) const;
  [[nodiscard]] bool is_hoisted(copybook::ItemIndex item) const;
  /// The item's member name, quoted; a changed name is a warning.
  std::string name_of(copybook::ItemIndex item, MemberNames& names, Diagnostics& diagnostics);
  std::vector<std::string> member_names(copybook::ItemIndex item, MemberNames& names);
  std::vector<std::string> names_of(copybook::ItemIndex item, MemberNames& names);
  static std::string null_text(const std::vector<std::string>& names, Members before,
                               Members after);
  std::string null_choice(const std::vector<const Alternative*>& chosen, MemberNames& names);

  const copybook::Layout& layout_;
  const PlanOptions& options_;
  const std::vector<Alternative>& alternatives_;
  Program& program_;
  Diagnostics& diagnostics_;
  ItemRules rules_;
  FieldCompiler fields_;
  std::map<copybook::ItemIndex, std::uint32_t> slots_;  ///< of counters, and of moving renames
  /// Items of level 66 by what stands where they do.
  std::multimap<copybook::ItemIndex, copybook::ItemIndex> anchors_;
  std::size_t table_depth_ = 0;
};

}  // namespace copybridge::plan
