// Items that share storage: side by side, or one chosen by conditions.
#include <algorithm>

#include "codecs/plan/compiler.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;

void Compiler::compile_cluster(const Cluster& cluster, Emitter& emitter, MemberNames& names) {
  // Counters within are read first: they stand still, and an alternative may not be run.
  for (const ItemIndex item : cluster) read_counters(item, emitter);
  const bool any_shows = std::any_of(cluster.begin(), cluster.end(), [&](ItemIndex item) {
    return rules_.shows[item] || rules_.shows_conditions[item];
  });
  std::vector<const Alternative*> chosen;
  for (const Alternative& alternative : alternatives_)
    if (std::find(cluster.begin(), cluster.end(), alternative.item) != cluster.end())
      chosen.push_back(&alternative);
  if (!chosen.empty()) {
    compile_choice(chosen, cluster, emitter, names);
  } else if (any_shows) {
    compile_side_by_side(cluster, emitter, names);
  }
}

// An arm's sub-plan begins in the object's state `before`; `after` is what it leaves, and where
// it is null the arm's members each end with a comma.
void Compiler::compile_arm(ItemIndex item, Arm& arm, Members before, Members* after,
                           MemberNames& names) {
  const bool ends = ends_record(layout_, item);
  arm.item = item;
  arm.size_min = least_size(layout_, item, {options_.odo, options_.odo_range}, ends);
  arm.size_max = most_size(layout_.items[item]);
  const Item& entry = layout_.items[item];
  const bool varies = options_.odo == OdoStorage::moving &&
                      (entry.has_variable_size || entry.depending_on != copybook::kNoItem);
  arm.ends_record = ends && (options_.record_end == RecordEnd::alternative ||
                             (varies && options_.record_end == RecordEnd::automatic));
  arm.may_be_filled = options_.record_end != RecordEnd::alternative;
  arm.is_discarded = !rules_.shows[item] && !rules_.shows_conditions[item];
  Emitter body(arm.body, program_.pool, before);
  if (arm.is_discarded) {
    compile_trial(item, body);
  } else {
    compile_item(item, body, names);
    if (after == nullptr) body.begin_optional_members();
  }
  if (after != nullptr) *after = body.members();
  body.finish();
}

// An alternative that is not printed still counts as fitting: its fields are tried, but for
// those of its tables.
void Compiler::compile_trial(ItemIndex item, Emitter& emitter) {
  const Item& entry = layout_.items[item];
  if (entry.is_table) return skip_item(item, emitter);
  if (rules_.is_counter[item]) add_counter(item, emitter);
  if (!is_object(entry, options_)) {
    std::uint64_t worst = 0;
    const Op op = fields_.compile(item, nullptr, worst);
    return emitter.add(op, worst);
  }
  for (const Cluster& cluster : clusters_of(layout_, item))
    if (cluster.size() == 1) compile_trial(cluster.front(), emitter);
}

void Compiler::compile_side_by_side(const Cluster& cluster, Emitter& emitter, MemberNames& names) {
  const Item& first = layout_.items[cluster.front()];
  Choice& choice = program_.choices.emplace_back();
  choice.arms.resize(cluster.size());
  std::uint64_t worst = 0;
  Members members = emitter.members();
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    Arm& arm = choice.arms[i];
    const Members before = members;
    const std::vector<std::string> own = names_of(cluster[i], names);
    compile_arm(cluster[i], arm, before, &members, names);
    if (!arm.is_discarded) {
      const std::string text = null_text(own, before, members);
      arm.null_offset = add_to_pool(program_.pool, text);
      arm.null_size = static_cast<std::uint32_t>(text.size());
    }
    worst += std::max<std::uint64_t>(arm.body.worst_case, arm.null_size);
  }
  Op op;
  op.kernel = write_alternatives;
  op.offset = first.offset;
  op.item = cluster.front();
  op.on_bad_field = options_.on_bad_field;
  op.detail.choice = &choice;
  emitter.add(op, worst);
  emitter.set_members(members);
}

// What stands for an alternative that does not fit: each of its members as null.
std::string Compiler::null_text(const std::vector<std::string>& names, Members before,
                                Members after) {
  std::string text;
  Members members = before;
  for (const std::string& name : names) {
    if (members == Members::some) text += ',';
    text += name + ":null";
    members = Members::some;
  }
  if (after == Members::comma && members == Members::some) text += ',';
  return text;
}

// The members an item makes in its parent's object: itself, or a FILLER group's children.
std::vector<std::string> Compiler::member_names(ItemIndex item, MemberNames& names) {
  if (!rules_.shows[item]) return {};
  if (!is_hoisted(item)) {
    Diagnostics unheard;
    return {name_of(item, names, unheard)};
  }
  std::vector<std::string> all;
  for (const ItemIndex child : layout_.items[item].children)
    for (std::string& name : member_names(child, names)) all.push_back(std::move(name));
  return all;
}

// The same, leaving the names for whoever compiles the item.
std::vector<std::string> Compiler::names_of(ItemIndex item, MemberNames& names) {
  const std::size_t mark = names.mark();
  std::vector<std::string> all = member_names(item, names);
  names.rewind(mark);
  return all;
}

void Compiler::compile_choice(const std::vector<const Alternative*>& chosen, const Cluster& cluster,
                              Emitter& emitter, MemberNames& names) {
  Choice& choice = program_.choices.emplace_back();
  choice.arms.resize(chosen.size());
  emitter.begin_optional_members();
  std::uint64_t worst = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    Arm& arm = choice.arms[i];
    arm.condition = chosen[i]->condition;
    // Only one alternative is printed: names of the others do not collide with its own.
    const std::size_t mark = names.mark();
    compile_arm(chosen[i]->item, arm, Members::comma, nullptr, names);
    names.rewind(mark);
    worst = std::max(worst, arm.body.worst_case);
  }
  const std::string nothing = null_choice(chosen, names);
  choice.null_offset = add_to_pool(program_.pool, nothing);
  choice.null_size = static_cast<std::uint32_t>(nothing.size());
  worst = std::max<std::uint64_t>(worst, choice.null_size);
  Op op;
  op.kernel = write_chosen;
  op.offset = layout_.items[cluster.front()].offset;
  op.item = cluster.front();
  op.on_bad_field = options_.on_bad_field;
  op.detail.choice = &choice;
  emitter.add(op, worst);
}

// Members of all alternatives as null, each name once: only one of them is ever printed.
std::string Compiler::null_choice(const std::vector<const Alternative*>& chosen,
                                  MemberNames& names) {
  std::vector<std::string> all;
  for (const Alternative* alternative : chosen)
    for (std::string& name : names_of(alternative->item, names))
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
  std::string text;
  for (const std::string& name : all) text += name + ":null,";
  return text;
}

}  // namespace copybridge::plan
