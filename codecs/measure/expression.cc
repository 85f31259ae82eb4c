// Compiles length expressions to a list of steps on a stack.
#include "codecs/measure/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "codecs/condition/field.h"
#include "codecs/condition/locate.h"

namespace copybridge::measure {

using condition::Condition;
using condition::Locator;
using condition::Reading;
using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;
using framing::Measured;
using framing::RecordPlace;

namespace {

constexpr std::size_t kStackMax = 32;
/// Far above every length, far below what overflows in one step.
constexpr std::int64_t kValueMax = std::int64_t{1} << 31;

struct Step {
  enum class Kind : std::uint8_t { number, item, add, subtract, multiply, divide };
  Kind kind = Kind::number;
  std::int64_t number = 0;
  std::size_t operand = 0;  ///< of item
};

/// An item whose value is a term.
struct Operand {
  std::string name;
  Locator locator;
  condition::Field field;
};

struct Expression {
  std::vector<Step> steps;
  std::vector<Operand> operands;
};

/// What became of evaluating one.
struct Outcome {
  enum class Kind : std::uint8_t { value, more, misfit, range };
  Kind kind = Kind::value;
  std::int64_t value = 0;
  std::size_t operand = 0;  ///< of more, misfit
  std::uint64_t end = 0;    ///< of the items that were read
};

bool read_whole(const condition::Decimal& decimal, std::int64_t& value) {
  value = 0;
  for (std::uint32_t i = 0; i < decimal.count; ++i) {
    value = 10 * value + decimal.digits[i];
    if (value > kValueMax) return false;
  }
  if (decimal.is_negative) value = -value;
  return decimal.scale == 0;
}

Outcome read_operand(const Operand& operand, ByteView bytes, std::size_t index) {
  std::uint64_t offset = 0;
  if (!operand.locator.find(bytes, {}, offset)) return {Outcome::Kind::more, 0, index, 0};
  condition::Decimal decimal;
  Outcome outcome{Outcome::Kind::misfit, 0, index, offset + operand.field.size};
  const condition::Fault fault =
      condition::read_number(operand.field, bytes.data() + offset, decimal);
  if (fault.kind == condition::FaultKind::none && read_whole(decimal, outcome.value))
    outcome.kind = Outcome::Kind::value;
  return outcome;
}

/// False: the result is no number, or far out of range.
bool combine(Step::Kind kind, std::int64_t& left, std::int64_t right) {
  if (kind == Step::Kind::add) left += right;
  if (kind == Step::Kind::subtract) left -= right;
  if (kind == Step::Kind::multiply) left *= right;
  if (kind == Step::Kind::divide) {
    if (right == 0) return false;
    left /= right;
  }
  return left <= kValueMax && left >= -kValueMax;
}

Outcome evaluate(const Expression& expression, ByteView bytes) {
  std::array<std::int64_t, kStackMax> stack{};
  std::size_t depth = 0;
  std::uint64_t end = 0;
  for (const Step& step : expression.steps) {
    if (step.kind == Step::Kind::number) {
      stack[depth++] = step.number;
    } else if (step.kind == Step::Kind::item) {
      const Outcome read = read_operand(expression.operands[step.operand], bytes, step.operand);
      if (read.kind != Outcome::Kind::value) return read;
      stack[depth++] = read.value;
      end = std::max(end, read.end);
    } else {
      --depth;
      if (!combine(step.kind, stack[depth - 1], stack[depth]))
        return {Outcome::Kind::range, 0, 0, 0};
    }
  }
  return {Outcome::Kind::value, stack[0], 0, end};
}

class ExpressionMeasure final : public framing::RecordMeasure {
 public:
  ExpressionMeasure(Expression expression, std::string text, std::uint64_t size_max)
      : expression_(std::move(expression)), text_(std::move(text)), size_max_(size_max) {}

  [[nodiscard]] Measured measure(ByteView bytes, RecordPlace /*place*/) const override {
    const Outcome outcome = evaluate(expression_, bytes);
    if (outcome.kind == Outcome::Kind::more && bytes.size() < size_max_)
      return {Measured::Kind::more};
    if (outcome.kind != Outcome::Kind::value || outcome.value <= 0) return {Measured::Kind::bad};
    return {Measured::Kind::size, static_cast<std::uint64_t>(outcome.value),
            std::max<std::uint64_t>(1, outcome.end)};
  }

