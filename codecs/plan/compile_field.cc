// Elementary items and their rules to operations.
#include <algorithm>

#include "codecs/plan/compiler.h"

namespace copybridge::plan {

using condition::Field;
using copybook::Category;
using copybook::Item;
using copybook::ItemIndex;
using copybook::SignPlace;
using copybook::Usage;

namespace {

constexpr unsigned kSafeDigits = 15;  ///< any decimal of so many digits survives a double

bool is_separate(SignPlace sign) {
  return sign == SignPlace::trailing_separate || sign == SignPlace::leading_separate;
}

// Digits the storage can hold, where that is more than the picture says.
unsigned digits_held(const Field& field) {
  return field.usage == Usage::native_binary && field.size == 8 ? 19 : field.digits;
}

bool is_opaque(const Field& field) {
  return field.category == Category::opaque || field.usage == Usage::dbcs;
}

}  // namespace

const TextTable* TableStore::text(const charset::CodePage& page) {
  const TextTable*& table = text_[&page];
  if (table == nullptr) table = &program_.text_tables.emplace_back(page);
  return table;
}

const SignTable* TableStore::sign(const Field& field) {
  const bool separate = is_separate(field.sign);
  const unsigned key =
      separate ? 0x10000U | (unsigned{field.plus} << 8U) | field.minus : unsigned{field.is_ascii};
  const SignTable*& table = sign_[key];
  if (table == nullptr)
    table = separate ? &program_.sign_tables.emplace_back(field.plus, field.minus)
                     : &program_.sign_tables.emplace_back(field.is_ascii);
  return table;
}

const charset::CodePage& FieldCompiler::page(const FieldRule* rule) const {
  return rule != nullptr && rule->code_page != nullptr ? *rule->code_page : *options_.code_page;
}

condition::Reading FieldCompiler::reading(const FieldRule* rule) const {
  return reading_of(options_, rule != nullptr && rule->code_page != nullptr ? rule->code_page
                                                                            : options_.code_page);
}

Shape FieldCompiler::shape_of(const Field& field, const FieldRule* rule) const {
  Shape shape;
  shape.trim = options_.trim;
  if (field.is_numeric())
    shape.is_quoted = options_.numbers == Numbers::string ||
                      (options_.numbers == Numbers::safe && digits_held(field) > kSafeDigits);
  if (rule == nullptr) return shape;
  shape.is_quoted = shape.is_quoted || rule->as_text || rule->mask.has_value();
  shape.is_ruled = rule->as_text || rule->mask || rule->date || !rule->empty.empty();
  return shape;
}

Op FieldCompiler::compile(ItemIndex item, const FieldRule* rule, std::uint64_t& worst) {
  const Item& entry = layout_.items[item];
  const Field field = condition::make_field(entry, reading(rule));
  const bool has_bad_size = field.size == 0 ||
                            (field.usage == Usage::float_single && field.size != 4) ||
                            (field.usage == Usage::float_double && field.size != 8);
  if (has_bad_size || (field.is_numeric() && (digits_stored(field) > 64 || field.size > 64 ||
                                              std::abs(field.scale) > 64)))
    diagnostics_.error(entry.where, "plan: " + entry.name + " has a size that no number has");
  const Shape shape = shape_of(field, rule);
  const KernelChoice choice = choose_kernel(field, shape, options_.instruction_set);
  Op op;
  op.kernel = choice.kernel;
  op.row = choice.row;
  op.offset = entry.offset;
  op.size = entry.size;
  op.item = item;
  op.scale = static_cast<std::uint16_t>(std::max<std::int16_t>(field.scale, 0));
  op.digits = choice.digits;
  op.whole = static_cast<std::uint16_t>(op.digits > op.scale ? op.digits - op.scale : 0);
  op.length = static_cast<std::uint16_t>(op.digits + (op.scale > 0 ? 1 : 0));
  op.is_signed = field.is_signed;
  op.is_field = true;
  op.on_bad_field =
      rule != nullptr && rule->on_bad_field ? *rule->on_bad_field : options_.on_bad_field;
  const bool hides = rule != nullptr && rule->mask.has_value();
  if (hides && op.on_bad_field == OnBadField::raw) op.on_bad_field = OnBadField::null;
  if (field.usage == Usage::display) {
    op.zones = field.is_ascii ? 0x3030303030303030U : 0xF0F0F0F0F0F0F0F0U;
  }
  switch (choice.detail) {
    case DetailKind::none:
      break;
    case DetailKind::text:
      op.detail.text = store_.text(page(rule));
      break;
    case DetailKind::sign:
      op.detail.sign = store_.sign(field);
      break;
    case DetailKind::field:
      op.detail.field = make_detail(item, field, shape, rule);
      break;
  }
  worst = worst_case(field, shape);
  return op;
}

const FieldDetail* FieldCompiler::make_detail(ItemIndex item, const Field& field,
                                              const Shape& shape, const FieldRule* rule) {
  FieldDetail& detail = program_.fields.emplace_back();
  detail.field = field;
  detail.shape = shape;
  Shape plain = shape;
  plain.is_ruled = false;
  if (!field.is_numeric()) detail.plain = choose_kernel(field, plain, options_.instruction_set);
  if (field.usage == Usage::display) detail.text = store_.text(page(rule));
  if (rule == nullptr) return &detail;
  detail.as_text = rule->as_text || rule->mask.has_value();
  detail.mask = rule->mask;
  if (rule->date) compile_date(layout_.items[item], *rule, detail);
  compile_empty(layout_.items[item], *rule, detail);
  return &detail;
}

void FieldCompiler::compile_date(const Item& item, const FieldRule& rule, FieldDetail& detail) {
  const std::size_t errors = diagnostics_.error_count();
  const DatePlan plan = DatePlan::compile(*rule.date, rule.where, diagnostics_);
  if (diagnostics_.error_count() != errors) return;
  const Field& field = detail.field;
  const std::string shown = "date: pattern '" + rule.date->pattern + "' ";
  const bool is_text = !field.is_numeric() && field.usage == Usage::display;
  if (field.category == Category::floating || (!field.is_numeric() && !is_text)) {
    diagnostics_.error(rule.where, "date: field " + item.name + " can hold no date");
  } else if (field.is_numeric() && (!plan.is_digits() || field.scale != 0)) {
    diagnostics_.error(rule.where,
                       shown + "needs a whole number or text, and digits only in a number");
  } else if (plan.size() > (is_text ? field.size : field.digits)) {
    diagnostics_.error(rule.where, shown + "is longer than field " + item.name);
  }
  detail.date = plan;
}

void FieldCompiler::compile_empty(const Item& item, const FieldRule& rule, FieldDetail& detail) {
  for (const EmptyValue& value : rule.empty) {
    Empty empty;
    std::string reason;
    if (make_empty(value, detail, rule, empty, reason)) {
      detail.empty.push_back(std::move(empty));
    } else {
      diagnostics_.error(rule.where, "empty: field " + item.name + " can never be '" + value.text +
                                         "': " + reason);
    }
  }
}

bool FieldCompiler::make_empty(const EmptyValue& value, const FieldDetail& detail,
                               const FieldRule& rule, Empty& empty, std::string& reason) const {
  const Field& field = detail.field;
  copybook::Literal literal;
  switch (value.kind) {
    case EmptyValue::Kind::number:
      literal.kind = copybook::Literal::Kind::number;
      break;
    case EmptyValue::Kind::text:
      literal.kind = copybook::Literal::Kind::text;
      break;
    case EmptyValue::Kind::spaces:
      literal.kind = copybook::Literal::Kind::spaces;
      break;
    case EmptyValue::Kind::low_values:
      literal.kind = copybook::Literal::Kind::low_values;
      break;
    case EmptyValue::Kind::high_values:
      literal.kind = copybook::Literal::Kind::high_values;
      break;
  }
  if (value.kind == EmptyValue::Kind::number) {
    empty.is_number = true;
    reason = "that is no number, or the field holds none";
    return condition::parse_decimal(value.text, empty.number) && !is_opaque(field);
  }
  literal.text = value.text;
  condition::Comparand comparand;
  if (!condition::make_bytes(literal, field, page(rule.code_page ? &rule : nullptr), comparand,
                             reason))
    return false;
  if (comparand.bytes.size() > field.size) {
    reason = "it is longer than the field";
    return false;
  }
  empty.bytes = condition::fill(comparand, field);
  return true;
}

}  // namespace copybridge::plan
