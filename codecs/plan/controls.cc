// Tables, choices, counters and the members that only some records have.
#include "codecs/plan/controls.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "codecs/plan/kernels.h"

namespace copybridge::plan {
namespace {

constexpr std::string_view kErrorsBegin = "\"_errors\":[";

// Takes a comma written by the body as the place of the opening bracket.
char* open_bracket(std::size_t start, char* out, Frame& frame) {
  char* bracket = frame.buffer->data() + start;
  *bracket = '[';
  return out == bracket ? out + 1 : out;
}

// Occurrences of a table in this record, and what they mean for the record's size. False where
// the counter is out of range or the record ends too early.
bool count_occurrences(const Op& op, const Table& table, std::uint32_t& count, Frame& frame) {
  const std::int64_t counted = frame.counters[static_cast<std::size_t>(table.slot)];
  if (counted == kAbsentCounter) {
    count = 0;
    return true;
  }
  if (!condition::occurrences_of(counted, table.count_min, table.count_max, table.range, count)) {
    note_failure(op, FailureKind::counter, frame);
    return false;
  }
  if (!table.is_moving) return true;
  frame.needed += (count - table.count_min) * table.element_min;
  frame.storage -= std::uint64_t{table.count_max - count} * table.stride;
  if (frame.needed <= frame.record_size || frame.is_checked) return true;
  note_failure(op, FailureKind::record_short, frame);
  return false;
}

struct Place {
  std::uint64_t unmapped = 0;
  std::uint64_t bad_fields = 0;
  std::int64_t displacement = 0;
  std::uint64_t needed = 0;
  std::uint64_t storage = 0;
};

Place place_of(const Frame& frame) {
  return {frame.unmapped, frame.bad_fields, frame.displacement, frame.needed, frame.storage};
}

// What an alternative counted that is not printed does not count.
void forget_counts(const Place& place, Frame& frame) {
  frame.unmapped = place.unmapped;
  frame.bad_fields = place.bad_fields;
}

void go_to(const Place& place, Frame& frame) {
  frame.displacement = place.displacement;
  frame.needed = place.needed;
  frame.storage = place.storage;
}

// Runs one alternative at its place. On a misfit the caller rewinds the text.
char* run_arm(const Op& op, const Arm& arm, char* out, Frame& frame) {
  const std::uint64_t position = frame.position(op.offset);
  frame.needed = position + arm.size_min;
  frame.storage = position + arm.size_max;
  if (frame.needed > frame.record_size && !frame.is_checked) {
    note_failure(op, FailureKind::record_short, frame);
    return nullptr;
  }
  const std::size_t depth = frame.depth;
  char* end = run(arm.body, out, frame);
  frame.depth = depth;
  return end;
}

char* try_arm(const Op& op, const Arm& arm, char* out, Frame& frame) {
  const Place place = place_of(frame);
  const bool was_strict = frame.is_strict;
  frame.is_strict = true;
  char* end = run_arm(op, arm, out, frame);
  frame.is_strict = was_strict;
  go_to(place, frame);
  if (end == nullptr || arm.is_discarded) forget_counts(place, frame);
  return end;
}

char* write_arm_null(const Arm& arm, std::size_t start, Frame& frame) {
  return copy_text(frame.buffer->data() + start, frame.pool + arm.null_offset, arm.null_size);
}

bool any_discarded_fits(const Op& op, std::size_t start, Frame& frame) {
  const std::vector<Arm>& arms = op.detail.choice->arms;
  return std::any_of(arms.begin(), arms.end(), [&](const Arm& arm) {
    return arm.is_discarded && try_arm(op, arm, frame.buffer->data() + start, frame) != nullptr;
  });
}

// No alternative fits and bad fields are not to refuse the record: the first alternative is
// printed field by field, the others are null.
char* write_first_leniently(const Op& op, char* out, Frame& frame) {
  bool is_first = true;
  for (const Arm& arm : op.detail.choice->arms) {
    if (arm.is_discarded) continue;
    const std::size_t start = frame.text_size(out);
    const Place place = place_of(frame);
    out = is_first ? run_arm(op, arm, out, frame) : nullptr;
    go_to(place, frame);
    if (out == nullptr) out = write_arm_null(arm, start, frame);
    is_first = false;
  }
  return out;
}

// Nothing says which alternative it is, and bad fields are not to refuse the record: all are null.
char* write_none(const Op& op, char* out, Frame& frame) {
  const Choice& choice = *op.detail.choice;
  if (frame.list_errors) list_error(op.item, frame);
  return copy_text(out, frame.pool + choice.null_offset, choice.null_size);
}

std::uint32_t bounded_append(Frame& frame, std::uint32_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), frame.errors.begin() + at);
  return at + static_cast<std::uint32_t>(text.size());
}

}  // namespace

