// How a row of operations with the same kernel is run without leaving the kernel's own loop.
#pragma once

#include "codecs/plan/op.h"

namespace copybridge::plan {

/// A field's bytes are no value: refuse (null, with the failure noted), or print what on_bad_field
/// says. Cold.
[[nodiscard]] char* handle_misfit(const Op& op, char* out, Frame& frame);

/// The row kernel of operations without one of their own.
[[nodiscard]] char* run_one_by_one(const Op* first, const Op* last, char* out, Frame& frame);

/// The row kernel of a kernel that is compiled in the same place, so that it is inlined.
template <Kernel kKernel>
char* run_row(const Op* op, const Op* last, char* out, Frame& frame) {
  // Characters may alias everything: what does not change is kept where stores cannot reach it.
  const std::uint8_t* const record = frame.record + frame.displacement;
  const char* const pool = frame.pool;
  for (; op != last; ++op) {
    out = copy_text(out, pool + op->text_offset, op->text_size);
    char* end = kKernel(*op, record + op->offset, out, frame);
    if (end == nullptr) [[unlikely]] {
      end = handle_misfit(*op, out, frame);
      if (end == nullptr) return nullptr;
    }
    out = end;
  }
  return out;
}

}  // namespace copybridge::plan
