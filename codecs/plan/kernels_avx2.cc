// Kernels for AVX2 with BMI: as those for AVX-512, with half the width and no masks. Results are
// those of the portable kernels, byte for byte.
#include "codecs/condition/field.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/run_kernels.h"

#if defined(__x86_64__)
#include "codecs/plan/avx2_number.h"
#include "codecs/plan/avx2_text.h"

namespace copybridge::plan {

using copybook::Usage;

namespace {

/// The cases of run_mixed.
enum Code : std::uint8_t {
  kText32,
  kTextRight,
  kTextLeft,
  kTextBoth,
  kTextNone,
  kText32AllBlocks,
  kTextRightAllBlocks,
  kTextLeftAllBlocks,
  kTextBothAllBlocks,
  kTextNoneAllBlocks,
  kPacked,
  kPackedWide,
  kZoned,
  kZonedWide,
  kZonedAscii,
  kZonedAsciiWide,
  kBinaryShort,
  kBinaryShortLittle,
  kBinary,
  kBinaryLittle,
  kBinaryWide,
  kBinaryWideLittle
};

std::uint8_t code_of(NumberKernel kernel) {
  return static_cast<std::uint8_t>(kPacked + static_cast<unsigned>(kernel));
}

COPYBRIDGE_AVX2 inline char* put_any_text(const Op& op, const std::uint8_t* in, char* out) {
  switch (op.code) {
    case kText32:
      return put_short_text<false>(op, in, out);
    case kTextRight:
      return put_text<Cut::right, false>(op, in, out);
    case kTextLeft:
      return put_text<Cut::left, false>(op, in, out);
    case kTextBoth:
      return put_text<Cut::both, false>(op, in, out);
    case kTextNone:
      return put_text<Cut::none, false>(op, in, out);
    case kText32AllBlocks:
      return put_short_text<true>(op, in, out);
    case kTextRightAllBlocks:
      return put_text<Cut::right, true>(op, in, out);
    case kTextLeftAllBlocks:
      return put_text<Cut::left, true>(op, in, out);
    case kTextBothAllBlocks:
      return put_text<Cut::both, true>(op, in, out);
    default:
      return put_text<Cut::none, true>(op, in, out);
  }
}

COPYBRIDGE_AVX2 inline char* put_any_number(const Op& op, const std::uint8_t* in, char* out,
                                            Faults& faults) {
  switch (op.code) {
    case kPacked:
      return write_packed(op, in, out, faults);
    case kPackedWide:
      return write_packed_wide(op, in, out, faults);
    case kZoned:
      return write_zoned<false>(op, in, out, faults);
    case kZonedWide:
      return write_zoned_wide<false>(op, in, out, faults);
    case kZonedAscii:
      return write_zoned<true>(op, in, out, faults);
    case kZonedAsciiWide:
      return write_zoned_wide<true>(op, in, out, faults);
    case kBinaryShort:
      return write_binary_short<false>(op, in, out, faults);
    case kBinaryShortLittle:
      return write_binary_short<true>(op, in, out, faults);
    case kBinary:
      return write_binary<false>(op, in, out, faults);
    case kBinaryLittle:
      return write_binary<true>(op, in, out, faults);
    case kBinaryWide:
      return write_binary_wide<false>(op, in, out, faults);
    default:
      return write_binary_wide<true>(op, in, out, faults);
  }
}

/// A number on its own.
COPYBRIDGE_AVX2 char* write_number_here(const Op& op, const std::uint8_t* in, char* out,
                                        Frame& /*frame*/) {
  Faults faults = no_faults();
  char* end = put_any_number(op, in, out, faults);
  return has_faults(faults) ? nullptr : end;
}

/// Text on its own.
COPYBRIDGE_AVX2 char* write_text_here(const Op& op, const std::uint8_t* in, char* out,
                                      Frame& frame) {
  char* end = put_any_text(op, in, out);
  return end != nullptr ? end : op.inner(op, in, out, frame);
}

COPYBRIDGE_AVX2 char* run_mixed(const Op* first, const Op* last, char* begin, Frame& frame);

// Text with characters that are not plain, and the rest of its row.
COPYBRIDGE_AVX2 [[gnu::noinline]] char* resume(const Op* op, const Op* last, char* out,
                                               Frame& frame) {
  char* end = op->inner(*op, frame.at(op->offset), out, frame);
  if (end == nullptr) end = handle_misfit(*op, out, frame);
  return end != nullptr ? run_mixed(op + 1, last, end, frame) : nullptr;
}

// One loop with a case for each kernel. Whether its bytes are numbers is asked once: a row with a
// fault is run again, field by field.
COPYBRIDGE_AVX2 char* run_mixed(const Op* first, const Op* last, char* begin, Frame& frame) {
  const std::uint8_t* const record = frame.record + frame.displacement;
  const char* const pool = frame.pool;
  Faults faults = no_faults();
  char* out = begin;
  for (const Op* op = first; op != last; ++op) {
    out = copy_text(out, pool + op->text_offset, op->text_size);
    const std::uint8_t* in = record + op->offset;
    if (op->code >= kPacked) {
      out = put_any_number(*op, in, out, faults);
      continue;
    }
    char* end = put_any_text(*op, in, out);
    if (end == nullptr) [[unlikely]] {
      if (has_faults(faults)) break;
      return resume(op, last, out, frame);
    }
    out = end;
  }
  if (has_faults(faults)) [[unlikely]]
    return run_one_by_one(first, last, begin, frame);
  return out;
}

constexpr RowKernels kRows = {.mixed = run_mixed};

KernelChoice choose_numeric(const condition::Field& field) {
  KernelChoice choice;
  const std::optional<NumberKernel> kernel = choose_number(field, choice.form);
  if (!kernel) return {};
  choice.kernel = write_number_here;
  choice.rows = &kRows;
  choice.code = code_of(*kernel);
  choice.detail = DetailKind::number;
  return choice;
}

Code text_code(const condition::Field& field, Cut cut) {
  switch (cut) {
    case Cut::right:
      return field.size <= 32 ? kText32 : kTextRight;
    case Cut::left:
      return kTextLeft;
    case Cut::both:
      return kTextBoth;
    case Cut::none:
      break;
  }
  return kTextNone;
}

// Whether some of the first four blocks are plain characters, which they are not in EBCDIC.
bool has_low_characters(const charset::CodePage& page) {
  for (unsigned byte = 0; byte < 0x40; ++byte) {
    const std::uint32_t code_point = page.entry(static_cast<std::uint8_t>(byte)).code_point;
    if (code_point >= 0x20 && code_point < 0x80) return true;
  }
  return false;
}

KernelChoice choose_text(const condition::Field& field, Cut cut) {
  KernelChoice choice;
  choice.kernel = write_text_here;
  choice.rows = &kRows;
  choice.inner = special_text_kernel(cut);
  const unsigned all_blocks = has_low_characters(*field.page) ? kText32AllBlocks : 0;
  choice.code = static_cast<std::uint8_t>(text_code(field, cut) + all_blocks);
  choice.detail = DetailKind::text;
  return choice;
}

}  // namespace

KernelChoice choose_avx2(const condition::Field& field, const Shape& shape) {
  if (!field.is_numeric())
    return field.usage == Usage::display ? choose_text(field, shape.cut) : KernelChoice{};
  return choose_numeric(field);
}

}  // namespace copybridge::plan

#else

namespace copybridge::plan {

KernelChoice choose_avx2(const condition::Field& /*field*/, const Shape& /*shape*/) { return {}; }

}  // namespace copybridge::plan

#endif
