// Parts of the number kernels that need no wide register: the same for every instruction set.
#pragma once

#include <cstdint>
#include <cstring>

#include "codecs/plan/kernels.h"
#include "codecs/plan/number_form.h"
#include "codecs/plan/tables.h"
#include "codecs/plan/words.h"

namespace copybridge::plan {

inline constexpr std::uint64_t kEightDigits = 100'000'000U;
inline constexpr std::uint64_t kFifteenDigits = 1'000'000'000'000'000U;
inline constexpr std::uint64_t kSixteenDigits = 10'000'000'000'000'000U;

/// The sign of a zoned number; one that is none is above every mask of digits, and a minus above
/// that of zero. `faults` collects those that are none.
inline unsigned read_sign(const NumberForm& form, const std::uint8_t* in, unsigned nonzero,
                          unsigned& faults) {
  const auto sign = static_cast<unsigned>(int{form.signs->flag[in[form.sign]]});
  if (nonzero < sign) [[unlikely]] {
    faults |= sign;
    return 0;
  }
  return sign;
}

struct Magnitude {
  std::uint64_t value;
  unsigned is_minus;
};

/// A binary field of at most 8 bytes, on a little-endian machine.
template <bool kLittle>
inline Magnitude read_binary(const Op& op, const std::uint8_t* in) {
  const unsigned unused = 64 - 8 * op.size;
  std::uint64_t loaded = 0;
  std::memcpy(&loaded, in, sizeof loaded);
  // The value at the top of the word: shifting it down extends its sign.
  const std::uint64_t word = kLittle ? loaded << unused : byte_swap(loaded);
  const auto extended = static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> unused);
  const std::uint64_t value = op.is_signed ? extended : word >> unused;
  const unsigned is_minus =
      static_cast<unsigned>(op.is_signed) & static_cast<unsigned>(word >> 63U);
  const std::uint64_t mask = 0 - std::uint64_t{is_minus};
  return {(value ^ mask) + is_minus, is_minus};
}

}  // namespace copybridge::plan