  [[nodiscard]] std::string explain(ByteView bytes, RecordPlace /*place*/) const override {
    const Outcome outcome = evaluate(expression_, bytes);
    if (outcome.kind == Outcome::Kind::value)
      return fmt::format("length field {}: found {}, expected a length from 1", text_,
                         outcome.value);
    if (outcome.kind == Outcome::Kind::range)
      return fmt::format("length field {}: its value is no length", text_);
    const Operand& operand = expression_.operands[outcome.operand];
    std::uint64_t offset = 0;
    if (!operand.locator.find(bytes, {}, offset))
      return fmt::format("length field {}: a table before it does not fit", operand.name);
    return fmt::format("length field {} at offset {}: found {}, expected a length of {} digits",
                       operand.name, offset, to_hex(bytes.subspan(offset, operand.field.size)),
                       operand.field.digits);
  }

 private:
  Expression expression_;
  std::string text_;
  std::uint64_t size_max_;
};

/// An item whose values stand for lengths: the first relation that holds decides.
class MapMeasure final : public framing::RecordMeasure {
 public:
  struct Entry {
    Condition condition;  ///< empty: every other value
    std::uint64_t length = 0;
  };
  MapMeasure(std::vector<Entry> entries, std::string name, Locator locator, std::uint32_t size,
             std::uint64_t size_max)
      : entries_(std::move(entries)),
        name_(std::move(name)),
        locator_(std::move(locator)),
        size_(size),
        size_max_(size_max) {}

  [[nodiscard]] Measured measure(ByteView bytes, RecordPlace /*place*/) const override {
    std::uint64_t offset = 0;
    if (!locator_.find(bytes, {}, offset))
      return {bytes.size() < size_max_ ? Measured::Kind::more : Measured::Kind::bad};
    for (const Entry& entry : entries_) {
      const condition::Truth truth = entry.condition.evaluate(bytes);
      if (truth == condition::Truth::yes)
        return {Measured::Kind::size, entry.length, offset + size_};
      if (truth == condition::Truth::misfit) break;
    }
    return {Measured::Kind::bad};
  }

  [[nodiscard]] std::string explain(ByteView bytes, RecordPlace /*place*/) const override {
    std::uint64_t offset = 0;
    if (!locator_.find(bytes, {}, offset))
      return fmt::format("length field {}: a table before it does not fit", name_);
    return fmt::format("length field {} at offset {}: found {}, which stands for no length", name_,
                       offset, to_hex(bytes.subspan(offset, size_)));
  }

 private:
  std::vector<Entry> entries_;
  std::string name_;
  Locator locator_;
  std::uint32_t size_;
  std::uint64_t size_max_;
};

class Compiler {
 public:
  Compiler(std::string_view text, const Where& where, std::shared_ptr<const Layout> layout,
           const Reading& reading, Diagnostics& diagnostics)
      : text_(text),
        where_(where),
        layout_(std::move(layout)),
        reading_(reading),
        diagnostics_(diagnostics) {}

  std::optional<Expression> compile() {
    const bool is_whole = sum() && (at_end() || error("expected +, -, *, / or the end"));
    if (!is_whole) return std::nullopt;
    return std::move(expression_);
  }

  /// The one item that all of the text names; kNoItem where it does not.
  ItemIndex item() {
    const std::string name = word();
    if (name.empty() || !at_end()) {
      error("expected the name of one item");
      return kNoItem;
    }
    return find(name);
  }

  bool error(const std::string& message) {
    diagnostics_.error(where_, "length field: " + message);
    return false;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool take(char character) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != character) return false;
    ++at_;
    return true;
  }
  static bool is_of_word(char character) {
    return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '-' ||
           character == '_' || character == '.';
  }

  /// A name with its qualifiers, or a number; empty where none stands here.
  std::string word() {
    skip_blanks();
    std::string found = plain_word();
    while (!found.empty()) {
      const std::size_t before = at_;
      skip_blanks();
      const std::string next = plain_word();
      const bool is_qualifier = next == "OF" || next == "IN" || next == "of" || next == "in";
      if (is_qualifier) {
        skip_blanks();
        found += " " + next + " " + plain_word();
        continue;
      }
      at_ = before;
      break;
    }
    return found;
  }
  std::string plain_word() {
    std::string found;
    while (at_ < text_.size() && is_of_word(text_[at_])) found += text_[at_++];
    return found;
  }

