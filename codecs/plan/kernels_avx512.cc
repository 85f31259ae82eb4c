// Kernels for AVX-512 with VBMI, VBMI2 and IFMA: a field is one register, from its bytes to its
// JSON text. Results are those of the portable kernels, byte for byte.
#include "codecs/condition/field.h"
#include "codecs/plan/alike.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/run_kernels.h"

#if defined(__x86_64__)
#include "codecs/plan/avx512_national.h"
#include "codecs/plan/avx512_number.h"
#include "codecs/plan/avx512_pairs.h"
#include "codecs/plan/avx512_text.h"

namespace copybridge::plan {

using copybook::Usage;

namespace {

/// The cases of Mixed.
enum Code : std::uint8_t {
  kText16,
  kText32,
  kText64,
  kTextRight,
  kTextLeft,
  kTextBoth,
  kGraphic,
  kTextNone,
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

/// A number on its own.
template <char* (*kWrite)(const Op&, const std::uint8_t*, char*, Faults&)>
COPYBRIDGE_AVX512 char* write_one(const Op& op, const std::uint8_t* in, char* out,
                                  Frame& /*frame*/) {
  Faults faults = no_faults();
  char* end = kWrite(op, in, out, faults);
  return has_faults(faults) ? nullptr : end;
}

COPYBRIDGE_AVX512 char* run_special(const Op* first, const Op* last, char* begin, Frame& frame);

COPYBRIDGE_AVX512_INLINE char* put_any_text(const Op& op, const Page& page, const std::uint8_t* in,
                                            char* out) {
  switch (op.code) {
    case kText16:
      return put_short_text<16>(op, page, in, out);
    case kText32:
      return put_short_text<32>(op, page, in, out);
    case kText64:
      return put_short_text<64>(op, page, in, out);
    case kTextRight:
      return put_text<Cut::right>(op, page, in, out);
    case kTextLeft:
      return put_text<Cut::left>(op, page, in, out);
    case kTextBoth:
      return put_text<Cut::both>(op, page, in, out);
    case kGraphic:
      return put_short_graphic(op, in, out);
    default:
      return put_text<Cut::none>(op, page, in, out);
  }
}

COPYBRIDGE_AVX512_INLINE char* put_any_number(const Op& op, const std::uint8_t* in, char* out,
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
    case kBinaryWideLittle:
      return write_binary_wide<true>(op, in, out, faults);
    default:
      __builtin_unreachable();
  }
}

/// Where a row stands in a record.
struct Place {
  const Op* op;
  const Op* last;
  const std::uint8_t* record;
  const char* pool;
  char* out;
};

/// An operation's constant text, and its number where it has one; false before a text, which is to
/// stand at `out`.
COPYBRIDGE_AVX512_INLINE bool put_number_at(Place& at, char*& out, Faults& faults) {
  const Op& op = *at.op;
  out = copy_text(at.out, at.pool + op.text_offset, op.text_size);
  if (op.code <= kTextNone) return false;
  at.out = put_any_number(op, at.record + op.offset, out, faults);
  return true;
}

// Of a page whose bytes all are characters.
COPYBRIDGE_AVX512 char* put_long_special(const Op& op, const std::uint8_t* in, char* out) {
  switch (op.code) {
    case kTextLeft:
      return put_special_text<Cut::left>(op, in, out);
    case kTextBoth:
      return put_special_text<Cut::both>(op, in, out);
    case kTextNone:
      return put_special_text<Cut::none>(op, in, out);
    default:
      return put_special_text<Cut::right>(op, in, out);
  }
}

// Short texts of the same page with SO and SI, which are a good part of the rest of a row; false
// where the first one is none.
COPYBRIDGE_AVX512_INLINE bool put_shifted_texts(Place& at) {
  const TextTable* const table = at.op->detail.text;
  if (table->rules.page->kind() != charset::CodePage::Kind::shifted) return false;
  std::size_t count = 0;
  for (; count < kTogether && at.op + count != at.last; ++count)
    if (at.op[count].code > kText64 || at.op[count].detail.text != table) break;
  if (count == 0) return false;
  const std::size_t done = run_shifted(at.op, count, at.record, at.pool, at.out);
  at.op += done;
  return done > 0;
}

// The rest of a row from its first text on that has characters that are not plain: all that follow
// are taken to have them, too. False before a text that has more than such characters.
COPYBRIDGE_AVX512 [[gnu::noinline]] bool run_wide(Place& place, Faults& faults) {
  Place at = place;  // by value, so that it stays in registers
  const TextTable* table = nullptr;
  WidePage page;  // NOLINT: loaded with the first text
  for (; at.op != at.last; ++at.op) {
    char* out = nullptr;
    if (put_number_at(at, out, faults)) continue;
    const Op& op = *at.op;
    const std::uint8_t* const in = at.record + op.offset;
    if (!op.detail.text->is_plain_page) {
      if (!put_shifted_texts(at)) break;
      --at.op;
      continue;
    }
    if (op.detail.text != table) {
      table = op.detail.text;
      page = load_wide_page(*table);
    }
    at.out =
        op.code <= kText64 ? put_short_special(op, page, in, out) : put_long_special(op, in, out);
  }
  place = at;
  return at.op == at.last;
}

/// Rows of the same number kernel throughout. Whether their bytes are numbers is asked once.
template <char* (*kWrite)(const Op&, const std::uint8_t*, char*, Faults&)>
struct Numbers {
  Faults faults;
  std::uint32_t stride;

