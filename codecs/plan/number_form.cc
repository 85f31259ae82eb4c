// Orders of lanes.
#include "codecs/plan/number_form.h"

#include <algorithm>

#include "codecs/plan/kernels.h"

namespace copybridge::plan {

using copybook::SignPlace;
using copybook::Usage;

namespace {

bool fits_lanes(unsigned digits, int scale, unsigned lanes) {
  const unsigned point = lanes - 1;
  if (digits == 0 || digits > point || scale < 0) return false;
  const auto decimals = static_cast<unsigned>(scale);
  // A number without whole digits has a zero in front of its point, from a lane of its own.
  return decimals < digits || (digits + 1 < point && decimals + 2 <= lanes);
}

}  // namespace

bool set_order(NumberForm& form, unsigned digits, int scale, unsigned lanes) {
  if (!fits_lanes(digits, scale, lanes)) return false;
  const auto decimals = static_cast<unsigned>(scale);
  const auto point = static_cast<std::uint8_t>(lanes - 1);
  const auto zero = static_cast<std::uint8_t>(digits + 1);  // packed: the sign lies between
  const unsigned whole = decimals < digits ? digits - decimals : 0;
  form.order.fill(point);
  unsigned at = 0;
  for (unsigned lane = 0; lane < whole; ++lane) form.order[at++] = static_cast<std::uint8_t>(lane);
  if (whole == 0) form.order[at++] = zero;
  if (decimals > 0) ++at;
  for (unsigned i = digits; i < decimals; ++i) form.order[at++] = zero;
  for (unsigned lane = whole; lane < digits; ++lane)
    form.order[at++] = static_cast<std::uint8_t>(lane);
  form.length = static_cast<std::uint16_t>(at);
  form.digits = static_cast<std::uint16_t>(digits);
  form.whole = static_cast<std::uint16_t>(std::max(whole, 1U));
  form.last_whole = 1U << (form.whole - 1U);
  return true;
}

bool set_zoned(NumberForm& form, const condition::Field& field, unsigned lanes) {
  const bool is_separate =
      field.sign == SignPlace::leading_separate || field.sign == SignPlace::trailing_separate;
  const bool is_leading =
      field.sign == SignPlace::leading || field.sign == SignPlace::leading_separate;
  const unsigned digits = digits_stored(field);
  if (!set_order(form, digits, field.scale, lanes)) return false;
  std::fill_n(form.lanes.begin(), digits, std::uint8_t{0xFF});
  form.first = field.sign == SignPlace::leading_separate ? 1 : 0;
  form.sign = static_cast<std::uint16_t>(is_leading ? 0 : field.size - 1);
  if (is_separate) return true;
  // The zone is the sign.
  form.sign_lane = form.sign;
  form.lanes[form.sign_lane] = 0x0F;
  return true;
}

bool set_packed(NumberForm& form, const condition::Field& field, unsigned lanes) {
  const unsigned digits = digits_stored(field);
  if (!set_order(form, digits, field.scale, lanes)) return false;
  std::fill_n(form.lanes.begin(), digits, std::uint8_t{0x0F});
  std::fill_n(form.refused.begin(), digits, NibbleClass::kNoDigit);
  if (field.checks_pad_nibble()) form.refused[0] |= NibbleClass::kCounts;
  if (field.usage != copybook::Usage::packed) return true;
  form.sign_lane = static_cast<std::uint16_t>(digits);
  form.refused[digits] = NibbleClass::kNoSign | (field.is_signed ? 0 : NibbleClass::kMinus);
  return true;
}

namespace {

std::optional<NumberKernel> choose_zoned(const condition::Field& field, NumberForm& form) {
  if (set_zoned(form, field, kNarrowLanes))
    return field.is_ascii ? NumberKernel::zoned_ascii : NumberKernel::zoned;
  if (set_zoned(form, field, kWideLanes))
    return field.is_ascii ? NumberKernel::zoned_ascii_wide : NumberKernel::zoned_wide;
  return std::nullopt;
}

std::optional<NumberKernel> choose_packed(const condition::Field& field, NumberForm& form) {
  if (set_packed(form, field, kNarrowLanes)) return NumberKernel::packed;
  if (set_packed(form, field, kWideLanes)) return NumberKernel::packed_wide;
  return std::nullopt;
}

std::optional<NumberKernel> choose_binary(const condition::Field& field, NumberForm& form) {
  const bool is_little = field.little_endian;
  if (field.size == 0 || field.size > 8) return std::nullopt;
  if (field.size <= 3 && set_order(form, 8, field.scale, kNarrowLanes))
    return is_little ? NumberKernel::binary_short_little : NumberKernel::binary_short;
  if (field.digits < kNarrowLanes && set_order(form, 15, field.scale, kNarrowLanes))
    return is_little ? NumberKernel::binary_little : NumberKernel::binary;
  if (set_order(form, 24, field.scale, kWideLanes))
    return is_little ? NumberKernel::binary_wide_little : NumberKernel::binary_wide;
  return std::nullopt;
}

}  // namespace

std::optional<NumberKernel> choose_number(const condition::Field& field, NumberForm& form) {
  if (field.usage == Usage::display) return choose_zoned(field, form);
  if (field.usage == Usage::packed || field.usage == Usage::unsigned_packed)
    return choose_packed(field, form);
  if (field.usage == Usage::binary || field.usage == Usage::native_binary)
    return choose_binary(field, form);
  return std::nullopt;
}

}  // namespace copybridge::plan
