// How the digits of a number lie in a register, and in which order its characters are printed:
// what the kernels of wide registers need to know about a field, worked out when it is compiled.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "codecs/condition/field.h"

namespace copybridge::plan {

struct SignTable;

/// Registers of 16 and of 32 lanes hold numbers of up to one digit less: the last lane is the
/// decimal point's.
inline constexpr unsigned kNarrowLanes = 16;
inline constexpr unsigned kWideLanes = 32;

/// What a nibble of a packed number is.
struct NibbleClass {
  static constexpr std::uint8_t kCounts = 0x80;  ///< a digit above zero, or a minus
  static constexpr std::uint8_t kNoDigit = 0x01;
  static constexpr std::uint8_t kNoSign = 0x02;
  static constexpr std::uint8_t kMinus = 0x04;
};

/// A lane that no register has: its bit is never set.
inline constexpr std::uint16_t kNoLane = kWideLanes;

/// Digits lie in the first lanes, the most significant one in lane 0.
struct alignas(64) NumberForm {
  /// Which lane each character comes from; read from the first one that is no leading zero.
  std::array<std::uint8_t, 64> order{};
  /// The bits of each lane that are a digit's; a lane without any is a zero.
  std::array<std::uint8_t, kWideLanes> lanes{};
  /// Packed: the bits of NibbleClass that each lane's nibble must not have.
  std::array<std::uint8_t, kWideLanes> refused{};
  const SignTable* signs = nullptr;
  std::uint32_t last_whole = 0;  ///< the lane, as a bit, of the last digit that is always printed
  std::uint16_t length = 0;      ///< characters without sign, leading zeros counted
  std::uint16_t digits = 0;      ///< of the field
  std::uint16_t whole = 0;       ///< digits printed in front of the point, leading zeros counted
  std::uint16_t first = 0;       ///< the byte of the field that has the first digit
  std::uint16_t sign = 0;        ///< zoned: the byte that has the sign
  /// Zoned: the lane of its digit. Packed: the sign's own lane. kNoLane where there is none.
  std::uint16_t sign_lane = kNoLane;

  friend bool operator==(const NumberForm&, const NumberForm&) = default;
};

/// The kernels for numbers of the instruction sets with wide registers, in the order of their
/// codes.
enum class NumberKernel : std::uint8_t {
  packed,
  packed_wide,
  zoned,
  zoned_wide,
  zoned_ascii,
  zoned_ascii_wide,
  binary_short,
  binary_short_little,
  binary,
  binary_little,
  binary_wide,
  binary_wide_little
};

/// The one for a field, and the field's form for it; none for other usages, and where no register
/// holds the number.
[[nodiscard]] std::optional<NumberKernel> choose_number(const condition::Field& field,
                                                        NumberForm& form);

/// Sets order and lengths for that many digits, `scale` of them behind the point; false where a
/// register of `lanes` does not hold them.
[[nodiscard]] bool set_order(NumberForm& form, unsigned digits, int scale, unsigned lanes);

/// The same for the digits of zoned and of packed fields, and where they and their sign are.
[[nodiscard]] bool set_zoned(NumberForm& form, const condition::Field& field, unsigned lanes);
[[nodiscard]] bool set_packed(NumberForm& form, const condition::Field& field, unsigned lanes);

}  // namespace copybridge::plan
