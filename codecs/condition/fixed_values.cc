// Walks a condition's tests for as long as every one of them must hold.
#include "codecs/condition/fixed_values.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "codecs/condition/program.h"

namespace copybridge::condition {

using copybook::Literal;

namespace {

std::string text_of(const Decimal& number) {
  std::string text;
  for (std::uint32_t i = 0; i < number.count; ++i)
    text += static_cast<char>('0' + number.digits[i]);
  const auto decimals = static_cast<std::size_t>(std::max(number.scale, 0));
  if (text.size() < decimals) text.insert(0, decimals - text.size(), '0');
  if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
  text.append(static_cast<std::size_t>(std::max(-number.scale, 0)), '0');
  return number.is_negative ? "-" + text : text;
}

/// Digits in a field's own characters; nothing where there are others.
std::optional<std::string> digits_of(const std::string& bytes, bool is_ascii) {
  const unsigned zero = is_ascii ? 0x30U : 0xF0U;
  std::string text;
  for (const char byte : bytes) {
    const unsigned digit = static_cast<unsigned char>(byte) - zero;
    if (digit > 9) return std::nullopt;
    text += static_cast<char>('0' + digit);
  }
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<Literal> literal_of(const Comparand& comparand, const Field& field) {
  if (comparand.is_number) return Literal{Literal::Kind::number, text_of(comparand.number)};
  if (field.is_numeric()) {
    auto digits = digits_of(comparand.bytes, field.is_ascii);
    if (!digits || comparand.fills) return std::nullopt;
    return Literal{Literal::Kind::number, std::move(*digits)};
  }
  const std::string bytes = fill(comparand, field);
  return Literal{Literal::Kind::hex,
                 to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()})};
}

const Comparand* comparand_of(const Test& test) {
  if (test.kind == Test::Kind::names) return test.values.first();
  const bool is_equal = test.kind == Test::Kind::value && test.accepts == kEqual;
  return is_equal ? &test.comparand : nullptr;
}

}  // namespace

bool FixedValue::is_in(const std::uint8_t* bytes) const {
  if (test->kind == Test::Kind::names) return test->values.test(bytes) == Truth::yes;
  int order = 0;
  return compare_value(test->left.field, bytes, test->comparand, order) && order == 0;
}

std::vector<FixedValue> fixed_values(const Condition& condition) {
  std::vector<FixedValue> values;
  const Condition::Program* const program = condition.program();
  std::int32_t next = program == nullptr ? kYes : program->first;
  while (next >= 0) {
    const Test& test = program->tests[static_cast<std::size_t>(next)];
    if (test.if_no != kNo) break;
    next = test.if_yes;
    const copybook::ItemIndex item = test.left.locator.item();
    const Comparand* const comparand = comparand_of(test);
    if (comparand == nullptr || !test.left.locator.takes_given()) continue;
    auto value = literal_of(*comparand, test.left.field);
    if (value) values.push_back({item, std::move(*value), &test});
  }
  return values;
}

}  // namespace copybridge::condition
