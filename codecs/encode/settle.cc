// Counters and alternatives, when everything that belongs to them has been read.
#include "codecs/encode/settle.h"

#include <algorithm>
#include <cstring>

#include "codecs/encode/kernels.h"
#include "codecs/plan/kernels.h"

namespace copybridge::encode {

using condition::Truth;

namespace {

/// A walk over an alternative's fields in its own layer and in the storage it shares.
class Comparison {
 public:
  Comparison(const Arm& arm, const Choice& choice, Frame& frame)
      : frame_(frame), delta_(between(choice.address, arm.address)) {}

  /// Whether the shared storage decodes to what the layer decodes to.
  bool is_same(const std::vector<Check>& checks) { return walk(checks, What::same); }
  /// Whether the shared storage decodes at all.
  bool fits(const std::vector<Check>& checks) { return walk(checks, What::shared_fits); }

 private:
  enum class What : std::uint8_t { shared_fits, own_fits, same };

  static std::int64_t between(std::uint64_t to, std::uint64_t from) {
    return static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from);
  }

  bool walk(const std::vector<Check>& checks, What what) {
    return std::all_of(checks.begin(), checks.end(), [&](const Check& check) {
      if (check.field != nullptr) return field(*check.field, what);
      return check.choice != nullptr ? choice(check, what) : table(check, what);
    });
  }

  bool field(const Field& field, What what) {
    const std::uint8_t* const own = frame_.at(field.address) + own_delta_;
    if (what == What::own_fits) return !decoded(field, own, frame_.was, frame_).empty();
    const std::string_view shared = decoded(field, own + delta_, frame_.is, frame_);
    if (shared.empty()) return false;
    return what == What::shared_fits || shared == decoded(field, own, frame_.was, frame_);
  }

  // Items within that share storage of their own: what one of them made stands in the layer.
  bool choice(const Check& check, What what) {
    const Choice& choice = *check.choice;
    const std::deque<Arm>& arms = frame_.program->arms;
    bool is_plain = !choice.is_conditional;
    for (std::uint32_t i = 0; i < choice.arm_count; ++i)
      is_plain = is_plain && !arms[choice.first_arm + i].is_variable;
    if (!is_plain) return what != What::same || has_same_bytes(choice);
    bool fits = false;
    for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
      const std::int64_t outside = own_delta_;
      own_delta_ += between(choice.address, arms[choice.first_arm + i].address);
      const What side = what == What::own_fits ? what : What::shared_fits;
      const bool fits_here = walk(check.arms[i], side);
      const bool is_right = what != What::same || is_same_arm(check.arms[i], fits_here);
      own_delta_ = outside;
      if (!is_right) return false;
      fits = fits || fits_here;
    }
    return fits || what == What::same;
  }

  bool is_same_arm(const std::vector<Check>& checks, bool fits_shared) {
    if (walk(checks, What::own_fits) != fits_shared) return false;
    return !fits_shared || walk(checks, What::same);
  }

  [[nodiscard]] bool has_same_bytes(const Choice& choice) const {
    const std::uint8_t* const own = frame_.at(choice.address) + own_delta_;
    return std::memcmp(own, own + delta_, choice.size) == 0;
  }

  bool table(const Check& check, What what) {
    const Table& table = *check.table;
    std::int64_t count = table.count_max;
    if (table.counter != kNone) count = count_of(table, frame_);
    if (count < table.count_min || count > table.count_max) return false;
    Place& place = frame_.place;
    const std::int64_t displacement = place.displacement;
    const std::int64_t delta = delta_;
    ++place.depth;
    bool is_right = true;
    for (std::int64_t i = 0; i < count && is_right; ++i) {
      place.at_depth[place.depth] = place.displacement;
      is_right = walk(check.body, what);
      place.displacement += table.stride;
    }
    --place.depth;
    place.displacement = displacement;
    // What follows has moved up in the shared storage, by what is missing here and within.
    delta_ = table.is_moving || table.body_moves ? delta_ : delta;
    if (table.is_moving) delta_ -= (table.count_max - count) * table.stride;
    return is_right;
  }

  Frame& frame_;
  std::int64_t delta_;          ///< from the layer to the shared storage
  std::int64_t own_delta_ = 0;  ///< from a field's address to its place in the layer
};

// Where an alternative's bytes are in the record in _raw, whatever has been written since. Within
// an alternative whose tables vary they stand in its layer alone.
const std::uint8_t* raw_bytes(const Arm& arm, const Frame& frame) {
  const Program& program = *frame.program;
  const std::uint64_t address = program.choices[arm.choice].address;
  for (std::uint32_t outer = arm.outer; outer != kNone; outer = program.arms[outer].outer)
    if (program.arms[outer].is_variable) return frame.at(address);
  return frame.raw_image.data() +
         (static_cast<std::int64_t>(address % program.layer_size) + frame.place.displacement);
}