  COPYBRIDGE_AVX512_INLINE static Numbers begin(const Op* first, const Op* last) {
    return {no_faults(), stride_of(first, last)};
  }
  COPYBRIDGE_AVX512_INLINE bool has_faults() const { return plan::has_faults(faults); }
  COPYBRIDGE_AVX512_INLINE bool run(Place& at) {
    if (stride != 0) return run_alike(at);
    for (; at.op != at.last; ++at.op) {
      const Op& op = *at.op;
      at.out = copy_text(at.out, at.pool + op.text_offset, op.text_size);
      at.out = kWrite(op, at.record + op.offset, at.out, faults);
    }
    return true;
  }

 private:
  COPYBRIDGE_AVX512_INLINE bool run_alike(Place& at) {
    const Op alike = *at.op;
    const std::uint8_t* in = at.record + alike.offset;
    const char* text = at.pool + alike.text_offset;
    for (; at.op != at.last; ++at.op) {
      const std::uint32_t size = at.op->text_size;
      at.out = copy_text(at.out, text, size);
      at.out = kWrite(alike, in, at.out, faults);
      text += size;
      in += stride;
    }
    return true;
  }
};

/// Rows of the same text kernel throughout.
template <char* (*kPut)(const Op&, const Page&, const std::uint8_t*, char*)>
struct Texts {
  const TextTable* table;
  Page page;
  Faults faults;  ///< none

  COPYBRIDGE_AVX512_INLINE static Texts begin(const Op* first, const Op* /*last*/) {
    return {first->detail.text, load_page(*first->detail.text), no_faults()};
  }
  COPYBRIDGE_AVX512_INLINE static bool has_faults() { return false; }
  COPYBRIDGE_AVX512_INLINE bool run(Place& at) {
    for (; at.op != at.last; ++at.op) {
      const Op& op = *at.op;
      if (op.detail.text != table) [[unlikely]] {
        table = op.detail.text;
        page = load_page(*table);
      }
      char* const out = copy_text(at.out, at.pool + op.text_offset, op.text_size);
      char* const end = kPut(op, page, at.record + op.offset, out);
      if (end == nullptr) [[unlikely]]
        return run_wide(at, faults);
      at.out = end;
    }
    return true;
  }
};

/// Rows of different kernels: one loop with a case for each, so that a code page stays in its
/// registers and a change of kernel is one jump.
struct Mixed {
  const TextTable* table;
  Page page;
  Faults faults;

