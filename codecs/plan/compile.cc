// Groups, tables and items that share storage to operations.
#include <algorithm>

#include "codecs/plan/compiler.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;

Compiler::Compiler(const copybook::Layout& layout, const PlanOptions& options,
                   const std::vector<Alternative>& alternatives, Program& program,
                   Diagnostics& diagnostics)
    : layout_(layout),
      options_(options),
      alternatives_(alternatives),
      program_(program),
      diagnostics_(diagnostics),
      rules_(make_item_rules(layout, options, diagnostics)),
      fields_(layout, options, program, diagnostics) {}

void Compiler::compile() {
  Emitter emitter(program_.main, program_.pool, Members::none);
  MemberNames names(options_.names);
  emitter.open_object();
  if (layout_.items.front().is_group()) {
    place_renames();
    compile_children(0, emitter, names);
    compile_renames(emitter, names);
  } else {
    compile_item(0, emitter, names);
  }
  if (options_.list_errors) {
    emitter.begin_optional_members();
    Op op;
    op.kernel = write_errors;
    emitter.add(op, 0);
  }
  if (options_.keep_raw) {
    emitter.begin_member("\"_raw\"");
    Op op;
    op.kernel = write_record_bytes;
    emitter.add(op, 0);
  }
  emitter.close_object();
  emitter.finish();
}

bool Compiler::is_hoisted(ItemIndex item) const {
  const Item& entry = layout_.items[item];
  return entry.is_filler && entry.is_group() && !entry.is_table && !options_.keep_fillers &&
         (rules_.rule[item] == nullptr || !rules_.rule[item]->name);
}

bool Compiler::needs_walk(ItemIndex item) const {
  const Item& entry = layout_.items[item];
  if (rules_.is_counter[item] || entry.depending_on != kNoItem || entry.has_variable_size ||
      anchors_.count(item) != 0)
    return true;
  return std::any_of(entry.children.begin(), entry.children.end(),
                     [&](ItemIndex child) { return needs_walk(child); });
}

std::string Compiler::name_of(ItemIndex item, MemberNames& names, Diagnostics& diagnostics) {
  const Item& entry = layout_.items[item];
  const FieldRule* rule = rules_.naming_rule(item);
  const bool has_rule_name = rule != nullptr;
  std::string name = entry.name;
  if (rules_.filler_number[item] != 0)
    name = "FILLER-" + std::to_string(rules_.filler_number[item]);
  if (has_rule_name) name = *rule->name;
  bool was_taken = false;
  std::string printed = names.take(name, has_rule_name, was_taken);
  if (was_taken)
    diagnostics.warning(
        has_rule_name ? rule->where : entry.where,
        "member " + name + " occurs twice in one object; it is printed as " + printed);
  return plan::quoted(printed);
}

void Compiler::compile_children(ItemIndex group, Emitter& emitter, MemberNames& names) {
  for (const Cluster& cluster : clusters_of(layout_, group)) {
    note_places(cluster.front(), emitter);
    if (cluster.size() == 1) {
      compile_item(cluster.front(), emitter, names);
    } else {
      compile_cluster(cluster, emitter, names);
    }
  }
}

void Compiler::compile_item(ItemIndex item, Emitter& emitter, MemberNames& names) {
  const Item& entry = layout_.items[item];
  if (!rules_.shows[item]) {
    skip_item(item, emitter);
  } else if (is_hoisted(item)) {
    compile_children(item, emitter, names);
  } else {
    if (rules_.is_counter[item]) add_counter(item, emitter);
    emitter.begin_member(name_of(item, names, diagnostics_));
    if (entry.is_table) {
      compile_table(item, emitter, false);
    } else {
      compile_value(item, emitter);
    }
  }
  if (rules_.shows_conditions[item]) compile_conditions(item, emitter, names);
}

// One occurrence.
void Compiler::compile_value(ItemIndex item, Emitter& emitter) {
  const Item& entry = layout_.items[item];
  if (is_object(entry, options_)) {
    MemberNames names(options_.names);
    emitter.open_object();
    compile_children(item, emitter, names);
    emitter.close_object();
    return;
  }
  for (const ItemIndex part : entry.children)
    if (rules_.shows_conditions[part])
      diagnostics_.warning(layout_.items[part].where,
                           "condition names of " + layout_.items[part].name +
                               " are not printed: it is a part of the VARCHAR " + entry.name);
  std::uint64_t worst = 0;
  const Op op = fields_.compile(item, rules_.rule[item], worst);
  emitter.add(op, worst);
}

