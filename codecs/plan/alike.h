// Rows of fields that one set of parameters serves.
#pragma once

#include <cstdint>

#include "codecs/plan/op.h"

namespace copybridge::plan {

/// Whether a number kernel does the same with both: its kernel is chosen for several sizes, and the
/// form of a number says nothing of size and sign.
inline bool are_alike(const Op& one, const Op& other) {
  return one.detail.number == other.detail.number && one.size == other.size &&
         one.is_signed == other.is_signed && one.digits == other.digits &&
         one.scale == other.scale && one.zones == other.zones;
}

/// Bytes from one field to the next where all of [first, last) have the same picture and lie, as
/// their constant texts do, one behind the other; else, and where there are none, 0.
inline std::uint32_t stride_of(const Op* first, const Op* last) {
  for (const Op* op = first + 1; op < last; ++op) {
    const Op& before = op[-1];
    if (!are_alike(*op, before) || op->offset != before.offset + before.size ||
        op->text_offset != before.text_offset + before.text_size)
      return 0;
  }
  return first != last ? first->size : 0;
}

}  // namespace copybridge::plan
