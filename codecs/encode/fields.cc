// Elementary items with their rules, and their initial values.
#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/encode/compiler.h"
#include "codecs/encode/frame.h"
#include "codecs/encode/kernels.h"

namespace copybridge::encode {

using copybook::Category;
using copybook::Item;
using copybook::ItemIndex;
using copybook::Literal;
using copybook::Usage;

namespace {

std::string text_of(const condition::Decimal& number) {
  std::string text = number.is_negative ? "-" : "";
  for (std::uint32_t i = 0; i < number.count; ++i)
    text += static_cast<char>('0' + number.digits[i]);
  return text + "e" + std::to_string(-number.scale);
}

// Bytes of a text in front of the spaces that fill it up, of which `space` holds two bytes.
std::uint32_t text_size(const std::uint8_t* bytes, std::uint32_t size, std::uint16_t space,
                        std::uint32_t unit) {
  const auto is_space = [&](std::uint32_t at) {
    return bytes[at] == (at % 2 == 0 ? space >> 8U : space & 0xFFU);
  };
  while (size >= unit && is_space(size - 1) && is_space(size - unit)) size -= unit;
  return size;
}

}  // namespace

FieldMaker::FieldMaker(const plan::PlanOptions& options, Program& program, Diagnostics& diagnostics)
    : options_(options),
      program_(program),
      diagnostics_(diagnostics),
      decoding_(*program.layout, options, program.decoding, diagnostics) {}

const charset::CodePage& FieldMaker::page(const plan::FieldRule* rule) const {
  return rule != nullptr && rule->code_page != nullptr ? *rule->code_page : *options_.code_page;
}

const TextEncoder* FieldMaker::text(const charset::CodePage& page) {
  const TextEncoder*& text = texts_[&page];
  if (text == nullptr) text = &program_.text_encoders.emplace_back(page);
  return text;
}

Field FieldMaker::describe(const Item& entry, const plan::FieldRule* rule, std::uint64_t layer) {
  Field field;
  field.address = layer * program_.layer_size + entry.offset;
  field.size = entry.size;
  field.digits = std::min<std::uint16_t>(entry.digits, json::kDigitsMax);
  field.scale = entry.scale;
  field.is_signed = entry.is_signed;
  field.rounding = program_.options.rounding;
  field.storage = condition::make_field(entry, decoding_.reading(rule));
  if (field.storage.has_pad_nibble() && !field.storage.checks_pad_nibble())
    field.digits = std::min<std::uint16_t>(field.digits + 1, json::kDigitsMax);
  field.text = text(page(rule));
  // Where no spaces are trimmed, text says itself where it stands.
  field.is_right_justified = entry.is_justified && options_.trim != plan::Trim::none;
  field.picture = picture_of(entry, page(rule));
  if (entry.category == Category::numeric_edited && field.picture == nullptr)
    diagnostics_.error(entry.where, "encode: " + entry.name +
                                        " has an edited picture of more than 256 characters");
  choose_kernel(field, entry, program_.options.truncates_binary);
  const bool is_printed_as_text =
      options_.edited == plan::Edited::text || (rule != nullptr && rule->as_text);
  if (entry.category == Category::numeric_edited && is_printed_as_text)
    field.kernel = write_edited_text;
  return field;
}

Varying& FieldMaker::add_varying(const Item& group, const plan::FieldRule* rule,
                                 std::uint64_t layer, Field& field) {
  const Item& length = program_.layout->items[group.children.front()];
  Varying& varying = program_.varyings.emplace_back();
  varying.length = describe(length, rule, layer);
  // Compilers fill the length of a column whatever its picture says.
  choose_kernel(varying.length, length, false);
  varying.text = field;
  varying.text.is_right_justified = false;
  if (field.kernel == write_hex) varying.text.kernel = write_short_hex;
  varying.unit = field.storage.usage == Usage::display ? 1 : 2;
  field.address = layer * program_.layer_size + group.offset;
  field.size = group.size;
  field.kernel = write_varying;
  field.varying = &varying;
  return varying;
}

Field FieldMaker::make(ItemIndex item, const plan::FieldRule* rule, std::uint64_t layer) {
  const copybook::Layout& layout = *program_.layout;
  const Item& entry = layout.items[item];
  Field field = describe(plan::value_item(layout, entry, options_), rule, layer);
  Varying* varying = nullptr;
  if (plan::is_varying_string(entry, options_)) varying = &add_varying(entry, rule, layer, field);
  field.item = item;
  std::uint64_t worst = 0;
  field.decode = decoding_.compile(item, rule, worst);
  field.accepts_raw = field.decode.on_bad_field == plan::OnBadField::raw;
  if (rule != nullptr) add_rule(*rule, varying, field);
  if (!field.has_null) add_empty(entry, rule, field);
  program_.field_size_max = std::max(program_.field_size_max, field.size);
  program_.field_text_max = std::max(program_.field_text_max, worst);
  return field;
}

std::shared_ptr<const condition::EditedPicture> FieldMaker::picture_of(
    const Item& item, const charset::CodePage& page) const {
  if (item.category != Category::numeric_edited) return nullptr;
  return condition::EditedPicture::compile(item, program_.layout->decimal_point_is_comma, page);
}

void FieldMaker::add_rule(const plan::FieldRule& rule, Varying* varying, Field& field) {
  field.mask = rule.mask;
  const bool is_ruled = rule.as_text || rule.mask || rule.date || !rule.empty.empty();
  if (!is_ruled) return;
  const plan::FieldDetail& detail = *field.decode.detail.field;
  if (detail.date) {
    Field& dated = varying != nullptr ? varying->text : field;
    dated.date = &*detail.date;
    dated.kernel = write_date;
  }
  if (!detail.empty.empty()) add_null(field);
}

// What null means where no rule of the item says it.
void FieldMaker::add_empty(const Item& item, const plan::FieldRule* rule, Field& field) {
  if (field.decode.misfit != nullptr) return add_empty_number(*field.decode.misfit, field);
  const Category category = field.storage.category;
  const bool is_read_as_text = rule != nullptr && (rule->as_text || rule->mask || rule->date);
  const bool is_number =
      field.storage.is_numeric() || (category == Category::numeric_edited &&
                                     options_.edited == plan::Edited::number && !is_read_as_text);
  const bool is_opaque = category == Category::opaque ||
                         (item.usage == Usage::dbcs && !field.storage.page->has_pairs());
  if (options_.empty_text.any() && !is_number && !is_opaque) add_null(field);
}

// The first of the forms that are no value themselves: zeros are one of COMP-6, spaces of an item
// that is BLANK WHEN ZERO.
void FieldMaker::add_empty_number(const plan::Misfit& misfit, Field& field) const {
  condition::Field number = field.storage;
  if (number.category == Category::numeric_edited) number.edited = field.picture;
  const auto add = [&](bool is_asked_for, std::uint16_t pair) {
    if (!is_asked_for || field.has_null) return;
    field.null_bytes.clear();
    for (std::uint32_t at = 0; at < field.size; ++at)
      field.null_bytes += static_cast<char>(at % 2 == 0 ? pair >> 8U : pair & 0xFFU);
    condition::Decimal value;
    field.has_null =
        condition::read_number(
            number, reinterpret_cast<const std::uint8_t*>(field.null_bytes.data()), value)
            .kind != condition::FaultKind::none;
  };
  add(misfit.empty.spaces, misfit.space);
  add(misfit.empty.low_values, 0);
  add(misfit.empty.high_values, 0xFFFF);
}

// What null stands for: the first of the values that are printed as null.
void FieldMaker::add_null(Field& field) {
  const plan::Empty& empty = field.decode.detail.field->empty.front();
  field.has_null = true;
  field.null_bytes.assign(field.size, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(field.null_bytes.data());
  if (field.storage.is_numeric() && empty.is_number) {
    Frame frame;
    Field plain = field;
    choose_kernel(plain, program_.layout->items[field.item], program_.options.truncates_binary);
    field.has_null = plain.kernel(plain, text_of(empty.number), bytes, frame) == Fault::none;
  } else if (field.varying == nullptr) {
    write_null(empty, field, bytes);
  } else {
    const Varying& varying = *field.varying;
    write_null(empty, varying.text, bytes + varying.length.size);
    const std::uint16_t space = field.decode.detail.field->varying->space;
    const std::uint32_t size =
        text_size(bytes + varying.length.size, varying.text.size, space, varying.unit);
    write_magnitude(varying.length, size / varying.unit, false, bytes);
  }
}

// Into a field that holds text.
void FieldMaker::write_null(const plan::Empty& empty, const Field& field,
                            std::uint8_t* bytes) const {
  if (!empty.is_number) {
    std::memcpy(bytes, empty.bytes.data(), field.size);
    return;
  }
  std::string digits;
  for (std::uint32_t i = 0; i < empty.number.count; ++i)
    digits += static_cast<char>('0' + empty.number.digits[i]);
  // As many digits as a date has, or as there is room for.
  const std::size_t width = field.date != nullptr ? field.date->size() : field.size;
  const std::string all = digits.size() < width ? std::string(width - digits.size(), '0') + digits
                                                : digits.substr(digits.size() - width);
  write_ascii(field, all, bytes);
}

void ImageMaker::fill(ItemIndex item, std::uint64_t layer) {
  const copybook::Layout& layout = *program_.layout;
  const Item& entry = layout.items[item];
  std::uint8_t* const begin = program_.image.data() + layer * program_.layer_size + entry.offset;
  if (!entry.is_group()) {
    fill_elementary(item, layer);
  } else if (entry.value) {
    condition::Field group;
    group.size = entry.size;
    const charset::CodePage& page = fields_.page(nullptr);
    group.space = static_cast<std::uint8_t>(page.byte_of(' '));
    condition::Comparand comparand;
    std::string reason;
    if (condition::make_bytes(*entry.value, group, page, comparand, reason)) {
      const std::string bytes = condition::fill(comparand, group);
      std::copy_n(bytes.data(), bytes.size(), begin);
    }
  } else {
    for (const plan::Cluster& cluster : plan::clusters_of(layout, item))
      fill(cluster.front(), layer);
  }
  if (!entry.is_table) return;
  // Each copy doubles what is there.
  const std::uint64_t all = std::uint64_t{entry.size} * entry.occurs_max;
  for (std::uint64_t done = entry.size; done < all;) {
    const std::uint64_t more = std::min(done, all - done);
    std::memcpy(begin + done, begin, more);
    done += more;
  }
}

Field ImageMaker::plain_field(ItemIndex item) {
  const Item& entry = program_.layout->items[item];
  const plan::FieldRule* rule = rules_.rule[item];
  Field field;
  field.size = entry.size;
  field.digits = std::min<std::uint16_t>(entry.digits, json::kDigitsMax);
  field.scale = entry.scale;
  field.is_signed = entry.is_signed;
  field.storage = condition::make_field(entry, fields_.reading(rule));
  field.text = fields_.text(fields_.page(rule));
  field.picture = fields_.picture_of(entry, fields_.page(rule));
  choose_kernel(field, entry, program_.options.truncates_binary);
  return field;
}

std::string ImageMaker::bytes_of(ItemIndex item, const Literal& value) {
  const Field field = plain_field(item);
  std::string bytes(field.size, '\0');
  const bool is_held =
      fill_value(item, value, field, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return is_held ? bytes : std::string();
}

void ImageMaker::fill_elementary(ItemIndex item, std::uint64_t layer) {
  const Item& entry = program_.layout->items[item];
  const Field field = plain_field(item);
  std::uint8_t* const out = program_.image.data() + layer * program_.layer_size + entry.offset;
  fill_blank(entry, field, out);
  if (entry.value) fill_value(item, *entry.value, field, out);
  if (rules_.is_counter[item]) raise_counter(item, field, out);
}

bool ImageMaker::fill_value(ItemIndex index, const Literal& value, const Field& field,
                            std::uint8_t* out) const {
  const Item& item = program_.layout->items[index];
  const bool is_number = value.kind == Literal::Kind::number || value.kind == Literal::Kind::zeros;
  const bool takes_number = field.storage.is_numeric() || item.category == Category::numeric_edited;
  if (takes_number && is_number) {
    Frame frame;
    std::string text = value.kind == Literal::Kind::zeros ? "0" : value.text;
    std::vector<std::uint8_t> bytes(field.size);
    const std::string quoted = '"' + text + '"';
    if (field.kernel(field, quoted, bytes.data(), frame) != Fault::none) return false;
    std::copy(bytes.begin(), bytes.end(), out);
    return true;
  }
  condition::Comparand comparand;
  std::string reason;
  if (!condition::make_bytes(value, field.storage, fields_.page(rules_.rule[index]), comparand,
                             reason))
    return false;
  const std::string bytes = condition::fill(comparand, field.storage);
  std::copy_n(bytes.data(), std::min<std::size_t>(bytes.size(), field.size), out);
  return true;
}

// INITIALIZE without VALUE: numbers zero, text spaces; what has no value outside a program zero.
void ImageMaker::fill_blank(const Item& item, const Field& field, std::uint8_t* out) const {
  switch (item.category) {
    case Category::numeric:
      return write_magnitude(field, 0, false, out);
    case Category::numeric_edited: {
      if (field.picture == nullptr) return;  // already reported
      std::array<condition::Position, condition::kEditedMax> text{};
      condition::Decimal zero;
      condition::set_magnitude(zero, 0, 0);
      static_cast<void>(field.picture->edit(zero, text.data()));
      return write_positions(field, text.data(), out);
    }
    case Category::alphanumeric_edited:
      return write_ascii(field, condition::moved_spaces(item), out);
    case Category::alphabetic:
    case Category::alphanumeric:
    case Category::national:
    case Category::utf8:
      if (item.usage == Usage::utf8) {
        std::memset(out, ' ', field.size);
      } else {
        write_ascii(field, "", out);
      }
      return;
    case Category::dbcs:
      std::memset(out, field.storage.space, field.size);
      for (std::uint32_t at = 0; field.storage.page->has_pairs() && at + 2 <= field.size; at += 2) {
        out[at] = static_cast<std::uint8_t>(field.storage.page->pair_space() >> 8U);
        out[at + 1] = static_cast<std::uint8_t>(field.storage.page->pair_space() & 0xFFU);
      }
      return;
    case Category::group:
    case Category::floating:
    case Category::opaque:
      std::memset(out, 0, field.size);
      return;
  }
}

// A table must have its least number of occurrences.
void ImageMaker::raise_counter(ItemIndex item, const Field& field, std::uint8_t* out) const {
  std::uint32_t least = 0;
  for (const Item& other : program_.layout->items)
    if (other.depending_on == item) least = std::max(least, other.occurs_min);
  condition::Decimal value;
  condition::Decimal wanted;
  condition::set_magnitude(wanted, 0, least);
  wanted.scale = 0;
  if (!field.storage.is_numeric()) return;
  if (condition::read_number(field.storage, out, value).kind == condition::FaultKind::none &&
      !std::is_lt(condition::compare(value, wanted)))
    return;
  write_magnitude(field, least, false, out);
}

}  // namespace copybridge::encode