void Compiler::compile_table(ItemIndex item, Emitter& emitter, bool is_silent) {
  const Item& entry = layout_.items[item];
  if (++table_depth_ > kSubscriptsMax)
    return diagnostics_.error(entry.where, "plan: tables nest too deep at " + entry.name);
  Table& table = program_.tables.emplace_back();
  Emitter body(table.body, program_.pool, Members::none);
  if (is_silent) {
    skip_children(item, body);
  } else {
    body.add_text(",");
    compile_value(item, body);
  }
  body.finish();
  --table_depth_;
  table.stride = entry.size;
  table.count_min = options_.odo_range == OdoRange::from_zero && entry.depending_on != kNoItem
                        ? 0
                        : entry.occurs_min;
  table.range = options_.odo_range;
  table.count_max = entry.occurs_max;
  table.is_silent = is_silent;
  table.body_moves = entry.has_variable_size && options_.odo == OdoStorage::moving;
  table.element_min = least_element_size(layout_, item, {options_.odo, options_.odo_range}, false);
  if (entry.depending_on != kNoItem) {
    table.slot = static_cast<std::int32_t>(slots_[entry.depending_on]);
    table.is_moving = options_.odo == OdoStorage::moving;
  }
  Op op;
  op.kernel = write_table;
  op.offset = entry.offset;
  op.item = item;
  op.detail.table = &table;
  emitter.add(op, table.slot == kNoSlot ? table.count_max * table.body.worst_case + 2 : 2);
  if (!is_silent) emitter.add_text("]");
}

void Compiler::compile_conditions(ItemIndex item, Emitter& emitter, MemberNames& names) {
  const Item& entry = layout_.items[item];
  if (entry.is_table && !is_object(entry, options_)) {
    diagnostics_.warning(entry.where, "condition names of " + entry.name +
                                          " are not printed: its occurrences are no objects");
    return;
  }
  for (const copybook::ConditionName& name : entry.conditions) {
    bool was_taken = false;
    const std::string member = plan::quoted(names.take(name.name, false, was_taken)) + ":true,";
    emitter.begin_optional_members();
    ConditionMember& compiled = program_.conditions.emplace_back();
    compiled.test = condition::ValueTest::compile(entry, name, fields_.reading(rules_.rule[item]),
                                                  diagnostics_);
    compiled.text_offset = add_to_pool(program_.pool, member);
    compiled.text_size = static_cast<std::uint32_t>(member.size());
    Op op;
    op.kernel = write_condition;
    op.offset = entry.offset;
    op.size = entry.size;
    op.item = item;
    op.detail.condition = &compiled;
    emitter.add(op, member.size());
  }
}

void Compiler::skip_item(ItemIndex item, Emitter& emitter) {
  if (!needs_walk(item)) return;
  const Item& entry = layout_.items[item];
  if (rules_.is_counter[item]) add_counter(item, emitter);
  if (entry.is_table) {
    compile_table(item, emitter, true);
  } else {
    skip_children(item, emitter);
  }
}

void Compiler::skip_children(ItemIndex group, Emitter& emitter) {
  for (const Cluster& cluster : clusters_of(layout_, group)) {
    note_places(cluster.front(), emitter);
    if (cluster.size() == 1) {
      skip_item(cluster.front(), emitter);
    } else {
      // Storage that is shared keeps its full size: only its counters matter to what follows.
      for (const ItemIndex item : cluster) read_counters(item, emitter);
    }
  }
}

void Compiler::read_counters(ItemIndex item, Emitter& emitter) {
  const Item& entry = layout_.items[item];
  if (rules_.is_counter[item]) add_counter(item, emitter);
  if (entry.is_table) return;
  for (const ItemIndex child : entry.children) read_counters(child, emitter);
}

void Compiler::add_counter(ItemIndex item, Emitter& emitter) {
  const Item& entry = layout_.items[item];
  const auto [slot, is_new] = slots_.emplace(item, static_cast<std::uint32_t>(slots_.size()));
  if (is_new && slot->second >= kCountersMax)
    return diagnostics_.error(entry.where, "plan: there are more than 256 counters of tables");
  Counter& counter = program_.counters.emplace_back();
  counter.field = condition::make_field(entry, fields_.reading(rules_.rule[item]));
  counter.slot = slot->second;
  Op op;
  op.kernel = read_counter;
  op.offset = entry.offset;
  op.size = entry.size;
  op.item = item;
  op.detail.counter = &counter;
  emitter.add(op, 0);
}

}  // namespace copybridge::plan
