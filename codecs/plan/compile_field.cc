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
  return field.category == Category::opaque ||
         (field.usage == Usage::dbcs && !field.page->has_pairs());
}

FieldKind kind_of(const Field& field) {
  if (field.edited != nullptr) return FieldKind::edited;
  switch (field.usage) {
    case Usage::display:
      return field.is_numeric() ? FieldKind::zoned : FieldKind::text;
    case Usage::packed:
    case Usage::unsigned_packed:
      return FieldKind::packed;
    case Usage::binary:
    case Usage::native_binary:
      return FieldKind::binary;
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
      return FieldKind::floating;
    case Usage::national:
      return FieldKind::national;
    case Usage::dbcs:
      return FieldKind::dbcs;
    case Usage::utf8:
      return FieldKind::utf8;
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
    case Usage::group:
      break;
  }
  return FieldKind::pointer;
}

// Spaces as two bytes, repeated over the field.
std::uint16_t spaces_of(const Field& field) {
  if (field.usage == Usage::national) return field.national_little_endian ? 0x2000 : 0x0020;
  return static_cast<std::uint16_t>((field.space << 8U) | field.space);
}

// The spaces that are cut off; a JUSTIFIED item is filled up on the left.
Cut cut_of(Trim trim, bool is_justified) {
  switch (trim) {
    case Trim::right:
      return is_justified ? Cut::left : Cut::right;
    case Trim::both:
      return Cut::both;
    case Trim::none:
      break;
  }
  return Cut::none;
}

}  // namespace

const TextTable* TableStore::text(const TextRules& rules) {
  const TextTable*& table = text_[{rules.page.get(), rules.form}];
  if (table == nullptr) table = &program_.text_tables.emplace_back(rules);
  return table;
}

const SignTable* TableStore::sign(const Field& field) {
  enum Kind : unsigned { kOverpunched, kSeparate, kNibbles, kNone };
  std::array<unsigned, 3> key = {kNone, 0, 0};
  if (field.usage == Usage::display) {
    if (is_separate(field.sign)) {
      key = {kSeparate, field.plus, field.minus};
    } else {
      key = {kOverpunched, field.is_ascii, field.is_signed};
    }
  } else if (field.usage == Usage::packed) {
    key = {kNibbles, field.is_signed, 0};
  }
  const SignTable*& table = sign_[key];
  if (table != nullptr) return table;
  auto& tables = program_.sign_tables;
  if (key[0] == kOverpunched) {
    tables.push_back(SignTable::overpunched(field.is_ascii, field.is_signed));
  } else if (key[0] == kSeparate) {
    tables.push_back(SignTable::separate(field.plus, field.minus));
  } else {
    tables.push_back(key[0] == kNibbles ? SignTable::nibbles(field.is_signed) : SignTable::none());
  }
  return table = &tables.back();
}

const NumberForm* TableStore::form(const NumberForm& unsigned_form, const Field& field) {
  NumberForm form = unsigned_form;
  form.signs = sign(field);
  auto& forms = program_.number_forms;
  const auto same = std::find(forms.begin(), forms.end(), form);
  return same != forms.end() ? &*same : &forms.emplace_back(form);
}

std::shared_ptr<const charset::CodePage> FieldCompiler::page(const FieldRule* rule) const {
  return rule != nullptr && rule->code_page != nullptr ? rule->code_page : options_.code_page;
}

condition::Reading FieldCompiler::reading(const FieldRule* rule) const {
  return reading_of(options_, page(rule));
}

const TextTable* FieldCompiler::text_table(const Field& field) {
  return store_.text({field.page, field.form(), options_.unmappable, options_.lenient.text});
}

Shape FieldCompiler::shape_of(const Item& item, const Field& field, const FieldRule* rule) {
  Shape shape;
  // A VARCHAR says itself where its text ends: the spaces in front of that are its own.
  shape.cut = item.is_varying_text ? Cut::none : cut_of(options_.trim, item.is_justified);
  shape.national_little = field.national_little_endian;
  shape.accepts_broken = options_.lenient.text;
  if (field.is_numeric())
    shape.is_quoted = options_.numbers == Numbers::string ||
                      (options_.numbers == Numbers::safe && digits_held(field) > kSafeDigits);
  shape.is_ruled = !field.is_numeric() && !is_opaque(field) && options_.empty_text.any();
  if (rule == nullptr) return shape;
  shape.is_quoted = shape.is_quoted || rule->as_text || rule->mask.has_value();
  shape.is_ruled =
      shape.is_ruled || rule->as_text || rule->mask || rule->date || !rule->empty.empty();
  return shape;
}

