// The interpreter: constant text, kernel, constant text, kernel. And what happens where a field
// does not fit.
#include "codecs/plan/controls.h"
#include "codecs/plan/detail.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/run_kernels.h"

namespace copybridge::plan {

[[gnu::noinline]] char* handle_misfit(const Op& op, char* out, Frame& frame) {
  // Steps that are no fields have noted their own failure.
  if (!op.is_field) return nullptr;
  if (op.misfit != nullptr) {
    char* end = write_misfit(*op.misfit, op, frame.at(op.offset), out);
    if (end != nullptr) return end;
  }
  if (frame.is_strict || op.on_bad_field == OnBadField::reject) {
    note_failure(op, FailureKind::field, frame);
    return nullptr;
  }
  ++frame.bad_fields;
  if (frame.list_errors) list_error(op.item, frame);
  if (op.on_bad_field == OnBadField::null) return write_null(out);
  return write_raw(frame.at(op.offset), op.size, out);
}

namespace {

// A field that the end of an accepted short record cuts: text is what there is of it, anything
// else is null and bad data.
char* write_cut(const Op& op, char* out, Frame& frame) {
  Op cut = op;
  cut.size = static_cast<std::uint32_t>(frame.record_size - frame.position(op.offset));
  char* end = op.is_text ? op.kernel(cut, frame.at(op.offset), out, frame) : nullptr;
  if (end != nullptr) return end;
  ++frame.bad_fields;
  if (frame.list_errors && !frame.is_strict) list_error(op.item, frame);
  return write_null(out);
}

// A field behind the end of an accepted short record.
char* write_missing(const Op& op, char* out, Frame& frame) {
  if (op.kernel == read_counter) frame.counters[op.detail.counter->slot] = kAbsentCounter;
  return op.is_field ? write_null(out) : out;
}

bool ends_before(const Op& op, const Frame& frame) {
  return op.size != 0 && frame.position(op.offset) + op.size > frame.record_size;
}

char* run_checked(const SubPlan& plan, char* out, Frame& frame) {
  for (const Op& op : plan.ops) {
    out = copy_text(out, frame.pool + op.text_offset, op.text_size);
    if (ends_before(op, frame)) {
      const bool is_cut = op.is_field && frame.position(op.offset) < frame.record_size;
      out = is_cut ? write_cut(op, out, frame) : write_missing(op, out, frame);
      if (out == nullptr) return nullptr;
      continue;
    }
    char* end = op.kernel(op, frame.at(op.offset), out, frame);
    if (end == nullptr) end = handle_misfit(op, out, frame);
    if (end == nullptr) return nullptr;
    out = end;
  }
  return copy_text(out, frame.pool + plan.tail_offset, plan.tail_size);
}

}  // namespace

char* run_one_by_one(const Op* op, const Op* last, char* out, Frame& frame) {
  for (; op != last; ++op) {
    out = copy_text(out, frame.pool + op->text_offset, op->text_size);
    char* end = op->kernel(*op, frame.at(op->offset), out, frame);
    if (end == nullptr) [[unlikely]] {
      end = handle_misfit(*op, out, frame);
      if (end == nullptr) return nullptr;
    }
    out = end;
  }
  return out;
}

char* run(const SubPlan& plan, char* out, Frame& frame) {
  if (frame.is_checked) return run_checked(plan, out, frame);
  const Op* const ops = plan.ops.data();
  for (const Row& row : plan.rows) {
    out = row.kernel(ops + row.first, ops + row.last, out, frame);
    if (out == nullptr) return nullptr;
  }
  return copy_text(out, frame.pool + plan.tail_offset, plan.tail_size);
}

}  // namespace copybridge::plan
