// The operations a plan is made of, and what one record's decoding carries along.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

namespace copybridge::plan {

struct Op;
struct Frame;
struct TextTable;
struct SignTable;
struct NumberForm;
struct FieldDetail;
struct Misfit;
struct Table;
struct Choice;
struct ConditionMember;
struct Counter;
struct Renamed;

/// Appends one value's JSON behind `out` and returns its end; null where the bytes do not fit.
/// `in` is the field's first byte, kReadableTail bytes behind the field are readable. What lies
/// behind the returned end may be overwritten, up to kReadableTail characters.
using Kernel = char* (*)(const Op& op, const std::uint8_t* in, char* out, Frame& frame);

/// Runs the operations of a row one after the other, each with its constant text in front; null
/// where one does not fit, the failure is then noted. No operation of a row moves what follows it
/// (`frame.displacement`), none but the last its buffer.
using RowKernel = char* (*)(const Op* first, const Op* last, char* out, Frame& frame);

/// Records that a row, all there is of a plan, is run over: each becomes a line.
struct Lines {
  const std::uint8_t* piece = nullptr;  ///< that the records lie in
  std::span<const RecordSpan> records = {};
  std::size_t record_size = 0;  ///< of the plan: a record of another size does not fit
  const char* pool = nullptr;
  const char* tail = nullptr;  ///< text that ends a line, padded for copies in chunks
  std::uint32_t tail_size = 0;
};

/// Returns how many records from the first on it made lines of, `out` is then behind them. It stops
/// before records of which one may not fit, or is not of the commonest kind.
using LinesKernel = std::size_t (*)(const Op* first, const Op* last, const Lines& lines,
                                    char*& out);

/// What runs a kernel's operations in rows.
struct RowKernels {
  RowKernel own = nullptr;  ///< a row of the kernel alone; null: as with others
  LinesKernel own_lines = nullptr;
  RowKernel mixed = nullptr;  ///< a row with others
  LinesKernel mixed_lines = nullptr;
};

/// Constant text is copied in chunks of this size: text pools are padded with as much.
inline constexpr std::size_t kTextChunk = 32;

/// One step: copy constant JSON text, then run a kernel on the bytes at an offset.
struct Op {
  Kernel kernel = nullptr;
  const RowKernels* rows = nullptr;  ///< null: operations are called one by one
  Kernel inner = nullptr;            ///< of a kernel that only puts something around another's text
  std::uint32_t text_offset = 0;     ///< in the plan's text pool
  std::uint32_t text_size = 0;
  std::uint32_t offset = 0;  ///< of the field, before displacement
  std::uint32_t size = 0;    ///< bytes the kernel reads; 0 for steps without a field
  copybook::ItemIndex item = copybook::kNoItem;
  std::uint16_t digits = 0;  ///< of the storage: packed has an odd number
  std::uint16_t scale = 0;
  /// Zoned: the zone nibbles of eight digits. Packed of up to 8 bytes: the nibble that must be
  /// zero. UTF-8: most characters; 0: any number.
  std::uint64_t zones = 0;
  std::uint8_t code = 0;  ///< which case of its mixed row it is
  bool is_signed = false;
  bool is_field = false;  ///< misfits obey on_bad_field
  bool is_text = false;   ///< a kernel that reads any size: a part of the field is text, too
  OnBadField on_bad_field = OnBadField::reject;
  const Misfit* misfit = nullptr;  ///< other readings to try before that; null: none
  union Detail {
    const TextTable* text = nullptr;
    const SignTable* sign;
    const NumberForm* number;
    const FieldDetail* field;
    const Table* table;
    const Choice* choice;
    const ConditionMember* condition;
    const Counter* counter;
    const Renamed* renamed;
  } detail;
};

/// Operations in a row that share a row kernel.
struct Row {
  RowKernel kernel = nullptr;
  LinesKernel lines = nullptr;  ///< null: none
  std::uint32_t first = 0;
  std::uint32_t last = 0;  ///< one behind
};

/// Operations that run in order, and the text that follows the last one.
struct SubPlan {
  std::vector<Op> ops;
  std::vector<Row> rows;  ///< all of `ops`, in order
  std::uint32_t tail_offset = 0;
  std::uint32_t tail_size = 0;
  /// Characters it writes at most, DEPENDING ON tables left out: they reserve for themselves.
  std::uint64_t worst_case = 0;
};

inline constexpr std::size_t kSubscriptsMax = 48;  ///< tables nest at most as deep as levels
inline constexpr std::size_t kCountersMax = 256;
inline constexpr std::int64_t kBadCounter = -1;
inline constexpr std::int64_t kAbsentCounter = -2;  ///< behind the end of an accepted short record
inline constexpr std::size_t kErrorTextMax = 4096;

enum class FailureKind : std::uint8_t {
  field,    ///< bytes that are no value
  counter,  ///< an OCCURS DEPENDING ON counter outside its range
  record_short,
  record_long,
  no_alternative,  ///< no condition of a choice holds
  condition        ///< a condition of a choice met bytes that do not fit
};

/// Why a record was refused: the operation and where it stood.
struct Failure {
  const Op* op = nullptr;
  const Op* choice = nullptr;  ///< where no alternative fitted; `op` is then the first one's
  FailureKind kind = FailureKind::field;
  std::uint32_t arm = 0;    ///< of a choice, for `condition`
  std::uint64_t limit = 0;  ///< bytes wanted, for `record_short` and `record_long`
  std::size_t offset = 0;   ///< from the record's start
  std::size_t depth = 0;
  std::array<std::uint32_t, kSubscriptsMax> subscripts;  // NOLINT: filled up to `depth`
};

/// State of one record's decoding; lives on the stack, nothing in it is allocated.
struct Frame {
  const std::uint8_t* record = nullptr;
  std::size_t record_size = 0;
  ByteView original;  ///< the record before it was padded
  const char* pool = nullptr;
  const std::string* paths = nullptr;  ///< by item, where errors are listed
  TextBuffer* buffer = nullptr;
  /// What to add to an operation's offset: occurrences before it, minus bytes that DEPENDING ON
  /// tables before it lack.
  std::int64_t displacement = 0;
  std::uint64_t needed = 0;    ///< bytes the record must have, as far as is known
  std::uint64_t storage = 0;   ///< bytes it may have at most, as far as is known
  std::uint64_t promised = 0;  ///< characters reserved behind `out` for what is known to follow
  bool is_checked = false;     ///< an accepted short record: it may end within a field
  bool is_strict = false;      ///< within an alternative on trial: any misfit refuses it
  bool list_errors = false;
  std::uint64_t unmapped = 0;    ///< characters printed as U+FFFD
  std::uint64_t bad_fields = 0;  ///< fields printed as null or in hexadecimal instead
  std::uint32_t errors_size = 0;
  std::size_t depth = 0;
  Failure failure;
  std::array<std::uint32_t, kSubscriptsMax> subscripts;  // NOLINT: filled up to `depth`
  std::array<std::int64_t, kCountersMax> counters;       // NOLINT: a slot is set before use
  std::array<char, kErrorTextMax> errors;                // NOLINT: filled up to errors_size

