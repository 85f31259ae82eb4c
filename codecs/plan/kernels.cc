// The choice of a kernel. A faster set for one instruction set adds its own candidates here, in
// front of the portable ones; nothing else of the plan knows that there are several.
#include "codecs/plan/kernels.h"

#include <algorithm>

#include "codecs/plan/date.h"
#include "codecs/plan/detail.h"

namespace copybridge::plan {

using copybook::Usage;

namespace {

KernelChoice or_any_number(Kernel kernel, DetailKind detail, const condition::Field& field) {
  if (kernel == nullptr) return {write_any_number, nullptr, DetailKind::field};
  return {kernel, nullptr, detail, static_cast<std::uint16_t>(digits_stored(field))};
}

KernelChoice choose_number(const condition::Field& field) {
  switch (field.usage) {
    case Usage::display:
      return or_any_number(zoned_kernel(field), DetailKind::sign, field);
    case Usage::packed:
    case Usage::unsigned_packed:
      return or_any_number(packed_kernel(field), DetailKind::none, field);
    case Usage::binary:
    case Usage::native_binary:
      return or_any_number(binary_kernel(field), DetailKind::none, field);
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::national:
    case Usage::group:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return {write_any_number, nullptr, DetailKind::field};
}

// A number as a string. The general kernel does that by itself.
KernelChoice quoted(KernelChoice choice) {
  if (choice.kernel == write_any_number) return choice;
  choice.inner = choice.kernel;
  choice.kernel = write_quoted;
  choice.rows = nullptr;
  return choice;
}

KernelChoice choose_text(const condition::Field& field, const Shape& shape) {
  switch (field.usage) {
    case Usage::display:
      return {text_kernel(shape.cut), nullptr, DetailKind::text};
    case Usage::national:
      return {national_kernel(shape), nullptr, DetailKind::none};
    case Usage::utf8:
      return {utf8_kernel(shape), nullptr, DetailKind::none};
    case Usage::dbcs:
      if (field.page->has_pairs()) return {graphic_kernel(shape.cut), nullptr, DetailKind::text};
      break;
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
    case Usage::group:
    case Usage::binary:
    case Usage::native_binary:
    case Usage::packed:
    case Usage::unsigned_packed:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
      break;
  }
  return {write_hex, nullptr, DetailKind::none};
}

}  // namespace

std::uint32_t digits_stored(const condition::Field& field) {
  const bool is_separate = field.sign == copybook::SignPlace::leading_separate ||
                           field.sign == copybook::SignPlace::trailing_separate;
  switch (field.usage) {
    case Usage::display:
      return field.size - (is_separate ? 1 : 0);
    case Usage::packed:
      return 2 * field.size - 1;
    case Usage::unsigned_packed:
      return 2 * field.size;
    case Usage::national:
      return field.size / 2;
    case Usage::binary:
    case Usage::native_binary:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::group:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return std::max<std::uint32_t>(field.digits, 40);
}

KernelChoice choose_kernel(const condition::Field& field, const Shape& shape, InstructionSet set) {
  if (shape.is_ruled) return {write_ruled, nullptr, DetailKind::field};
  // The fast kernels take every valid sign.
  const bool has_strict_sign =
      field.preferred_signs && (field.usage == Usage::display || field.usage == Usage::packed);
  if (field.is_numeric() && (field.edited != nullptr || has_strict_sign))
    return {write_any_number, nullptr, DetailKind::field};
  KernelChoice choice;
  if (set == InstructionSet::avx512) choice = choose_avx512(field, shape);
  if (set == InstructionSet::avx2) choice = choose_avx2(field, shape);
  if (choice.kernel == nullptr)
    choice = field.is_numeric() ? choose_number(field) : choose_text(field, shape);
  return field.is_numeric() && shape.is_quoted ? quoted(choice) : choice;
}

std::uint64_t worst_case(const condition::Field& field, const Shape& shape) {
  // Bytes printed in hexadecimal instead of a value always have room: {"raw":"…"}.
  const std::uint64_t raw = 2 * std::uint64_t{field.size} + 12;
  if (field.is_numeric()) return std::max<std::uint64_t>(raw, kNumberTextMax);
  const std::uint64_t text = 6 * std::uint64_t{field.size} + 2;
  return std::max({raw, text, shape.is_ruled ? std::uint64_t{kDateTextMax} : 0});
}

}  // namespace copybridge::plan
