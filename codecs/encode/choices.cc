// Items that share storage: which alternative's bytes stand in it.
#include <algorithm>
#include <cstring>
#include <utility>

#include "codecs/encode/comparison.h"
#include "codecs/encode/settle.h"

namespace copybridge::encode {

using condition::Truth;

const std::uint8_t* raw_bytes(const Arm& arm, const Frame& frame) {
  const Program& program = *frame.program;
  const std::uint64_t address = program.choices[arm.choice].address;
  for (std::uint32_t outer = arm.outer; outer != kNone; outer = program.arms[outer].outer)
    if (program.arms[outer].is_variable) return frame.at(address);
  return frame.raw_image.data() +
         (static_cast<std::int64_t>(address % program.layer_size) + frame.place.displacement);
}

namespace {

/// Where an alternative's bytes are. The first one's are in the shared storage itself, unless they
/// were put aside.
std::uint64_t own_bytes(const Arm& arm, const Choice& choice, bool is_aside) {
  return is_aside && !arm.has_own_layer ? choice.aside : arm.address;
}

/// How many bytes the record leaves out at its end, where that storage has them.
std::uint64_t tail_of(const Arm& arm, const ArmState& state, std::size_t size, const Choice& choice,
                      const Frame& frame) {
  // The record in _raw says how long it is, unless what it ends with has become another.
  if (frame.has_raw && (!frame.is_raw_short || !state.has_changed)) return 0;
  if (arm.ends_record) return state.tail_cut + (choice.size - size);
  return size == choice.size ? state.tail_cut : 0;
}

/// Puts an alternative's bytes where the choice's storage is; returns how many there are.
std::size_t put_bytes(const Arm& arm, const Choice& choice, bool is_aside, Frame& frame) {
  std::uint8_t* const shared = frame.at(choice.address);
  if (!arm.is_variable) {
    const std::uint64_t own = own_bytes(arm, choice, is_aside);
    if (own != choice.address) std::memcpy(shared, frame.at(own), arm.size);
    return arm.size;
  }
  std::uint8_t* const end = gather(arm.moves, frame.moved.data(), frame);
  const auto size = static_cast<std::size_t>(end - frame.moved.data());
  std::memcpy(shared, frame.moved.data(), size);
  if (!frame.has_raw && size < choice.size)
    std::memset(shared + size, frame.program->space, choice.size - size);
  return size;
}

void put_arm(std::uint32_t id, const Choice& choice, bool is_aside, Frame& frame) {
  const Arm& arm = frame.program->arms[id];
  const std::size_t size = put_bytes(arm, choice, is_aside, frame);
  if (choice.ends_record) frame.tail_cut = tail_of(arm, frame.arms[id], size, choice, frame);
}

// What decides on the alternative and is no member's: as its condition demands it.
void set_selectors(const Arm& arm, Frame& frame) {
  for (const Selector& selector : arm.selectors) {
    const std::int64_t moved = selector.depth == 0 ? 0 : frame.place.at_depth[selector.depth];
    std::uint8_t* const bytes = frame.image + (static_cast<std::int64_t>(selector.address) + moved);
    if (!frame.sets_selectors || selector.value.is_in(bytes)) continue;
    std::copy(selector.bytes.begin(), selector.bytes.end(), bytes);
    note_change(selector.arm, frame);
  }
}

// The first member of an alternative, or of one within it that has no object of its own around it.
const Member* member_of(const Arm& arm, const Program& program) {
  if (!arm.members.empty()) return &arm.object->members[arm.members.front()];
  for (const Member& member : arm.object->members)
    for (std::uint32_t id = member.arm; id != kNone; id = program.arms[id].parent)
      if (&program.arms[id] == &arm) return &member;
  return nullptr;
}

// Names the objects around an alternative's members.
void add_way(const Object& object, Failure& failure) {
  if (object.outer == nullptr || failure.path_size == failure.path.size()) return;
  add_way(*object.outer, failure);
  if (!object.name.empty()) failure.path[failure.path_size++] = {&object.name, 0};
}

bool refuse_arm(Fault fault, const Arm& arm, Frame& frame) {
  refuse(frame, fault, nullptr);
  frame.failure.item = arm.item;
  const Member* const member = member_of(arm, *frame.program);
  if (member == nullptr) return false;
  // The walk stands at the object of the whole record, or of an occurrence.
  Failure& failure = frame.failure;
  while (failure.path_size > 0 && failure.path[failure.path_size - 1].name != nullptr)
    --failure.path_size;
  add_way(*arm.object, failure);
  failure.member = &member->name;
  return false;
}

/// An attempt to give back all alternatives that have a value.
struct Attempt {
  std::uint32_t primary = kNone;              ///< whose bytes are written; kNone: those of all
  bool is_aside = false;                      ///< the first alternative's bytes are there
  std::uint64_t present = ~std::uint64_t{0};  ///< bytes of the storage that the record has
};

bool check_others(const Choice& choice, const Attempt& attempt, Frame& frame) {
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const std::uint32_t id = choice.first_arm + i;
    const Arm& arm = frame.program->arms[id];
    const ArmState& state = frame.arms[id];
    if (id == attempt.primary || arm.is_hidden) continue;
    if (frame.has_raw && !state.has_changed) continue;
    const bool is_there = arm.size_min <= attempt.present;
    Comparison comparison(arm, choice, own_bytes(arm, choice, attempt.is_aside), frame);
    if (state.has_value) {
      if (!is_there || !comparison.is_same(arm.checks))
        return refuse_arm(Fault::other_alternative, arm, frame);
    } else if (state.is_null() && is_there && comparison.fits(arm.checks)) {
      return refuse_arm(Fault::null_alternative, arm, frame);
    }
  }
  return true;
}

bool is_candidate(std::uint32_t id, const Frame& frame) {
  const ArmState& state = frame.arms[id];
  return state.has_value && (!frame.has_raw || state.has_changed);
}

/// A record may end with an alternative that others, which are null, are longer than.
bool try_cut(const Choice& choice, Attempt attempt, Frame& frame) {
  const Arm& arm = frame.program->arms[attempt.primary];
  if (!choice.may_be_cut || frame.has_raw || arm.is_variable || arm.size == choice.size)
    return false;
  attempt.present = arm.size;
  if (!check_others(choice, attempt, frame)) return false;
  frame.tail_cut = choice.size - arm.size;
  return true;
}

/// The storage as it is before any alternative is written.
void clear_storage(const Choice& choice, Frame& frame) {
  std::uint8_t* const shared = frame.at(choice.address);
  const Arm& first = frame.program->arms[choice.first_arm];
  const std::uint8_t* const was = frame.has_raw
                                      ? raw_bytes(first, frame)
                                      : frame.program->image.data() + (shared - frame.image);
  std::memmove(shared, was, choice.size);
  if (choice.ends_record) frame.tail_cut = 0;
}

/// What each alternative has beside the others: its fields, those of the first ones last.
bool try_all(const Choice& choice, Frame& frame) {
  clear_storage(choice, frame);
  for (std::uint32_t i = choice.arm_count; i-- > 0;) {
    const std::uint32_t id = choice.first_arm + i;
    const Arm& arm = frame.program->arms[id];
    if (is_candidate(id, frame))
      Comparison(arm, choice, own_bytes(arm, choice, true), frame).copy(arm.checks);
  }
  return check_others(choice, {.is_aside = true}, frame);
}

/// Where the first alternative does not give the others back: another may, for it has bytes that
/// the first has not, or all of them together.
bool settle_otherwise(const Choice& choice, std::uint32_t primary, Frame& frame) {
  const Failure failure = frame.failure;
  const auto fail = [&] {
    frame.failure = failure;
    return false;
  };
  const auto succeed = [&] {
    frame.failure.fault = Fault::none;
    return true;
  };
  if (try_cut(choice, {.primary = primary}, frame)) return succeed();
  if (frame.arms[choice.first_arm].has_value &&
      !frame.program->arms[choice.first_arm].has_own_layer) {
    if (choice.aside == 0) return fail();
    std::memcpy(frame.at(choice.aside), frame.at(choice.address), choice.size);
  }
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const Attempt attempt = {.primary = choice.first_arm + i, .is_aside = true};
    if (attempt.primary == primary || !is_candidate(attempt.primary, frame)) continue;
    clear_storage(choice, frame);
    put_arm(attempt.primary, choice, true, frame);
    if (check_others(choice, attempt, frame) || try_cut(choice, attempt, frame)) return succeed();
  }
  return try_all(choice, frame) ? succeed() : fail();
}

