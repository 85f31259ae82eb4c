// Evaluates compiled conditions on a record's bytes.
#include "codecs/condition/condition.h"

#include <algorithm>

#include "codecs/condition/program.h"

namespace copybridge::condition {
namespace {

Truth to_truth(bool value) { return value ? Truth::yes : Truth::no; }

Truth accept(std::uint8_t accepts, int order) {
  const std::uint8_t bit = order < 0 ? kLess : order > 0 ? kGreater : kEqual;
  return to_truth((accepts & bit) != 0);
}

struct Place {
  std::uint64_t offset = 0;
  const std::uint8_t* bytes = nullptr;
};

bool locate(const Operand& operand, ByteView record, std::span<const std::uint32_t> subscripts,
            Place& place) {
  if (!operand.locator.find(record, subscripts, place.offset)) return false;
  place.bytes = record.data() + place.offset;
  return true;
}

// A field's bytes as text: those of numbers are their digits. False where they do not fit.
bool as_text(const Field& field, const std::uint8_t* bytes,
             std::array<std::uint8_t, kDigitsMax>& digits, TextView& text) {
  if (!field.is_numeric()) {
    text = {bytes, field.size};
    return true;
  }
  text.bytes = digits.data();
  return digits_as_text(field, bytes, digits, text.size);
}

Truth compare_fields(const Test& test, const std::uint8_t* left, const std::uint8_t* right) {
  const Field& left_field = test.left.field;
  const Field& right_field = test.right.field;
  if (left_field.is_numeric() && right_field.is_numeric()) {
    Decimal left_value;
    Decimal right_value;
    if (read_number(left_field, left, left_value).kind != FaultKind::none ||
        read_number(right_field, right, right_value).kind != FaultKind::none)
      return Truth::misfit;
    return accept(test.accepts, sign_of(compare(left_value, right_value)));
  }
  std::array<std::uint8_t, kDigitsMax> left_digits;   // NOLINT: filled where it is used
  std::array<std::uint8_t, kDigitsMax> right_digits;  // NOLINT: filled where it is used
  TextView left_text;
  TextView right_text;
  if (!as_text(left_field, left, left_digits, left_text) ||
      !as_text(right_field, right, right_digits, right_text))
    return Truth::misfit;
  return accept(test.accepts, compare_text(left_text, right_text, left_field));
}

bool is_numeric(const Field& field, const std::uint8_t* bytes) {
  if (field.is_numeric()) {
    Decimal value;
    return read_number(field, bytes, value).kind == FaultKind::none;
  }
  const unsigned zero = field.is_ascii ? 0x30U : 0xF0U;
  return std::all_of(bytes, bytes + field.size,
                     [&](std::uint8_t byte) { return byte - zero <= 9; });
}

bool is_alphabetic(const Field& field, const std::uint8_t* bytes, bool lower, bool upper) {
  return std::all_of(bytes, bytes + field.size, [&](std::uint8_t byte) {
    const std::uint32_t code = field.page->entry(byte).code_point;
    return code == ' ' || (lower && code >= 'a' && code <= 'z') ||
           (upper && code >= 'A' && code <= 'Z');
  });
}

Truth run_test(const Test& test, ByteView record, std::span<const std::uint32_t> subscripts) {
  Place left;
  if (!locate(test.left, record, subscripts, left)) return Truth::misfit;
  const Field& field = test.left.field;
  switch (test.kind) {
    case Test::Kind::value: {
      int order = 0;
      if (!compare_value(field, left.bytes, test.comparand, order)) return Truth::misfit;
      return accept(test.accepts, order);
    }
    case Test::Kind::fields: {
      Place right;
      if (!locate(test.right, record, subscripts, right)) return Truth::misfit;
      return compare_fields(test, left.bytes, right.bytes);
    }
    case Test::Kind::names:
      return test.values.test(left.bytes);
    case Test::Kind::numeric:
      return to_truth(is_numeric(field, left.bytes));
    case Test::Kind::alphabetic:
      return to_truth(is_alphabetic(field, left.bytes, true, true));
    case Test::Kind::alphabetic_lower:
      return to_truth(is_alphabetic(field, left.bytes, true, false));
    case Test::Kind::alphabetic_upper:
      return to_truth(is_alphabetic(field, left.bytes, false, true));
  }
  return Truth::misfit;
}

// Runs tests until the answer is known; on a misfit `failed` is the test.
Truth run_program(const Condition::Program& program, ByteView record,
                  std::span<const std::uint32_t> subscripts, const Test*& failed) {
  std::int32_t next = program.first;
  while (next >= 0) {
    const Test& test = program.tests[static_cast<std::size_t>(next)];
    const Truth truth = run_test(test, record, subscripts);
    if (truth == Truth::misfit) {
      failed = &test;
      return truth;
    }
    next = truth == Truth::yes ? test.if_yes : test.if_no;
  }
  return to_truth(next == kYes);
}

// What is wrong with an operand; empty where nothing is.
std::string explain_operand(const copybook::Layout& layout, const Operand& operand, ByteView record,
                            std::span<const std::uint32_t> subscripts) {
  if (operand.locator.item() == copybook::kNoItem) return {};
  const std::string path = copybook::path_of(layout, operand.locator.item());
  Place place;
  if (!locate(operand, record, subscripts, place))
    return path + " lies outside the record of " + std::to_string(record.size()) +
           " bytes, or a counter before it does not fit";
  if (!operand.field.is_numeric()) return {};
  Decimal value;
  const Fault fault = read_number(operand.field, place.bytes, value);
  if (fault.kind == FaultKind::none) return {};
  return path + " at offset " + std::to_string(place.offset) + ", byte " +
         std::to_string(fault.byte) + ": " + describe(fault);
}

}  // namespace

Reading Reading::of(copybook::ItemIndex item) const {
  Reading own = *this;
  for (const auto& [other, page] : item_pages)
    if (other == item) own.code_page = page;
  return own;
}

Condition Condition::compile(std::string_view text, const Where& where,
                             std::shared_ptr<const copybook::Layout> layout, const Reading& reading,
                             Diagnostics& diagnostics, copybook::ItemIndex scope) {
  auto program = std::make_shared<Program>();
  program->layout = std::move(layout);
  Condition condition;
  if (compile_program(text, where, reading, scope, *program, diagnostics))
    condition.program_ = std::move(program);
  return condition;
}

Truth Condition::evaluate(ByteView record, std::span<const std::uint32_t> subscripts) const {
  if (program_ == nullptr) return Truth::yes;
  const Test* failed = nullptr;
  return run_program(*program_, record, subscripts, failed);
}

std::string Condition::explain(ByteView record, std::span<const std::uint32_t> subscripts) const {
  const Test* failed = nullptr;
  if (program_ == nullptr || run_program(*program_, record, subscripts, failed) != Truth::misfit)
    return "the condition's operands fit";
  std::string text = explain_operand(*program_->layout, failed->left, record, subscripts);
  if (text.empty()) text = explain_operand(*program_->layout, failed->right, record, subscripts);
  return text;
}

}  // namespace copybridge::condition
