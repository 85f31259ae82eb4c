// The straight way: text exactly as decoding prints it, members in order and values in the form
// of their pictures, becomes a record in one pass, without a JSON parser. Anything else is left to
// JsonReader, which starts the record afresh; where the straight way ends, both give the same.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/encode/program.h"
#include "codecs/plan/instruction_set.h"
#include "codecs/plan/outline.h"

namespace copybridge::encode {

struct Step;
struct Run;
struct Loop;

/// Reads one value at `in`, which lies within the text, and writes its bytes to `out`. Returns the
/// value's end, null where it is not as expected. May read kReadableTail bytes at `in`.
using Reader = const char* (*)(const Step& step, const char* in, std::uint8_t* out, Run& run);

/// Takes the steps of a row one after the other, each with the constant text in front of it.
using RowReader = const char* (*)(const Step* first, const Step* last, const char* in, Run& run);

/// What a medley reads, a row of steps of several kinds.
enum class StepKind : std::uint8_t {
  other,
  packed,
  zoned,
  long_zoned,
  binary,
  little_binary,
  text
};

/// How a number stands in text and in storage. Digits are lanes of a register, the most
/// significant first, as they stand in storage; a sign of its own has a lane, too.
struct NumberShape {
  std::uint32_t digit_lanes = 0;     ///< which lanes are digits, as bits
  std::uint32_t fraction_lanes = 0;  ///< those behind the decimal point
  std::uint8_t end_lane = 0;         ///< one behind the last digit; 0: the field has no shape
  std::uint32_t sign_bit = 0;        ///< the sign's lane, as a bit
  std::uint8_t scale = 0;
  std::uint8_t point = 0;  ///< characters of the decimal point: 0 or 1
  std::uint8_t whole = 0;  ///< digits in front of it at most
  std::uint8_t zone = 0;   ///< of each digit
  std::uint8_t plus = 0;   ///< the sign's byte, zone or nibble
  std::uint8_t minus = 0;
  std::uint8_t is_signed = 0;  ///< 1 where it is
  std::uint64_t most = 0;      ///< largest magnitude
  std::uint64_t least = 0;     ///< largest magnitude of a negative number
};

/// The last characters of a number in a register, the very last in its last lane, and what they
/// become.
struct Window {
  static constexpr std::size_t kLanes = 32;
  static constexpr std::size_t kTogether = 32;  ///< numbers of a row at most
  using Lanes = std::array<std::uint8_t, kLanes>;

  alignas(kLanes) Lanes zero{};   ///< what to take off: '0', or the point
  alignas(kLanes) Lanes most{};   ///< of what is left then: 9, or 0
  alignas(kLanes) Lanes order{};  ///< where each storage lane's digit is
  alignas(
      kLanes) std::array<Lanes, 2> around{};  ///< zones and sign of a number and of a negative one
  std::uint32_t digits = 0;                   ///< storage lanes that are digits, as bits
  std::uint32_t stored = 0;                   ///< bytes that are stored, as bits
  std::uint32_t behind_first = 0;             ///< characters behind the first digit at least
  /// Digits in front of the point at most; and where the first one is a zero.
  std::array<std::uint32_t, 2> whole{};
  std::uint32_t is_unsigned = 0;  ///< 1 where it is
  bool operator==(const Window&) const = default;
};

/// What four numbers that lie side by side, in the text as in storage, are compared with and moved
/// by: the last sixteen characters of each are a quarter of a register, its end at the quarter's.
struct QuadForm {
  static constexpr std::size_t kNumbers = 4;
  static constexpr std::size_t kQuarter = 16;
  static constexpr std::size_t kLanes = kNumbers * kQuarter;
  using Lanes = std::array<std::uint8_t, kLanes>;