  COPYBRIDGE_AVX512_INLINE static Mixed begin(const Op* /*first*/, const Op* /*last*/) {
    Mixed mixed;  // NOLINT: the page is loaded with the first text
    mixed.table = nullptr;
    mixed.faults = no_faults();
    return mixed;
  }
  COPYBRIDGE_AVX512_INLINE bool has_faults() const { return plan::has_faults(faults); }
  COPYBRIDGE_AVX512_INLINE bool run(Place& at) {
    for (; at.op != at.last; ++at.op) {
      char* out = nullptr;
      if (put_number_at(at, out, faults)) continue;
      const Op& op = *at.op;
      if (op.detail.text != table) {
        table = op.detail.text;
        page = load_page(*table);
      }
      char* const end = put_any_text(op, page, at.record + op.offset, out);
      if (end == nullptr) [[unlikely]]
        return run_wide(at, faults);
      at.out = end;
    }
    return true;
  }
};

/// One record. A row with a fault is run again, field by field.
template <typename RowOf>
COPYBRIDGE_AVX512 char* run_here(const Op* first, const Op* last, char* begin, Frame& frame) {
  RowOf row = RowOf::begin(first, first);  // one record is not worth a look at all of the row
  Place at = {first, last, frame.record + frame.displacement, frame.pool, begin};
  const bool is_done = row.run(at);
  if (row.has_faults()) [[unlikely]]
    return run_one_by_one(first, last, begin, frame);
  return is_done ? at.out : run_special(at.op, last, at.out, frame);
}

/// Records whose faults are looked at together.
constexpr std::size_t kGroup = 16;

template <typename RowOf>
COPYBRIDGE_AVX512 std::size_t run_lines(const Op* first, const Op* last, const Lines& lines,
                                        char*& out) {
  RowOf row = RowOf::begin(first, last);
  std::size_t done = 0;
  while (done < lines.records.size()) {
    const std::size_t count = std::min(kGroup, lines.records.size() - done);
    Place at = {first, last, nullptr, lines.pool, out};
    for (const RecordSpan& span : lines.records.subspan(done, count)) {
      if (span.size != lines.record_size) [[unlikely]]
        return done;
      at.op = first;
      at.record = lines.piece + span.offset;
      prefetch_behind(at.record, span.size);
      if (!row.run(at)) return done;
      at.out = copy_text(at.out, lines.tail, lines.tail_size);
    }
    if (row.has_faults()) [[unlikely]]
      return done;
    out = at.out;
    done += count;
  }
  return done;
}

template <typename RowOf>
constexpr RowKernels kRows = {.own = run_here<RowOf>,
                              .own_lines = run_lines<RowOf>,
                              .mixed = run_here<Mixed>,
                              .mixed_lines = run_lines<Mixed>};

// A row from its first text on that has characters that are not plain: all that follow are taken
// to have them, too.
COPYBRIDGE_AVX512 [[gnu::noinline]] char* run_special(const Op* first, const Op* last, char* begin,
                                                      Frame& frame) {
  const std::uint8_t* const record = frame.record + frame.displacement;
  const char* const pool = frame.pool;
  const Frame::Noted before = frame.noted();
  Faults faults = no_faults();
  char* out = begin;
  for (const Op* op = first; op != last; ++op) {
    out = copy_text(out, pool + op->text_offset, op->text_size);
    const std::uint8_t* in = record + op->offset;
    if (op->code > kTextNone) {
      out = put_any_number(*op, in, out, faults);
      continue;
    }
    if (has_faults(faults)) [[unlikely]]
      break;
    char* end = op->inner(*op, in, out, frame);
    if (end == nullptr) end = handle_misfit(*op, out, frame);
    if (end == nullptr) return nullptr;
    out = end;
  }
  if (has_faults(faults)) [[unlikely]] {
    frame.forget_since(before);
    return run_one_by_one(first, last, begin, frame);
  }
  return out;
}

KernelChoice text(Kernel kernel, Kernel special, const RowKernels& rows, Code code) {
  KernelChoice choice;
  choice.kernel = kernel;
  choice.rows = &rows;
  choice.inner = special;
  choice.code = code;
  choice.detail = DetailKind::text;
  return choice;
}

template <Cut kCut>
KernelChoice any_text(Code code) {
  return text(write_text<kCut>, write_special_text<kCut>, kRows<Texts<put_text<kCut>>>, code);
}

template <unsigned kWidth>
KernelChoice short_text(Code code) {
  return text(write_text<Cut::right>, write_special_text<Cut::right>,
              kRows<Texts<put_short_text<kWidth>>>, code);
}

KernelChoice choose_text(const condition::Field& field, Cut cut) {
  switch (cut) {
    case Cut::right:
      if (field.size <= 16) return short_text<16>(kText16);
      if (field.size <= 32) return short_text<32>(kText32);
      if (field.size <= 64) return short_text<64>(kText64);
      return any_text<Cut::right>(kTextRight);
    case Cut::left:
      return any_text<Cut::left>(kTextLeft);
    case Cut::both:
      return any_text<Cut::both>(kTextBoth);
    case Cut::none:
      break;
  }
  return any_text<Cut::none>(kTextNone);
}

/// A row of PIC G items needs no registers for a page.
COPYBRIDGE_AVX512_INLINE char* put_graphic(const Op& op, const Page& /*page*/,
                                           const std::uint8_t* in, char* out) {
  return put_short_graphic(op, in, out);
}

KernelChoice choose_graphic(const condition::Field& field, Cut cut) {
  const bool is_short = field.size <= 64 && field.size % 2 == 0;
  if (cut != Cut::right || !is_short || !field.page->has_pairs()) return {};
  return text(write_short_graphic, write_short_graphic, kRows<Texts<put_graphic>>, kGraphic);
}

KernelChoice choose_national(const Shape& shape) {
  KernelChoice choice;
  choice.kernel = shape.national_little ? national_kernel_here<true>(shape.cut)
                                        : national_kernel_here<false>(shape.cut);
  choice.inner = national_kernel(shape);
  return choice;
}

/// What runs one number, and a row of such.
struct NumberRunners {
  Kernel one;
  const RowKernels* rows;
};

template <char* (*kWrite)(const Op&, const std::uint8_t*, char*, Faults&)>
constexpr NumberRunners kRunners = {write_one<kWrite>, &kRows<Numbers<kWrite>>};

NumberRunners runners_of(NumberKernel kernel) {
  switch (kernel) {
    case NumberKernel::packed:
      return kRunners<write_packed>;
    case NumberKernel::packed_wide:
      return kRunners<write_packed_wide>;
    case NumberKernel::zoned:
      return kRunners<write_zoned<false>>;
    case NumberKernel::zoned_wide:
      return kRunners<write_zoned_wide<false>>;
    case NumberKernel::zoned_ascii:
      return kRunners<write_zoned<true>>;
    case NumberKernel::zoned_ascii_wide:
      return kRunners<write_zoned_wide<true>>;
    case NumberKernel::binary_short:
      return kRunners<write_binary_short<false>>;
    case NumberKernel::binary_short_little:
      return kRunners<write_binary_short<true>>;
    case NumberKernel::binary:
      return kRunners<write_binary<false>>;
    case NumberKernel::binary_little:
      return kRunners<write_binary<true>>;
    case NumberKernel::binary_wide:
      return kRunners<write_binary_wide<false>>;
    case NumberKernel::binary_wide_little:
      break;
  }
  return kRunners<write_binary_wide<true>>;
}

KernelChoice choose_numeric(const condition::Field& field) {
  KernelChoice choice;
  const std::optional<NumberKernel> kernel = choose_number(field, choice.form);
  if (!kernel) return {};
  const NumberRunners runners = runners_of(*kernel);
  choice.kernel = runners.one;
  choice.rows = runners.rows;
  choice.code = code_of(*kernel);
  choice.detail = DetailKind::number;
  return choice;
}

}  // namespace

KernelChoice choose_avx512(const condition::Field& field, const Shape& shape) {
  if (!field.is_numeric()) {
    if (field.usage == Usage::national) return choose_national(shape);
    if (field.usage == Usage::dbcs) return choose_graphic(field, shape.cut);
    return field.usage == Usage::display ? choose_text(field, shape.cut) : KernelChoice{};
  }
  return choose_numeric(field);
}

}  // namespace copybridge::plan

#else

namespace copybridge::plan {

KernelChoice choose_avx512(const condition::Field& /*field*/, const Shape& /*shape*/) { return {}; }

}  // namespace copybridge::plan

#endif