/// With the path of the member that shows it.
void refuse_counter(Fault fault, const Counter& counter, const CounterState& state, Frame& frame) {
  refuse(frame, fault, state.member);
  Failure& failure = frame.failure;
  failure.field = &counter.field;
  failure.path_size = state.path_size;
  std::copy_n(frame.paths.begin() + static_cast<std::ptrdiff_t>(state.path_begin), state.path_size,
              failure.path.begin());
}

/// A counter whose tables are not given: they have its number of occurrences, if they can.
bool check_count(const Counter& counter, const CounterState& state, Frame& frame) {
  const std::int64_t count =
      condition::read_count(counter.field.storage, frame.at(counter.field.address));
  if (count >= counter.count_min && count <= counter.count_max) return true;
  frame.detail = static_cast<std::uint64_t>(count);
  refuse_counter(Fault::count, counter, state, frame);
  frame.failure.item = counter.table;
  return false;
}

bool settle_counter(std::uint32_t id, Frame& frame) {
  const Counter& counter = frame.program->counters[id];
  const CounterState& state = frame.counters[id];
  if (state.elements < 0) return !state.is_given || check_count(counter, state, frame);
  std::uint8_t* const bytes = frame.at(counter.field.address);
  if (frame.program->accept_short &&
      static_cast<std::uint64_t>(bytes - frame.image) % frame.program->layer_size >=
          frame.absent_from)
    return true;
  const std::int64_t is = condition::read_count(counter.field.storage, bytes);
  if (is >= state.least && is <= state.most) return true;
  frame.detail = static_cast<std::uint64_t>(state.elements);
  const auto magnitude =
      static_cast<json::Uint128>(std::clamp(state.elements, state.least, state.most));
  if (state.is_given || magnitude > counter.field.most) {
    refuse_counter(Fault::counter, counter, state, frame);
    frame.failure.item = counter.field.item;
    return false;
  }
  write_magnitude(counter.field, magnitude, false, bytes);
  note_change(counter.field.arm, frame);
  return true;
}

// Puts an alternative's bytes where the choice's storage is.
void put_arm(const Arm& arm, const Choice& choice, Frame& frame) {
  std::uint8_t* const shared = frame.at(choice.address);
  if (!arm.is_variable) {
    if (arm.has_own_layer) std::memcpy(shared, frame.at(arm.address), arm.size);
    return;
  }
  std::uint8_t* const end = gather(arm.moves, frame.moved.data(), frame);
  const auto size = static_cast<std::size_t>(end - frame.moved.data());
  std::memcpy(shared, frame.moved.data(), size);
  if (!frame.has_raw && size < choice.size) {
    const Field* any = arm.checks.empty() ? nullptr : arm.checks.front().field;
    std::memset(shared + size, any != nullptr ? any->storage.space : 0, choice.size - size);
  }
  if (arm.ends_record) frame.tail_cut = choice.size - size;
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

bool check_others(const Choice& choice, std::uint32_t primary, Frame& frame) {
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const std::uint32_t id = choice.first_arm + i;
    const Arm& arm = frame.program->arms[id];
    const ArmState& state = frame.arms[id];
    if (id == primary || arm.is_hidden) continue;
    if (frame.has_raw && !state.has_changed) continue;
    if (state.has_value) {
      if (!Comparison(arm, choice, frame).is_same(arm.checks))
        return refuse_arm(Fault::other_alternative, arm, frame);
    } else if (state.is_null() && Comparison(arm, choice, frame).fits(arm.checks)) {
      return refuse_arm(Fault::null_alternative, arm, frame);
    }
  }
  return true;
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

bool refuse(Frame& frame, Fault fault, const Member* member, Token token, const Field* field) {
  Failure& failure = frame.failure;
  failure.fault = fault;
  failure.field = field;
  failure.item = field != nullptr ? field->item : copybook::kNoItem;
  failure.member = member == nullptr ? nullptr : &member->name;
  if (member != nullptr && field == nullptr) failure.item = member->item;
  failure.token = token;
  failure.detail = frame.detail;
  failure.path_size = frame.place.path_size;
  std::copy_n(frame.place.path.begin(), failure.path_size, failure.path.begin());
  return false;
}

void begin_block(const Block& block, Frame& frame) {
  for (const std::uint32_t id : block.counters) frame.counters[id] = {};
  for (const std::uint32_t id : block.choices) {
    const Choice& choice = frame.program->choices[id];
    for (std::uint32_t i = 0; i < choice.arm_count; ++i) frame.arms[choice.first_arm + i] = {};
  }
}

void start_arm(std::uint32_t id, Frame& frame) {
  ArmState& state = frame.arms[id];
  if (state.is_started) return;
  state.is_started = true;
  const Program& program = *frame.program;
  const Arm& arm = program.arms[id];
  if (arm.parent != kNone) start_arm(arm.parent, frame);
  begin_block(arm.block, frame);
  if (!arm.has_own_layer) return;
  if (!frame.has_raw) {
    std::memcpy(frame.at(arm.address), program.image.data() + arm.address, arm.size);
    return;
  }
  const std::uint8_t* begin = raw_bytes(arm, frame);
  if (!arm.is_variable) {
    std::memcpy(frame.at(arm.address), begin, arm.size);
    return;
  }
  std::memcpy(frame.at(arm.address), program.image.data() + arm.address, arm.size);
  // Where the bytes are none of this alternative its counters are found out when it is chosen.
  static_cast<void>(scatter(arm.moves, begin, begin + arm.size, frame));
}

void note_change(std::uint32_t id, Frame& frame) {
  for (; id != kNone; id = frame.program->arms[id].outer) frame.arms[id].has_changed = true;
}

std::string_view decoded(const Field& field, const std::uint8_t* bytes, std::vector<char>& text,
                         Frame& frame) {
  const plan::Op& op = field.decode;
  char* const begin = text.data();
  char* end = op.kernel(op, bytes, begin, frame.decoding);
  if (end == nullptr && op.misfit != nullptr)
    end = plan::write_misfit(*op.misfit, op, bytes, begin);
  if (end == nullptr && op.on_bad_field == plan::OnBadField::null) end = plan::write_null(begin);
  if (end == nullptr && op.on_bad_field == plan::OnBadField::raw)
    end = plan::write_raw(bytes, op.size, begin);
  if (end == nullptr) return {};
  return {begin, static_cast<std::size_t>(end - begin)};
}

bool settle_choice(std::uint32_t id, Frame& frame) {
  const Program& program = *frame.program;
  const Choice& choice = program.choices[id];
  std::uint32_t primary = kNone;
  std::uint32_t soft = kNone;
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
    if (primary == kNone && (!frame.has_raw || state.has_changed || choice.is_conditional))
      primary = arm;
  }
  if (primary == kNone) primary = soft;
  if (primary == kNone) return settle_without(choice, frame);
  put_arm(program.arms[primary], choice, frame);
  if (choice.is_conditional) {
    set_selectors(program.arms[primary], frame);
    frame.choices.push_back({id, primary, frame.place});
    return true;
  }
  return check_others(choice, primary, frame);
}

