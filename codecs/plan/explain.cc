// Words for why a record does not fit: the field is read again, slowly.
#include <algorithm>
#include <span>

#include "codecs/plan/program.h"

namespace copybridge::plan {

using condition::Fault;
using condition::FaultKind;

namespace {

constexpr std::size_t kFoundMax = 64;

std::string subscripts_text(const Failure& failure) {
  std::string text;
  for (std::size_t i = 0; i < failure.depth; ++i)
    text += (i == 0 ? "(" : ",") + std::to_string(failure.subscripts[i]);
  return text.empty() ? text : text + ")";
}

std::string place_text(const BadField& bad) {
  return bad.path + " at offset " + std::to_string(bad.offset);
}

// A date fault in words, and the byte of the field it is at.
std::string describe(const DateFault& fault, BadField& bad) {
  using Kind = DateFault::Kind;
  bad.expected = "a date of the pattern";
  switch (fault.kind) {
    case Kind::none:
    case Kind::value:
      break;
    case Kind::too_long:
      return "the field holds more than the pattern";
    case Kind::digit:
      return "no digit at position " + std::to_string(fault.position) + " of the pattern";
    case Kind::separator:
      return "another character than the pattern's at position " + std::to_string(fault.position);
    case Kind::month:
      return "the month is not 01 to 12";
    case Kind::day:
      return "the day is not in the calendar";
    case Kind::hour:
      return "the hour is not 00 to 23";
    case Kind::minute:
      return "the minute is not 00 to 59";
    case Kind::second:
      return "the second is not 00 to 59";
  }
  return "the bytes are no date";
}

const FieldDetail* detail_of(const Op& op) {
  return op.kernel == write_ruled || op.kernel == write_varying ? op.detail.field : nullptr;
}

void explain_length(const FieldDetail& detail, std::uint32_t room, const std::uint8_t* bytes,
                    BadField& bad) {
  const Varying& varying = *detail.varying;
  const std::uint32_t most = (room - varying.length.size) / varying.unit;
  condition::Decimal length;
  std::array<char, kNumberTextMax> text;  // NOLINT: filled below
  static_cast<void>(condition::read_number(varying.length, bytes, length));
  const std::string_view shown(
      text.data(), static_cast<std::size_t>(write_decimal(length, text.data()) - text.data()));
  bad.expected = "a length of 0 to " + std::to_string(most);
  bad.message = "varchar: " + place_text(bad) + ": its length is " + std::string(shown) +
                ", not 0 to " + std::to_string(most);
}

void explain_field(const Program& program, const Op& op, const std::uint8_t* bytes, BadField& bad) {
  const FieldDetail* detail = detail_of(op);
  condition::Field field = detail != nullptr ? detail->field : program.by_item[op.item];
  std::uint32_t text_at = 0;
  if (detail != nullptr && detail->varying) {
    const std::int64_t size = varying_size(*detail, bytes, op.size);
    if (size < 0) return explain_length(*detail, op.size, bytes, bad);
    field.size = static_cast<std::uint32_t>(size);
    text_at = detail->varying->length.size;
    bytes += text_at;
  }
  condition::Decimal value;
  const Fault fault = field.is_numeric() ? condition::read_number(field, bytes, value)
                                         : condition::check_text(field, bytes);
  if (fault.kind == FaultKind::none && detail != nullptr && detail->date) {
    std::array<char, kDateTextMax> text{};
    char* out = text.data();
    if (detail->varying) bytes = filled_up(*detail, bytes, field.size);
    const DateFault date_fault = write_date(*detail, bytes, out);
    bad.byte = field.is_numeric() ? 0 : text_at + date_fault.position;
    const std::string words = describe(date_fault, bad);
    bad.message = "date: " + place_text(bad) + ", byte " + std::to_string(bad.byte) + ": " + words;
    return;
  }
  bad.byte = text_at + fault.byte;
  bad.expected = condition::expectation(fault);
  bad.message = std::string(condition::component_of(field)) + ": " + place_text(bad) + ", byte " +
                std::to_string(bad.byte) + ": " + condition::describe(fault);
}

void explain_counter(const Program& program, const Op& op, const Frame& frame, BadField& bad) {
  const Table& table = *op.detail.table;
  const copybook::Item& item = program.layout->items[op.item];
  const copybook::Item& counter = program.layout->items[item.depending_on];
  const std::int64_t count = frame.counters[static_cast<std::size_t>(table.slot)];
  bad.expected =
      "a counter of " + std::to_string(table.count_min) + " to " + std::to_string(table.count_max);
  bad.message =
      "occurs: " + place_text(bad) + ": its counter " + counter.name +
      (count < 0 ? " is no number of occurrences"
                 : " is " + std::to_string(count) + ", not " + std::to_string(table.count_min) +
                       " to " + std::to_string(table.count_max));
}

void explain_record_size(const Frame& frame, bool is_short, BadField& bad) {
  const std::uint64_t limit = frame.failure.limit;
  bad.path.clear();
  bad.offset = static_cast<std::uint32_t>(frame.record_size);
  bad.expected = (is_short ? "at least " : "at most ") + std::to_string(limit) + " bytes";
  bad.message = "record: " + std::to_string(frame.record_size) + " bytes, but the copybook has " +
                bad.expected;
  bad.found.clear();
}

void add_found(const Program& program, copybook::ItemIndex item, std::size_t offset,
               ByteView record, BadField& bad) {
  const std::size_t size = program.layout->items[item].size;
  if (program.is_masked[item] || offset >= record.size()) return;
  bad.found = to_hex(record.subspan(offset, std::min({size, kFoundMax, record.size() - offset})));
}

// The record stands at an operation that refuses it.
void explain_operation(const Program& program, const Op& op, const Frame& frame, BadField& bad) {
  const Failure& failure = frame.failure;
  const ByteView record{frame.record, frame.record_size};
  bad.path = program.paths[op.item] + subscripts_text(failure);
  bad.offset = static_cast<std::uint32_t>(failure.offset);
  switch (failure.kind) {
    case FailureKind::record_short:
    case FailureKind::record_long:
      explain_record_size(frame, failure.kind == FailureKind::record_short, bad);
      break;
    case FailureKind::counter:
      explain_counter(program, op, frame, bad);
      break;
    case FailureKind::no_alternative:
      bad.expected = "a record for which one of the alternatives' conditions holds";
      bad.message = "redefines: " + place_text(bad) + ": no alternative's condition holds";
      break;
    case FailureKind::condition:
      bad.expected = "operands that fit the condition of an alternative";
      bad.message = "redefines: " + place_text(bad) + ": " +
                    op.detail.choice->arms[failure.arm].condition.explain(
                        record, {failure.subscripts.data(), failure.depth});
      break;
    case FailureKind::field:
      add_found(program, op.item, failure.offset, record, bad);
      explain_field(program, op, frame.record + failure.offset, bad);
      break;
  }
}

}  // namespace

BadField explain_failure(const Program& program, const Frame& frame) {
  const Failure& failure = frame.failure;
  BadField bad;
  if (failure.op == nullptr) {
    explain_record_size(frame, failure.kind == FailureKind::record_short, bad);
  } else {
    explain_operation(program, *failure.op, frame, bad);
  }
  if (failure.choice != nullptr) {
    const std::string& choice = program.paths[failure.choice->item];
    bad.message = "redefines: no alternative of " + choice + " fits; " + bad.message;
  }
  return bad;
}

}  // namespace copybridge::plan