void FieldCompiler::check(const Item& item, const Field& field) {
  const bool has_bad_size = field.size == 0 ||
                            (field.usage == Usage::float_single && field.size != 4) ||
                            (field.usage == Usage::float_double && field.size != 8) ||
                            (field.usage == Usage::decimal_double && field.size != 8) ||
                            (field.usage == Usage::decimal_quad && field.size != 16);
  const bool is_plain_number = field.is_numeric() && field.edited == nullptr;
  if (has_bad_size || (is_plain_number && (digits_stored(field) > 64 || field.size > 64 ||
                                           std::abs(field.scale) > 64)))
    diagnostics_.error(item.where, "plan: " + item.name + " has a size that no number has");
  if (!condition::has_currency_sign(*field.page, item))
    diagnostics_.error(item.where,
                       "plan: " + item.name + ": its currency sign " + item.currency->text +
                           " is no character of one byte in " + "code page " + field.page->name(),
                       "give the page that the records have, or the sign in hexadecimal");
  if (field.usage == Usage::dbcs && !field.page->has_pairs())
    diagnostics_.warning(item.where,
                         "plan: " + item.name + " is printed in hexadecimal: code page " +
                             field.page->name() + " has no double-byte characters",
                         "give a mixed code page, or the item its own");
}

OnBadField FieldCompiler::fate_of_bad(const Field& field, const FieldRule* rule) const {
  OnBadField fate = options_.on_bad_kind[static_cast<std::size_t>(kind_of(field))].value_or(
      options_.on_bad_field);
  if (rule == nullptr) return fate;
  fate = rule->on_bad_field.value_or(fate);
  return rule->mask.has_value() && fate == OnBadField::raw ? OnBadField::null : fate;
}

Op FieldCompiler::compile(ItemIndex item, const FieldRule* rule, std::uint64_t& worst) {
  const Item& entry = layout_.items[item];
  const Field field = field_of(layout_, item, options_, rule);
  check(entry, field);
  const Shape shape = shape_of(entry, field, rule);
  const bool is_varying = is_varying_string(entry, options_);
  const KernelChoice choice = is_varying ? KernelChoice{write_varying, nullptr, DetailKind::field}
                                         : choose_kernel(field, shape, options_.instruction_set);
  Op op;
  op.kernel = choice.kernel;
  op.rows = choice.rows;
  op.inner = choice.inner;
  op.code = choice.code;
  op.offset = entry.offset;
  op.size = entry.size;
  op.item = item;
  op.scale = static_cast<std::uint16_t>(std::max<std::int16_t>(field.scale, 0));
  op.digits = choice.digits;
  op.is_signed = field.is_signed;
  op.is_field = true;
  op.is_text = is_varying ||
               (!field.is_numeric() && choice.detail != DetailKind::field && !is_opaque(field));
  op.on_bad_field = fate_of_bad(field, rule);
  if (field.usage == Usage::display) {
    op.zones = field.is_ascii ? 0x3030303030303030U : 0xF0F0F0F0F0F0F0F0U;
  } else if (field.usage == Usage::utf8) {
    op.zones = field.characters;
  } else if (field.checks_pad_nibble() && field.size <= 8) {
    op.zones = std::uint64_t{0xF} << (8 * field.size - 4);
  }
  switch (choice.detail) {
    case DetailKind::none:
      break;
    case DetailKind::text:
      op.detail.text = text_table(field);
      break;
    case DetailKind::sign:
      op.detail.sign = store_.sign(field);
      break;
    case DetailKind::number:
      op.detail.number = store_.form(choice.form, field);
      break;
    case DetailKind::field:
      op.detail.field = make_detail(item, field, shape, rule);
      break;
  }
  if (field.is_numeric()) op.misfit = make_misfit(item, field, shape, rule);
  worst = worst_case(field, shape) + 2 * std::uint64_t{entry.size - field.size};
  return op;
}