void note_failure(const Op& op, FailureKind kind, Frame& frame) {
  frame.failure.op = &op;
  frame.failure.choice = nullptr;
  frame.failure.kind = kind;
  frame.failure.limit = frame.needed;
  frame.failure.offset = frame.position(op.offset);
  frame.failure.depth = frame.depth;
  std::copy_n(frame.subscripts.begin(), frame.depth, frame.failure.subscripts.begin());
}

void list_error(copybook::ItemIndex item, Frame& frame) {
  // Room for the longest path is checked once; what does not fit is left out.
  const std::string& path = frame.paths[item];
  if (frame.errors_size + path.size() + 12 * frame.depth + 8 > kErrorTextMax) return;
  std::uint32_t at = frame.errors_size;
  at = bounded_append(frame, at, at == 0 ? "\"" : ",\"");
  at = bounded_append(frame, at, path);
  for (std::size_t i = 0; i < frame.depth; ++i) {
    at = bounded_append(frame, at, i == 0 ? "(" : ",");
    char* begin = frame.errors.data() + at;
    at += static_cast<std::uint32_t>(std::to_chars(begin, begin + 10, frame.subscripts[i]).ptr -
                                     begin);
  }
  at = bounded_append(frame, at, frame.depth > 0 ? ")\"" : "\"");
  frame.errors_size = at;
}

char* write_table(const Op& op, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  const Table& table = *op.detail.table;
  std::uint32_t count = table.count_max;
  if (table.slot != kNoSlot) {
    if (!count_occurrences(op, table, count, frame)) return nullptr;
    out = frame.promise(out, count * table.body.worst_case);
  }
  const std::size_t start = frame.text_size(out);
  const std::int64_t displacement = frame.displacement;
  const std::size_t depth = frame.depth++;
  std::uint32_t done = 0;
  for (; done < count; ++done) {
    if (frame.is_checked && frame.position(op.offset) >= frame.record_size) break;
    frame.subscripts[depth] = done + 1;
    out = run(table.body, out, frame);
    if (out == nullptr) return nullptr;
    frame.displacement += table.stride;
  }
  frame.depth = depth;
  if (table.is_moving || table.body_moves) {
    // Offsets behind the table count it at its largest: take back what was walked and, where
    // storage is not kept for them, what is missing.
    frame.displacement -= std::int64_t{done} * table.stride;
    if (table.is_moving) frame.displacement -= std::int64_t{table.count_max - count} * table.stride;
  } else {
    frame.displacement = displacement;
  }
  return table.is_silent ? out : open_bracket(start, out, frame);
}

char* write_alternatives(const Op& op, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  const std::size_t first_start = frame.text_size(out);
  const std::uint32_t errors_before = frame.errors_size;
  Failure first_failure;
  bool fits = false;
  bool failed = false;
  for (const Arm& arm : op.detail.choice->arms) {
    if (arm.is_discarded) continue;
    const std::size_t start = frame.text_size(out);
    out = try_arm(op, arm, out, frame);
    fits = fits || out != nullptr;
    if (out != nullptr) continue;
    if (!failed) first_failure = frame.failure;
    failed = true;
    out = write_arm_null(arm, start, frame);
    if (frame.list_errors && !frame.is_strict) list_error(arm.item, frame);
  }
  if (fits || !failed || any_discarded_fits(op, frame.text_size(out), frame)) return out;
  if (!frame.is_strict && op.on_bad_field != OnBadField::reject) {
    frame.errors_size = errors_before;
    return write_first_leniently(op, frame.buffer->data() + first_start, frame);
  }
  frame.failure = first_failure;
  frame.failure.choice = &op;
  return nullptr;
}

