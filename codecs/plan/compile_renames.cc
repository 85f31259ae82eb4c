// Level 66: members behind all others, read where the storage that they rename stood.
#include <algorithm>

#include "codecs/plan/alternatives.h"
#include "codecs/plan/compiler.h"

namespace copybridge::plan {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;

namespace {

// Whether a table that moves what follows it stands in front of an item.
bool may_move(const copybook::Layout& layout, const PlanOptions& options, ItemIndex item) {
  if (options.odo == OdoStorage::fixed) return false;
  const auto begin = layout.items.begin();
  return std::any_of(begin, begin + item,
                     [](const Item& table) { return table.depending_on != kNoItem; });
}

}  // namespace

// Where they stand is noted when the walk comes to what is renamed, or to the storage that it
// shares with others: only one of these is walked, or each on trial.
void Compiler::place_renames() {
  for (ItemIndex item = 0; item < layout_.items.size(); ++item) {
    if (layout_.items[item].level_number != copybook::kRenamesLevel) continue;
    if (!rules_.shows[item] && !rules_.shows_conditions[item]) continue;
    const ItemIndex from = layout_.items[item].renames;
    if (!may_move(layout_, options_, from)) continue;
    const ItemIndex shared = shared_around(layout_, from);
    const auto slot = static_cast<std::uint32_t>(slots_.size());
    if (slot >= kCountersMax)
      return diagnostics_.error(layout_.items[item].where,
                                "plan: there are more than 256 counters and moving level-66 names");
    slots_[item] = slot;
    anchors_.emplace(shared == kNoItem ? from : shared, item);
  }
}

void Compiler::note_places(ItemIndex anchor, Emitter& emitter) {
  const auto [begin, end] = anchors_.equal_range(anchor);
  for (auto at = begin; at != end; ++at) {
    Renamed& place = program_.renamed.emplace_back();
    place.slot = static_cast<std::int32_t>(slots_[at->second]);
    Op op;
    op.kernel = note_place;
    op.item = at->second;
    op.detail.renamed = &place;
    emitter.add(op, 0);
  }
}

void Compiler::compile_renames(Emitter& emitter, MemberNames& names) {
  for (ItemIndex item = 0; item < layout_.items.size(); ++item) {
    if (layout_.items[item].level_number != copybook::kRenamesLevel) continue;
    if (rules_.shows[item] || rules_.shows_conditions[item]) compile_rename(item, emitter, names);
  }
}

void Compiler::compile_rename(ItemIndex item, Emitter& emitter, MemberNames& names) {
  Renamed& renamed = program_.renamed.emplace_back();
  const auto slot = slots_.find(item);
  if (slot != slots_.end()) renamed.slot = static_cast<std::int32_t>(slot->second);
  Emitter body(renamed.body, program_.pool, emitter.members());
  std::string null;
  if (rules_.shows[item]) {
    const std::string name = name_of(item, names, diagnostics_);
    null = (emitter.members() == Members::some ? "," : "") + name + ":null";
    body.begin_member(name);
    compile_value(item, body);
  }
  if (rules_.shows_conditions[item]) compile_conditions(item, body, names);
  body.finish();
  if (body.members() == Members::comma && !null.empty()) null += ',';
  renamed.is_alternative = shared_around(layout_, layout_.items[item].renames) != kNoItem;
  renamed.null_offset = add_to_pool(program_.pool, null);
  renamed.null_size = static_cast<std::uint32_t>(null.size());
  Op op;
  op.kernel = write_renamed;
  op.item = item;
  op.detail.renamed = &renamed;
  emitter.add(op, std::max<std::uint64_t>(renamed.body.worst_case, null.size()));
  emitter.set_members(body.members());
}

}  // namespace copybridge::plan