// What the fast kernels refuse: bytes that are null by option, blanks that are zero by picture, and
// lenient readings. Kernels that read the field through its details have the leniency already.
const Misfit* FieldCompiler::make_misfit(ItemIndex item, const Field& field, const Shape& shape,
                                         const FieldRule* rule) {
  const bool is_lenient = (options_.lenient.any() || field.blank_when_zero) && !shape.is_ruled;
  if (!options_.empty_numbers.any() && !is_lenient) return nullptr;
  Misfit& misfit = program_.misfits.emplace_back();
  misfit.empty = options_.empty_numbers;
  if (field.blank_when_zero) misfit.empty.spaces = false;
  misfit.space = spaces_of(field);
  if (is_lenient) misfit.loose = make_detail(item, field, shape, rule);
  return &misfit;
}

const FieldDetail* FieldCompiler::make_detail(ItemIndex item, const Field& field,
                                              const Shape& shape, const FieldRule* rule) {
  FieldDetail& detail = program_.fields.emplace_back();
  detail.field = field;
  detail.shape = shape;
  Shape plain = shape;
  plain.is_ruled = false;
  if (!field.is_numeric()) detail.plain = choose_kernel(field, plain, options_.instruction_set);
  if (!field.is_numeric() && (field.usage == Usage::display || field.usage == Usage::dbcs))
    detail.text = text_table(field);
  compile_empty_text(field, detail);
  if (is_varying_string(layout_.items[item], options_)) compile_varying(item, rule, detail);
  if (rule == nullptr) return &detail;
  detail.as_text = rule->as_text || rule->mask.has_value();
  detail.mask = rule->mask;
  if (rule->date) compile_date(layout_.items[item], *rule, detail);
  compile_empty(layout_.items[item], *rule, detail);
  return &detail;
}

void FieldCompiler::compile_varying(ItemIndex group, const FieldRule* rule,
                                    FieldDetail& detail) const {
  const Item& length = layout_.items[layout_.items[group].children.front()];
  const bool has_pairs = detail.field.usage == Usage::dbcs && detail.field.page->has_pairs();
  Varying& varying = detail.varying.emplace();
  varying.length = condition::make_field(length, reading(rule));
  varying.unit = detail.field.usage == Usage::display ? 1 : 2;
  varying.space = has_pairs ? detail.field.page->pair_space() : spaces_of(detail.field);
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

// Texts that are null by option wholly consist of one character.
void FieldCompiler::compile_empty_text(const Field& field, FieldDetail& detail) const {
  if (field.is_numeric() || is_opaque(field)) return;
  const auto add = [&](bool is_asked_for, std::uint16_t bytes) {
    if (!is_asked_for) return;
    Empty& empty = detail.empty.emplace_back();
    for (std::uint32_t i = 0; i < field.size; ++i)
      empty.bytes += static_cast<char>(i % 2 == 0 ? bytes >> 8U : bytes & 0xFFU);
  };
  add(options_.empty_text.spaces, field.usage == Usage::utf8 ? 0x2020 : spaces_of(field));
  add(options_.empty_text.low_values, 0);
  add(options_.empty_text.high_values, 0xFFFF);
}

void FieldCompiler::compile_empty(const Item& item, const FieldRule& rule, FieldDetail& detail) {
  for (const EmptyValue& value : rule.empty) {
    Empty empty;
    std::string reason;
    if (make_empty(value, detail, empty, reason)) {
      detail.empty.push_back(std::move(empty));
    } else {
      diagnostics_.error(rule.where, "empty: field " + item.name + " can never be '" + value.text +
                                         "': " + reason);
    }
  }
}

bool FieldCompiler::make_empty(const EmptyValue& value, const FieldDetail& detail, Empty& empty,
                               std::string& reason) {
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
  if (!condition::make_bytes(literal, field, *field.page, comparand, reason)) return false;
  if (comparand.bytes.size() > field.size) {
    reason = "it is longer than the field";
    return false;
  }
  empty.bytes = condition::fill(comparand, field);
  return true;
}

Field field_of(const copybook::Layout& layout, ItemIndex item, const PlanOptions& options,
               const FieldRule* rule) {
  const Item& entry = value_item(layout, layout.items[item], options);
  const bool has_page = rule != nullptr && rule->code_page != nullptr;
  Field field = condition::make_field(
      entry, reading_of(options, has_page ? rule->code_page : options.code_page));
  const bool is_text = rule != nullptr && (rule->as_text || rule->mask || rule->date);
  if (entry.category == Category::numeric_edited && options.edited == Edited::number && !is_text)
    field.edited =
        condition::EditedPicture::compile(entry, layout.decimal_point_is_comma, *field.page);
  return field;
}

}  // namespace copybridge::plan