char* write_chosen(const Op& op, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  const std::vector<Arm>& arms = op.detail.choice->arms;
  const Place place = place_of(frame);
  const bool refuses = frame.is_strict || op.on_bad_field == OnBadField::reject;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const Arm& arm = arms[i];
    const condition::Truth truth = arm.condition.evaluate({frame.record, frame.record_size},
                                                          {frame.subscripts.data(), frame.depth});
    if (truth == condition::Truth::no) continue;
    if (truth == condition::Truth::misfit) {
      note_failure(op, FailureKind::condition, frame);
      frame.failure.arm = static_cast<std::uint32_t>(i);
      return refuses ? nullptr : write_none(op, out, frame);
    }
    if (arm.is_discarded) return out;
    out = run_arm(op, arm, out, frame);
    if (!arm.ends_record) {
      go_to(place, frame);
    } else {
      frame.displacement = place.displacement;
      if (arm.may_be_filled && frame.record_size >= place.storage) frame.storage = place.storage;
    }
    return out;
  }
  note_failure(op, FailureKind::no_alternative, frame);
  return refuses ? nullptr : write_none(op, out, frame);
}

char* write_condition(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const ConditionMember& member = *op.detail.condition;
  if (member.test.test(in) != condition::Truth::yes) return out;
  return copy_text(out, frame.pool + member.text_offset, member.text_size);
}

char* read_counter(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const Counter& counter = *op.detail.counter;
  const std::int64_t count = condition::read_count(counter.field, in);
  frame.counters[counter.slot] = count < 0 ? kBadCounter : count;
  return out;
}

char* note_place(const Op& op, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  frame.counters[static_cast<std::size_t>(op.detail.renamed->slot)] = frame.displacement;
  return out;
}

char* write_renamed(const Op& op, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  const Renamed& renamed = *op.detail.renamed;
  const std::int64_t displacement = frame.displacement;
  frame.displacement =
      renamed.slot == kNoSlot ? 0 : frame.counters[static_cast<std::size_t>(renamed.slot)];
  const std::size_t start = frame.text_size(out);
  const Place place = place_of(frame);
  const bool was_strict = std::exchange(frame.is_strict, renamed.is_alternative);
  out = run(renamed.body, out, frame);
  frame.is_strict = was_strict;
  frame.displacement = displacement;
  if (out != nullptr || !renamed.is_alternative) return out;
  forget_counts(place, frame);
  return copy_text(frame.buffer->data() + start, frame.pool + renamed.null_offset,
                   renamed.null_size);
}

char* write_errors(const Op& /*op*/, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  if (frame.errors_size == 0) return out;
  out = frame.promise(out, frame.errors_size + 2 * kTextChunk);
  out = std::copy(kErrorsBegin.begin(), kErrorsBegin.end(), out);
  out = std::copy_n(frame.errors.begin(), frame.errors_size, out);
  *out++ = ']';
  *out++ = ',';
  return out;
}

char* write_record_bytes(const Op& /*op*/, const std::uint8_t* /*in*/, char* out, Frame& frame) {
  out = frame.promise(out, 2 * frame.original.size() + 2);
  *out++ = '"';
  out = write_hex_bytes(frame.original, out);
  *out++ = '"';
  return out;
}

char* close_object(const Op& /*op*/, const std::uint8_t* /*in*/, char* out, Frame& /*frame*/) {
  if (out[-1] == ',') --out;
  *out++ = '}';
  return out;
}

}  // namespace copybridge::plan