bool settle_block(const Block& block, Frame& frame) {
  for (const std::uint32_t id : block.counters)
    if (!settle_counter(id, frame)) return false;
  for (const std::uint32_t id : block.choices)
    if (!settle_choice(id, frame)) return false;
  return true;
}

bool check_conditions(Frame& frame) {
  for (const PendingCondition& pending : frame.conditions) {
    frame.place = pending.place;
    const ConditionMember& condition = *pending.member->condition;
    const bool holds = condition.test.test(frame.at(condition.address)) == Truth::yes;
    if (holds == pending.is_wanted) continue;
    frame.detail = pending.is_wanted ? 1 : 0;
    return refuse(frame, Fault::condition_name, pending.member);
  }
  return true;
}

namespace {

// Whether a level 66 says what the record's bytes say, or, beside a record in _raw, what that says.
Fault check_rename(const Field& field, Token text, Frame& frame) {
  const bool is_null = text == "null";
  // What the end of a short record cuts is not there to compare with.
  const bool is_cut = frame.is_raw_short || frame.absent_from < field.address + field.size;
  if (is_cut) return Fault::none;
  const std::uint8_t* const raw = frame.has_raw ? frame.raw_image.data() + field.address : nullptr;
  if (raw != nullptr && decoded(field, raw, frame.was, frame) == text) return Fault::none;
  const std::string_view is = decoded(field, frame.at(field.address), frame.is, frame);
  if (is == text || (is_null && is.empty())) return Fault::none;
  if (is_null) return Fault::renamed;
  const Fault fault = field.kernel(field, text, frame.scratch.data(), frame);
  if (fault != Fault::none) return fault;
  const std::string_view given = decoded(field, frame.scratch.data(), frame.was, frame);
  return !is.empty() && is == given ? Fault::none : Fault::renamed;
}

}  // namespace

bool check_renames(Frame& frame) {
  frame.place.displacement = 0;
  frame.place.depth = frame.place.path_size = 0;
  for (const PendingRename& pending : frame.renames) {
    const Field& field = *pending.member->field;
    const Fault fault = check_rename(field, pending.text, frame);
    if (fault != Fault::none) return refuse(frame, fault, pending.member, pending.text, &field);
  }
  return true;
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