  /// What was counted and listed, to be taken back where fields are run again.
  struct Noted {
    std::uint64_t unmapped;
    std::uint64_t bad_fields;
    std::uint32_t errors_size;
  };
  [[nodiscard]] Noted noted() const { return {unmapped, bad_fields, errors_size}; }
  void forget_since(const Noted& before) {
    unmapped = before.unmapped;
    bad_fields = before.bad_fields;
    errors_size = before.errors_size;
  }

  [[nodiscard]] const std::uint8_t* at(std::uint32_t offset) const {
    return record + (static_cast<std::int64_t>(offset) + displacement);
  }
  [[nodiscard]] std::uint64_t position(std::uint32_t offset) const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(offset) + displacement);
  }
  [[nodiscard]] std::size_t text_size(const char* out) const {
    return static_cast<std::size_t>(out - buffer->data());
  }
  /// Room for `more` characters beyond those already promised; moves `out` with the buffer.
  char* promise(char* out, std::uint64_t more) {
    promised += more;
    buffer->set_end(out);
    return buffer->reserve(promised);
  }
};

/// Copies constant text; may write up to kTextChunk characters beyond its end.
inline char* copy_text(char* out, const char* text, std::uint32_t size) {
  // Most names are short, and a wide store that crosses a cache line costs two.
  std::memcpy(out, text, kTextChunk / 2);
  if (size > kTextChunk / 2) {
    std::memcpy(out + kTextChunk / 2, text + kTextChunk / 2, kTextChunk / 2);
    if (size > kTextChunk) [[unlikely]] {
      for (std::uint32_t at = kTextChunk; at < size; at += kTextChunk)
        std::memcpy(out + at, text + at, kTextChunk);
    }
  }
  return out + size;
}

/// Asks memory for what follows a record: by itself the processor stops to read ahead at the end of
/// a page of 4 KiB.
inline void prefetch_behind(const std::uint8_t* record, std::size_t size) {
  constexpr std::size_t kDistance = 2048;
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t at = 0; at < size; at += kCacheLine) __builtin_prefetch(record + kDistance + at);
}

/// Runs the operations of a sub-plan; null where the record does not fit, `frame.failure` then
/// says where.
[[nodiscard]] char* run(const SubPlan& plan, char* out, Frame& frame);

}  // namespace copybridge::plan
