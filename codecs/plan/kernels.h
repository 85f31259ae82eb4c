// The kernels, and the one place that chooses among them.
#pragma once

#include "codecs/condition/field.h"
#include "codecs/plan/instruction_set.h"
#include "codecs/plan/op.h"

namespace copybridge::plan {

/// Which spaces of text are cut off; JUSTIFIED items have theirs on the left.
enum class Cut : std::uint8_t { none, right, left, both };

/// What a field is printed as, for the choice of a kernel.
struct Shape {
  Cut cut = Cut::right;
  bool is_plain_page = true;     ///< every byte of its text is a character by itself
  bool national_little = false;  ///< byte order of UTF-16
  bool accepts_broken = false;   ///< lone surrogates and bytes that are no UTF-8 are replaced
  bool is_quoted = false;        ///< a number as a JSON string
  bool is_ruled = false;         ///< mask, date, empty values or `as: text`: FieldDetail decides
};

/// How a kernel wants its Op filled.
enum class DetailKind : std::uint8_t { none, text, sign, field };

struct KernelChoice {
  Kernel kernel = nullptr;
  RowKernel row = nullptr;  ///< null: none of its own
  DetailKind detail = DetailKind::none;
  std::uint16_t digits = 0;  ///< what the kernel wants to find in Op::digits
};

/// The fastest kernel of an instruction set for a field. Everything about the field that does not
/// change from record to record is decided here.
[[nodiscard]] KernelChoice choose_kernel(const condition::Field& field, const Shape& shape,
                                         InstructionSet set);

/// The kernels of one instruction set; no kernel where it has none for the field.
[[nodiscard]] KernelChoice choose_avx512(const condition::Field& field, const Shape& shape);

/// Digits that a zoned, packed or separately signed field has in storage.
[[nodiscard]] std::uint32_t digits_stored(const condition::Field& field);

/// Characters the field's value takes at most.
[[nodiscard]] std::uint64_t worst_case(const condition::Field& field, const Shape& shape);

/// Kernels of the portable set, by what they read.
Kernel text_kernel(Cut cut);
/// Text of pages with pairs or with bytes that are no characters, and PIC G items.
Kernel mixed_kernel(Cut cut);
Kernel national_kernel(const Shape& shape);
Kernel utf8_kernel(const Shape& shape);
char* write_hex(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Null where the field's size class, scale or sign has no kernel of its own.
Kernel zoned_kernel(const condition::Field& field);
Kernel packed_kernel(const condition::Field& field);
Kernel binary_kernel(const condition::Field& field);
/// Any numeric or floating field, plain or quoted; needs FieldDetail.
char* write_any_number(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Text behind its length, with or without rules; needs FieldDetail.
char* write_varying(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Any elementary field with rules; needs FieldDetail.
char* write_ruled(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Prints null or the bytes in hexadecimal instead of a value.
char* write_null(char* out);
char* write_hex_bytes(ByteView bytes, char* out);
char* write_raw(const std::uint8_t* bytes, std::uint64_t size, char* out);

}  // namespace copybridge::plan
