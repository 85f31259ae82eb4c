// Items, rules and options to what is printed.
#include "codecs/schema/facts.h"

#include <algorithm>
#include <array>

#include "codecs/plan/alternatives.h"

namespace copybridge::schema {

using copybook::Category;
using copybook::Item;
using copybook::Usage;

namespace {

constexpr unsigned kSafeDigits = 15;  ///< as the plan's: more digits are strings under `safe`

bool is_binary(const Item& item) {
  return item.usage == Usage::binary || item.usage == Usage::native_binary;
}

std::string_view name_of(Usage usage) {
  switch (usage) {
    case Usage::binary:
      return "COMP";
    case Usage::native_binary:
      return "COMP-5";
    case Usage::packed:
      return "COMP-3";
    case Usage::unsigned_packed:
      return "COMP-6";
    case Usage::float_single:
      return "COMP-1";
    case Usage::float_double:
      return "COMP-2";
    case Usage::decimal_double:
      return "FLOAT-DECIMAL-16";
    case Usage::decimal_quad:
      return "FLOAT-DECIMAL-34";
    case Usage::national:
      return "NATIONAL";
    case Usage::dbcs:
      return "DISPLAY-1";
    case Usage::utf8:
      return "UTF-8";
    case Usage::index:
      return "INDEX";
    case Usage::pointer:
      return "POINTER";
    case Usage::procedure_pointer:
      return "PROCEDURE-POINTER";
    case Usage::group:
    case Usage::display:
      break;
  }
  return "";
}

std::string shown(const copybook::Literal& literal) {
  using Kind = copybook::Literal::Kind;
  switch (literal.kind) {
    case Kind::text:
      return "'" + literal.text + "'";
    case Kind::number:
      return literal.text;
    case Kind::hex:
      return "X'" + literal.text + "'";
    case Kind::all_of:
      return "ALL '" + literal.text + "'";
    case Kind::spaces:
      return "SPACES";
    case Kind::zeros:
      return "ZEROS";
    case Kind::quotes:
      return "QUOTES";
    case Kind::low_values:
      return "LOW-VALUES";
    case Kind::high_values:
      return "HIGH-VALUES";
    case Kind::nulls:
      return "NULLS";
  }
  return "";
}

// Most digits that the plan expects in an item of `--numbers safe`.
unsigned digits_held(const Item& item) {
  return item.usage == Usage::native_binary && item.size == 8 ? 19 : item.digits;
}

void set_range(const Item& item, const plan::PlanOptions& options, const SchemaOptions& schema,
               Facts& facts) {
  facts.digits = std::min<unsigned>(item.digits, json::kDigitsMax);
  facts.scale = item.scale;
  facts.most = json::power_of_ten(facts.digits) - 1;
  // Of an even number of digits the first nibble can hold one more.
  const bool is_packed = item.usage == Usage::packed || item.usage == Usage::unsigned_packed;
  if (is_packed && options.lenient.packed_pad)
    facts.most = json::power_of_ten(std::min<unsigned>(
                     json::kDigitsMax, 2 * item.size - (item.usage == Usage::packed ? 1 : 0))) -
                 1;
  facts.least = item.is_signed ? facts.most : json::Uint128{0};
  const bool is_truncated = schema.truncates_binary && item.usage == Usage::binary;
  if (!is_binary(item) || is_truncated) return;
  const unsigned bits = 8 * std::min<std::uint32_t>(item.size, 16);
  const json::Uint128 all = bits == 128 ? ~json::Uint128{0} : (json::Uint128{1} << bits) - 1;
  facts.most = item.is_signed ? all >> 1U : all;
  if (item.is_signed) facts.least = (all >> 1U) + 1;
}

void set_text(const Item& item, const plan::PlanOptions& options, const charset::CodePage& page,
              Facts& facts) {
  facts.kind = Facts::Kind::text;
  facts.characters = item.size;
  if (item.usage == Usage::national || item.usage == Usage::dbcs) facts.characters /= 2;
  if (item.characters != 0) facts.characters = item.characters;
  // Mixed pages take more bytes than characters.
  const bool is_single_byte = item.usage == Usage::display && page.is_single_byte();
  facts.has_all_characters = is_single_byte && options.trim == plan::Trim::none;
}

struct DatePart {
  char letter;
  std::string_view pattern;
};

// The form of what a date's pattern prints.
void set_date(const plan::DateRule& rule, Facts& facts) {
  facts.kind = Facts::Kind::date;
  const auto has = [&](char letter) { return rule.pattern.find(letter) != std::string::npos; };
  const bool has_day = has('d') || has('D');
  std::string form;
  if (has('y')) {
    form = "[0-9]{4}";
    if (has('M') || has_day) form += "-[0-9]{2}";
    if (has_day) form += "-[0-9]{2}";
    if (has('H')) form += "T";
  }
  if (has('H')) form += "[0-9]{2}:[0-9]{2}:[0-9]{2}";
  const auto fraction = std::count(rule.pattern.begin(), rule.pattern.end(), 'S');
  if (fraction > 0) form += "\\.[0-9]{" + std::to_string(fraction) + "}";
  if (has('H') && !rule.time_zone.empty()) form += "(Z|[+-][0-9]{2}:[0-9]{2})";
  facts.date_form = form;
  if (has_day && has('y') && !has('H')) facts.date_format = "date";
  if (has_day && has('y') && has('H') && !rule.time_zone.empty()) facts.date_format = "date-time";
}

// What kind of value an item has, and its bounds.
void set_kind(const copybook::Layout& layout, const Item& entry, const plan::FieldRule* rule,
              const plan::PlanOptions& options, const SchemaOptions& schema, Facts& facts) {
  const Item& item = plan::value_item(layout, entry, options);
  const bool is_text = rule != nullptr && (rule->as_text || rule->mask || rule->date);
  const bool is_edited = item.category == Category::numeric_edited && !is_text &&
                         options.edited == plan::Edited::number;
  const bool is_external_float = is_edited && item.picture.find_first_of("Ee") != std::string::npos;
  const charset::CodePage& page =
      rule != nullptr && rule->code_page != nullptr ? *rule->code_page : *options.code_page;
  if (is_external_float) {
    facts.kind = Facts::Kind::floating;
    facts.is_quoted = options.numbers == plan::Numbers::string;
  } else if (item.category == Category::numeric || is_edited) {
    facts.kind = Facts::Kind::number;
    set_range(item, options, schema, facts);
    facts.is_quoted = options.numbers == plan::Numbers::string ||
                      (options.numbers == plan::Numbers::safe && digits_held(item) > kSafeDigits);
  } else if (item.category == Category::floating) {
    facts.kind = Facts::Kind::floating;
    // The hexadecimal form has a range of 7E75, which a float has not.
    facts.is_single =
        item.usage == Usage::float_single && options.float_format == plan::FloatFormat::ieee;
    facts.is_decimal = item.usage == Usage::decimal_double || item.usage == Usage::decimal_quad;
    facts.is_quoted = options.numbers == plan::Numbers::string ||
                      (options.numbers == plan::Numbers::safe && item.digits > kSafeDigits);
  } else if (item.category == Category::opaque ||
             (item.usage == Usage::dbcs && !page.has_pairs())) {
    facts.kind = Facts::Kind::hexadecimal;
    facts.characters = 2 * item.size;
  } else {
    set_text(item, options, page, facts);
    if (plan::is_varying_string(entry, options)) facts.has_all_characters = false;
  }
}

}  // namespace

Facts facts_of(const copybook::Layout& layout, copybook::ItemIndex index,
               const plan::FieldRule* rule, const plan::PlanOptions& options,
               const SchemaOptions& schema) {
  const Item& entry = layout.items[index];
  Facts facts;
  facts.size = entry.size;
  set_kind(layout, entry, rule, options, schema, facts);
  const plan::OnBadField on_bad =
      rule != nullptr && rule->on_bad_field ? *rule->on_bad_field : options.on_bad_field;
  const bool is_alternative = entry.level_number == copybook::kRenamesLevel &&
                              plan::shared_around(layout, entry.renames) != copybook::kNoItem;
  facts.may_be_null = is_alternative || on_bad == plan::OnBadField::null ||
                      options.short_records == plan::Acceptance::accept ||
                      (rule != nullptr && !rule->empty.empty());
  facts.may_be_raw = on_bad == plan::OnBadField::raw && (rule == nullptr || !rule->mask);
  if (rule == nullptr) return facts;
  if (rule->mask && on_bad == plan::OnBadField::raw) facts.may_be_null = true;
  facts.is_quoted = facts.is_quoted || rule->as_text || rule->mask.has_value();
  facts.has_all_digits = rule->as_text || rule->mask.has_value();
  facts.is_masked = rule->mask.has_value();
  if (rule->date) set_date(*rule->date, facts);
  return facts;
}

std::string scaled(json::Uint128 magnitude, int scale, bool is_negative) {
  std::string text;
  for (json::Uint128 rest = magnitude; rest != 0; rest /= 10)
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (text.empty()) text = "0";
  if (scale < 0 && magnitude != 0) text.append(static_cast<std::size_t>(-scale), '0');
  if (scale > 0) {
    const auto decimals = static_cast<std::size_t>(scale);
    if (text.size() <= decimals) text.insert(0, decimals - text.size() + 1, '0');
    text.insert(text.size() - decimals, 1, '.');
  }
  return is_negative && magnitude != 0 ? "-" + text : text;
}

std::string description_of(const copybook::Layout& layout, copybook::ItemIndex index,
                           const plan::PlanOptions& options) {
  const Item& entry = layout.items[index];
  const Item& item = plan::value_item(layout, entry, options);
  std::string text = plan::is_varying_string(entry, options) ? "VARCHAR, " : "";
  if (!item.picture.empty()) text += "PIC " + item.picture;
  const std::string_view usage = name_of(item.usage);
  if (!usage.empty()) text += (text.empty() ? "" : " ") + std::string(usage);
  for (const copybook::ConditionName& name : item.conditions) {
    text += (text.empty() ? "" : "; ") + name.name + ":";
    for (const copybook::ValueRange& range : name.values) {
      text += " " + shown(range.from);
      if (range.through) text += " THRU " + shown(*range.through);
    }
  }
  return text;
}

}  // namespace copybridge::schema