// Only one alternative is not printed: it is the one.
void set_hidden(const Choice& choice, Frame& frame) {
  const Arm* hidden = nullptr;
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const Arm& arm = frame.program->arms[choice.first_arm + i];
    if (!arm.is_hidden) continue;
    if (hidden != nullptr) return;
    hidden = &arm;
  }
  if (hidden != nullptr) set_selectors(*hidden, frame);
}

// No alternative has a value.
bool settle_without(const Choice& choice, Frame& frame) {
  const Program& program = *frame.program;
  bool has_null = false;
  bool has_hidden = false;
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    has_null = has_null || frame.arms[choice.first_arm + i].is_null();
    has_hidden = has_hidden || program.arms[choice.first_arm + i].is_hidden;
  }
  if (frame.has_raw) return true;
  if (program.accept_short && has_null) {
    const auto from =
        static_cast<std::uint64_t>(frame.at(choice.address) - frame.image) % program.layer_size;
    frame.absent_from = std::min(frame.absent_from, from);
    return true;
  }
  const Arm& first = program.arms[choice.first_arm];
  if (has_null) return refuse_arm(Fault::all_null, first, frame);
  if (choice.is_conditional && has_hidden) {
    set_hidden(choice, frame);
    frame.choices.push_back({static_cast<std::uint32_t>(first.choice), kNone, frame.place});
    return true;
  }
  if (program.options.missing == Missing::initial || has_hidden) return true;
  return refuse_arm(Fault::missing, first, frame);
}

}  // namespace