  alignas(kLanes) Lanes zero{};    ///< what to take off: '0', or the point
  alignas(kLanes) Lanes most{};    ///< of what is left then: 9, or 0
  alignas(kLanes) Lanes low{};     ///< where the digit of each stored byte is, or of its low nibble
  alignas(kLanes) Lanes high{};    ///< of its high nibble
  alignas(kLanes) Lanes around{};  ///< zones and signs of numbers that are not negative
  alignas(kLanes) Lanes minus{};   ///< what is other of a negative one
  std::uint64_t low_digits = 0;    ///< stored bytes that have one, as bits
  std::uint64_t high_digits = 0;
  std::uint64_t stored = 0;      ///< bytes that are stored, as bits
  std::uint64_t signs = 0;       ///< one of each number: where its sign is
  std::uint64_t wanted = 0;      ///< lanes of the text that are digits or the point of any number
  std::uint64_t refused = 0;     ///< those in front of the first digit that fits
  std::uint64_t last_whole = 0;  ///< the last digit in front of the point
  std::uint64_t unsigned_ones = 0;  ///< the highest lane of each number without a sign
  /// Magnitudes of binary numbers at most, and of negative ones; two lanes for each.
  alignas(kLanes) std::array<std::uint64_t, 2 * kNumbers> greatest{};
  alignas(kLanes) std::array<std::uint64_t, 2 * kNumbers> least{};
  bool operator==(const QuadForm&) const = default;
};

/// Four steps of a row.
struct Quad {
  static constexpr std::size_t kTexts = 2;
  const QuadForm* form = nullptr;
  std::uint32_t first = 0;    ///< of the row's steps
  std::uint32_t address = 0;  ///< of the first one's bytes
  std::uint32_t texts = 0;    ///< how many quarters the longest text has
  alignas(16) std::array<std::uint16_t, QuadForm::kNumbers> text_sizes{};
  /// The text in front of each number, a quarter of each at a time, and which bits it has.
  alignas(64) std::array<QuadForm::Lanes, kTexts> text{};
  alignas(64) std::array<QuadForm::Lanes, kTexts> text_bits{};
};

/// Constant text, then a value.
struct Step {
  Reader reader = nullptr;
  RowReader row = nullptr;
  RowReader medley = nullptr;  ///< takes steps of any kind but other
  StepKind kind = StepKind::other;
  std::uint32_t text_offset = 0;  ///< in the pool
  std::uint32_t text_size = 0;
  std::uint32_t text_lanes = 0;  ///< its characters, as bits; up to 32
  std::uint32_t address = 0;     ///< in the image, before displacement
  std::uint32_t size = 0;
  NumberShape number;
  const Window* window = nullptr;  ///< of numbers whose row reader needs one
  /// Of a row's first step where all of the row is quads, the last of which may begin among the
  /// numbers of the one before it; else null.
  const std::vector<Quad>* quads = nullptr;
  /// Characters of the row that begins here at most; 0: it is too short, or too long, to be looked
  /// at as a whole.
  std::uint32_t row_length = 0;
  const Field* field = nullptr;  ///< null for steps without a value
  const Loop* loop = nullptr;
};

/// Steps with the same row reader.
struct StepRow {
  RowReader reader = nullptr;
  std::uint32_t first = 0;
  std::uint32_t last = 0;  ///< one behind
};

/// Steps in order, and the text that follows the last one.
struct Sequence {
  std::vector<Step> steps;
  std::vector<StepRow> rows;
  std::string tail;
};

/// The occurrences of a table.
struct Loop {
  const Table* table = nullptr;
  Sequence body;
};

/// The compiled form.
struct Straight {
  std::string pool;  ///< constant text, padded by kReadableTail
  Sequence main;
  std::deque<Loop> loops;
  std::deque<Window> windows;
  std::deque<QuadForm> quad_forms;
  std::deque<std::vector<Quad>> quads;
  /// The steps store every byte of the record, whatever it was.
  bool is_covering = false;
  bool is_moving = false;  ///< steps fill the record's pieces; else it begins as the image is
};

/// One record's way.
struct Run {
  const Program* program = nullptr;
  const char* pool = nullptr;
  const char* begin = nullptr;  ///< of what may be read
  const char* end = nullptr;    ///< of the text; kReadableTail bytes behind it are readable
  std::uint8_t* record = nullptr;
  std::int64_t displacement = 0;            ///< of what is being written, against the image
  const std::uint8_t** counters = nullptr;  ///< where their bytes are, by counter
  Frame* frame = nullptr;
};

/// Null where something has to wait for the whole record: alternatives, level-88 members, `_raw`.
[[nodiscard]] std::unique_ptr<const Straight> compile_straight(const plan::Outline& outline,
                                                               const Program& program,
                                                               plan::InstructionSet set);

/// Returns the end of the record's text; null where it is not as expected.
[[nodiscard]] const char* run(const Sequence& sequence, const char* in, Run& run);

/// Reads a value of any form that is a single token.
[[nodiscard]] const char* read_any(const Step& step, const char* in, std::uint8_t* out, Run& run);

/// A reader with its row readers.
struct ReaderChoice {
  Reader reader = nullptr;
  RowReader row = nullptr;
  RowReader medley = nullptr;
  StepKind kind = StepKind::other;
};
/// The fastest reader of an instruction set for a field; fills the step's shape.
[[nodiscard]] ReaderChoice choose_reader(Step& step, const Field& field, plan::InstructionSet set);
/// The readers of one instruction set; none where it has none for the field.
[[nodiscard]] ReaderChoice choose_avx512_reader(const Step& step, const Field& field);
/// The window of a field's shape.
[[nodiscard]] Window window_of(const NumberShape& shape, const Field& field);
/// Gives a row of numbers its quads where it is made of them.
void add_quads(const StepRow& row, Sequence& sequence, Straight& straight);
/// Whether text needs no more than a single-byte page.
[[nodiscard]] bool is_plain_text(const Field& field);

}  // namespace copybridge::encode