  // Recursive, so the depth of parentheses is bounded.
  bool sum() {
    if (!product()) return false;
    while (true) {
      const bool is_plus = take('+');
      if (!is_plus && !take('-')) return true;
      if (!product() || !push({is_plus ? Step::Kind::add : Step::Kind::subtract, 0, 0}))
        return false;
    }
  }
  bool product() {
    if (!term()) return false;
    while (true) {
      const bool is_times = take('*');
      if (!is_times && !take('/')) return true;
      if (!term() || !push({is_times ? Step::Kind::multiply : Step::Kind::divide, 0, 0}))
        return false;
    }
  }
  bool term() {
    if (take('(')) {
      if (++parentheses_ >= static_cast<int>(kStackMax)) return error("too many parentheses");
      return sum() && (take(')') || error("expected )"));
    }
    const std::string name = word();
    if (name.empty()) return error("expected the name of an item or a whole number");
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (end == name.data() + name.size() && code == std::errc{}) {
      if (number > kValueMax) return error(name + " is too large");
      return push({Step::Kind::number, number, 0});
    }
    return push_item(name);
  }

  bool push(Step step) {
    const bool is_operand = step.kind == Step::Kind::number || step.kind == Step::Kind::item;
    if (is_operand && ++depth_ > kStackMax) return error("it is too deeply nested");
    if (!is_operand) --depth_;
    expression_.steps.push_back(step);
    return true;
  }

  bool push_item(const std::string& name) {
    const ItemIndex index = find(name);
    if (index == kNoItem) return false;
    const Item& item = layout_->items[index];
    const bool is_whole = item.category == copybook::Category::numeric && item.scale == 0;
    if (!is_whole) return error(name + " is not an item that can hold a length");
    expression_.operands.push_back({name, Locator(layout_, index, {}, reading_),
                                    condition::make_field(item, reading_.of(index))});
    return push({Step::Kind::item, 0, expression_.operands.size() - 1});
  }

  ItemIndex find(const std::string& name) {
    const ItemIndex index = copybook::find_item(*layout_, name);
    if (index == kNoItem) {
      error(name + " is not the name of one item of the record");
      return kNoItem;
    }
    if (condition::tables_around(*layout_, index).empty()) return index;
    error(name + " occurs several times");
    return kNoItem;
  }

  std::string_view text_;
  Where where_;
  std::shared_ptr<const Layout> layout_;
  Reading reading_;
  Diagnostics& diagnostics_;
  Expression expression_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  int parentheses_ = 0;
};

/// A value as COBOL writes it: digits for numbers, quoted for the others.
std::string literal_of(const Item& item, const std::string& value) {
  if (item.category == copybook::Category::numeric) return value;
  std::string quoted = "'";
  for (const char character : value) quoted += character == '\'' ? "''" : std::string(1, character);
  return quoted + "'";
}

std::shared_ptr<const framing::RecordMeasure> compile_map(
    std::string_view text, const LengthMap& lengths, const Where& where,
    const std::shared_ptr<const Layout>& layout, const Reading& reading, Diagnostics& diagnostics) {
  Compiler compiler(text, where, layout, reading, diagnostics);
  const ItemIndex index = compiler.item();
  if (index == kNoItem) return nullptr;
  const Item& item = layout->items[index];
  if (item.is_group() && item.has_variable_size) {
    compiler.error(std::string(text) + " is a group of variable size");
    return nullptr;
  }
  std::vector<MapMeasure::Entry> entries;
  std::optional<MapMeasure::Entry> other;
  for (const auto& [value, length] : lengths) {
    MapMeasure::Entry entry;
    const auto [end, code] =
        std::from_chars(length.data(), length.data() + length.size(), entry.length);
    if (end != length.data() + length.size() || code != std::errc{} || entry.length == 0) {
      compiler.error(
          fmt::format("the value {} stands for '{}', which is no length", value, length));
      return nullptr;
    }
    if (value == "*") {
      other = entry;
      continue;
    }
    entry.condition = Condition::compile(std::string(text) + " = " + literal_of(item, value), where,
                                         layout, reading, diagnostics);
    entries.push_back(std::move(entry));
  }
  if (diagnostics.has_errors()) return nullptr;
  if (other) entries.push_back(*std::move(other));
  return std::make_shared<MapMeasure>(std::move(entries), std::string(text),
                                      Locator(layout, index, {}, reading), item.size,
                                      layout->size_max);
}

}  // namespace

std::shared_ptr<const framing::RecordMeasure> compile_length(
    std::string_view text, const LengthMap& lengths, const Where& where,
    std::shared_ptr<const Layout> layout, const Reading& reading, Diagnostics& diagnostics) {
  if (!lengths.empty()) return compile_map(text, lengths, where, layout, reading, diagnostics);
  const std::uint64_t size_max = layout->size_max;
  auto expression = Compiler(text, where, std::move(layout), reading, diagnostics).compile();
  if (!expression) return nullptr;
  return std::make_shared<ExpressionMeasure>(*std::move(expression), std::string(text), size_max);
}

}  // namespace copybridge::measure
