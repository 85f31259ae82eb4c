// Rules of items: read from their maps and held against the items they are for.
#include "codecs/mapping/fields.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codecs/charset/code_page.h"
#include "codecs/mapping/date_rule.h"
#include "codecs/mapping/json_text.h"
#include "codecs/mapping/keys.h"

namespace copybridge::mapping {
namespace {

using copybook::Category;
using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;

constexpr std::uint32_t kUnknown = 0;

/// Characters of an elementary item's text, all digits of a number; kUnknown where it has none.
std::uint32_t characters_of(const Item& item) {
  switch (item.category) {
    case Category::numeric:
      return item.digits;
    case Category::alphabetic:
    case Category::alphanumeric:
    case Category::alphanumeric_edited:
    case Category::numeric_edited:
      return item.size;
    case Category::national:
    case Category::dbcs:
      return item.size / 2;
    case Category::utf8:
    case Category::floating:
    case Category::opaque:
    case Category::group:
      return kUnknown;
  }
  return kUnknown;
}

/// Whether a code page says what an item's bytes are.
bool is_in_a_code_page(const Item& item) {
  switch (item.category) {
    case Category::numeric:
    case Category::alphabetic:
    case Category::alphanumeric:
    case Category::alphanumeric_edited:
    case Category::numeric_edited:
      return item.usage == copybook::Usage::display;
    case Category::dbcs:
      return true;
    case Category::national:
    case Category::utf8:
    case Category::floating:
    case Category::opaque:
    case Category::group:
      return false;
  }
  return false;
}

/// Whether an item's bytes are characters, so that a text can stand where a value should.
bool holds_characters(const Item& item) {
  return item.category != Category::numeric || item.usage == copybook::Usage::display ||
         item.usage == copybook::Usage::national;
}

bool is_text_or_number(const Item& item) {
  return item.category != Category::floating && item.category != Category::opaque;
}

/// `all`, `keep-first 2`, `keep-last 4`; none where the text is no mask.
std::optional<plan::MaskRule> parse_mask(std::string_view text) {
  using Kind = plan::MaskRule::Kind;
  if (text == "all") return plan::MaskRule{Kind::all, 0};
  const std::size_t blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  if (blank == std::string_view::npos || (word != "keep-first" && word != "keep-last")) return {};
  const std::string_view number = text.substr(text.find_first_not_of(' ', blank));
  std::int64_t keep = 0;
  if (!parse_integer(number, keep) || keep < 1 || keep > 0xFFFF) return {};
  return plan::MaskRule{word == "keep-first" ? Kind::keep_first : Kind::keep_last,
                        static_cast<std::uint16_t>(keep)};
}

constexpr std::pair<std::string_view, plan::EmptyValue::Kind> kEmptyWords[] = {
    {"spaces", plan::EmptyValue::Kind::spaces},
    {"space", plan::EmptyValue::Kind::spaces},
    {"low-values", plan::EmptyValue::Kind::low_values},
    {"low-value", plan::EmptyValue::Kind::low_values},
    {"high-values", plan::EmptyValue::Kind::high_values},
    {"high-value", plan::EmptyValue::Kind::high_values}};

plan::EmptyValue read_empty_value(const ConfigNode& node) {
  using Kind = plan::EmptyValue::Kind;
  if (node.is_quoted) return {Kind::text, node.scalar};
  for (const auto& [word, kind] : kEmptyWords) {
    if (node.scalar == word) return {kind, {}};
  }
  const bool is_zero = node.scalar == "zero" || node.scalar == "zeros" || node.scalar == "zeroes";
  if (is_zero) return {Kind::number, "0"};
  return {is_decimal_number(node.scalar) ? Kind::number : Kind::text, node.scalar};
}

/// Reads one entry of `fields:`. The item is null where it is not known; only what does not need
/// it is then checked.
class RuleReader {
 public:
  RuleReader(const Options& options, const Item* item, const Context& context)
      : options_(options), item_(item), context_(context) {}

  void read(plan::FieldRule& rule) {
    read_name(rule);
    rule.drop = options_.boolean("drop");
    if (item_ != nullptr && item_->is_group()) return refuse_on_group();
    read_mask(rule);
    read_text(rule);
    read_date(rule);
    read_empty(rule);
    if (options_.is_given("on_bad_field")) {
      rule.on_bad_field = on_bad_field_of(options_.text("on_bad_field"));
    }
    read_code_page(rule);
  }

 private:
  void error(std::string_view key, std::string message, std::string hint = {}) {
    context_.diagnostics.error(options_.where(key), std::move(message), std::move(hint));
  }

  /// "PIC X(9)" or "COMP-2"-like items without a picture: for messages.
  [[nodiscard]] std::string described() const {
    const std::string picture = item_->picture.empty() ? "" : ", PIC " + item_->picture;
    return in_quotes(item_->name) + picture;
  }

  void refuse_on_group() {
    for (const std::string_view key : {"mask", "as", "date", "century_window", "time_zone", "empty",
                                       "on_bad_field", "codepage"}) {
      if (!options_.is_given(key)) continue;
      error(key,
            in_quotes(key) + " is for elementary items; " + in_quotes(item_->name) + " is a group");
    }
  }

  void read_name(plan::FieldRule& rule) {
    if (!has_scalar(options_, "name")) return;
    if (options_.text("name").empty()) return error("name", "'name' is empty");
    rule.name = options_.text("name");
  }

