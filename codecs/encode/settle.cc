// Counters and alternatives, when everything that belongs to them has been read.
#include "codecs/encode/settle.h"

#include <algorithm>
#include <cstring>

#include "codecs/encode/kernels.h"
#include "codecs/plan/kernels.h"

namespace copybridge::encode {

using condition::Truth;

namespace {

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

}  // namespace copybridge::encode
