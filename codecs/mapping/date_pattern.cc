// Date patterns: their letters, and whether the item has room for them.
#include "codecs/mapping/date_pattern.h"

#include <string>
#include <string_view>

namespace copybridge::mapping {
namespace {

using copybook::Category;
using copybook::Item;

/// A letter of date patterns and how many of it may stand in a row.
struct Letter {
  char letter;
  std::size_t shortest;
  std::size_t longest;
  std::string_view meaning;
};

constexpr Letter kLetters[] = {
    {'C', 1, 1, "C (century digit)"},
    {'y', 2, 4, "yy or yyyy (year)"},
    {'M', 2, 2, "MM (month)"},
    {'d', 2, 2, "dd (day)"},
    {'D', 3, 3, "DDD (day of year)"},
    {'H', 2, 2, "HH (hour)"},
    {'m', 2, 2, "mm (minute)"},
    {'s', 2, 2, "ss (second)"},
    {'S', 1, 9, "S (fraction of a second)"},
};

const Letter* find_letter(char letter) {
  for (const Letter& candidate : kLetters) {
    if (candidate.letter == letter) return &candidate;
  }
  return nullptr;
}

/// Goes over a pattern run by run and reports what is no part of a date.
class PatternCheck {
 public:
  PatternCheck(const ConfigNode& node, const Context& context)
      : node_(node), pattern_(node.scalar), context_(context) {}

  void check() {
    const std::size_t errors_before = context_.diagnostics.error_count();
    for (std::size_t start = 0; start < pattern_.size();) {
      const std::size_t next = pattern_.find_first_not_of(pattern_[start], start);
      const std::size_t end = next == std::string_view::npos ? pattern_.size() : next;
      check_run(start, end - start);
      start = end;
    }
    if (context_.diagnostics.error_count() == errors_before) check_whole();
  }

  [[nodiscard]] bool has_literals() const { return has_literals_; }
  [[nodiscard]] bool has_time() const { return has('H'); }

 private:
  [[nodiscard]] bool has(char letter) const { return letters_.find(letter) != std::string::npos; }

  void error(std::size_t offset, std::string message, std::string hint = {}) {
    context_.diagnostics.error(context_.source.place(node_, offset), std::move(message),
                               std::move(hint));
  }

  void check_run(std::size_t start, std::size_t size) {
    const Letter* letter = find_letter(pattern_[start]);
    if (letter == nullptr) {
      has_literals_ = true;
      return;
    }
    const bool is_three_years = letter->letter == 'y' && size == 3;
    const std::string run(pattern_.substr(start, size));
    if (size < letter->shortest || size > letter->longest || is_three_years) {
      error(start, "date pattern: '" + run + "' is not " + std::string(letter->meaning));
    } else if (has(letter->letter)) {
      error(start, "date pattern: '" + run + "' stands here a second time");
    }
    letters_ += letter->letter;
    if (letter->letter == 'y') is_short_year_ = size == 2;
  }

  /// Whether the parts that are there make a date or a time.
  void check_whole() {
    const bool has_date = has('y') || has('M') || has('d') || has('D') || has('C');
    if (!has_date && !has('H')) {
      return error(0, "date pattern: no date and no time in it",
                   "such as yyyyMMdd, yyDDD, CyyMMdd, yyyy-MM-dd-HH.mm.ss.SSSSSS, HHmmss");
    }
    if (has_date && !has('y')) return error(0, "date pattern: the year is missing");
    if (has_date && !has('D') && !(has('M') && has('d'))) {
      return error(0, "date pattern: the day is missing", "MM and dd, or DDD");
    }
    if (has('D') && (has('M') || has('d'))) {
      return error(0, "date pattern: the day stands in it twice", "MM and dd, or DDD");
    }
    if (has('C') && !is_short_year_) return error(0, "date pattern: C goes with yy");
    check_time();
  }

  void check_time() {
    const bool needs_hour = has('m') || has('s') || has('S');
    if (needs_hour && !has('H')) return error(0, "date pattern: the hour is missing");
    if (has('s') && !has('m')) return error(0, "date pattern: the minute is missing");
    if (has('S') && !has('s')) return error(0, "date pattern: the second is missing");
  }

  const ConfigNode& node_;
  std::string_view pattern_;
  const Context& context_;
  std::string letters_;
  bool has_literals_ = false;
  bool is_short_year_ = false;
};

/// What speaks against a pattern in this item; empty where nothing does.
std::string misfit(std::string_view pattern, bool has_literals, const Item& item) {
  const std::string name = in_quotes(item.name) + ", PIC " + item.picture;
  switch (item.category) {
    case Category::numeric:
      if (item.scale != 0) return "'date' needs a whole number; " + name + " has decimals";
      if (has_literals) {
        return "date pattern: separators do not occur in a number, " + name;
      }
      if (pattern.size() <= item.digits) return {};
      return "date pattern: " + std::to_string(pattern.size()) + " characters, but " + name +
             " has " + std::to_string(item.digits) + " digits";
    case Category::alphanumeric:
    case Category::alphanumeric_edited:
    case Category::numeric_edited:
      if (pattern.size() <= item.size) return {};
      return "date pattern: " + std::to_string(pattern.size()) + " characters, but " + name +
             " has " + std::to_string(item.size);
    case Category::group:
    case Category::alphabetic:
    case Category::national:
    case Category::dbcs:
    case Category::utf8:
    case Category::floating:
    case Category::opaque:
      return "'date' needs digits or characters; " + in_quotes(item.name) + " has none";
  }
  return {};
}

}  // namespace

void check_date(const Options& options, const plan::DateRule& date, const Item* item,
                const Context& context) {
  const ConfigNode& node = options.node("date");
  PatternCheck pattern(node, context);
  pattern.check();
  if (item != nullptr) {
    std::string reason = misfit(date.pattern, pattern.has_literals(), *item);
    if (!reason.empty()) context.diagnostics.error(node.where, std::move(reason));
  }
  if (date.time_zone.empty()) return;
  if (!pattern.has_time()) {
    context.diagnostics.error(options.where("time_zone"),
                              "'time_zone' goes with a time, and the pattern has none");
  }
}

}  // namespace copybridge::mapping