  void read_mask(plan::FieldRule& rule) {
    if (!has_scalar(options_, "mask")) return;
    rule.mask = parse_mask(options_.text("mask"));
    if (!rule.mask) {
      return error("mask", "'mask' must be all, keep-first N or keep-last N, not " +
                               in_quotes(options_.text("mask")));
    }
    if (item_ == nullptr) return;
    if (!is_text_or_number(*item_)) {
      return error("mask", "'mask' needs characters or digits; " + described() + " has none");
    }
    const std::uint32_t characters = characters_of(*item_);
    if (characters != kUnknown && rule.mask->keep >= characters) {
      error("mask", "'mask' hides nothing: " + described() + " has " + std::to_string(characters) +
                        " characters");
    }
  }

  void read_text(plan::FieldRule& rule) {
    if (!has_scalar(options_, "as")) return;
    rule.as_text = true;
    if (item_ != nullptr && item_->category != Category::numeric &&
        item_->category != Category::numeric_edited) {
      error("as", "'as: text' is for numbers; " + described() + " is none");
    }
    if (options_.is_given("date")) error("as", "'as' and 'date' cannot both decide the text");
  }

  void read_date(plan::FieldRule& rule) {
    for (const std::string_view key : {"century_window", "time_zone"}) {
      if (options_.is_given(key) && !options_.is_given("date")) {
        error(key, in_quotes(key) + " goes with 'date', which is not given");
      }
    }
    if (!has_scalar(options_, "date")) return;
    plan::DateRule date;
    date.pattern = options_.text("date");
    date.century_window = static_cast<std::uint16_t>(options_.integer("century_window"));
    date.time_zone = options_.text("time_zone");
    check_date(options_, date, item_, context_);
    if (options_.is_given("mask")) error("date", "'date' and 'mask' cannot both decide the text");
    rule.date = std::move(date);
  }

  void read_empty(plan::FieldRule& rule) {
    const ConfigNode& node = options_.node("empty");
    if (!options_.is_given("empty")) return;
    if (node.type == ConfigNode::Type::scalar) return read_empty_item(node, rule);
    for (const ConfigNode& item : node.items) read_empty_item(item, rule);
  }

  void read_empty_item(const ConfigNode& node, plan::FieldRule& rule) {
    const plan::EmptyValue value = read_empty_value(node);
    if (item_ != nullptr) check_empty(value, node.where);
    rule.empty.push_back(value);
  }

  /// A text longer than its field is none of its values; bytes of UTF-8 say nothing of others.
  static bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char character) { return static_cast<unsigned char>(character) < 0x80; });
  }

  void check_empty(const plan::EmptyValue& value, const Where& where) {
    using Kind = plan::EmptyValue::Kind;
    const std::uint32_t characters = characters_of(*item_);
    if (value.kind == Kind::text && !holds_characters(*item_)) {
      context_.diagnostics.error(
          where,
          in_quotes(value.text) + " is never in " + described() + ", which holds no characters",
          "write a number, spaces, low-values or high-values");
    } else if (value.kind == Kind::text && characters != kUnknown &&
               value.text.size() > characters && is_ascii(value.text)) {
      context_.diagnostics.error(where, in_quotes(value.text) + " is longer than " + described());
    }
  }

  void read_code_page(plan::FieldRule& rule) {
    if (!has_scalar(options_, "codepage")) return;
    auto page = charset::CodePage::load(options_.text("codepage"), context_.pages);
    if (!page) return error("codepage", page.error().message);
    rule.code_page = *page;
    if (item_ != nullptr && !is_in_a_code_page(*item_)) {
      error("codepage", "'codepage' needs characters of a code page; " + described() + " has none");
    }
  }

  const Options& options_;
  const Item* item_;
  const Context& context_;
};

/// Remembers which items have rules, by the place of the first.
class SeenItems {
 public:
  /// Reports an item that was named before, perhaps in other words.
  void add(ItemIndex item, const ConfigMember& member, const Context& context) {
    const auto [first, is_new] = places_.emplace(item, member.where);
    if (is_new) return;
    context.diagnostics.error(
        member.where, in_quotes(member.key) + " has a rule already",
        first->second.line == 0 ? std::string() : "at line " + std::to_string(first->second.line));
  }

 private:
  std::map<ItemIndex, Where> places_;
};

}  // namespace

plan::OnBadField on_bad_field_of(std::string_view word) {
  if (word == "null") return plan::OnBadField::null;
  return word == "raw" ? plan::OnBadField::raw : plan::OnBadField::reject;
}

std::vector<plan::FieldRule> read_field_rules(const ConfigNode& fields,
                                              const plan::PlanOptions& shape,
                                              const Context& context) {
  std::vector<plan::FieldRule> rules;
  SeenItems seen;
  for (const ConfigMember& member : fields.members) {
    const std::size_t errors_before = context.diagnostics.error_count();
    const Options options = read_options(member.value, field_keys(), {}, context.diagnostics);
    plan::FieldRule rule;
    rule.where = member.where;
    rule.item = find_named_item(member.key, member.where, context);
    const bool is_known = rule.item != kNoItem;
    if (rule.item == 0) {
      context.diagnostics.error(member.where, in_quotes(member.key) + " is the record itself");
    }
    if (is_known) seen.add(rule.item, member, context);
    const copybook::Layout* const layout = context.layout.get();
    const Item* item =
        is_known ? &plan::value_item(*layout, layout->items[rule.item], shape) : nullptr;
    RuleReader(options, item, context).read(rule);
    if (is_known && context.diagnostics.error_count() == errors_before) {
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace copybridge::mapping
