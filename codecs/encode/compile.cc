// Objects and tables; the whole of a plan.
#include <algorithm>

#include "codecs/encode/compiler.h"
#include "codecs/encode/straight.h"

namespace copybridge::encode {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using plan::OutlineNode;

namespace {

/// More than any record's image may take: beyond it a copybook is hostile or mistaken.
constexpr std::uint64_t kImageMax = std::uint64_t{1} << 30U;

}  // namespace

Compiler::Compiler(const plan::PlanOptions& options, Program& program, Diagnostics& diagnostics)
    : options_(options),
      program_(program),
      diagnostics_(diagnostics),
      layout_(*program.layout),
      outline_(plan::make_outline(*program.layout, options, program.alternatives, diagnostics)),
      fields_(options, program, diagnostics) {}

void Compiler::compile() {
  program_.layer_size = layout_.size_max;
  Object& root = program_.objects.emplace_back();
  program_.root = &root;
  Scope scope;
  scope.object = &root;
  scope.block = &program_.block;
  compile_nodes(outline_.members, scope);
  add_special_members(root);
  index_members();
  program_.layers = layer_high_;
  if (program_.layer_size * program_.layers > kImageMax)
    return diagnostics_.error(layout_.items.front().where,
                              "encode: records of " + layout_.name() +
                                  " with their alternatives could take more than 1 GiB");
  add_table_moves();
  add_selectors();
  if (varies(0)) program_.moves = moves_of(0, 0);
  make_image();
  // Members that are kept must be looked for.
  if (diagnostics_.error_count() == 0 && program_.options.kept.empty())
    program_.straight = compile_straight(outline_, program_, options_.instruction_set);
}

void Compiler::add_special_members(Object& object) {
  const auto add = [&](const char* name) {
    Member member;
    member.kind = Member::Kind::ignored;
    member.name = name;
    member.id = program_.member_count++;
    object.members.push_back(std::move(member));
  };
  if (options_.list_errors) add("_errors");
  if (options_.keep_raw) add("_raw");
  const auto& kept = program_.options.kept;
  for (std::uint32_t i = 0; i < kept.size(); ++i) {
    add(kept[i].name.c_str());
    Member& member = object.members.back();
    member.kind = Member::Kind::kept;
    member.kept = i;
    member.is_required = kept[i].is_required;
  }
}

void Compiler::compile_nodes(const std::vector<OutlineNode>& nodes, const Scope& scope) {
  for (const OutlineNode& node : nodes) {
    if (node.kind == OutlineNode::Kind::choice) {
      compile_choice(node, scope);
    } else {
      compile_node(node, scope);
    }
  }
}

void Compiler::compile_node(const OutlineNode& node, const Scope& scope) {
  if (layout_.items[node.item].is_table) {
    compile_table(node, scope);
  } else if (layout_.items[node.item].level_number == copybook::kRenamesLevel) {
    compile_rename(node, scope);
  } else if (node.kind == OutlineNode::Kind::group) {
    compile_group(node, scope);
  } else {
    compile_elementary(node, scope);
  }
  compile_conditions(node, scope);
}

Member& Compiler::add_member(const OutlineNode& node, Member::Kind kind, const Scope& scope) {
  Member member;
  member.kind = kind;
  member.name = node.name;
  member.id = program_.member_count++;
  member.arm = scope.arm;
  member.item = node.item;
  member.is_required = scope.arm == kNone;
  scope.object->members.push_back(std::move(member));
  return scope.object->members.back();
}

void Compiler::compile_elementary(const OutlineNode& node, const Scope& scope) {
  if (outline_.rules.is_counter[node.item]) add_counter(node.item, scope);
  if (!node.has_member || scope.object == nullptr) return;
  Field& field = program_.fields.emplace_back(
      fields_.make(node.item, outline_.rules.rule[node.item], scope.layer));
  field.arm = scope.within;
  const auto counter = counters_.find(node.item);
  if (counter != counters_.end()) field.counter = counter->second;
  by_item_[node.item] = &field;
  add_member(node, Member::Kind::field, scope).field = &field;
}

// A level 66 takes no bytes of its own: what it is given as must be what it renames.
void Compiler::compile_rename(const OutlineNode& node, const Scope& scope) {
  if (!node.has_member) return;
  Field& field = program_.fields.emplace_back(
      fields_.make(node.item, outline_.rules.rule[node.item], scope.layer));
  Member& member = add_member(node, Member::Kind::renamed, scope);
  member.field = &field;
  member.is_required = false;
}

void Compiler::compile_group(const OutlineNode& node, const Scope& scope) {
  if (!node.has_member || scope.object == nullptr) return compile_nodes(node.children, scope);
  Object& object = program_.objects.emplace_back();
  Scope inner = scope;
  inner.object = &object;
  inner.arm = kNone;
  object.outer = scope.object;
  object.name = node.name;
  compile_nodes(node.children, inner);
  add_member(node, Member::Kind::object, scope).object = &object;
}

void Compiler::compile_table(const OutlineNode& node, const Scope& scope) {
  const Item& entry = layout_.items[node.item];
  if (scope.depth >= plan::kSubscriptsMax)
    return diagnostics_.error(entry.where, "encode: tables nest too deep at " + entry.name);
  Table& table = program_.tables.emplace_back();
  tables_[node.item] = &table;
  table.address = base_of(scope.layer) + entry.offset;
  table.stride = entry.size;
  table.count_min = entry.occurs_min;
  table.count_max = entry.occurs_max;
  table.item = node.item;
  if (entry.depending_on != kNoItem) {
    const auto counter = counters_.find(entry.depending_on);
    if (counter == counters_.end())
      return diagnostics_.error(
          entry.where, "encode: the counter of " + entry.name + " does not stand in front of it");
    table.counter = counter->second;
    table.is_moving = options_.odo == plan::OdoStorage::moving;
    table.is_clamped = options_.odo_range == plan::OdoRange::clamp;
    if (options_.odo_range == plan::OdoRange::from_zero) table.count_min = 0;
    Counter& plan = program_.counters[counter->second];
    plan.least = std::max(plan.least, entry.occurs_min);
    if (plan.depth == scope.depth && plan.field.arm == scope.within)
      limit_counter(entry, node.item, plan);
    if (plan.depth > scope.depth)
      diagnostics_.error(entry.where,
                         "encode: the counter of " + entry.name + " stands in another table");
  }
  const bool is_shown = node.has_member && scope.object != nullptr;
  Scope inner = scope;
  inner.block = &table.block;
  inner.arm = kNone;
  inner.object = nullptr;
  ++inner.depth;
  if (node.kind == OutlineNode::Kind::group) {
    if (is_shown) inner.object = &program_.objects.emplace_back();
    table.object = inner.object;
    compile_nodes(node.children, inner);
  } else if (is_shown) {
    Field& field = program_.fields.emplace_back(
        fields_.make(node.item, outline_.rules.rule[node.item], scope.layer));
    field.arm = scope.within;
    table.field = by_item_[node.item] = &field;
  }
  if (is_shown) add_member(node, Member::Kind::table, scope).table = &table;
}

void Compiler::compile_conditions(const OutlineNode& node, const Scope& scope) {
  if (scope.object == nullptr) return;
  const Item& entry = layout_.items[node.item];
  for (const plan::OutlineCondition& condition : node.conditions) {
    ConditionMember& compiled = program_.conditions.emplace_back();
    compiled.test = condition::ValueTest::compile(entry, entry.conditions[condition.index],
                                                  fields_.reading(outline_.rules.rule[node.item]),
                                                  diagnostics_);
    compiled.address = base_of(scope.layer) + entry.offset;
    OutlineNode named = node;
    named.name = condition.name;
    Member& member = add_member(named, Member::Kind::condition, scope);
    member.is_required = false;
    member.condition = &compiled;
  }
}

void Compiler::walk_hidden(ItemIndex item, const Scope& scope) {
  const Item& entry = layout_.items[item];
  if (outline_.rules.is_counter[item]) add_counter(item, scope);
  if (entry.is_table) return;
  for (const ItemIndex child : entry.children) walk_hidden(child, scope);
}

void Compiler::add_counter(ItemIndex item, const Scope& scope) {
  if (counters_.count(item) != 0) return;
  const auto id = static_cast<std::uint32_t>(program_.counters.size());
  counters_[item] = id;
  Counter& counter = program_.counters.emplace_back();
  counter.field = fields_.make(item, outline_.rules.rule[item], scope.layer);
  counter.field.arm = scope.within;
  counter.depth = scope.depth;
  scope.block->counters.push_back(id);
}

/// What decoding holds a counter to, whether or not the table is given.
void Compiler::limit_counter(const Item& table, ItemIndex item, Counter& counter) const {
  if (options_.odo_range == plan::OdoRange::clamp) return;
  const bool has_least = options_.odo_range == plan::OdoRange::reject;
  if (has_least) counter.count_min = std::max(counter.count_min, table.occurs_min);
  if (table.occurs_max > counter.count_max) return;
  counter.count_max = table.occurs_max;
  counter.table = item;
}

void Compiler::index_members() {
  for (Object& object : program_.objects) link_names(object);
}

void Compiler::link_names(Object& object) {
  for (std::uint32_t i = 0; i < object.members.size(); ++i) {
    Member& member = object.members[i];
    if (member.is_required) ++object.required;
    const auto [place, is_new] = object.by_name.emplace(member.name, i);
    if (is_new) continue;
    Member* other = &object.members[place->second];
    while (other->next_same != kNone) other = &object.members[other->next_same];
    other->next_same = i;
    other->is_shared = member.is_shared = true;
    const auto stands_alone = [&](const Member& one) {
      return one.arm != kNone && !program_.arms[one.arm].is_hoisted;
    };
    if (!stands_alone(member) || !stands_alone(*other))
      diagnostics_.error(layout_.items.front().where,
                         "encode: member " + member.name + " occurs twice in one object",
                         "give one of them another name");
  }
}

// -- moving pieces together

bool Compiler::varies(ItemIndex item) const {
  const Item& entry = layout_.items[item];
  return options_.odo == plan::OdoStorage::moving &&
         (entry.depending_on != kNoItem || entry.has_variable_size);
}

Moves Compiler::moves_of(ItemIndex item, std::uint64_t layer) const {
  const Item& entry = layout_.items[item];
  Moves moves;
  std::uint64_t begin = base_of(layer) + entry.offset;
  const std::uint64_t end = begin + entry.size;
  add_moves(item, layer, begin, moves);
  if (begin < end) moves.push_back({begin, end - begin, nullptr});
  return moves;
}

// `begin` is the first byte that no move has taken yet.
void Compiler::add_moves(ItemIndex group, std::uint64_t layer, std::uint64_t& begin,
                         Moves& moves) const {
  for (const plan::Cluster& cluster : plan::clusters_of(layout_, group)) {
    // Storage that is shared stays together; its alternatives are moved together within it.
    if (cluster.size() > 1 || !varies(cluster.front())) continue;
    const Item& entry = layout_.items[cluster.front()];
    const auto table = tables_.find(cluster.front());
    if (table == tables_.end()) {
      add_moves(cluster.front(), layer, begin, moves);
      continue;
    }
    const std::uint64_t address = base_of(layer) + entry.offset;
    const std::uint64_t size = std::uint64_t{entry.size} * entry.occurs_max;
    if (begin < address) moves.push_back({begin, address - begin, nullptr});
    moves.push_back({address, size, table->second});
    begin = address + size;
  }
}

void Compiler::add_table_moves() {
  for (const auto& [item, table] : tables_) {
    if (!layout_.items[item].has_variable_size || options_.odo != plan::OdoStorage::moving)
      continue;
    const std::uint64_t layer = table->address / std::max<std::uint64_t>(program_.layer_size, 1);
    table->body_moves = true;
    table->body = moves_of(item, layer);
  }
  for (Arm& arm : program_.arms) {
    if (!arm.is_variable) continue;
    const std::uint64_t layer = arm.address / std::max<std::uint64_t>(program_.layer_size, 1);
    const auto table = tables_.find(arm.item);
    if (table != tables_.end()) {
      arm.moves.push_back({arm.address, arm.size, table->second});
    } else {
      arm.moves = moves_of(arm.item, layer);
    }
  }
}

void Compiler::make_image() {
  program_.image.assign(program_.layer_size * program_.layers, 0);
  ImageMaker image(outline_.rules, program_, fields_);
  image.fill(0, 0);
  for (const auto& [item, layer] : layered_) image.fill(item, layer);
}

// -- plans

Program::Program() = default;
Program::~Program() = default;

EncodePlan::EncodePlan(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
EncodePlan::~EncodePlan() = default;

std::unique_ptr<const EncodePlan> EncodePlan::compile(
    std::shared_ptr<const copybook::Layout> layout, const plan::PlanOptions& options,
    std::vector<plan::Alternative> alternatives, const EncodeOptions& encode_options,
    Diagnostics& diagnostics) {
  if (options.code_page == nullptr || layout == nullptr || layout->items.empty()) {
    diagnostics.error({}, "encode: a layout and a code page are needed");
    return nullptr;
  }
  const std::size_t errors = diagnostics.error_count();
  auto program = std::make_unique<Program>();
  program->layout = std::move(layout);
  program->alternatives = std::move(alternatives);
  program->options = encode_options;
  program->keep_raw = options.keep_raw;
  program->accept_short = options.short_records != plan::Acceptance::reject;
  program->accept_long = options.long_records == plan::Acceptance::accept;
  program->lists_errors = options.list_errors;
  program->space = static_cast<std::uint8_t>(options.code_page->byte_of(' '));
  program->size_min = plan::least_size(*program->layout, 0, {options.odo, options.odo_range}, true);
  const std::size_t count = program->layout->items.size();
  program->is_masked.assign(count, false);
  for (const plan::FieldRule& rule : options.rules)
    if (rule.item < count) program->is_masked[rule.item] = rule.mask.has_value();
  for (ItemIndex item = 0; item < count; ++item)
    program->paths.push_back(copybook::path_of(*program->layout, item));
  Compiler(options, *program, diagnostics).compile();
  if (diagnostics.error_count() != errors) return nullptr;
  return std::unique_ptr<const EncodePlan>(new EncodePlan(std::move(program)));
}

}  // namespace copybridge::encode