bool settle_choice(std::uint32_t id, Frame& frame) {
  const Program& program = *frame.program;
  const Choice& choice = program.choices[id];
  std::uint32_t primary = kNone;
  std::uint32_t soft = kNone;
  if (choice.ends_record) frame.tail_cut = 0;
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const std::uint32_t arm = choice.first_arm + i;
    ArmState& state = frame.arms[arm];
    if (state.is_put_off) return true;
    if (state.has_null_value && soft == kNone) soft = arm;
    if (!state.has_value) continue;
    if (state.has_null) return refuse_arm(Fault::no_value, program.arms[arm], frame);
    if (choice.is_conditional && primary != kNone)
      return refuse_arm(Fault::two_alternatives, program.arms[arm], frame);
    if (!settle_block(program.arms[arm].block, frame)) return false;
    if (choice.ends_record) state.tail_cut = std::exchange(frame.tail_cut, 0);
    if (primary == kNone && (!frame.has_raw || state.has_changed || choice.is_conditional))
      primary = arm;
  }
  if (primary == kNone) primary = soft;
  if (primary == kNone) return settle_without(choice, frame);
  put_arm(primary, choice, false, frame);
  if (choice.is_conditional) {
    set_selectors(program.arms[primary], frame);
    frame.choices.push_back({id, primary, frame.place});
    return true;
  }
  return check_others(choice, {.primary = primary}, frame) ||
         settle_otherwise(choice, primary, frame);
}

std::uint32_t chosen_arm(std::uint32_t id, ByteView record, const Place& place,
                         const Frame& frame) {
  const Choice& choice = frame.program->choices[id];
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const Arm& arm = frame.program->arms[choice.first_arm + i];
    const Truth truth =
        arm.alternative->condition.evaluate(record, {place.subscripts.data(), place.depth});
    if (truth == Truth::yes) return choice.first_arm + i;
    if (truth == Truth::misfit) return kNone;
  }
  return kNone;
}

bool check_choices(ByteView record, Frame& frame) {
  for (const PendingChoice& pending : frame.choices) {
    const std::uint32_t arm = chosen_arm(pending.choice, record, pending.place, frame);
    const bool is_hidden = arm != kNone && frame.program->arms[arm].is_hidden;
    if (arm == pending.arm && arm != kNone) continue;
    if (pending.arm == kNone && is_hidden) continue;
    frame.place = pending.place;
    const Choice& choice = frame.program->choices[pending.choice];
    frame.detail = arm == kNone ? copybook::kNoItem : frame.program->arms[arm].item;
    const std::uint32_t shown = pending.arm == kNone ? choice.first_arm : pending.arm;
    return refuse_arm(Fault::condition_of, frame.program->arms[shown], frame);
  }
  return true;
}

}  // namespace copybridge::encode
