// The kernels, and the one place that chooses among them.
#pragma once

#include "codecs/condition/field.h"
#include "codecs/plan/instruction_set.h"
#include "codecs/plan/number_form.h"
#include "codecs/plan/op.h"

namespace copybridge::plan {

/// Which spaces of text are cut off; JUSTIFIED items have theirs on the left.
enum class Cut : std::uint8_t { none, right, left, both };

/// What a field is printed as, for the choice of a kernel.
struct Shape {
  Cut cut = Cut::right;
  bool national_little = false;  ///< byte order of UTF-16
  bool accepts_broken = false;   ///< lone surrogates and bytes that are no UTF-8 are replaced
  bool is_quoted = false;        ///< a number as a JSON string
  bool is_ruled = false;         ///< mask, date, empty values or `as: text`: FieldDetail decides
};

/// How a kernel wants its Op filled.
enum class DetailKind : std::uint8_t { none, text, sign, number, field };

struct KernelChoice {
  Kernel kernel = nullptr;
  const RowKernels* rows = nullptr;  ///< what Op has of these
  DetailKind detail = DetailKind::none;
  std::uint16_t digits = 0;  ///< what the kernel wants to find in Op::digits
  Kernel inner = nullptr;
  std::uint8_t code = 0;
  NumberForm form = {};  ///< of DetailKind::number, still without its signs
};

/// The fastest kernel of an instruction set for a field. Everything about the field that does not
/// change from record to record is decided here.
[[nodiscard]] KernelChoice choose_kernel(const condition::Field& field, const Shape& shape,
                                         InstructionSet set);

/// The kernels of one instruction set; no kernel where it has none for the field.
[[nodiscard]] KernelChoice choose_avx512(const condition::Field& field, const Shape& shape);
[[nodiscard]] KernelChoice choose_avx2(const condition::Field& field, const Shape& shape);

/// Digits that a zoned, packed or separately signed field has in storage.
[[nodiscard]] std::uint32_t digits_stored(const condition::Field& field);

/// Characters the field's value takes at most.
[[nodiscard]] std::uint64_t worst_case(const condition::Field& field, const Shape& shape);

/// Kernels of the portable set, by what they read.
Kernel text_kernel(Cut cut);
/// The same where it is known that not every byte is one plain ASCII character.
Kernel special_text_kernel(Cut cut);
/// PIC G items.
Kernel graphic_kernel(Cut cut);
Kernel national_kernel(const Shape& shape);
Kernel utf8_kernel(const Shape& shape);
char* write_hex(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Characters of a single-byte page one by one, without quotes.
char* translate_escaping(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                         char* out);
/// Pairs that all are characters beyond ASCII, without quotes; null where one is not.
char* translate_pairs(const charset::CodePage& page, const std::uint8_t* in,
                      const std::uint8_t* end, char* out);
/// A binary number of any magnitude, scale at most 16.
char* write_large_number(std::uint64_t magnitude, bool is_negative, unsigned scale, char* out);
/// Null where the field's size class, scale or sign has no kernel of its own.
Kernel zoned_kernel(const condition::Field& field);
Kernel packed_kernel(const condition::Field& field);
Kernel binary_kernel(const condition::Field& field);
/// Any numeric or floating field, plain or quoted; needs FieldDetail.
char* write_any_number(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Text behind its length, with or without rules; needs FieldDetail.
char* write_varying(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Op::inner's text as a string.
char* write_quoted(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Any elementary field with rules; needs FieldDetail.
char* write_ruled(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Prints null or the bytes in hexadecimal instead of a value.
char* write_null(char* out);
char* write_hex_bytes(ByteView bytes, char* out);
char* write_raw(const std::uint8_t* bytes, std::uint64_t size, char* out);

}  // namespace copybridge::plan
